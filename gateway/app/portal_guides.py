"""A partner's implementation guide from the definitions in force, as the portal hands it out."""

from pathlib import Path

from gateway.app.instance import Instance
from gateway.config.definitions import shipped_root
from gateway.config.grammars import Grammars
from gateway.config.guides import guide_page
from gateway.config.mappings import MappingFiles
from gateway.config.parties import read_parties
from gateway.config.schemas import load_directories
from gateway.texts.catalogue import Lang


def guide_html(instance: Instance, name: str, partner: str, lang: Lang) -> str:
    """Return the guide of a mapping as it is for partner. Raises OurFault mapping.*, guide.no-rules."""
    schemas = instance.settings.schemas
    files = MappingFiles(instance.definitions, load_directories(schemas), Grammars(schemas).of)
    file = read_parties(instance.definitions).files.get(partner)
    layers = files.paths(name, file)
    beside = _on_disk(instance, layers[0]) if layers else None
    return guide_page(files, name, file, us=instance.book.own.partner.name, lang=lang, beside=beside)


def _on_disk(instance: Instance, path: str) -> Path | None:
    """Return where a definition lies, of the instance or shipped: its cases lie beside it."""
    folder, _, rest = path.partition("/")
    roots = {"mappings": instance.settings.mappings, "partners": instance.settings.partners}
    own = roots[folder] / rest
    return next((each for each in (own, shipped_root() / path) if each.is_file()), None)
