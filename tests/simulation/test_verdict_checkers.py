"""The judges of the engine's decisions, on states as the simulated exchanges show them."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.fakes.pair import START, signal
from trading_platform_order.domain.signal import Action
from trading_platform_order.simulation.checkers.timeliness.refused_exits import (
    Moment,
    exits_were_refused_for_true_reasons,
)
from trading_platform_order.simulation.checkers.verdicts import (
    exits_were_not_held_back,
    verdicts_were_true,
)

STATE = {
    "upbit": {
        "orders": [
            {
                "identifier": "bought",
                "side": "bid",
                "ord_type": "price",
                "price": "14000000",
                "executed_volume": "0.1",
            },
            {
                "identifier": "consumed",
                "side": "bid",
                "ord_type": "limit",
                "price": "98000000",
                "executed_volume": "0",
            },
        ]
    },
    "binance": {"orders": [{"clientOrderId": "sold", "side": "SELL", "executedQty": "0.1"}]},
}


@pytest.mark.parametrize("name", ["bought", "sold"])
def test_a_filled_order_is_neither_absent_nor_refused(name: str) -> None:
    assert list(verdicts_were_true(STATE, {name}, set())) == [
        f"{name} was called absent, but it was filled"
    ]
    assert list(verdicts_were_true(STATE, set(), {name})) == [
        f"{name} was called refused, but it was filled"
    ]


def test_an_identifier_that_was_only_used_up_is_absent() -> None:
    assert not list(verdicts_were_true(STATE, {"consumed", "never"}, {"never"}))


@pytest.mark.parametrize("code", ["stopped", "daily_loss", "stale_market_data", "order_cap"])
def test_an_exit_is_not_refused_by_a_rule_for_entries(code: str) -> None:
    assert list(exits_were_not_held_back([("out", Action.EXIT, code)]))
    assert not list(exits_were_not_held_back([("in", Action.ENTER, code)]))


@pytest.mark.parametrize("code", ["nothing_open", "expired", "superseded"])
def test_an_exit_may_find_nothing_to_do(code: str) -> None:
    assert not list(exits_were_not_held_back([("out", Action.EXIT, code)]))


def test_an_order_nobody_knows_holds_an_exit_back_only_where_rows_are_lost() -> None:
    refused = [("out", Action.EXIT, "stray_order")]
    assert list(exits_were_not_held_back(refused))
    assert not list(exits_were_not_held_back(refused, rows_lost=True))


EXIT = signal(Action.EXIT)
HOUR = timedelta(hours=1)
ENDS = replace(EXIT, expires_at=EXIT.created_at + HOUR)
PART = replace(EXIT, quantity_base=Decimal("0.00001"))
TRUE = {
    "lapsed": ("expired", Moment(sent=[ENDS], now=EXIT.created_at + HOUR)),
    "dust": ("nothing_open", Moment(sent=[EXIT], now=START, held_krw=Decimal(100))),
    "another hand": ("nothing_open", Moment(sent=[EXIT], now=START, held_krw=None)),
    "a small part": ("below_minimum", Moment(sent=[PART], now=START, held_krw=Decimal(9_000_000))),
    "a later pair": (
        "superseded",
        Moment(sent=[EXIT], now=START, entered_at=EXIT.created_at + HOUR, ahead_s_max=5.0),
    ),
    "taken back": ("withdrawn", Moment(sent=[EXIT], now=START, is_withdrawn=True)),
    "two contents": ("signal_conflict", Moment(sent=[EXIT, PART], now=START)),
}
FALSE = {
    "no end": ("expired", Moment(sent=[EXIT], now=EXIT.created_at + HOUR)),
    "too early": ("expired", Moment(sent=[ENDS], now=EXIT.created_at + HOUR / 2)),
    "held": ("nothing_open", Moment(sent=[EXIT], now=START, held_krw=Decimal(900_000))),
    "not allowed": ("symbol_not_allowed", Moment(sent=[EXIT], now=START, held_krw=Decimal(6_000))),
    "all of it": ("below_minimum", Moment(sent=[EXIT], now=START, held_krw=Decimal(900_000))),
    "an older pair": (
        "superseded",
        Moment(sent=[EXIT], now=START, entered_at=EXIT.created_at, ahead_s_max=5.0),
    ),
    "no pair": ("superseded", Moment(sent=[EXIT], now=START, ahead_s_max=5.0)),
    "nobody": ("withdrawn", Moment(sent=[EXIT], now=START)),
    "one content": ("signal_conflict", Moment(sent=[EXIT, EXIT], now=START)),
    "well made": ("invalid_signal", Moment(sent=[EXIT], now=START)),
    "the queue": ("queue_full", Moment(sent=[EXIT], now=START)),
}


@pytest.mark.parametrize(("code", "moment"), TRUE.values(), ids=TRUE)
def test_a_refusal_whose_reason_is_true(code: str, moment: Moment) -> None:
    assert list(exits_were_refused_for_true_reasons(code, moment)) == []


@pytest.mark.parametrize(("code", "moment"), FALSE.values(), ids=FALSE)
def test_a_refusal_whose_reason_is_not_true(code: str, moment: Moment) -> None:
    (line,) = exits_were_refused_for_true_reasons(code, moment)
    assert code in line
