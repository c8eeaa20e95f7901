"""mappings: what a mapping is for a partner, what is wrong with it, and whether its cases still hold."""

from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.context import Invocation, invocation
from gateway.cli.exits import FINDINGS
from gateway.cli.output import json_option, print_finding, print_json
from gateway.config.definitions import shipped_root
from gateway.config.settings import Settings
from gateway.model.faults import OurFault
from gateway.model.findings import Finding, has_errors

if TYPE_CHECKING:  # compiling is slow to import
    from gateway.config.mappings import MappingFiles
    from gateway.config.partners import PartnerFile

partner_option = click.option("--partner", metavar="PARTNER", help="As it is for this partner.")


@click.group()
def mappings() -> None:
    """Mappings between the partners' formats and our documents."""


def open_mappings(call: Invocation, partner: str | None) -> "tuple[MappingFiles, PartnerFile | None, Settings | None]":
    """Return the mappings of the instance; without one the shipped ones. Raises OurFault partner.unknown."""
    from gateway.config.definitions import read_definitions, read_shipped
    from gateway.config.grammars import Grammars
    from gateway.config.mappings import MappingFiles
    from gateway.config.parties import read_parties
    from gateway.config.schemas import load_directories

    settings: Settings | None = None
    try:
        settings = call.settings()
    except OurFault as fault:
        if fault.code != "config.no-instance" or call.instance_folder or partner:
            raise
    if settings is None:
        schemas = shipped_root() / "schemas"
        return MappingFiles(read_shipped(), load_directories(schemas), Grammars(schemas).of), None, None
    definitions = read_definitions(settings)
    files = MappingFiles(definitions, load_directories(settings.schemas), Grammars(settings.schemas).of)
    if partner is None:
        return files, None, settings
    found = read_parties(definitions).files.get(partner)
    if found is None:
        raise OurFault("partner.unknown", value=partner)
    return files, found, settings


@mappings.command("list")
@partner_option
@json_option
@invocation
def list_mappings(call: Invocation, partner: str | None, *, as_json: bool) -> None:
    """List the mappings, standard ones or a partner's."""
    files, file, _ = open_mappings(call, partner)
    names = list(file.places if file else files.standard_names())
    if as_json:
        print_json({"partner": partner, "mappings": names})
        return
    for name in names:
        click.echo(name)


@mappings.command("show")
@click.argument("name", metavar="FAMILY/TYPE")
@partner_option
@json_option
@invocation
def show_mapping(call: Invocation, name: str, partner: str | None, *, as_json: bool) -> None:
    """Print the effective mapping, one rule a line, with the file and line it comes from."""
    from gateway.mapping.printed import printed

    files, file, _ = open_mappings(call, partner)
    mapping = files.mapping(name, file)
    if mapping.effective is None:
        lines = [f"mapping: {name}", f"document: {mapping.document}", "# canonical JSON as it is"]
    else:
        lines = printed(mapping.effective)
    if as_json:
        print_json({"mapping": name, "digest": mapping.digest, "document": mapping.document, "lines": lines})
        return
    click.echo("\n".join([*lines, f"# digest {mapping.digest}"]))


@mappings.command("diff")
@click.argument("name", metavar="FAMILY/TYPE")
@click.argument("other", metavar="[FAMILY/TYPE]", required=False)
@partner_option
@json_option
@invocation
def diff_mapping(call: Invocation, name: str, other: str | None, partner: str | None, *, as_json: bool) -> None:
    """Show how a partner's mapping differs from the standard, or how two mappings differ."""
    from gateway.mapping.printed import printed

    files, file, _ = open_mappings(call, partner)
    if other is None and file is None:
        raise click.UsageError("name a second mapping, or a partner with --partner")
    pair = (files.mapping(name), files.mapping(other, file) if other else files.mapping(name, file))
    if any(each.effective is None for each in pair):
        raise OurFault("mapping.missing", value=name, partner=partner or "-")
    before, after = (printed(each.effective, origins=False) for each in pair if each.effective is not None)
    label = f"{other or name}{f' of {partner}' if partner else ''}"
    lines = list(unified_diff(before, after, fromfile=name, tofile=label, lineterm="", n=0))
    if as_json:
        told = [each for each in lines[2:] if not each.startswith("@@")]
        removed, added = ([each[1:] for each in told if each.startswith(sign)] for sign in "-+")
        print_json({"from": name, "to": label, "removed": removed, "added": added})
        return
    for line in lines:
        click.echo(line)


@mappings.command("lint")
@click.argument("names", metavar="[FAMILY/TYPE]...", nargs=-1)
@partner_option
@click.option("--all", "everything", is_flag=True, help="Also what is worth knowing and nothing to mend.")
@json_option
@invocation
def lint_mappings(
    call: Invocation, names: tuple[str, ...], partner: str | None, *, everything: bool, as_json: bool
) -> None:
    """Say everything that is wrong with mappings and what their cases leave open; without names all of them.

    Errors keep a mapping from coming into force, warnings do not.
    """
    from gateway.config.cases import look_at_cases

    files, file, settings = open_mappings(call, partner)
    chosen = names or (tuple(file.places) if file else tuple(files.standard_names()))
    findings = list(files.findings)
    for name in chosen:
        mapping, found = files.looked_at(name, file)
        findings += found
        paths = files.paths(name, file)
        if mapping is not None and paths:
            findings += look_at_cases(mapping, paths[-1], on_disk(paths[-1], settings), files.directories)
    shown = [each for each in findings if everything or each.severity != "info"]
    _report(call, shown, f"{len(chosen)} mappings", as_json=as_json)


@mappings.command("test")
@click.argument("names", metavar="[FAMILY/TYPE]...", nargs=-1)
@partner_option
@click.option("--update", is_flag=True, help="Write expected.json and out.* anew.")
@click.option("--untested", is_flag=True, help="Also name the rules that no case touches.")
@json_option
@invocation
def test_mappings(
    call: Invocation, names: tuple[str, ...], partner: str | None, *, update: bool, untested: bool, as_json: bool
) -> None:
    """Run the cases beside the mapping files (X.cases/<case>/in.*, expected.json, out.*)."""
    from gateway.config.cases import Coverage, cases_of, judged, run_case

    files, file, settings = open_mappings(call, partner)
    chosen = names or (tuple(file.places) if file else tuple(files.standard_names()))
    findings: list[Finding] = []
    count = 0
    for name in chosen:
        mapping = files.mapping(name, file)
        for path in files.paths(name, file)[-1:]:
            cases = cases_of(on_disk(path, settings))
            coverage = Coverage()
            for case in cases:
                findings += run_case(mapping, case, files.directories, coverage, update=update)
            count += len(cases)
            findings += list(judged(mapping, path, len(cases), coverage))
    shown = [each for each in findings if untested or each.severity != "info"]
    _report(call, shown, f"{count} cases of {len(chosen)} mappings", as_json=as_json)


def on_disk(path: str, settings: Settings | None) -> Path:
    """Return where a logical path lies: in the instance, else in the shipped files."""
    folder, _, rest = path.partition("/")
    if settings is not None:
        own = (settings.mappings if folder == "mappings" else settings.partners) / rest
        if own.is_file():
            return own
    return shipped_root() / path


def _report(call: Invocation, findings: list[Finding], summary: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"findings": findings})
    else:
        for each in findings:
            print_finding(each, call.language)
        click.echo(f"{summary}, {len(findings)} findings", err=True)
    if has_errors(findings):
        raise SystemExit(FINDINGS)
