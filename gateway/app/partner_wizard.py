"""The wizard's memory: a sample dropped, what it says, what was answered, and the partner that comes of it."""

import base64
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from typing import Any

from gateway.api.partner_desk import WizardView
from gateway.app.definition_edits import Edit as FileEdit
from gateway.app.definition_edits import edit_definitions
from gateway.app.ids import uuid7
from gateway.app.instance import Instance
from gateway.codecs.cms.containers import CertificateFacts, read_container
from gateway.config.definitions import Definitions
from gateway.config.drafts import draft
from gateway.config.edits import drop, put, value_at
from gateway.config.onboarding import (
    Answers,
    Trial,
    files_of,
    proposed_id,
    receivable,
    role_for,
    sendable,
    trial,
)
from gateway.config.partners import PARTNER_ID, SELF
from gateway.config.recognition import SAMPLE_LIMIT_BYTES, Recognised, recognise
from gateway.mapping.draft_words import HEAD
from gateway.model.faults import OurFault, PartnerFault
from gateway.model.values import GLN_SCHEME, has_valid_check_digit
from gateway.store.partner_rows import PartnerRows
from gateway.store.view_partners import KeptSample, PartnerViews

TEXTS = ("id", "name", "name_zh", "role", "owner", "email", "gln", "other_id", "connection", "url", "as2_id", "token")
_ROUNDS = 3  # a tolerated error may show the next one


def keep_sample(instance: Instance, rows: PartnerRows, filename: str, data: bytes, user: str) -> str:
    """Keep a sample that can be recognised; return its id. Raises PartnerFault sample.unreadable and the codecs'."""
    if len(data) > SAMPLE_LIMIT_BYTES:
        raise PartnerFault("sample.unreadable")
    name = filename.replace("\\", "/").rpartition("/")[2][:200]
    _recognised(data, name, instance.definitions, _own_ids(instance))
    now = instance.clock.now()
    sample_id = uuid7(now)
    rows.keep_sample(sample_id, user, name, sha256(data).hexdigest(), base64.b64encode(data).decode("ascii"), now)
    return sample_id


def _own_ids(instance: Instance) -> frozenset[str]:
    return frozenset(each.value for each in instance.book.own.partner.ids)


@lru_cache(maxsize=8)
def _told(digest: str, data: bytes, filename: str, own: frozenset[str]) -> "list[Recognised]":
    return []


def _recognised(data: bytes, filename: str, definitions: Definitions, own: frozenset[str]) -> Recognised:
    """recognise, once per sample and version."""
    kept = _told(definitions.digest, data, filename, own)
    if not kept:
        kept.append(recognise(data, filename, definitions, own))
    return kept[0]


def view(instance: Instance, views: PartnerViews, sample_id: str, user: str) -> WizardView:
    """Return how far the wizard is. Raises OurFault sample.gone."""
    kept = _kept(views, sample_id, user)
    data = base64.b64decode(kept.data)
    found = _recognised(data, kept.filename, instance.definitions, _own_ids(instance))
    document = str(kept.answers.get("document", ""))
    if found.draft is not None and document in HEAD and document != found.draft.document:
        drafted = draft(data, kept.filename, document)
        first = replace(found.documents[0], document=document)
        found = replace(found, draft=drafted, documents=(first, *found.documents[1:]))
    answers = _answers(instance, found, kept.answers)
    files, tried = _tried(instance, answers, found, data, kept)
    tolerated = kept.answers.get("tolerated")
    if tolerated is None:  # nobody has said what may be odd: everything that can be read
        for _ in range(_ROUNDS):
            odd = set(tried.tolerable) - set(answers.tolerated)
            missing = set(tried.assumable) - set(answers.assumed)
            if tried.good or not (odd or missing):
                break
            answers = replace(
                answers,
                tolerated=tuple(sorted({*answers.tolerated, *odd})),
                assumed=tuple(sorted({*answers.assumed, *missing})),
            )
            files, tried = _tried(instance, answers, found, data, kept)
    known = instance.book.partner_by_identifier(found.sender.value) if found.sender.value else None
    return WizardView(
        id=sample_id,
        filename=kept.filename,
        size_bytes=len(data),
        found=found,
        answers=answers,
        sendable=sendable(found, instance.definitions),
        files=files,
        trial=tried,
        partner=known.id if known else None,
    )


