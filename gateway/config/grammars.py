"""What the XML Schemas at hand allow, by document element: for lint, guide and preview."""

from dataclasses import dataclass, field
from pathlib import Path

from gateway.config.xml_schemas import load_xml_schemas
from gateway.schema.xsd import XmlSchemas
from gateway.schema.xsd_grammar import XmlGrammar


@dataclass(slots=True)
class Grammars:
    """Grammars from a folder of schemas; each is read when it is first asked for, then kept."""

    schemas: Path
    _sets: XmlSchemas | None = None
    _done: dict[tuple[str, str], XmlGrammar] = field(default_factory=dict)

    def of(self, root: str) -> XmlGrammar | None:
        """Return the grammar that has the document element {namespace}Name, None where there is no schema for it.

        Raises OurFault xml.schema-unreadable.
        """
        if self._sets is None:
            self._sets = load_xml_schemas(self.schemas)
        found = self._sets.set_for(root)
        if found is None:
            return None
        key = (found.name, found.roots[root])
        if key not in self._done:
            self._done[key] = XmlGrammar(found.files, found.roots[root])
        return self._done[key]
