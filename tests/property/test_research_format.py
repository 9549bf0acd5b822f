"""Research's own format: one content has one id, and what tells signals apart makes another."""

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.runtime.settings.sections.doors import ResearchSection
from trading_platform_order.signals.any_format import read_any
from trading_platform_order.signals.faults import FaultCode, SignalFault
from trading_platform_order.signals.research_format import KNOWN, Hold, ResearchRules
from trading_platform_order.signals.schema import parse_signal, signal_to_json

SENT: dict[str, Any] = {
    "strategy": "kimchi",
    "action": "ENTER",
    "symbol": "BTC",
    "confidence": 0.8,
    "timestamp": "2026-11-29T09:00:00+09:00",
    "metadata": {"kimp_rate": 1.25, "upbit_price": 145000000.0, "binance_price": 104321.1},
}
IN_CODE: dict[str, Any] = {
    "symbol": "BTC",
    "action": "SELL",
    "timestamp": "2026-11-29T00:00:00.123456+00:00",
    "exchange": "upbit",
    "quantity": 0.1,
    "price": 145000000.5,
    "reason": "Target",
    "metadata": {"exit_bb_upper": 0.51},
}
words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=30)
levels = words | st.integers(0, 9) | st.floats(0, 9)
instants = st.datetimes(
    min_value=datetime(2000, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001 - as above
    timezones=st.just(UTC),
)


LEVELS = ResearchSection(level_krw="1=7600000,2=11400000,combined=19000000").rules()


def good(values: dict[str, Any], rules: ResearchRules = ResearchRules()) -> Signal:  # noqa: B008 - frozen
    found = read_any(json.dumps(values), rules)
    assert isinstance(found, Signal), found
    return found


def code(values: dict[str, Any], rules: ResearchRules = ResearchRules()) -> tuple[str, str]:  # noqa: B008 - frozen
    found = read_any(json.dumps(values), rules)
    assert isinstance(found, SignalFault), found
    return found.field, found.code


@given(at=instants, level=levels, reason=words, hours=st.integers(-12, 12))
def test_one_content_has_one_id_however_it_is_written(
    at: datetime, level: object, reason: str, hours: int
) -> None:
    one = SENT | {"timestamp": at.isoformat(), "level": level, "reason": reason}
    elsewhere = at.astimezone(timezone(timedelta(hours=hours))).isoformat().replace("T", " ")
    two = dict(reversed(one.items())) | {"timestamp": elsewhere, "action": "buy", "symbol": "btc"}

    first, second = good(one), good(two)

    assert first == second
    assert parse_signal(signal_to_json(first)) == first


@given(levels=st.lists(words, min_size=2, max_size=2, unique=True), where=st.booleans())
def test_another_level_or_reason_is_another_signal(levels: list[str], where: bool) -> None:
    def id_of(name: str, value: str) -> str:
        inner = {"metadata": {**SENT["metadata"], name: value}}
        return good(SENT | (inner if where else {name: value})).id

    for name in ("level", "reason"):
        assert len({good(SENT).id, *(id_of(name, value) for value in levels)}) == 3
    assert id_of("level", levels[0]) != id_of("reason", levels[0])


@pytest.mark.parametrize(
    "change",
    [
        {"strategy": "other"},
        {"symbol": "ETH"},
        {"action": "EXIT"},
        {"timestamp": "2026-11-29T09:00:00.000001+09:00"},
    ],
)
def test_another_signal_has_another_id(change: dict[str, str]) -> None:
    assert good(SENT | change).id != good(SENT).id


@given(number=st.floats(min_value=1e-7, max_value=1e9))
def test_a_float_is_read_by_its_shortest_text(number: float) -> None:
    found = good(IN_CODE | {"quantity": number})

    assert found.quantity_base is not None
    assert 0 <= Decimal(repr(number)) - found.quantity_base < Decimal("1E-18")


def test_a_computed_quantity_is_cut_to_what_the_schema_takes() -> None:
    assert good(IN_CODE | {"quantity": 0.1}).quantity_base == Decimal("0.1")
    computed = good(IN_CODE | {"quantity": 0.0010750620729906074})
    assert computed.quantity_base == Decimal("0.001075062072990607")


def test_the_documented_shape() -> None:
    found = good(SENT)

    assert (found.strategy, found.action, found.symbol) == ("kimchi", Action.ENTER, "BTC")
    assert found.created_at == datetime(2026, 11, 29, tzinfo=UTC)
    assert found.spot_price_krw == Decimal(145_000_000)
    assert found.hedge_price_usdt == Decimal("104321.1")
    assert found.metadata["confidence"] == 0.8
    assert found.metadata["kimp_rate"] == 1.25


def test_the_shape_in_its_code() -> None:
    found = good(IN_CODE)

    assert (found.strategy, found.action) == ("research", Action.EXIT)
    assert (found.quantity_base, found.spot_price_krw) == (Decimal("0.1"), Decimal("145000000.5"))
    assert found.metadata == {
        "reason": "Target",
        "exchange": "upbit",
        "price": 145000000.5,
        "exit_bb_upper": 0.51,
    }


def test_an_explicit_id_wins_and_a_market_names_its_coin() -> None:
    assert good(SENT | {"id": "mine"}).id == "mine"
    for market in ("KRW-BTC", "BTCUSDT", "BTC/USDT", "btc"):
        assert good(SENT | {"symbol": market}) == good(SENT)


def test_hold_is_acknowledged_whatever_else_it_says() -> None:
    assert isinstance(read_any('{"action": "HOLD", "symbol": "BTC", "extra": 1}'), Hold)


def test_a_time_without_a_zone_needs_the_doors() -> None:
    local = SENT | {"timestamp": "2026-11-29 09:00:00.123456789"}
    seoul = ResearchRules(zone=ZoneInfo("Asia/Seoul"), strategy="kimchi")

    assert code(local) == ("timestamp", FaultCode.NAIVE_TIME)
    assert good(local, seoul).created_at == datetime(2026, 11, 29, 0, 0, 0, 123_456, UTC)
    assert code(SENT | {"timestamp": "2026-02-30T09:00:00"}, seoul)[1] == FaultCode.BAD_TIME


@pytest.mark.parametrize(
    ("said", "size_krw"),
    [
        ({"level": 1}, 7_600_000),
        ({"level": "level2"}, 11_400_000),
        ({"metadata": {"entry_level": "Level 2"}}, 11_400_000),
        ({"level": "combined"}, 19_000_000),
    ],
)
def test_a_level_has_the_size_of_the_settings(said: dict[str, Any], size_krw: int) -> None:
    buy = {name: value for name, value in SENT.items() if name not in {"quantity", "metadata"}}
    buy |= {"action": "BUY"} | said

    assert good(buy, LEVELS).notional_krw == size_krw
    assert good(buy).notional_krw is None
    assert good(buy | {"quantity": 0.5}, LEVELS).notional_krw is None
    assert good(buy | {"action": "SELL"}, LEVELS).notional_krw is None


def test_a_level_that_the_settings_do_not_know_is_refused_and_closes_none_the_less() -> None:
    buy = {name: value for name, value in SENT.items() if name != "quantity"}
    buy |= {"action": "BUY", "level": 3, "metadata": {"exit_reason": "Target"}}

    assert code(buy, LEVELS) == ("level", FaultCode.OUT_OF_RANGE)
    assert good(buy | {"action": "SELL"}, LEVELS).reason == "Target"


def test_an_exit_gets_through_where_an_entry_is_refused() -> None:
    strange = {
        "metadata": {"upbit_price": float("nan"), "deep": {"a": [1.5, None]}, "long": "x" * 999}
    }

    assert code(SENT | strange) == ("metadata.upbit_price", FaultCode.NOT_FINITE)
    found = good(SENT | strange | {"action": "EXIT"})
    assert found.spot_price_krw is None
    assert found.metadata["upbit_price"] == "NaN"
    assert found.metadata["deep"] == '{"a":[1.5,null]}'
    assert len(str(found.metadata["long"])) == 256


@pytest.mark.parametrize(
    ("change", "field", "fault"),
    [
        ({"exchange": "binance"}, "exchange", FaultCode.BAD_EXCHANGE),
        ({"action": "SHORT"}, "action", FaultCode.BAD_ACTION),
        ({"quantity": -0.5}, "quantity", FaultCode.NOT_POSITIVE),
        ({"quantity": True}, "quantity", FaultCode.WRONG_TYPE),
        ({"timestamp": 1_700_000_000}, "timestamp", FaultCode.WRONG_TYPE),
        ({"symbol": "비트코인"}, "symbol", FaultCode.BAD_SYMBOL),
        ({"strategy": "김프"}, "strategy", FaultCode.BAD_STRATEGY),
        ({"metadata": [1]}, "metadata", FaultCode.WRONG_TYPE),
        ({"id": "a b"}, "id", FaultCode.BAD_ID),
        ({"max_slipage": 1}, "'max_slipage'", FaultCode.UNKNOWN_FIELD),
    ],
)
def test_a_fault_is_named_as_research_calls_the_field(
    change: dict[str, object], field: str, fault: FaultCode
) -> None:
    assert code(IN_CODE | change) == (field, fault)


def test_the_strict_form_stays_as_strict() -> None:
    strict = {"id": "a", "strategy": "k", "action": "BUY", "symbol": "BTC"}

    assert code(strict | {"created_at": "2026-11-29T00:00:00Z"})[1] == FaultCode.BAD_ACTION
    assert code(strict | {"action": "ENTER"}) == ("created_at", FaultCode.MISSING_FIELD)


scalars = st.none() | st.booleans() | st.integers() | st.floats() | words
json_values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(words, inner), max_leaves=5
)


@given(
    values=st.dictionaries(st.sampled_from(KNOWN), json_values),
    action=st.sampled_from(["BUY", "SELL"]),
)
def test_no_json_makes_the_reader_raise(values: dict[str, object], action: str) -> None:
    found = read_any(json.dumps({"timestamp": SENT["timestamp"]} | values | {"action": action}))

    assert isinstance(found, Signal | SignalFault)
    if isinstance(found, SignalFault):
        assert found.message.isprintable()