def _tried(
    instance: Instance, answers: Answers, found: Recognised, data: bytes, kept: KeptSample
) -> tuple[dict[str, str], Trial]:
    own = instance.book.own.partner
    files = files_of(answers, found, own.gln or "")
    shown = {**files}
    path = f"partners/{answers.id}/partner.yaml"
    if answers.connection != "folder":  # the way does not matter for reading: what is missing of it shows later
        shown[path] = _any_way(files[path], answers.connection)
    tried = trial(shown, instance.definitions, instance.settings.schemas, data, kept.filename, instance.clock.now())
    return files, tried


def _any_way(text: str, over: str) -> str:
    return put(text, ("channels", over), {"kind": "folder", "folder": "sample"}, "partner.yaml")


def _kept(views: PartnerViews, sample_id: str, user: str) -> KeptSample:
    kept = views.sample(sample_id)
    if kept is None or kept.user != user:
        raise OurFault("sample.gone", value=sample_id)
    return kept


def _answers(instance: Instance, found: Recognised, said: Mapping[str, Any]) -> Answers:
    """Return what was said, and proposals for the rest."""
    texts = {key: str(said[key]).strip() for key in TEXTS if key in said}
    name = texts.get("name") or found.name or found.sender.value or "New partner"
    partner_id = texts.get("id") or proposed_id(name, list(instance.book.partners))
    gln = texts.get("gln", found.sender.value if found.sender.is_gln else "")
    other = texts.get("other_id", "" if found.sender.is_gln else found.sender.value)
    sends = sendable(found, instance.definitions)
    receives = receivable(found, partner_id)
    connection = texts.get("connection", "as2")
    return Answers(
        id=partner_id,
        name=name,
        name_zh=texts.get("name_zh", ""),
        role=texts.get("role") or role_for(found),
        owner=texts.get("owner", ""),
        email=texts.get("email", ""),
        gln=gln,
        other_id=other,
        connection="http" if connection == "http" else "folder" if connection == "folder" else "as2",
        url=texts.get("url", ""),
        as2_id=texts.get("as2_id", ""),
        certificate=_certificate_name(partner_id, said),
        token=texts.get("token", ""),
        receives=receives,
        sends=tuple(each for each in sends if each in said.get("sends", sends)),
        chosen={str(key): str(value) for key, value in dict(said.get("chosen", {})).items()},
        tolerated=tuple(map(str, said.get("tolerated") or ())),
        assumed=tuple(map(str, said.get("assumed") or ())),
    )


def _certificate_name(partner_id: str, said: Mapping[str, Any]) -> str:
    pem = str(said.get("certificate_pem", ""))
    if not pem:
        return ""
    facts = read_container(pem.encode("ascii"))[0]
    return f"{partner_id[:40]}-{facts.not_after:%Y}-{facts.fingerprint[:8]}"


def answer(
    instance: Instance, views: PartnerViews, rows: PartnerRows, sample_id: str, user: str, values: Mapping[str, Any]
) -> WizardView:
    """Keep what was said on one step; return how far the wizard is.

    Raises OurFault sample.gone, partner.bad-id, partner.exists, partner.check-digit, partner.as2-id-missing.
    """
    kept = _kept(views, sample_id, user)
    partner_id = values.get("id")
    if partner_id is not None:
        _check_id(instance, str(partner_id).strip())
    gln = str(values.get("gln", "")).strip()
    if gln and not (len(gln) == 13 and has_valid_check_digit(gln)):
        raise OurFault("partner.check-digit", value=gln, at="gln", kind="GLN")
    if values.get("connection") == "as2" and not str(values.get("as2_id", kept.answers.get("as2_id", ""))).strip():
        raise OurFault("partner.as2-id-missing")
    rows.keep_answers(sample_id, {**kept.answers, **values})
    return view(instance, views, sample_id, user)


def _check_id(instance: Instance, partner_id: str) -> None:
    if not PARTNER_ID.fullmatch(partner_id) or len(partner_id) > 60:
        raise OurFault("partner.bad-id", value=partner_id, at="id")
    if partner_id in instance.book.partners:
        raise OurFault("partner.exists", value=partner_id)


