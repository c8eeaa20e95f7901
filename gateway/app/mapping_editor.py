"""Mappings being written, on one instance: gateway.api.mapping_editor.MappingEditor for console, API and CLI."""

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from difflib import unified_diff
from pathlib import Path
from typing import cast

from gateway.api.mapping_editor import (
    CaseResult,
    EditorPage,
    Published,
    Publishing,
    Sample,
    Shared,
    Sharing,
    VersionPage,
    Word,
)
from gateway.api.partner_desk import Edit
from gateway.app.back_tests import BackTests
from gateway.app.ids import uuid7
from gateway.app.instance import Instance
from gateway.app.mapping_drafts import Desk, bring, digest_of, files_at
from gateway.app.mapping_samples import CASE, case_folders, sample_of
from gateway.app.mapping_sharing import share, sharing
from gateway.app.preview import PreviewPool, TimedLook
from gateway.config.cases import Coverage, run_case
from gateway.config.editing import connected, full_paths, overridden, scope_paths, targets, without
from gateway.config.editor_view import Look, LookTask, rule_lines
from gateway.config.legal_paths import LegalPath, legal_paths
from gateway.config.preview import Draft, Preview
from gateway.config.sample_values import SampleValue
from gateway.mapping.compiler import DocumentMapping
from gateway.mapping.printed import printed
from gateway.model.faults import Fault, OurFault
from gateway.model.findings import Finding, has_errors
from gateway.store.mapping_versions import MappingRows, read_with
from gateway.store.sql_tx import SqlTx
from gateway.store.view_mappings import BackTest, MappingDraft, MappingPlan, MappingVersion, MappingViews
from gateway.texts.catalogue import Lang
from gateway.texts.field_words import field_label, segment_label

WHOLE_LIMIT_S = 10.0  # for a page: the first one reads every standard mapping for its proposals
SENT = 5  # stored messages whose values tell which paths there are, where no schema does
COUNTED = timedelta(days=90)  # messages counted by version
_CASE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


