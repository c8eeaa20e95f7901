"""Goods that our warehouse does not keep, and goods that our supplier plans: with real documents over real AS2."""

import json
import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from tests.journeys import month_papers, papers
from tests.journeys.stage import OURS, QUELLHOF, ROOT, WAREHOUSE, Stage, staged
from tests.journeys.test_journey_methods import NOW, OATS, TODAY, World, count, edi

SHOPS = ("9521002000016", "9521002000023")
OWN = "  - {id: own, method: purchase, value_limit: '100000', usual_times: '1000', "
DOCKED = f"""
history_days: 56
agreements:
  - {{id: shops, method: vmi, partner: nordmarkt, places: {json.dumps(SHOPS)}, report_days: 30, usual_times: "1000"}}
{OWN}cross_dock: [quellhof]}}
"""
THEIRS = f"""
history_days: 56
agreements:
{OWN}supplier_plans: [{{supplier: quellhof, mode: cmi}}], parameters: {{minimum: "100", maximum: "300"}}}}
"""


def definitions(planning: str, *quellhof: str) -> dict[str, str]:
    def partner(name: str, *more: str) -> str:
        lines = "".join(f"  - {{{each}, over: as2}}\n" for each in more)
        return (ROOT / "partners" / name / "partner.yaml").read_text().rstrip() + "\n" + lines

    return {
        "partners/self/planning.yaml": planning,
        "partners/nordmarkt/partner.yaml": partner("nordmarkt", "send: eancom-1997/ORDERS"),
        "partners/quellhof/partner.yaml": partner("quellhof", *quellhof),
        "config.yaml": (ROOT / "config.yaml").read_text().replace("every_h: 24", "every_h: 0"),
    }


def from_supplier(kind: str, association: str, body: str) -> str:
    return papers.interchange(QUELLHOF, OURS, kind, body).replace("EAN008", association)


def desadv(number: str, order: str, marked: Sequence[tuple[str, int]]) -> str:
    """Return a despatch advice with a line for each shop. order: "" for goods that nobody has ordered."""
    body = f"BGM+351+{number}+9'DTM+137:{edi(TODAY)}:102'" + (f"RFF+ON:{order}'" if order else "")
    body += f"NAD+BY+{OURS}::9'NAD+SU+{QUELLHOF}::9'NAD+DP+{WAREHOUSE}::9'CPS+1'"
    for n, (shop, units) in enumerate(marked, 1):
        body += f"LIN+{n}++{OATS}:EN'QTY+12:{units}'"
        body += f"LOC+7+{shop}::9'" if shop else ""
    return from_supplier("DESADV", "EAN005", body + f"CNT+2:{len(marked)}'")


def orders(number: str, units: int) -> str:
    body = f"BGM+22E+{number}+9'DTM+137:{edi(TODAY)}:102'DTM+2:{edi(TODAY + timedelta(days=2))}:102'"
    body += f"NAD+BY+{OURS}::9'NAD+SU+{QUELLHOF}::9'NAD+DP+{WAREHOUSE}::9'"
    return from_supplier("ORDERS", "EAN008", body + f"LIN+1++{OATS}:EN'QTY+21:{units}'UNS+S'CNT+2:1'")


