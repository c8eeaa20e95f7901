"""What a message has caused is said in a sentence of the reader's language, whatever kind of effect it is."""

from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from types import UnionType
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from console_scene import book

from gateway.console.words import Words
from gateway.model.effects import Effect
from gateway.model.planning_effects import LinesPlanned, PlannedLine
from gateway.store.effect_rows import effect_data
from gateway.store.view_rows import EffectLine
from gateway.texts.labels import label_or

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def kinds(of: Any = Effect) -> list[type[Any]]:
    """Return every class of a union, however deep."""
    inside = get_args(getattr(of, "__value__", of))
    return [each for part in inside for each in (kinds(part) if isinstance(part, UnionType) else [part])]


def words(lang: Any) -> Words:
    return Words(lang=lang, zone=ZoneInfo("UTC"), now=NOW, book=book())


def line(kind: str, **data: object) -> EffectLine:
    return EffectLine(kind=kind, key="k-1", data=data, test=False, at=NOW)


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
@pytest.mark.parametrize("kind", sorted(each.__name__ for each in kinds()))
def test_every_kind_of_effect_has_its_sentence(kind: str, lang: Any) -> None:
    said = words(lang).effect(line(kind))
    assert kind not in said
    assert "{" not in said
    assert label_or(f"effect.{kind}", lang, "") != ""


def test_a_run_of_planning_says_how_many_lines_it_has_worked_out() -> None:
    planned = PlannedLine(
        location="9521001000017",
        gtin="09521001100014",
        partner="quellhof",
        agreement="",
        method="purchase",
        status="order",
        quantity=Decimal(5),
        why="{}",
    )
    data = effect_data(LinesPlanned(key="lines", lines=(planned, planned), skipped=()))
    assert words("en").effect(line("LinesPlanned", **data)) == "Plans worked out: 2"
    assert words("en").effect(line("LinesPlanned", skipped=[])) == "Plans worked out: –"  # rows of earlier releases


def test_figures_are_said_with_names_and_currency() -> None:
    settled = line("PaymentSettled", paid="12.5", currency="EUR", invoice="INV-7")
    assert words("en").effect(settled) == "EUR\u00a012.50 settled of invoice INV-7"
    linked = line("DocumentLinked", sourceType="Order", source="PO-1", toType="Invoice", to="INV-7")
    assert words("zh-CN").effect(linked) == "订单 PO-1 关联 发票 INV-7"


def test_a_kind_that_nobody_knows_is_shown_as_it_is() -> None:
    assert words("en").effect(line("MoonSaved")) == "MoonSaved k-1"
    assert len({each.__name__ for each in kinds()}) > 30
    assert all(fields(each) for each in kinds())
