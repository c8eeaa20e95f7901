"""What a draft of a mapping is tried on: a stored message, or a case that is shipped with the standard mapping."""

from pathlib import Path

from gateway.api.mapping_editor import Sample
from gateway.app.instance import Instance
from gateway.config.definitions import shipped_root
from gateway.model.faults import OurFault
from gateway.store.view_mappings import MappingViews

CASE = "case"
LIMIT_BYTES = 5_000_000


def sample_of(instance: Instance, views: MappingViews, partner: str, name: str, wanted: str) -> Sample:
    """Return the sample of that id; with "" the last message that waits for somebody, else the last one that the
    mapping has read, else a case. Raises OurFault mapping.no-such-sample, preview.too-large."""
    if wanted == CASE:
        return _case(name)
    if wanted:
        return _message(instance, partner, wanted)
    latest = views.latest(partner, name)
    return _message(instance, partner, latest) if latest else _case(name)


def _message(instance: Instance, partner: str, message_id: str) -> Sample:
    message = instance.views.message(message_id)
    if message is None or message.line.partner != partner:
        raise OurFault("mapping.no-such-sample", value=message_id)
    raw = instance.views.raw(message.arrival.id, LIMIT_BYTES)
    if raw is None:
        raise OurFault("mapping.no-such-sample", value=message_id)
    if raw.truncated:
        raise OurFault("preview.too-large", limit=str(LIMIT_BYTES))
    return Sample(id=message_id, filename=raw.filename or "", data=raw.data, position=message.position)


def _case(name: str) -> Sample:
    for case in case_folders(shipped_root() / "mappings" / "standard" / f"{name}.yaml"):
        source = next(case.glob("in.*"))
        return Sample(id=CASE, filename=source.name, data=source.read_bytes())
    return Sample()


def case_folders(file: Path) -> list[Path]:
    """Return the cases beside a mapping file."""
    folder = file.with_suffix(".cases")
    return sorted(each.parent for each in folder.glob("*/in.*")) if folder.is_dir() else []