def keep_certificate(
    instance: Instance, views: PartnerViews, rows: PartnerRows, sample_id: str, user: str, data: bytes
) -> CertificateFacts:
    """Keep the partner's certificate with the answers. Raises OurFault keys.*."""
    kept = _kept(views, sample_id, user)
    facts = read_container(data)[0]
    if facts.not_after < instance.wall.now():
        raise OurFault("keys.expired", on=f"{facts.not_after:%Y-%m-%d}", value=facts.name)
    rows.keep_answers(sample_id, {**kept.answers, "certificate_pem": facts.pem})
    return facts


def create(instance: Instance, views: PartnerViews, rows: PartnerRows, sample_id: str, user: str) -> str:
    """Bring the partner into force, in test mode. Raises OurFault partner.exists, and what is wrong with its files."""
    found = view(instance, views, sample_id, user)
    _check_id(instance, found.answers.id)
    pem = str(_kept(views, sample_id, user).answers.get("certificate_pem", ""))
    if pem and found.answers.certificate:
        instance.keys.add_certificate(found.answers.certificate, pem.encode("ascii"))
    edits = {path: _new(found.answers.id, text) for path, text in found.files.items()}
    reason = f"{found.filename}"
    edit_definitions(instance, edits, user, "partners.create", found.answers.id, reason)
    return found.answers.id


def _new(partner_id: str, text: str) -> FileEdit:
    def edit(here: str | None) -> str:
        if here is not None and here != text:
            raise OurFault("partner.exists", value=partner_id)
        return text

    return edit


def clone(instance: Instance, source: str, values: Mapping[str, str], user: str) -> str:
    """Make a partner like another, in test mode and over a folder until its own connection is set.

    values: id, name, gln. Raises OurFault partner.unknown, partner.bad-id, partner.exists."""
    instance.book.partner(source)
    if source == SELF:
        raise OurFault("partner.unknown", value=source)
    partner_id = values.get("id", "").strip()
    _check_id(instance, partner_id)
    gln = values.get("gln", "").strip()
    if gln and not (len(gln) == 13 and has_valid_check_digit(gln)):
        raise OurFault("partner.check-digit", value=gln, at="gln", kind=f"GLN {GLN_SCHEME}")
    old, new = f"partners/{source}/", f"partners/{partner_id}/"
    files = {new + inner: text for inner, text in instance.definitions.below(old).items()}
    path = f"{new}partner.yaml"
    files[path] = _like(files[path], path, source, partner_id, values.get("name", "").strip() or partner_id, gln)
    for each, text in files.items():
        if each.startswith(f"{new}mappings/"):
            files[each] = _renamed(text, each, source, partner_id)
    edits = {each: _new(partner_id, text) for each, text in files.items()}
    edit_definitions(instance, edits, user, "partners.clone", partner_id, source)
    return partner_id


def _like(text: str, file: str, source: str, partner_id: str, name: str, gln: str) -> str:
    for key in ("name_zh", "ids", "contact", "gln"):
        text = drop(text, (key,), file)
    text = put(text, ("name",), name, file)
    text = put(text, ("mode",), "test", file)
    if gln:
        text = put(text, ("gln",), gln, file)
    channels = value_at(text, ("channels",), file)
    for over in channels if isinstance(channels, dict) else {}:
        text = put(text, ("channels", over), {"kind": "folder", "folder": f"{partner_id}-{over}"}, file)
    agreements = value_at(text, ("agreements",), file)
    for place, each in enumerate(agreements if isinstance(agreements, list) else []):
        for way in ("receive", "send"):
            mapping = each.get(way) if isinstance(each, dict) else None
            if isinstance(mapping, str) and mapping.startswith(f"{source}/"):
                text = put(text, ("agreements", place, way), f"{partner_id}/{mapping.partition('/')[2]}", file)
    return text


def _renamed(text: str, file: str, source: str, partner_id: str) -> str:
    name = value_at(text, ("mapping",), file)
    if isinstance(name, str) and name.startswith(f"{source}/"):
        return put(text, ("mapping",), f"{partner_id}/{name.partition('/')[2]}", file)
    return text
