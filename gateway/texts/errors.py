"""All codes, gathered from one table per area."""

from gateway.texts import (
    errors_agreements,
    errors_as2,
    errors_chain,
    errors_config,
    errors_csv,
    errors_demo,
    errors_domain,
    errors_edifact,
    errors_house,
    errors_import,
    errors_journal,
    errors_mapping,
    errors_message,
    errors_orders,
    errors_partners,
    errors_web,
    errors_xml,
    errors_xsd,
)
from gateway.texts.entry import Entry

ERRORS: dict[str, Entry] = {
    **errors_agreements.ERRORS,
    **errors_as2.ERRORS,
    **errors_chain.ERRORS,
    **errors_config.ERRORS,
    **errors_csv.ERRORS,
    **errors_demo.ERRORS,
    **errors_domain.ERRORS,
    **errors_edifact.ERRORS,
    **errors_house.ERRORS,
    **errors_import.ERRORS,
    **errors_journal.ERRORS,
    **errors_mapping.ERRORS,
    **errors_message.ERRORS,
    **errors_orders.ERRORS,
    **errors_partners.ERRORS,
    **errors_web.ERRORS,
    **errors_xml.ERRORS,
    **errors_xsd.ERRORS,
}
