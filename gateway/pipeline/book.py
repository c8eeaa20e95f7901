"""The book: every definition in force, as pure values and compiled mappings. Built by gateway.config from one version
of the folders; shared by accept, prepare, apply and deliver; immutable."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo

from gateway.mapping.compiler import DocumentMapping
from gateway.mapping.files import by_type_code
from gateway.model.faults import OurFault
from gateway.model.partner import Agreement, OwnCompany, Partner
from gateway.schema.directory import Directory
from gateway.schema.xsd import XmlSchemas


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """digest: of the definitions. mappings: by (partner id, family/TYPE), effective for that partner.
    directories: by name in lower case, d96a; control: the service segments and CONTRL. schemas: for XML.
    zones: by IANA name."""

    digest: str
    partners: Mapping[str, Partner]
    own: OwnCompany
    mappings: Mapping[tuple[str, str], DocumentMapping] = field(default_factory=dict)
    directories: Mapping[str, Directory] = field(default_factory=dict)
    schemas: XmlSchemas = field(default_factory=XmlSchemas)
    zones: Mapping[str, tzinfo] = field(default_factory=dict)

    def partner(self, partner_id: str) -> Partner:
        """Raises OurFault partner.unknown."""
        found = self.partners.get(partner_id)
        if found is None:
            raise OurFault("partner.unknown", value=partner_id)
        return found

    def partner_by_identifier(self, value: str) -> Partner | None:
        """Return the partner (or our company) that lists value among its ids, whatever the scheme."""
        return next((each for each in self.partners.values() if any(i.value == value for i in each.ids)), None)

    def is_anothers(self, value: str, partner: Partner) -> bool:
        """Tell whether value is the identifier of a partner that is neither the given one nor we."""
        found = self.partner_by_identifier(value)
        return found is not None and found.id not in (partner.id, self.own.partner.id)

    def partner_by_as2_id(self, as2_id: str) -> Partner | None:
        """Compare as written: AS2 identifiers are case-sensitive (RFC 4130 section 6.2)."""
        return next(
            (
                each
                for each in self.partners.values()
                if any(c.kind == "as2" and c.settings.get("id") == as2_id for c in each.channels.values())
            ),
            None,
        )

    def mapping(self, partner: Partner, name: str) -> DocumentMapping:
        """Raises OurFault mapping.missing."""
        found = self.mappings.get((partner.id, name))
        if found is None:
            raise OurFault("mapping.missing", value=name, partner=partner.id)
        return found

    def sends(
        self, partner: Partner, document_type: str, family: str | None = None, type_code: str | None = None
    ) -> tuple[Agreement, DocumentMapping] | None:
        """Return how we send documents of that canonical type to partner, or None when nothing is agreed.

        family: of the document that is answered; who orders in UBL is answered in UBL when both are agreed.
        type_code: of the document; where a family has several roots for it, the one for that code.
        """
        agreed = [each for each in partner.agreements if each.direction == "send"]
        found: dict[str, tuple[Agreement, DocumentMapping]] = {}
        first = ""
        for agreement in sorted(agreed, key=lambda each: each.family != family):
            mapping = self.mapping(partner, agreement.mapping)
            first = first or (agreement.family if mapping.document == document_type else "")
            if mapping.document == document_type and agreement.family == first:
                found.setdefault(mapping.name, (agreement, mapping))
        if not found:
            return None
        return found[by_type_code([mapping for _, mapping in found.values()], type_code).name]
