"""mappings preview, shadow and guide: a draft tried on a sample, on what is stored, and a mapping told to a partner."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.context import Invocation, invocation
from gateway.cli.exits import FINDINGS
from gateway.cli.mappings import open_mappings, partner_option
from gateway.cli.output import json_flag, json_option, print_finding, print_json, print_rows, printable
from gateway.cli.progress import Progress
from gateway.cli.values import text_of
from gateway.model.faults import OurFault
from gateway.texts.catalogue import Lang

if TYPE_CHECKING:  # compiling is slow to import
    from gateway.app.shadow import ShadowLine, ShadowReport
    from gateway.config.mappings import MappingFiles
    from gateway.config.partners import PartnerFile
    from gateway.config.preview import MessagePreview, Preview
    from gateway.mapping.differences import Difference

ROWS = 200
TEXT_LIMIT_BYTES = 1_000_000

draft_option = click.option(
    "--draft", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The mapping file that is tried."
)
outbound_option = click.option("--outbound", is_flag=True, help="What we write to the partner, not what we read.")


@click.command("preview")
@click.argument("name", metavar="FAMILY/TYPE")
@click.argument("sample", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@draft_option
@partner_option
@outbound_option
@click.option("--rows", default=ROWS, show_default=True, help="Most rows of the trace and of what is left.")
@json_option
@invocation
def preview_mapping(
    call: Invocation, name: str, sample: Path, *, draft: Path | None, partner: str | None, outbound: bool, rows: int,
    as_json: bool,
) -> None:  # fmt: skip
    """Try a draft on SAMPLE: what is wrong, read, written, why, what is left, and what changes.

    With --partner the draft stands for the partner's own file, without one for the standard mapping. Nothing changes.
    Ends with 3 when the draft could not come into force or a message cannot be read.
    """
    from gateway.config.preview import Draft, PreviewBench

    files, _, _ = open_mappings(call, partner)
    found = PreviewBench(files).preview(
        Draft(
            name=name,
            text=_text(draft),
            sample=_sample(sample),
            partner=partner,
            direction="out" if outbound else "in",
            filename=sample.name,
            rows=rows,
        )
    )
    if as_json:
        print_json(found)
    else:
        _print_preview(found, call.language)
    if not found.sound or not all(each.good for each in found.messages):
        raise SystemExit(FINDINGS)


@click.command("guide")
@click.argument("partner", metavar="PARTNER|FAMILY/TYPE")
@click.argument("document", metavar="[DOCUMENT]", required=False)
@click.option("--language", type=click.Choice(["en", "zh-CN"]), help="Of the guide [the language of texts].")
@click.option("--output", type=click.Path(path_type=Path), help="File, or folder for several; else to the terminal.")
@json_flag
@invocation
def write_guide(
    call: Invocation, partner: str, document: str | None, *, language: Lang | None, output: Path | None, as_json: bool
) -> None:
    """Write the implementation guide from the rules in force: places, formats, codes, an example. HTML, to be printed.

    DOCUMENT: FAMILY/TYPE, TYPE or the canonical document (Order); without it every agreed one (needs --output FOLDER).

    \b
    gateway mappings guide acme ORDERS --language zh-CN --output orders.html
    gateway mappings guide eancom-1997/ORDERS --output orders.html
    """
    from gateway.cli.mappings import on_disk
    from gateway.config.guides import guide_page

    of_partner = "/" not in partner
    files, file, settings = open_mappings(call, partner if of_partner else None)
    names = [each for each in file.places if not each.startswith("canonical/")] if file else [partner]
    if document is not None:
        names = [each for each in names if _is_named(files, each, file, document)]
    if not names:
        raise OurFault("mapping.missing", value=document or partner, partner=partner)
    if len(names) > 1 and ((output is None and not as_json) or (output is not None and output.is_file())):
        raise OurFault("guide.choose", value=partner, known=", ".join(names))
    us = _own_name(files)
    told: list[dict[str, str]] = []
    for name in names:
        beside = on_disk(files.paths(name)[0], settings) if files.paths(name) else None
        page = guide_page(files, name, file, us=us, lang=language or call.language, beside=beside)
        if output is None:
            told.append({"mapping": name, "html": page})
            continue
        several = len(names) > 1 or output.is_dir()
        target = output / f"{name.replace('/', '-')}.html" if several else output
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(page, encoding="utf-8")
        told.append({"mapping": name, "file": str(target)})
    if as_json:
        print_json({"guides": told})
        return
    for each in told:
        click.echo(each.get("html") or each["file"], nl="file" in each)


def _is_named(files: "MappingFiles", name: str, file: "PartnerFile | None", wanted: str) -> bool:
    return wanted in (name, name.rpartition("/")[2]) or files.mapping(name, file).document == wanted


def _own_name(files: "MappingFiles") -> str:
    from gateway.config.parties import read_parties

    own = read_parties(files.definitions).own if "partners/self/partner.yaml" in files.definitions.files else None
    return own.partner.name if own else ""


def _text(draft: Path | None) -> str | None:
    if draft is None:
        return None
    return text_of(draft, TEXT_LIMIT_BYTES)


def _sample(path: Path) -> bytes:
    from gateway.config.preview import SAMPLE_LIMIT_BYTES

    if path.stat().st_size > SAMPLE_LIMIT_BYTES:
        raise OurFault("config.too-large", at=str(path), limit=str(SAMPLE_LIMIT_BYTES))
    return path.read_bytes()


def _print_preview(found: "Preview", lang: Lang) -> None:
    for finding in found.findings:
        if finding.severity != "info":
            print_finding(finding, lang)
    for line in found.rules:
        click.echo(line)
    for each in found.messages:
        _print_message(each, lang)
    if found.messages:
        covered = found.coverage
        left = f"{covered.left} of {covered.values} values read by no rule"
        click.echo(f"{covered.touched} of {covered.rules} rules touched, {left}", err=True)


def _print_message(one: "MessagePreview", lang: Lang) -> None:
    from json import dumps

    click.echo(f"\n--- {printable(one.type)}")
    for finding in one.findings:
        print_finding(finding, lang)
    if one.document is not None:
        click.echo(dumps(one.document, ensure_ascii=False, indent=1))
    if one.output is not None:
        click.echo(f"\n--- written\n{one.output.rstrip()}")
    if one.trace:
        click.echo("\n--- where each value comes from")
        rows = [
            {
                "field": each.field,
                "value": each.value,
                "text": each.text,
                "place": _place(each.where),
                "rule": each.rule,
            }
            for each in one.trace
            if each.how != "element"
        ]
        print_rows(rows, as_json=False)
    if one.leftovers:
        click.echo("\n--- read by no rule")
        rows = [{"path": each.path, "value": each.value, "place": _place(each.where)} for each in one.leftovers]
        print_rows(rows, as_json=False)
    _print_differences("differs from what is in force", one.differences)
    _print_differences("not carried to the partner", one.lost)


def _place(where: object) -> str:
    names = ("segment", "tag", "element", "component", "line")
    found = ((name, getattr(where, name, None)) for name in names)
    return " ".join(str(value) if name in ("segment", "tag") else f"{name} {value}" for name, value in found if value)


def _print_differences(title: str, found: "tuple[Difference, ...]") -> None:
    if found:
        click.echo(f"\n--- {title}")
        print_rows([{"field": e.field, "before": e.before, "after": e.after} for e in found], as_json=False)


@click.command("shadow")
@click.argument("name", metavar="FAMILY/TYPE")
@draft_option
@click.option("--partner", metavar="PARTNER", required=True, help="Whose stored messages are tried.")
@outbound_option
@click.option("--last", default=100, show_default=True, type=click.IntRange(1, 1000), help="How many messages.")
@json_option
@invocation
def shadow_run(
    call: Invocation, name: str, *, draft: Path | None, partner: str, outbound: bool, last: int, as_json: bool
) -> None:
    """Run a draft over the last stored messages and say what would have been read (written) otherwise.

    Nothing is changed. Ctrl-C ends it and tells what was found so far. Ends with 3 when the draft breaks a message.
    """
    from gateway.app.preview import PreviewPool
    from gateway.app.shadow import ShadowReport, shadow
    from gateway.config.preview import Draft

    tried = Draft(name=name, text=_text(draft), partner=partner, direction="out" if outbound else "in")
    report, lines = ShadowReport(), []
    progress: Progress | None = None
    with call.instance() as instance:
        pool = PreviewPool(definitions=lambda: instance.definitions, schemas=instance.settings.schemas, limit_s=10)
        try:
            for line in shadow(instance.views, pool, tried, last):
                report.add(line)
                lines.append(line)
                progress = progress or Progress("reading", line.total, unit="messages")
                progress(line.done)
        except KeyboardInterrupt:
            click.echo("\nstopped", err=True)
        finally:
            pool.close()
            if progress:
                progress.end()
    if as_json:
        print_json(
            {"outcomes": report.outcomes, "fields": report.fields, "alarms": sorted(report.alarms), "lines": lines}
        )
    else:
        _print_report(report, lines)
    if report.outcomes["broken"]:
        raise SystemExit(FINDINGS)


def _print_report(report: "ShadowReport", lines: "list[ShadowLine]") -> None:
    rows = [
        {
            "field": key,
            "messages": count,
            "look": "!" if key in report.alarms else "",
            "example": report.examples[key][0],
            "before": report.examples[key][1].before,
            "after": report.examples[key][1].after,
        }
        for key, count in report.fields.most_common()
    ]
    if rows:
        print_rows(rows, as_json=False)
    broken = [{"broken": each.id, "number": each.number} for each in lines if each.outcome == "broken"]
    if broken:
        print_rows(broken, as_json=False)
    click.echo(", ".join(f"{count} {outcome}" for outcome, count in report.outcomes.most_common()))
