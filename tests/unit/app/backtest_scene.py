"""An instance with half a year of sales of four items at two places of a customer, planned as VMI."""

import random
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from gateway.app.instance import Instance, open_instance
from gateway.config.scaffold import scaffold
from gateway.domain.replenishment.trial_terms import TrialTerms
from gateway.model.effects import Effect, SalesRecorded
from gateway.model.planning_effects import DayReported

SHOP, STORE, KIOSK = "9521002000009", "9521002000016", "9521002000023"
ITEMS = ("09521001100106", "09521001100113", "09521001100120", "09521001100137")
PARTNER = f"""
name: Shop
role: customer
gln: ["{SHOP}", "{STORE}", "{KIOSK}"]
terms:
  - price_list: retail
"""
HOUSE = """
kind: house
name: Ours
channels:
  out: {kind: folder, folder: erp}
agreements:
  - {receive: canonical/PriceCatalogue, over: out}
"""
PLANNING = f"""
agreements:
  - {{id: shops, method: vmi, partner: shop, places: ["{STORE}", "{KIOSK}"], calendar: {{lead_days: 2}}}}
"""
DAYS = 190
ASKED = TrialTerms(agreement="shops", fill=0.95, tuning=56, test=56)


def sold_out_of(root: Path, cheap: frozenset[int] = frozenset()) -> Instance:
    """Return the instance of root, made and filled. cheap: days back on which twice as much was sold. Close it after
    use."""
    scaffold(root, name="Own", gln="9521001000000")
    (root / "partners" / "self" / "planning.yaml").write_text(PLANNING)
    tables = root / "partners" / "self" / "tables"
    tables.mkdir(exist_ok=True)
    names = "gtin,name,unit,pack,sales_price,currency\n"
    (tables / "items.csv").write_text(names + "".join(f"{each},Item,PCE,6,2.00,EUR\n" for each in ITEMS))
    for name, said in (("shop", PARTNER), ("erp", HOUSE)):
        (root / "partners" / name).mkdir()
        (root / "partners" / name / "partner.yaml").write_text(said)
    opened = open_instance(root)
    sell(opened, cheap)
    return opened


def sell(instance: Instance, cheap: frozenset[int]) -> None:
    """Half a year of sales at two places; every tenth day nobody has told."""
    chance = random.Random(5)
    effects: list[Effect] = []
    today = instance.clock.now().date()
    for n in range(DAYS, 0, -1):
        day = today - timedelta(days=n)
        if n % 10 == 3:
            continue
        for place in (STORE, KIOSK):
            facts: dict[str, Any] = {"partner": "shop", "location": place, "day": day, "report": f"V{day}"}
            effects.append(DayReported(key=f"d{place}{day}", **facts))
            for rank, gtin in enumerate(ITEMS):
                sold = Decimal(chance.randint(0, (6 + 6 * (day.weekday() > 4)) * (rank + 1)) * (1 + (n in cheap)))
                effects.append(SalesRecorded(key=f"{place}{gtin}{day}", gtin=gtin, sold=sold, **facts))
    now = instance.clock.now()
    instance.journal.write(lambda tx: tx.write_effects("m1", effects, now, test=False))
