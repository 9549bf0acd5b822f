"""What a drill's figures mean: within all budgets and booked, or not."""

from dataclasses import replace

import pytest

from tests.fakes.pair import D
from trading_platform_order.operations.drills.drill import DrillReport
from trading_platform_order.operations.drills.testbed import accounts_of

GOOD = DrillReport(
    drill="watchdog",
    trigger="engine killed",
    blocked_ms=1_000,
    cancels_sent_ms=1_000,
    flat_ms=30_000,
    flat_budget_ms=30_000,
    booked=True,
    seconds=12.34,
)


def test_the_budgets_include_their_limits() -> None:
    assert GOOD.is_within_budgets
    assert GOOD.to_json()["within_budgets"] is True
    assert GOOD.lines()[-1] == "within budgets"


@pytest.mark.parametrize(
    "bad",
    [
        replace(GOOD, blocked_ms=1_001),
        replace(GOOD, cancels_sent_ms=1_001),
        replace(GOOD, flat_ms=30_001),
        replace(GOOD, booked=False),
    ],
)
def test_any_one_over_fails_the_drill(bad: DrillReport) -> None:
    assert not bad.is_within_budgets
    assert bad.to_json()["within_budgets"] is False
    assert bad.lines()[-1] == "OVER BUDGET"


def state(*, upbit_side: str, state: str, position: str, btc: str) -> dict[str, object]:
    return {
        "upbit": {
            "balances": {
                "KRW": {"available": "5", "locked": "6"},
                "BTC": {"available": btc, "locked": "0"},
            },
            "orders": [{"state": state, "side": upbit_side}],
            "prices": {"KRW-BTC": "100000000", "KRW-ETH": "5000000"},
        },
        "binance": {
            "positions": {"BTCUSDT": {"quantity": position}},
            "orders": [{"status": "FILLED", "side": "SELL"}],
            "wallet_usdt": "7",
        },
    }


def test_the_accounts_are_read_from_the_exchanges_own_state() -> None:
    open_pair = accounts_of(state(upbit_side="bid", state="wait", position="-0.1", btc="0.1"))
    assert open_pair.is_hedged_in("BTC")
    assert not open_pair.is_hedged_in("ETH")
    assert (open_pair.raising, open_pair.open_orders, open_pair.krw) == (1, 1, D(11))
    assert not open_pair.is_flat
    selling = accounts_of(state(upbit_side="ask", state="wait", position="0", btc="0"))
    assert (selling.raising, selling.is_flat) == (0, False)
    dust = accounts_of(state(upbit_side="bid", state="cancel", position="0", btc="0.00004"))
    assert dust.is_flat
    assert not accounts_of(
        state(upbit_side="bid", state="done", position="0", btc="0.00006")
    ).is_flat
