"""Every order line can be recomputed from its explanation by a program that knows nothing of the gateway."""

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gateway.domain.replenishment.facts import Coming, DaySales, PairFacts, PlanFacts, StockCount
from gateway.domain.replenishment.inputs import Around, input_of
from gateway.domain.replenishment.item_plans import as_text, plan_items
from gateway.model.partner import ItemRecord
from gateway.model.planning import PlanAgreement, PlanCalendar, PlanParameters

SCRIPT = Path(__file__).with_name("recompute_order.py")
NOW = datetime(2026, 3, 2, 8, 0)
PLACE = "4099910000022"


def recomputed(whys: list[dict[str, Any]]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", str(SCRIPT)], input=json.dumps(whys), capture_output=True, text=True, check=False
    )


def items(count: int, seed: int) -> Iterator[dict[str, Any]]:
    """Plans of invented items of every kind: fast, slow, lumpy; every rule, with and without caps and larger units."""
    chance = random.Random(seed)
    inputs = []
    for number in range(count):
        gtin = f"{number:014d}"
        rate = chance.choice((0.05, 0.4, 2, 9, 60))
        days = [NOW.date() - timedelta(days=n) for n in range(100, 0, -1)]
        sold = {day: DaySales(sold=Decimal(_count(chance, rate))) for day in days}
        pack = chance.choice((1, 6, 12))
        parameters = PlanParameters(
            rule=chance.choice(("order-up-to", "order-up-to", "min-max", "reorder-lot", "reorder-up-to")),
            measure=chance.choice(("fill-rate", "cycle-service", "least-stock")),
            service=Decimal(chance.choice(("0.9", "0.98", "0.995"))),
            minimum=Decimal(5),
            maximum=Decimal(40),
            presentation=Decimal(chance.choice((0, 0, 8))),
            capacity=chance.choice((None, None, Decimal(70))),
            layer=chance.choice((None, Decimal(pack * 5))),
            pallet=chance.choice((None, Decimal(pack * 20))),
            round_up=Decimal("0.2"),
            round_down=Decimal("0.1"),
            minimum_order=Decimal(chance.choice((0, 0, pack * 2))),
            trigger=Decimal(chance.choice(("0", "0.5"))),
        )
        agreement = PlanAgreement(
            id="a",
            method="vmi",
            partner="shop",
            places=(PLACE,),
            calendar=PlanCalendar(lead_days=chance.randint(0, 5), order_days=(1, 3, 5), receiving_days=(1, 2, 3, 4, 5)),
            parameters=parameters,
        )
        stock = (StockCount(type="onHand", quantity=Decimal(chance.randint(0, 40)), at=days[-2], report="I1"),)
        due = NOW.date() + timedelta(days=1)
        coming = Coming(source="Order", number="O1", line="1", units=Decimal(12), expected_on=due, partner="shop")
        facts = PairFacts(
            place=PLACE,
            gtin=gtin,
            sales={PLACE: sold},
            stock=stock,
            coming=(coming,) if chance.random() < 0.3 else (),
        )
        known = PlanFacts(reported={PLACE: frozenset(days) - {days[50]}})
        record = ItemRecord(gtin=gtin, name="thing", pack=Decimal(pack))
        inputs.append(input_of(facts, record, Around(known=known, agreement=agreement, history_days=90), NOW))
    for plan in plan_items(inputs):
        yield json.loads(as_text({**plan.why, "override": None}))


def _count(chance: random.Random, rate: float) -> int:
    total, count = chance.expovariate(rate), 0
    while total < 1:
        count += 1
        total += chance.expovariate(rate)
    return count


def test_every_line_is_recomputed_from_its_reasons_alone() -> None:
    whys = list(items(160, seed=11))
    assert sum(float(why["quantity"]) > 0 for why in whys) > 60
    found = recomputed(whys)
    assert (found.returncode, found.stdout.strip(), found.stderr) == (0, "160", "")


@pytest.mark.parametrize("what", ["quantity", "forecast", "position", "target"])
def test_a_figure_that_is_not_what_it_came_from_is_found(what: str) -> None:
    (why, *_) = (each for each in items(40, seed=3) if float(each["quantity"]) > 0)
    if what == "quantity":
        why["quantity"] = why["system_quantity"] = str(Decimal(why["system_quantity"]) + 1)
    elif what == "forecast":
        why["forecast"]["daily"][0]["units"] += 0.5
    elif what == "position":
        why["position"]["steps"][0]["units"] = str(Decimal(why["position"]["steps"][0]["units"]) + 1)
    else:
        why["target"]["order_up_to"] += 3
    assert recomputed([why]).returncode == 1


def test_the_script_runs_without_the_gateway() -> None:
    assert "gateway" not in [
        word for line in SCRIPT.read_text().splitlines() if "import" in line for word in line.split()
    ]
