"""A small world: three items, two shops, one supplier, all numbers invented."""

from datetime import UTC, date, datetime
from hashlib import sha256

from gateway.demo.settings import DemoItem, HttpLine, PartnerSettings
from gateway.model.values import check_digit

NOW = datetime(2026, 3, 11, 8, 30, tzinfo=UTC)


def number(body: str) -> str:
    return body + check_digit(body)


ITEMS = tuple(
    DemoItem(
        gtin="0" + number(f"40000011000{n}"),
        name=name,
        supplier_item=f"Q-{n}",
        pack=6,
        opening=120,
        price="1.90",
        cost="1.10",
    )
    for n, name in enumerate(("Oat drink 1 l", "Tea + lemon 'mild'", "Rice: 500 g?"), 1)
)


def settings_for(name: str, behaviour: str, port: int = 0) -> PartnerSettings:
    return PartnerSettings(
        name=name,
        behaviour=behaviour,
        port=port,
        control_token="scene-token",
        seed=7,
        run="r1",
        first_day=date(2026, 3, 1),
        gln=number("400000200000"),
        places=(number("400000200001"), number("400000200002")),
        deliver_to=number("400000200001"),
        gateway_gln=number("400000100000"),
        warehouse_gln=number("400000100001"),
        items=ITEMS,
        http=HttpLine(
            gateway_url="http://127.0.0.1:9/inbox",
            token="ours",
            expected_sha256=sha256(b"theirs").hexdigest(),
        ),
    )
