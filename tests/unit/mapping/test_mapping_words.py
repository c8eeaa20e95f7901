"""Words of the mapping language: choose, when, and lists of segments."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from mapping_scene import BUYER, OATS, RYE, SELLER, codes_of, lines_of, order, read

from gateway.mapping.compiler import DocumentMapping
from gateway.model.despatch_advice import ReceivingAdvice
from gateway.model.faults import OurFault
from gateway.model.order import Order
from gateway.schema.directory import Directory

Compile = Callable[..., DocumentMapping]
ORDERS = """
mapping: own/ORDERS
document: Order
syntax: {kind: edifact, directory: d96a, message: ORDERS}
fields:
  id: BGM/1004
  issuedAt: {path: DTM/C507.2380, where: {C507.2005: '137'}}
  typeCode: BGM/C002.1001
  buyer.gln: {path: SG2/NAD/C082.3039, where: {SG2/NAD/3035: BY}}
  seller.gln: {path: SG2/NAD/C082.3039, where: {SG2/NAD/3035: SU}}
  refs.promotion:
    path: SG1/RFF/C506.1154
    where: {SG1/RFF/C506.1153: PD}
    when: {typeCode: ['224', '226']}
  refs.contract:
    - {path: SG1/RFF/C506.1154, where: {SG1/RFF/C506.1153: CT}, when: {not: {typeCode: '221'}}}
    - {path: SG1/RFF/C506.1154, where: {SG1/RFF/C506.1153: BO}}
  lines:
    each: SG25
    fields:
      number: LIN/1082
      action: {path: LIN/1229, choose: {added: '1', deleted: ['2', '7'], changed: '3'}}
      item.gtin: {path: LIN/C212.7140, as: gtin}
      quantity: {path: QTY/C186.6060, where: {C186.6063: '21'}}
"""
HEAD = (f"NAD+BY+{BUYER}::9", f"NAD+SU+{SELLER}::9")


def ordered(compiled: Compile, directories: dict[str, Directory], *segments: str) -> tuple[DocumentMapping, Order]:
    mapping = compiled("own/ORDERS", ORDERS)
    reading = read(mapping, directories["d96a"], *segments, f"LIN+1+7+{OATS}:EN", "QTY+21:5", "UNS+S")
    assert isinstance(reading.document, Order)
    return mapping, reading.document


def test_choose_is_a_code_table_on_the_spot(compiled: Compile, directories: dict[str, Directory]) -> None:
    head = ("BGM+220+1", "DTM+137:20260302:102", *HEAD)
    mapping, found = ordered(compiled, directories, *head)
    assert found.lines[0].action == "deleted"
    assert f"LIN+1+2+{OATS[1:] if len(OATS) == 14 else OATS}" in lines_of(mapping.write(found))


def test_a_code_that_choose_does_not_name_is_an_error(compiled: Compile, directories: dict[str, Directory]) -> None:
    mapping = compiled("own/ORDERS", ORDERS)
    lines = order(f"LIN+1+9+{OATS}:EN", "QTY+21:5")
    assert codes_of(read(mapping, directories["d96a"], *lines)) == ["mapping.unknown-code"]


def test_a_choice_that_could_mean_two_things_is_refused(compiled: Compile) -> None:
    with pytest.raises(OurFault) as raised:
        compiled("own/ORDERS", ORDERS.replace("deleted: ['2', '7']", "deleted: ['2', '3']"))
    assert raised.value.code == "mapping.code-clash"


@pytest.mark.parametrize(("type_code", "promotion"), [("224", "P7"), ("220", None)])
def test_a_rule_counts_only_when_its_condition_holds(
    compiled: Compile, directories: dict[str, Directory], type_code: str, promotion: str | None
) -> None:
    _, found = ordered(compiled, directories, f"BGM+{type_code}+1", "DTM+137:20260302:102", "RFF+PD:P7", *HEAD)
    assert (found.refs.promotion if found.refs else None) == promotion


@pytest.mark.parametrize(("type_code", "written"), [("220", "RFF+CT:C1"), ("221", "RFF+BO:C1")])
def test_the_first_option_whose_condition_holds_is_written(
    compiled: Compile, directories: dict[str, Directory], type_code: str, written: str
) -> None:
    segments = (f"BGM+{type_code}+1", "DTM+137:20260302:102", "RFF+CT:C1" if type_code == "220" else "RFF+BO:C1", *HEAD)
    mapping, found = ordered(compiled, directories, *segments)
    assert found.refs is not None
    assert found.refs.contract == "C1"
    assert [each for each in lines_of(mapping.write(found)) if each.startswith("RFF")] == [written]


def test_a_condition_on_an_unknown_field_is_refused_with_the_nearest(compiled: Compile) -> None:
    with pytest.raises(OurFault) as raised:
        compiled("own/ORDERS", ORDERS.replace("when: {typeCode:", "when: {typCode:"))
    assert (raised.value.code, raised.value.params["nearest"]) == ("mapping.unknown-field", "typeCode")


def test_conditions_nest_three_deep_at_most(compiled: Compile) -> None:
    with pytest.raises(OurFault) as raised:
        compiled("own/ORDERS", ORDERS.replace("{not: {typeCode: '221'}}", "{not: {not: {not: {typeCode: '221'}}}}"))
    assert raised.value.code == "mapping.too-deep"


RECADV = """
mapping: own/RECADV
document: ReceivingAdvice
syntax: {kind: edifact, directory: d96a, message: RECADV}
fields:
  id: BGM/1004
  issuedAt: {path: DTM/C507.2380, where: {C507.2005: '137'}}
  receiver.gln: {path: SG4/NAD/C082.3039, where: {SG4/NAD/3035: BY}}
  seller.gln: {path: SG4/NAD/C082.3039, where: {SG4/NAD/3035: SU}}
  lines:
    each: SG16/SG22
    fields:
      level: {path: ../CPS/7164, const: '1', direction: out}
      number: LIN/1082
      item.gtin: {path: LIN/C212.7140, as: gtin}
      receivedQuantity: {path: QTY/C186.6060, where: {C186.6063: '48'}}
      rejected:
        each: QVR
        where: {4221: [AF, AE]}
        fields:
          quantity: C279.6064
          reason: '4221'
          disposition: {path: C279.6063, choose: {return: '195', destroy: '196'}}
