"""A partner reads the key figures of its own trade with us in the portal, on every database, and nobody else's."""

from dataclasses import replace
from typing import Any

from gateway.store.journal import SqlJournal
from gateway.store.sight import Sight, narrowed
from gateway.store.view_portal import SHARED, PortalMeasures
from gateway.store.views import Views
from tests.contracts.test_views_measures import FIRST, LAST, NOW, STORE, TODAY, filled

OTHER_STORE = "4099910000039"


def of_other(effect: Any) -> Any:
    """The same trade of another partner at a place of its own."""
    fields = effect.__dataclass_fields__
    told = {name: value for name, value in (("partner", "other"), ("author", "other")) if name in fields}
    for name in ("ship_to", "location"):
        if name in fields and getattr(effect, name) == STORE:
            told[name] = OTHER_STORE
    return replace(effect, key=f"other-{effect.key}", **told, **({"id": f"o-{effect.id}"} if "id" in fields else {}))


def own(journal: SqlJournal, partner: str) -> PortalMeasures:
    return PortalMeasures(narrowed(journal.reader, Sight(partners=frozenset({partner}))))


def test_the_figures_of_the_portal_are_the_partners_own(journal: SqlJournal) -> None:
    mine = filled()
    journal.write(lambda tx: tx.write_effects("m-1", mine, NOW, test=False))
    alone = own(journal, "shop").figures("shop", FIRST, LAST, TODAY)
    assert {"fill-rate", "otif-requested", "in-stock"} <= {each.name for each in alone} <= set(SHARED)
    journal.write(lambda tx: tx.write_effects("m-2", [of_other(each) for each in mine], NOW, test=False))
    assert Views(journal.reader).scorecard(None, FIRST, LAST, TODAY).of("fill-rate").bottom == 20
    assert own(journal, "shop").figures("shop", FIRST, LAST, TODAY) == alone
    assert {each.name: each.value for each in own(journal, "other").figures("other", FIRST, LAST, TODAY)} == {
        each.name: each.value for each in alone
    }
    assert own(journal, "shop").figures("other", FIRST, LAST, TODAY) == ()  # the name opens nothing
    assert own(journal, "third").figures("shop", FIRST, LAST, TODAY) == ()
