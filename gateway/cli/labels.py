"""gateway labels: the logistic labels of a despatch, as SVG or PDF."""

from pathlib import Path

import click

from gateway.cli.context import Invocation, invocation
from gateway.cli.output import json_option, print_json, print_rows
from gateway.codecs.gs1_label import PAPERS, Drawing, Label, draw
from gateway.codecs.gs1_pdf import pdf
from gateway.codecs.gs1_svg import svg
from gateway.domain.decision import Needs
from gateway.domain.labels import items_of, labels_of, places_of
from gateway.model.despatch_advice import DespatchAdvice
from gateway.model.effects import Side
from gateway.model.faults import OurFault


@click.command("labels")
@click.argument("despatch")
@click.option("--partner", help="The customer, when several have a despatch of that number.")
@click.option("--format", "form", type=click.Choice(["pdf", "svg"]), default="pdf", show_default=True)
@click.option("--size", type=click.Choice(list(PAPERS)), default="a6", show_default=True)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path(), help="Folder [the current].")
@json_option
@invocation
def labels(
    call: Invocation, despatch: str, *, partner: str | None, form: str, size: str, out: Path, as_json: bool
) -> None:
    """Print the GS1 logistic labels of DESPATCH: a PDF with a page per unit, or an SVG file per unit.

    \b
    gateway labels WD-4711                      labels into SSCC-....pdf
    gateway labels WD-4711 --format svg --size a5 --out labels/
    """
    advice, drawings = _drawn(call, despatch, partner, size)
    out.mkdir(parents=True, exist_ok=True)
    files = {f"SSCC-{each.sscc}.svg": svg(drawing).encode() for each, drawing in drawings}
    if form == "pdf":
        first, last = drawings[0][0].sscc, drawings[-1][0].sscc
        name = f"SSCC-{first}.pdf" if first == last else f"SSCC-{first}-{last}.pdf"
        files = {name: pdf([drawing for _, drawing in drawings])}
    for name, data in files.items():
        (out / name).write_bytes(data)
    if as_json:
        print_json({"despatch": advice.id, "labels": len(drawings), "files": [str(out / name) for name in files]})
    else:
        print_rows([{"file": str(out / name), "size_bytes": len(data)} for name, data in files.items()], as_json=False)


def _drawn(
    call: Invocation, despatch: str, partner: str | None, size: str
) -> tuple[DespatchAdvice, list[tuple[Label, Drawing]]]:
    with call.instance() as instance:
        known = [partner] if partner else list(instance.book.partners)
        wanted: frozenset[tuple[Side, str, str]] = frozenset(("sale", each, despatch) for each in known)
        warehouse = instance.book.own.warehouse
        found = instance.journal.read(lambda tx: tx.snapshot(Needs(shipments=wanted), warehouse)).shipments
        advices = [each.document for each in found.values() if isinstance(each.document, DespatchAdvice)]
        if len(advices) != 1:
            raise OurFault("labels.despatch-unknown" if not advices else "labels.despatch-ambiguous", value=despatch)
        (advice,) = advices
        glns = places_of(advice)
        about = Needs(places=glns, packs=items_of(advice))
        known_of = instance.journal.read(lambda tx: tx.snapshot(about, warehouse))
    made = labels_of(advice, known_of.places, call.language, known_of.packs)
    return advice, [(each, draw(each, PAPERS[size])) for each in made]