def stock(stage: Stage) -> dict[str, int]:
    names = ("on_hand", "allocated", "backordered", "on_order", "in_transit")
    rows = stage.rows(f"SELECT {', '.join(names)} FROM stock WHERE gtin = ?", f"0{OATS}")
    return dict(zip(names, (value // 1000 for value in rows[0]), strict=True))


@pytest.mark.soak  # some twenty seconds of CPU: seven processes, real AS2
async def test_goods_are_bought_for_the_shops_and_go_on_to_them_by_the_suppliers_marks(tmp_path: Path) -> None:
    async with staged(tmp_path / "instance", definitions(DOCKED), without=("guest", "stadtkette")) as stage:
        world = World(stage)
        await world.say("warehouse", papers.stock_count("C1", WAREHOUSE, [(f"0{OATS}", "0")], when=str(TODAY)))
        for n, shop in enumerate(SHOPS):
            await world.sold(shop, f"V{n}x")
            await world.say("nordmarkt", count(shop, f"I{n}", 3))
        await stage.gateway.run_plan()
        await stage.settle()
        (bought,) = [text for note, text in stage.inbox("quellhof") if note["kind"] == "ORDERS"]
        (number,) = re.findall(r"BGM\+402\+([^+']+)", bought)
        (total,) = map(int, re.findall(r"QTY\+21:(\d+)", bought))
        splits = {shop: int(units) for shop, units in re.findall(r"LOC\+7\+(\d{13})::9'QTY\+11:(\d+)", bought)}
        assert set(splits) == set(SHOPS)
        assert sum(splits.values()) == total
        assert f"NAD+DP+{WAREHOUSE}" in bought
        raised = world.found("nordmarkt", "ORDERS", r"BGM\+22E\+(VM[^+']+)")
        assert len(raised) == 2
        assert stock(stage) == {"on_hand": 0, "allocated": 0, "backordered": total, "on_order": total, "in_transit": 0}

        first, second = SHOPS
        short = {first: splits[first] - 5, second: splits[second]}  # he has five too few, and says for whom
        await world.say("quellhof", desadv("QD1", number, list(short.items())))
        refs = {"despatchAdvice": "QD1", "order": {"id": number}}
        arrived = [(f"0{OATS}", sum(short.values()))]
        receipt = month_papers.receipt("WR1", WAREHOUSE, QUELLHOF, arrived, refs, when=NOW.isoformat())
        await world.say("warehouse", receipt)
        told = [json.loads(text) for note, text in stage.inbox("warehouse") if note["kind"] == "Order"]
        sent = {each["shipTo"]["ids"][0]["value"]: each for each in told}
        assert {shop: int(each["lines"][0]["quantity"]["value"]) for shop, each in sent.items()} == short
        for n, (shop, units) in enumerate(short.items()):
            await world.ship(sent[shop], f"SH{n}", units, sent[shop]["lines"][0]["number"])
        advised = [text for note, text in stage.inbox("nordmarkt") if note["kind"] == "DESADV"]
        assert {re.findall(r"NAD\+DP\+(\d{13})", text)[0]: re.findall(r"QTY\+12:(\d+)", text) for text in advised} == {
            shop: [str(units)] for shop, units in short.items()
        }
        assert (stock(stage)["on_hand"], stock(stage)["backordered"]) == (0, 5), "nothing stays, five are owed"
        assert stage.rows("SELECT type, fault FROM message WHERE state IN ('parked', 'quarantined')") == []


@pytest.mark.soak
async def test_our_supplier_plans_hears_of_us_and_is_answered(tmp_path: Path) -> None:
    agreed = ("send: eancom-1997/INVRPT", "send: eancom-1997/SLSRPT", "send: eancom-1997/ORDRSP",
              "receive: eancom-1997/ORDERS")  # fmt: skip
    async with staged(tmp_path / "instance", definitions(THEIRS, *agreed), without=("guest", "stadtkette")) as stage:
        world = World(stage)
        await world.say("warehouse", papers.stock_count("C1", WAREHOUSE, [(f"0{OATS}", "150")], when=str(TODAY)))
        await world.sold(SHOPS[0], "V")
        await stage.gateway.run_plan()
        await stage.settle()
        said = {note["kind"]: text for note, text in stage.inbox("quellhof")}
        assert "ORDERS" not in said, "we order nothing"
        assert re.search(rf"{OATS}[^L]*?QTY\+145:150", said["INVRPT"])
        assert "QTY+97:100" in said["INVRPT"]
        assert "QTY+98:300" in said["INVRPT"]
        assert said["SLSRPT"].count("QTY+153") == 7, "a week"

        await world.say("quellhof", orders("Q-1", 60))  # 150 and 60: within 100 and 300
        assert stock(stage)["on_order"] == 60
        await world.say("quellhof", orders("Q-2", 200))  # 410: too much
        assert stock(stage)["on_order"] == 60
        (offer,) = await stage.gateway.proposals("proposed")
        await stage.gateway.approve(offer["id"])
        await stage.settle()
        assert stock(stage)["on_order"] == 260
        answers = [text for note, text in stage.inbox("quellhof") if note["kind"] == "ORDRSP"]
        assert [re.findall(r"RFF\+ON:([^:']+)", text)[0] for text in answers] == ["Q-1", "Q-2"]
        await world.say("quellhof", desadv("QD1", "Q-1", [("", 60)]))
        await world.say("quellhof", desadv("QD2", "", [("", 24)]))  # nobody has ordered it
        assert (stock(stage)["on_order"], stock(stage)["in_transit"]) == (200, 84)
        assert stage.rows("SELECT type, fault FROM message WHERE state IN ('parked', 'quarantined')") == []
