"""A partner opened for work in the portal: the connection `portal` and the documents that go over it, by its role."""

from gateway.api.partner_desk import Edit
from gateway.app.definition_edits import edit_definition
from gateway.app.instance import Instance
from gateway.app.partner_certificates import file_of
from gateway.app.partner_edits import told
from gateway.config.edits import drop, put, value_at
from gateway.config.yaml import Plain
from gateway.model.faults import OurFault
from gateway.model.partner import Partner

OVER = "portal"
_SUPPLIER = (
    ("send", "Order"),
    ("receive", "OrderResponse"),
    ("receive", "DespatchAdvice"),
    ("receive", "AgreementAct"),
)
_CUSTOMER = (("receive", "SalesReport"), ("receive", "InventoryReport"), ("receive", "AgreementAct"))


def wanted(instance: Instance, partner: Partner) -> list[tuple[str, str]]:
    """Return (direction, document) of what is still to be agreed. What is sent to the partner another way stays so."""
    roles = {"supplier": _SUPPLIER, "customer": _CUSTOMER, "both": (*_SUPPLIER, *_CUSTOMER[:-1])}.get(partner.role, ())
    found = []
    for direction, document in roles:
        agreed = [each for each in partner.agreements if each.direction == direction]
        here = any(each.mapping == f"canonical/{document}" for each in agreed)
        elsewhere = direction == "send" and instance.book.sends(partner, document) is not None
        if not here and not elsewhere:
            found.append((direction, document))
    return found


def open_portal(instance: Instance, partner_id: str, user: str) -> Edit:
    """Let a partner work in the portal; a second time changes nothing. Raises OurFault portal.no-role."""
    partner = instance.book.partner(partner_id)
    new = wanted(instance, partner)
    if partner.role == "none":
        raise OurFault("portal.no-role", value=partner_id)
    file = file_of(partner_id)

    def edit(text: str | None) -> str:
        found = text or ""
        if OVER not in partner.channels:
            found = put(found, ("channels", OVER), {}, file)
        listed = value_at(found, ("agreements",), file)
        count = len(listed) if isinstance(listed, list) else 0
        if listed in ("", []):
            found = drop(found, ("agreements",), file)
        for place, (direction, document) in enumerate(new, start=count):
            entry: dict[str, Plain] = {direction: f"canonical/{document}", "over": OVER}
            found = put(found, ("agreements", place), entry, file)
        return found

    return told(edit_definition(instance, file, edit, user, "partners.portal", partner_id))
