"""A partner as one file, to be taken from a test instance to a production instance: its definitions, the names of its
keys (never a key), a digest, and our signature over it."""

import base64
import binascii
import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from gateway.api.partner_desk import BundlePreview, Edit, FieldChange
from gateway.app.definition_edits import Edit as FileEdit
from gateway.app.definition_edits import edit_definitions, with_edits
from gateway.app.instance import Instance
from gateway.app.partner_edits import told
from gateway.channels.as2_line import own_identities
from gateway.codecs.cms.algorithms import DIGESTS
from gateway.codecs.cms.containers import facts_of
from gateway.codecs.cms.identity import Certificate, Identity, load_certificates
from gateway.codecs.cms.signed import sign, verify
from gateway.config.book import sound_book
from gateway.config.definitions import Definitions
from gateway.config.edits import drop, put, value_at
from gateway.config.fields import Problems
from gateway.config.partners import PARTNER_ID, SELF, read_partner
from gateway.config.yaml import Path, Plain, load, plain
from gateway.model.faults import Fault, OurFault
from gateway.model.key_window import read_windows
from gateway.model.partner import Partner

SCHEMA = "gateway-partner-bundle/1"
LIMIT_BYTES = 20_000_000
SIGNER = "bundle-signer"  # name in the key store under which another instance's certificate may be kept
_LOCAL = ("url", "receipt_url", "certificate", "client_certificate", "token", "webhook_secret", "id", "folder")
_KEYS = {
    "certificate": "certificate",
    "client_certificate": "certificate",
    "token": "secret",
    "webhook_secret": "secret",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bundle:
    """body: what was signed. signer: who signed it, its certificate."""

    body: Mapping[str, Any]
    digest: str
    signer: Certificate | None

    @property
    def partner(self) -> str:
        return str(self.body["partner"])

    @property
    def files(self) -> dict[str, str]:
        return {str(path): str(text) for path, text in self.body["files"].items()}


def export(instance: Instance, partner_id: str, user: str) -> bytes:
    """Return the bundle as JSON. Raises OurFault partner.unknown."""
    partner = instance.book.partner(partner_id)
    if partner_id == SELF:
        raise OurFault("partner.unknown", value=partner_id)
    folder = f"partners/{partner_id}/"
    now = instance.clock.now()
    body = {
        "schema": SCHEMA,
        "partner": partner_id,
        "name": partner.name,
        "instance": instance.settings.instance,
        "exportedAt": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "exportedBy": user,
        "files": {folder + inner: text for inner, text in instance.definitions.below(folder).items()},
        "shared": dict(_shared(instance.definitions, partner)),
        "keys": [{"kind": kind, "name": name} for kind, name in key_names(partner)],
    }
    data = _canonical(body)
    envelope: dict[str, Any] = {"bundle": body, "digest": sha256(data).hexdigest()}
    identity = _identity(instance)
    if identity is not None:
        signature = sign(sha256(data).digest(), DIGESTS["sha-256"], identity)
        envelope["signature"] = base64.b64encode(signature).decode("ascii")
        envelope["certificate"] = facts_of(identity.certificate).pem
    instance.journal.write(lambda tx: tx.audit(user, "partners.export", partner_id, None, envelope["digest"], now))
    return json.dumps(envelope, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"


def key_names(partner: Partner) -> Iterator[tuple[str, str]]:
    """Yield (kind, name) of everything that the partner's connections name in the key store."""
    seen: set[tuple[str, str]] = set()
    for channel in partner.channels.values():
        for setting, kind in _KEYS.items():
            for window in read_windows(channel.settings[setting]) if channel.settings.get(setting) else ():
                if (kind, window.name) not in seen:
                    seen.add((kind, window.name))
                    yield kind, window.name


def _shared(definitions: Definitions, partner: Partner) -> Iterator[tuple[str, str]]:
    """Yield the standard layers that the partner's mappings stand on, with their digest."""
    for each in partner.agreements:
        path = f"mappings/standard/{each.mapping}.yaml"
        if path in definitions.files:
            yield path, sha256(definitions.files[path].encode()).hexdigest()


def _identity(instance: Instance) -> Identity | None:
    now = instance.wall.now()
    try:
        found = own_identities(instance.book.own.partner, instance.keys)
    except OurFault:
        return None
    return next((each for window, each in found if window.is_open_at(now) and each.certificate.is_valid_at(now)), None)


def _canonical(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _opened(data: bytes) -> _Bundle:
    """Raises OurFault bundle.unreadable, bundle.changed."""
    try:
        envelope = json.loads(data[: LIMIT_BYTES + 1])
        body, files = envelope["bundle"], envelope["bundle"]["files"]
        partner = body["partner"]
        certificate, signature = envelope.get("certificate"), envelope.get("signature")
        found = base64.b64decode(signature, validate=True) if signature else b""
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error) as error:
        raise OurFault("bundle.unreadable", detail=type(error).__name__) from None
    if body.get("schema") != SCHEMA or not isinstance(files, dict) or not PARTNER_ID.fullmatch(str(partner)):
        raise OurFault("bundle.unreadable", detail=f"schema {str(body.get('schema'))[:60]}")
    prefix = f"partners/{partner}/"
    if partner == SELF or any(_is_odd(str(path), prefix) for path in files):
        raise OurFault("bundle.unreadable", detail="files outside the partner's folder")
    if f"{prefix}partner.yaml" not in files:
        raise OurFault("bundle.unreadable", detail="no partner.yaml")
    sealed = _canonical(body)
    if sha256(sealed).hexdigest() != envelope.get("digest"):
        raise OurFault("bundle.changed", value=str(partner))
    signer = load_certificates(str(certificate).encode())[0] if certificate and found else None
    if signer is not None:
        try:
            verify(found, {"sha-256": sha256(sealed).digest()}, [signer], frozenset({"sha-256"}))
        except Fault:
            raise OurFault("bundle.changed", value=str(partner)) from None
    return _Bundle(body=body, digest=str(envelope["digest"]), signer=signer)


def _is_odd(path: str, prefix: str) -> bool:
    return not path.startswith(prefix) or ".." in path or "\\" in path or not path.endswith((".yaml", ".csv"))


def look(instance: Instance, data: bytes) -> BundlePreview:
    """Return what an import would do, field by field. Raises OurFault bundle.*."""
    bundle = _opened(data)
    path = f"partners/{bundle.partner}/partner.yaml"
    here = instance.definitions.files.get(path)
    partner = read_partner(bundle.partner, bundle.files[path], problems := Problems(path)).partner
    changes = tuple(_field_changes(here, bundle.files[path]))
    keep = tuple(each.path for each in changes if each.local) if here is not None else ()
    candidate = Definitions.of(with_edits(instance.definitions.files, _edits(instance, bundle, keep)))
    return BundlePreview(
        partner=bundle.partner,
        name=partner.name,
        instance=str(bundle.body.get("instance", "")),
        exported_at=str(bundle.body.get("exportedAt", "")),
        exported_by=str(bundle.body.get("exportedBy", "")),
        digest=bundle.digest,
        signer=bundle.signer.fingerprint if bundle.signer else "",
        known=_is_known(instance, bundle.signer),
        is_new=here is None,
        changes=changes,
        files=tuple(_file_changes(instance, bundle)),
        missing=tuple(f"{kind} {name}" for kind, name in key_names(partner) if not _has(instance, kind, name)),
        shared=tuple(_shared_changes(instance, bundle)),
        findings=(*problems.findings, *_wrong(instance, candidate)),
    )


def _wrong(instance: Instance, candidate: Definitions) -> tuple[Any, ...]:
    try:
        sound_book(candidate, instance.settings.schemas)
    except Fault as fault:
        return fault.findings or (fault.as_finding(),)
    return ()


def _has(instance: Instance, kind: str, name: str) -> bool:
    try:
        (instance.keys.certificate if kind == "certificate" else instance.keys.secret)(name)
    except OurFault:
        return False
    return True


def _is_known(instance: Instance, signer: Certificate | None) -> bool:
    if signer is None:
        return False
    known: list[bytes] = []
    with contextlib.suppress(OurFault):
        known += [each.certificate.der for _, each in own_identities(instance.book.own.partner, instance.keys)]
    with contextlib.suppress(OurFault):
        known += [each.der for each in load_certificates(instance.keys.certificate(SIGNER))]
    return signer.der in known


def flat(value: Plain | None, prefix: str = "") -> dict[str, str]:
    """Return every scalar by its path: channels.as2.url, agreements[2].over."""
    if value is None:
        return {}
    if isinstance(value, str):
        return {prefix: value}
    found: dict[str, str] = {}
    if isinstance(value, list):
        for number, each in enumerate(value):
            found |= flat(each, f"{prefix}[{number}]")
    else:
        for key, each in value.items():
            found |= flat(each, f"{prefix}.{key}" if prefix else key)
    return found


def _field_changes(here: str | None, there: str) -> Iterator[FieldChange]:
    before = flat(plain(load(here, "partner.yaml"))) if here is not None else {}
    after = flat(plain(load(there, "partner.yaml")))
    for path in dict.fromkeys([*after, *before]):
        if before.get(path) != after.get(path):
            yield FieldChange(path=path, before=before.get(path), after=after.get(path), local=_is_local(path))


def _is_local(path: str) -> bool:
    """Tell whether a field belongs to an environment rather than to what was agreed."""
    parts = path.split(".")
    return path == "mode" or (parts[0] == "channels" and len(parts) == 3 and parts[2] in _LOCAL)


def _file_changes(instance: Instance, bundle: _Bundle) -> Iterator[FieldChange]:
    folder = f"partners/{bundle.partner}/"
    here = {folder + inner: text for inner, text in instance.definitions.below(folder).items()}
    there = bundle.files
    for path in sorted({*here, *there}):
        if here.get(path) != there.get(path) and not path.endswith("/partner.yaml"):
            yield FieldChange(path=path, before=here.get(path), after=there.get(path))


def _shared_changes(instance: Instance, bundle: _Bundle) -> Iterator[str]:
    for path, digest in dict(bundle.body.get("shared", {})).items():
        text = instance.definitions.files.get(str(path))
        if text is None or sha256(text.encode()).hexdigest() != digest:
            yield str(path)


def take(instance: Instance, data: bytes, user: str, keep: Sequence[str], reason: str) -> Edit:
    """Bring the bundle into force; a new partner begins in test mode. Raises OurFault bundle.*, config.*."""
    bundle = _opened(data)
    why = reason or f"{bundle.body.get('instance', '')} {bundle.body.get('exportedAt', '')} {bundle.digest[:12]}"
    edits = _edits(instance, bundle, keep)
    return told(edit_definitions(instance, edits, user, "partners.import", bundle.partner, why))


def _edits(instance: Instance, bundle: _Bundle, keep: Sequence[str]) -> dict[str, FileEdit]:
    own = f"partners/{bundle.partner}/partner.yaml"
    folder = f"partners/{bundle.partner}/"
    gone = [folder + inner for inner in instance.definitions.below(folder) if folder + inner not in bundle.files]
    edits: dict[str, FileEdit] = {path: _to(None) for path in gone}
    edits |= {path: _to(text) for path, text in bundle.files.items() if path != own}
    wanted = bundle.files[own]

    def merged(here: str | None) -> str:
        if here is None:
            return put(wanted, ("mode",), "test", own)
        text = wanted
        for each in keep:
            path = _path(each)
            ours = value_at(here, path, own)
            text = drop(text, path, own) if ours is None else put(text, path, ours, own)
        return text

    return {own: merged, **edits}


def _to(text: str | None) -> FileEdit:
    return lambda _: text


def _path(told_path: str) -> Path:
    """Return channels.as2.url or agreements[2].over as keys. Raises OurFault api.bad-value."""
    found: list[str | int] = []
    for part in told_path.split("."):
        name, *numbers = part.replace("]", "").split("[")
        found.append(name)
        for number in numbers:
            if not number.isdigit():
                raise OurFault("api.bad-value", name="keep", value=told_path[:100], expected="channels.as2.url")
            found.append(int(number))
    return tuple(found)
