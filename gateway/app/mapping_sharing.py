"""One partner's layer of a mapping for others who use it too: each gets it as a version of its own."""

from collections.abc import Sequence

from gateway.api.mapping_editor import LayerState, Shared, Sharing
from gateway.app.instance import Instance
from gateway.app.mapping_drafts import Desk, bring, digest_of
from gateway.model.faults import Fault, OurFault


def sharing(instance: Instance, partner: str, name: str) -> tuple[Sharing, ...]:
    """Return the other partners whose agreements name the mapping, with what a layer of this partner would meet."""
    text = Desk.of(instance, partner).text(name)
    others = sorted(
        each.id
        for each in instance.book.partners.values()
        if each.kind == "partner" and each.id != partner and any(one.mapping == name for one in each.agreements)
    )
    found = []
    for other in others:
        own = Desk.of(instance, other).text(name)
        state: LayerState = "none" if own is None else "same" if own == text else "own"
        found.append(Sharing(partner=other, state=state))
    return tuple(found)


def share(
    instance: Instance, partner: str, name: str, others: Sequence[str], user: str, reason: str
) -> tuple[Shared, ...]:
    """Bring the layer of partner into force for others, one after the other; what one of them cannot have is told.

    Raises OurFault mapping.no-layer, partner.unknown, mapping.not-used (before anything is changed).
    """
    text = Desk.of(instance, partner).text(name)
    if text is None:
        raise OurFault("mapping.no-layer", value=name, partner=partner)
    known = {each.partner: each.state for each in sharing(instance, partner, name)}
    for other in others:
        if other not in known:
            raise OurFault("mapping.not-used", value=name, partner=other)
    return tuple(
        _given(instance, partner, name, text, other, known[other], user, reason) for other in dict.fromkeys(others)
    )


def _given(
    instance: Instance, partner: str, name: str, text: str, other: str, state: str, user: str, reason: str
) -> Shared:
    if state == "same":
        return Shared(partner=other, changed=False)
    why = f"= {partner} {reason}".strip()
    try:
        if state == "own":
            raise OurFault("mapping.layer-there", value=name, partner=other)
        bring(instance, other, name, text, digest_of(None), user, "mappings.publish", why)
    except Fault as fault:
        return Shared(partner=other, changed=False, finding=fault.as_finding())
    return Shared(partner=other, changed=True)
