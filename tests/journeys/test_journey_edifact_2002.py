"""A customer on EANCOM 2002 (D.01B) over AS2: orders, is answered and delivered to, and reports what it has received."""

import re
from datetime import timedelta
from pathlib import Path

from gateway.app.clock import SystemClock
from tests.journeys import papers
from tests.journeys.stage import OURS, ROOT, WAREHOUSE, Stage, staged

OATS, FLOUR = "9521001100014", "9521001100021"
HEIDEHOF, STORE = "9521009220004", "9521009220011"
TODAY = SystemClock().now().date()
DAY, WISH = f"{TODAY:%Y%m%d}", f"{TODAY + timedelta(days=3):%Y%m%d}"

YAML = f"""
name: Heidehof eG
role: customer
gln: ["{HEIDEHOF}", "{STORE}"]
channels:
  as2: {{id: HEIDEHOF-AS2, url: "http://127.0.0.1:18106/as2", certificate: heidehof, receipt: signed-sync}}
agreements:
  - {{receive: eancom-2002/ORDERS, over: as2}}
  - {{receive: eancom-2002/RECADV, over: as2}}
  - {{send: eancom-2002/ORDRSP, over: as2}}
  - {{send: eancom-2002/DESADV, over: as2}}
"""
OTHERS = ("nordmarkt", "stadtkette", "quellhof", "guest")
PARTIES = f"NAD+BY+{HEIDEHOF}::9'NAD+SU+{OURS}::9'NAD+DP+{STORE}::9'"


def extra() -> dict[str, str]:
    """The customer, and our items without their supplier."""
    items = (ROOT / "partners" / "self" / "tables" / "items.csv").read_text()
    return {
        "partners/heidehof/partner.yaml": YAML,
        "partners/self/tables/items.csv": items.replace("quellhof,", ","),
        "partners/self/tables/suppliers.csv": "partner,lead_time_days,review_days,service_factor,approval_limit,currency\n",
    }


def written(kind: str, guide: str, reference: str, body: str) -> str:
    """Wrap the body of one D.01B message."""
    count = body.count("'") + 2
    return (
        f"UNB+UNOC:3+{HEIDEHOF}:14+{OURS}:14+261101:1200+{reference}'UNH+1+{kind}:D:01B:UN:{guide}'{body}"
        f"UNT+{count}+1'UNZ+1+{reference}'"
    )


def order(number: str, *lines: tuple[str, int]) -> str:
    body = f"BGM+220+{number}+9'DTM+137:{DAY}:102'DTM+2:{WISH}:102'{PARTIES}"
    body += "".join(f"LIN+{n}++{gtin}:SRV'QTY+21:{units}'" for n, (gtin, units) in enumerate(lines, 1))
    return written("ORDERS", "EAN010", f"O{number}", body + f"UNS+S'CNT+2:{len(lines)}'")


def receipt(number: str, despatch: str, order_number: str, *lines: tuple[str, int, int]) -> str:
    """lines: (GTIN, received, missing)."""
    body = f"BGM+632+{number}+9'DTM+137:{DAY}:102'DTM+50:{DAY}:102'RFF+AAK:{despatch}'RFF+ON:{order_number}'{PARTIES}CPS+1'"
    for n, (gtin, units, missing) in enumerate(lines, 1):
        body += f"LIN+{n}++{gtin}:SRV'QTY+12:{units + missing}'QTY+194:{units}'"
        body += f"QVR+{missing}:194+CP'" if missing else ""
        body += f"RFF+ON:{order_number}:{n}'"
    return written("RECADV", "EAN007", f"R{number}", body + f"CNT+2:{len(lines)}'")


def shipped(number: str, order_number: str, *lines: tuple[str, int]) -> str:
    """What our warehouse says, in JSON."""
    ours, theirs = (f'{{"ids":[{{"scheme":"0088","value":"{gln}"}}]}}' for gln in (OURS, HEIDEHOF))
    told = ",".join(
        f'{{"number":"{n}","item":{{"gtin":"0{gtin}"}},"despatchedQuantity":{{"value":"{units}","per":"gtin"}},'
        f'"order":{{"id":"{order_number}","line":"{n}"}}}}'
        for n, (gtin, units) in enumerate(lines, 1)
    )
    return (
        f'{{"document":"DespatchAdvice","id":"{number}","issuedAt":"{TODAY}","seller":{ours},"buyer":{theirs},'
        f'"refs":{{"order":{{"id":"{order_number}"}}}},"lines":[{told}]}}'
    )


def quantities(message: str, qualifier: str) -> list[tuple[str, str]]:
    """Return (GTIN, quantity) of each LIN as text."""
    return re.findall(rf"LIN\+\d+\+[^+]*\+(\d{{13,14}}):\w+'(?:(?!LIN\+).)*?QTY\+{qualifier}:([0-9.]+)", message)


async def heard(stage: Stage, kind: str, guide: str) -> str:
    """Return the one message of a kind that the customer has got, which names its directory and guide."""
    (text,) = await stage.receives("heidehof", kind)
    assert f"+{kind}:D:01B:UN:{guide}'" in text
    return text


async def test_a_customer_on_d01b_orders_is_delivered_to_and_reports_its_receipt(tmp_path: Path) -> None:
    async with staged(tmp_path / "instance", extra(), without=OTHERS) as stage:
        counts = [(f"0{OATS}", "40"), (f"0{FLOUR}", "20")]
        await stage.send("warehouse", papers.stock_count("COUNT-1", WAREHOUSE, counts, when=str(TODAY)))
        await stage.settle()

        note = await stage.send("heidehof", order("H-1", (OATS, 15), (FLOUR, 30)))
        assert (note["line"], note["state"]) == ("as2", "acked")
        answer = await heard(stage, "ORDRSP", "EAN009")
        assert "RFF+ON:H-1'" in answer
        assert quantities(answer, "113") == [(OATS, "15"), (FLOUR, "20")]
        assert quantities(answer, "83") == [(FLOUR, "10")]
        await stage.receives("warehouse", "Order")

        await stage.send("warehouse", shipped("WD-1", "H-1", (OATS, 15), (FLOUR, 20)))
        advice = await heard(stage, "DESADV", "EAN007")
        assert quantities(advice, "12") == [(OATS, "15"), (FLOUR, "20")]
        number = re.search(r"BGM\+351\+([\w-]+)", advice)
        assert number

        await stage.send("heidehof", receipt("W-1", number[1], "H-1", (OATS, 14, 1), (FLOUR, 20, 0)))
        await stage.settle()
        lines = stage.rows("SELECT gtin, ordered, despatched, received FROM order_line ORDER BY position")
        assert lines == [(f"0{OATS}", 15000, 15000, 14000), (f"0{FLOUR}", 30000, 20000, 20000)]
        assert stage.rows("SELECT status FROM shipment WHERE side = 'sale'") == [("received",)]
        assert stage.rows("SELECT state, fault FROM message WHERE state <> 'done'") == []
        cases = stage.rows("SELECT code FROM \"case\" WHERE account = 'heidehof'")
        assert [code for (code,) in cases] == ["receiving.differs"], "the piece that is missing, and nothing else"
