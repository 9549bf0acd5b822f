"""The judges of the engine's decisions, on states as the simulated exchanges show them."""

import pytest

from trading_platform_order.domain.signal import Action
from trading_platform_order.simulation.checkers.verdicts import (
    exits_were_not_held_back,
    verdicts_were_true,
)

STATE = {
    "upbit": {
        "orders": [
            {"identifier": "bought", "side": "bid", "executed_volume": "0.1"},
            {"identifier": "consumed", "side": "bid", "executed_volume": "0"},
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


@pytest.mark.parametrize("code", ["nothing_open", "expired", "stray_order"])
def test_an_exit_may_find_nothing_to_do(code: str) -> None:
    assert not list(exits_were_not_held_back([("out", Action.EXIT, code)]))
