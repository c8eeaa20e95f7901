"""Where every page of the console is looked at: its routes, walked, with names filled in from a scene's ids."""

from string import Formatter

from gateway.console.app import TABLES
from gateway.store.view_problem_rows import problem_id

PROBLEM = problem_id("message", "item.unknown", "nordmarkt", "LIN.3.1")
# Route -> the address that is looked at; names in braces are filled in. None: no page (a file, or it leads elsewhere).
PLACES: dict[str, str | None] = {
    "/find": None,
    "/basket": None,  # these two ask the shell, which stands behind no scene
    "/imports/staged/{id}": None,
    "/messages/{id}/raw": None,
    "/messages/{id}/evidence": None,
    "/shipments/{partner}/{number}/labels": None,
    "/messages/{id}": "/messages/{parked}",
    "/messages/{id}/edit": "/messages/{parked}/edit",
    "/parcels/{id}": "/parcels/{parcel}",
    "/proposals/{id}": "/proposals/{proposal}",
    "/problems/{id}": f"/problems/{PROBLEM}",
    "/orders/{number}": "/orders/4500018831",
    "/chain": "/chain?side=sale&partner=nordmarkt&type=Order&number=4500018831",
    "/accounts/{id}": "/accounts/nordmarkt",
    "/accounts/{id}/timeline": "/accounts/nordmarkt/timeline",
    "/accounts/{id}/open": "/accounts/nordmarkt/open",
    "/accounts/{id}/people": "/accounts/nordmarkt/people",
    "/accounts/{id}/profile": "/accounts/nordmarkt/profile",
    "/accounts/{id}/numbers/{name}": "/accounts/nordmarkt/numbers/orders",
    "/users/{name}": "/users/anna",
    "/schedules/{partner}": "/schedules/nordmarkt",
    "/terms/{id}": "/terms/nordmarkt",
    "/items/{gtin}": "/items/09521001100014",
    "/help/pages/{key}": "/help/pages/parked",
    "/help/errors/{code}": "/help/errors/item.unknown",
}
MORE = ("/messages/{good}", "/messages/{unread}", "/parcels/{refused}", "/messages?q=state:attention", "/nothing-here")
MISSING = "00000000-0000-7000-8000-000000000000"  # an address whose record is not there: its page is looked at too


def routes() -> list[str]:
    return sorted({each.path for table in TABLES for each in table.routes if each.method == "GET"})


def address(route: str, ids: dict[str, str]) -> str | None:
    place = PLACES.get(route, route)
    if place is None:
        return None
    partner = "acme" if route.startswith("/partners/") else MISSING
    known = {name: MISSING for _, name, _, _ in Formatter().parse(place) if name} | {"id": partner} | ids
    return place.format(**known)


def of_instance(route: str) -> bool:
    """Pages of partners and mappings need an instance behind them."""
    return route.startswith(("/partners", "/mappings"))


def of_scene(ids: dict[str, str]) -> list[str]:
    """Return the addresses of the pages that need no instance behind them."""
    found = [address(each, ids) for each in routes() if not of_instance(each)]
    return [each for each in found if each] + [each.format(**ids) for each in MORE]