@dataclass(kw_only=True)
class InstanceEditor:
    """follow: called after a change, makes the node at hand work with it at once; others follow within a second.
    wake: a hint to a running node that a lane has work. Close it after use."""

    instance: Instance
    follow: Callable[[], object] = lambda: None
    wake: Callable[[str], object] = lambda lane: None
    views: MappingViews = field(init=False)
    rows: MappingRows = field(init=False)
    tests: BackTests = field(init=False)
    _pools: dict[str, PreviewPool] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.views = MappingViews(self.instance.journal.reader)
        self.rows = MappingRows(self.instance.journal)
        self.tests = BackTests(
            instance=self.instance, views=self.views, rows=self.rows, pool=lambda: self._pool("back-tests")
        )

    def _pool(self, name: str) -> PreviewPool:
        """Return the child process of the editor, or of back-tests, so that neither waits for the other."""
        with self._lock:
            if name not in self._pools:
                schemas = self.instance.settings.schemas
                self._pools[name] = PreviewPool(definitions=lambda: self.instance.definitions, schemas=schemas)
            return self._pools[name]

    def close(self) -> None:
        for each in self._pools.values():
            each.close()

    # --- writing ------------------------------------------------------------------------------------------------------

    def page(self, partner: str, name: str, user: str, sample: str = "") -> EditorPage:
        """See gateway.api.mapping_editor."""
        desk = Desk.of(self.instance, partner)
        desk.files.paths(name, desk.partner)
        draft = self.views.draft(user, partner, name)
        begun = desk.begun(name)
        text = draft.text if draft is not None else begun
        found = self._sample(partner, name, sample, draft)
        mapping = desk.mapping(name)
        return EditorPage(
            name=name,
            partner=partner,
            document=mapping.document,
            source=mapping.syntax.kind,
            path=desk.place(name),
            text=text,
            in_force=begun,
            saved_at=draft.at if draft is not None else None,
            stale=draft is not None and draft.base != digest_of(desk.text(name)),
            others=self.views.drafts_of_others(user, partner, name),
            sample=found,
            look=self._shown(partner, name, text, found),
            targets=targets(mapping.document),
            waiting=self.views.waiting_for(partner, name),
        )

    def _sample(self, partner: str, name: str, wanted: str, draft: MappingDraft | None = None) -> Sample:
        """Return what was asked for, else what the draft was tried on last, as long as it is kept."""
        if wanted:
            return sample_of(self.instance, self.views, partner, name, wanted)
        try:
            return sample_of(self.instance, self.views, partner, name, draft.sample if draft is not None else "")
        except OurFault:
            return sample_of(self.instance, self.views, partner, name, "")

    def _look(self, partner: str, name: str, text: str, sample: Sample, *, whole: bool = True) -> Look:
        draft = Draft(
            name=name,
            text=text,
            partner=partner,
            sample=sample.data,
            filename=sample.filename,
            output=whole,
            quick=not whole,
        )
        task = LookTask(draft=draft, position=sample.position, proposals=whole, rules=whole)
        return self._pool("editor").run(TimedLook(task), WHOLE_LIMIT_S if whole else None)

    def _shown(self, partner: str, name: str, text: str, sample: Sample, *, whole: bool = True) -> Look:
        """Return a look at a text; while it does not compile, the sample stays to be seen as it is read in force."""
        found = self._look(partner, name, text, sample, whole=whole)
        if found.preview.digest:
            return found
        begun = Desk.of(self.instance, partner).begun(name)
        base = self._look(partner, name, begun, sample, whole=whole)
        preview = replace(base.preview, findings=found.preview.findings, digest="")
        return replace(base, preview=preview, stands_in=True)

    def look(
        self, partner: str, name: str, text: str, sample: str, *, whole: bool = True, stand_in: bool = False
    ) -> Look:
        found = self._sample(partner, name, sample)
        show = self._shown if stand_in else self._look
        return show(partner, name, text, found, whole=whole)

    def save(self, partner: str, name: str, text: str, user: str, sample: str = "") -> None:
        """See gateway.api.mapping_editor."""
        desk = Desk.of(self.instance, partner)
        desk.files.paths(name, desk.partner)
        draft = self.views.draft(user, partner, name)
        base = draft.base if draft is not None else digest_of(desk.text(name))
        kept = sample or (draft.sample if draft is not None else "")
        self.rows.save_draft(user, partner, name, text.replace("\r\n", "\n"), base, kept, self.instance.clock.now())

    def discard(self, partner: str, name: str, user: str) -> None:
        self.rows.drop_draft(user, partner, name)

    def connect(self, partner: str, name: str, text: str, sample: str, number: int, field: str) -> str:
        """See gateway.api.mapping_editor."""
        desk = Desk.of(self.instance, partner)
        shown = self.look(partner, name, text, sample)
        if not 0 <= number < len(shown.values):
            raise OurFault("mapping.no-such-value", value=str(number))
        effective = self._with_text(desk, name, text).effective
        if effective is None:
            raise OurFault("mapping.not-overridable", value=field)
        return connected(text, effective, shown.values[number], field, desk.place(name))

    def override(self, partner: str, name: str, text: str, key: str) -> str:
        """See gateway.api.mapping_editor."""
        desk = Desk.of(self.instance, partner)
        effective = self._with_text(desk, name, text).effective
        if effective is None:
            raise OurFault("mapping.not-overridable", value=key)
        return overridden(text, effective, key, desk.place(name))

    def remove(self, partner: str, name: str, text: str, key: str) -> str:
        desk = Desk.of(self.instance, partner)
        effective = self._with_text(desk, name, text).effective
        if effective is None:
            raise OurFault("mapping.not-overridable", value=key)
        return without(text, effective, key, desk.place(name))

    def _with_text(self, desk: Desk, name: str, text: str) -> DocumentMapping:
        return desk.files.with_text(desk.place(name), text).mapping(name, desk.partner)

    def words(self, partner: str, name: str, language: str, below: str = "", sample: str = "") -> tuple[Word, ...]:
        """See gateway.api.mapping_editor."""
        desk = Desk.of(self.instance, partner)
        mapping = desk.mapping(name)
        lang: Lang = "zh-CN" if language == "zh-CN" else "en"
        found: list[Word] = []
        if not below:
            found = [
                Word(
                    name=each.key, kind=f"{each.kind}{'!' if each.required else ''}", label=field_label(each.key, lang)
                )
                for each in targets(mapping.document)
            ]
        effective = mapping.effective
        if effective is None:
            return tuple(found)
        if not below:
            found += [Word(name=key, kind="list", label=path) for key, path in scope_paths(effective).items()]
        read = {path: field_label(rule.key, lang) for path, rule in full_paths(effective)}
        kind = effective.syntax.kind
        grammar = desk.files.grammar_for(effective.syntax.root) if kind == "xml" else None
        sent = () if kind == "edifact" or grammar is not None else self._sent(partner, name, desk.begun(name), sample)
        for each in legal_paths(effective, directories=desk.files.directories, grammar=grammar, sent=sent, below=below):
            found.append(Word(name=each.path, kind="path", label=_said_of(each, read.get(each.path, ""), lang)))
        return tuple(found)

    def _sent(self, partner: str, name: str, text: str, sample: str) -> list[SampleValue]:
        """Return the values of the sample at hand, of the last messages that the mapping has read, and of a case."""
        latest = [each.id for each in self.views.read_last(partner, name, SENT)]
        found: list[SampleValue] = []
        for wanted in dict.fromkeys((sample, *latest, CASE)):
            try:
                one = sample_of(self.instance, self.views, partner, name, wanted)
            except OurFault:
                continue  # no longer kept, or too large to look at for this
            found += self._look(partner, name, text, one, whole=False).values if one.data else ()
        return found

    # --- cases --------------------------------------------------------------------------------------------------------

    def cases(self, partner: str, name: str, text: str) -> tuple[CaseResult, ...]:
        """See gateway.api.mapping_editor."""
        desk = Desk.of(self.instance, partner)
        folders = case_folders(self._on_disk(desk.place(name)))
        if not folders:
            return ()
        try:
            mapping = self._with_text(desk, name, text)
        except Fault as fault:
            return tuple(CaseResult(name=each.name, good=False, findings=(fault.as_finding(),)) for each in folders)
        found = [(each.name, run_case(mapping, each, desk.files.directories, Coverage())) for each in folders]
        return tuple(CaseResult(name=case, good=not findings, findings=tuple(findings)) for case, findings in found)

    def _on_disk(self, path: str) -> Path:
        return self.instance.settings.partners / path.removeprefix("partners/")

    def keep_case(self, partner: str, name: str, message: str, case: str, user: str) -> None:
        """See gateway.api.mapping_editor."""
        desk = Desk.of(self.instance, partner)
        title = case.strip().lower()
        if not _CASE_NAME.fullmatch(title):
            raise OurFault("mapping.bad-case-name", value=case[:100])
        sample = sample_of(self.instance, self.views, partner, name, message)
        mapping = desk.mapping(name)
        suffix = {"edifact": "edi", "xml": "xml", "csv": "csv"}.get(mapping.syntax.kind, "json")
        folder = self._on_disk(desk.place(name)).with_suffix(".cases") / title
        try:
            folder.mkdir(parents=True, exist_ok=False)
            (folder / f"in.{suffix}").write_bytes(sample.data)
        except FileExistsError:
            raise OurFault("mapping.case-there", value=title) from None
        except OSError as error:
            raise OurFault("mapping.case-unwritten", value=title, detail=str(error.strerror)) from None
        findings = run_case(mapping, folder, desk.files.directories, Coverage(), update=True)
        if has_errors(findings):
            for each in folder.iterdir():
                each.unlink()
            folder.rmdir()
            raise OurFault("mapping.case-unreadable", value=title, findings=tuple(findings))
        now = self.instance.clock.now()
        self.instance.journal.write(
            lambda tx: tx.audit(user, "mappings.case", f"{partner}/{name}", None, f"{title} < {message}", now)
        )

    # --- coming into force --------------------------------------------------------------------------------------------

    def publishing(self, partner: str, name: str, user: str) -> Publishing:
        """See gateway.api.mapping_editor."""
        draft = self._draft(user, partner, name)
        desk = Desk.of(self.instance, partner)
        found = self._tried(partner, name, draft.text)
        told: tuple[Finding, ...] = tuple(each for each in found.findings if each.severity != "info")
        return Publishing(
            rules=found.rules or _text_changes(desk.begun(name), draft.text),
            findings=told,
            cases=self.cases(partner, name, draft.text),
            tests=self.views.tests(partner, name),
            sound=found.sound,
        )

    def _tried(self, partner: str, name: str, text: str) -> Preview:
        """Return what is wrong with a text, and what it changes."""
        task = LookTask(draft=Draft(name=name, text=text, partner=partner), proposals=False, rules=False)
        return self._pool("editor").run(task, WHOLE_LIMIT_S).preview

    def _draft(self, user: str, partner: str, name: str) -> MappingDraft:
        draft = self.views.draft(user, partner, name)
        if draft is None:
            raise OurFault("mapping.no-draft", value=name, partner=partner)
        return draft

    def publish(
        self, partner: str, name: str, user: str, reason: str, *, at: datetime | None = None, over: bool = False
    ) -> Published:
        """See gateway.api.mapping_editor."""
        draft, now = self._draft(user, partner, name), self.instance.clock.now()
        red = [each.name for each in self.cases(partner, name, draft.text) if not each.good]
        if red and not reason.strip():
            raise OurFault("mapping.red-case", value=", ".join(red)[:200])
        if at is not None:
            return self._planned(draft, reason, at, now)
        before = Desk.of(self.instance, partner)
        if draft.text == before.text(name):
            raise OurFault("mapping.nothing-changed", value=name)
        base = None if over else draft.base
        done = bring(self.instance, partner, name, draft.text, base, user, "mappings.publish", reason)
        self.rows.drop_draft(user, partner, name)
        self.follow()
        self.instance.refresh()
        latest = self.views.versions(partner, name)
        return Published(version=latest[0].number if latest else None, written=done.written)

    def _planned(self, draft: MappingDraft, reason: str, at: datetime, now: datetime) -> Published:
        if at <= now:
            raise OurFault("mapping.past-date", value=f"{at:%Y-%m-%d %H:%M}")
        looked_at = self._tried(draft.partner, draft.mapping, draft.text)
        if not looked_at.sound:
            first = next(each for each in looked_at.findings if each.severity == "error")
            raise OurFault(
                first.code, first.where, value=first.value, findings=looked_at.findings, **dict(first.params)
            )
        plan_id = uuid7(self.instance.wall.now())
        self.rows.plan(plan_id, draft.partner, draft.mapping, draft.text, draft.base, draft.user, reason, at, now)
        self.rows.drop_draft(draft.user, draft.partner, draft.mapping)
        return Published(version=None, plan=plan_id)

    def withdraw(self, plan: str, user: str) -> None:
        if not self.rows.end_plan(plan, "withdrawn", user, self.instance.clock.now()):
            raise OurFault("mapping.no-such-plan", value=plan[:40])

    def plans(self, partner: str, name: str) -> tuple[MappingPlan, ...]:
        return self.views.plans(partner, name)

    # --- versions -----------------------------------------------------------------------------------------------------

    def waiting(self, partner: str, name: str) -> tuple[tuple[str, str, int], ...]:
        return self.views.waiting_for(partner, name)

    def versions(self, partner: str, name: str) -> tuple[MappingVersion, ...]:
        return self.views.versions(partner, name, self.instance.clock.now() - COUNTED)

    def version(self, partner: str, name: str, number: int) -> VersionPage:
        """See gateway.api.mapping_editor."""
        version, files = files_at(self.views, partner, name, number)
        mapping = Desk.of(self.instance, partner, files).mapping(name)
        earlier = self._rules(partner, name, number - 1) if number > 1 else []
        later = _printed(mapping)
        return VersionPage(
            version=version,
            rules=_changes(earlier, later) if number > 1 else (),
            effective=rule_lines(mapping.effective) if mapping.effective is not None else (),
            read=self.views.read_by(partner, name, version.digest),
        )

    def compare(self, partner: str, name: str, one: int, other: int) -> tuple[str, ...]:
        return _changes(self._rules(partner, name, one), self._rules(partner, name, other))

    def _rules(self, partner: str, name: str, number: int) -> list[str]:
        _, files = files_at(self.views, partner, name, number)
        return _printed(Desk.of(self.instance, partner, files).mapping(name))

    def roll_back(self, partner: str, name: str, number: int, user: str, reason: str) -> Edit:
        """See gateway.api.mapping_editor."""
        _, files = files_at(self.views, partner, name, number)
        then = Desk.of(self.instance, partner, files)
        why = f"< v{number} {reason}".strip()
        text, path = then.text(name), then.place(name)
        done = bring(self.instance, partner, name, text, None, user, "mappings.roll-back", why, path)
        self.follow()
        return Edit(digest=done.digest, written=done.written, changed=done.changed)

    def sharing(self, partner: str, name: str) -> tuple[Sharing, ...]:
        return sharing(self.instance, partner, name)

    def share(self, partner: str, name: str, others: Sequence[str], user: str, reason: str) -> tuple[Shared, ...]:
        """See gateway.api.mapping_editor."""
        done = share(self.instance, partner, name, others, user, reason)
        self.follow()
        self.instance.refresh()
        return done

    # --- stored messages ----------------------------------------------------------------------------------------------

    def start_back_test(self, partner: str, name: str, user: str, count: int) -> str:
        draft = self._draft(user, partner, name)
        return self.tests.start(partner, name, draft.text, user, count)

    def back_test(self, test: str) -> BackTest:
        return self.tests.find(test)

    def cancel_back_test(self, test: str, user: str) -> BackTest:
        return self.tests.cancel(test)

    def partner_of(self, message: str) -> tuple[str, str]:
        """See gateway.api.mapping_editor."""
        found = self.instance.views.message(message)
        if found is None or found.mapping is None:
            raise OurFault("mapping.no-such-sample", value=message[:60])
        return found.line.partner, found.mapping

    def read_with(self, message: str, number: int, user: str, reason: str) -> None:
        """See gateway.api.mapping_editor."""
        partner, name = self.partner_of(message)
        version, files = files_at(self.views, partner, name, number)
        layers = Desk.of(self.instance, partner, files).layers(name)
        now = self.instance.clock.now()

        def work(tx: object) -> list[str]:
            lanes = tx.replay(message, user, now)  # type: ignore[attr-defined]
            read_with(cast("SqlTx", tx), message, partner, name, version.number, layers, user, reason, now)
            return cast("list[str]", lanes)

        for lane in self.instance.journal.write(work):
            self.wake(lane)


def _said_of(path: LegalPath, read_as: str, lang: Lang) -> str:
    """Return what a path is, for somebody who chooses among many."""
    parts = [
        segment_label(path.segment, lang) if path.segment else "",
        f"→ {read_as}" if read_as and not path.segment else "",
        "0..n" if path.repeats else "",
        path.about,
        f"“{path.example}”" if path.example else "",
    ]
    return " · ".join(each for each in parts if each)


def _printed(mapping: DocumentMapping) -> list[str]:
    return list(printed(mapping.effective, origins=False)) if mapping.effective is not None else []


def _changes(before: list[str], after: list[str]) -> tuple[str, ...]:
    told = unified_diff(before, after, lineterm="", n=0)
    return tuple(line for line in told if line[:2] not in ("--", "++", "@@"))


def _text_changes(before: str, after: str) -> tuple[str, ...]:
    return _changes(before.splitlines(), after.splitlines())