"""


def test_each_segment_of_a_kind_can_be_an_element_of_a_list(
    compiled: Compile, directories: dict[str, Directory]
) -> None:
    mapping = compiled("own/RECADV", RECADV)
    head = ("BGM+632+1", "DTM+137:20260302:102", *HEAD, "CPS+1")
    lines = (f"LIN+1++{OATS}:EN", "QTY+48:9", "QVR+2:195+AF", "QVR+1:196+AE", f"LIN+2++{RYE}:EN", "QTY+48:4")
    reading = read(mapping, directories["d96a"], *head, *lines)
    assert codes_of(reading) == []
    document = reading.document
    assert isinstance(document, ReceivingAdvice)
    found = [(each.quantity.value, each.reason, each.disposition) for each in document.lines[0].rejected]
    assert found == [(Decimal(2), "AF", "return"), (Decimal(1), "AE", "destroy")]
    assert document.lines[1].rejected == ()
    assert reading.sources["lines[0].rejected[1].quantity"].segment == 10
    assert [each for each in reading.leftovers if "QVR" in each.path] == []
    assert [each for each in lines_of(mapping.write(document)) if each.startswith("QVR")] == [
        "QVR+2:195+AF",
        "QVR+1:196+AE",
    ]


def test_every_value_names_the_line_of_the_rule_that_read_it(
    compiled: Compile, directories: dict[str, Directory]
) -> None:
    mapping = compiled("own/ORDERS", ORDERS)
    lines = order(f"LIN+1+1+{OATS}:EN", "QTY+21:5")
    reading = read(mapping, directories["d96a"], *lines)
    wanted = {key: number for number, text in enumerate(ORDERS.splitlines(), 1) for key in [text.strip().split(":")[0]]}
    assert reading.rules["id"] == f"layer0.yaml:{wanted['id']}"
    assert reading.rules["lines[0].quantity"] == f"layer0.yaml:{wanted['quantity']}"
    assert reading.rules["buyer.ids[0]"] == f"layer0.yaml:{wanted['buyer.gln']}"
    assert set(reading.rules) == set(reading.sources)
