"""Coins and short agree within dust, of which each strategy may leave its own."""

from collections.abc import Collection, Mapping
from decimal import Decimal

import pytest

from trading_platform_order.simulation.checkers.invariants import hedged_or_flat

PRICE_KRW = "3910"


def judged(coins: str, short: str, strategies: Mapping[str, Collection[str]]) -> list[str]:
    state = {
        "upbit": {
            "prices": {"KRW-XRP": PRICE_KRW, "KRW-USDT": "1393.5"},
            "balances": {"XRP": {"available": coins, "locked": "0"}},
        },
        "binance": {"positions": {"XRPUSDT": {"quantity": f"-{short}"}}},
    }
    return list(hedged_or_flat(state, {"XRP": Decimal(0)}, strategies))


@pytest.mark.parametrize(
    ("coins", "strategies", "is_even"),
    [
        ("660.1", {}, True),
        ("661.4", {}, True),  # 5,083 KRW: no exchange takes an order for that
        ("661.46949850", {}, False),  # 5,355 KRW: enough for an order
        ("661.46949850", {"XRP": ["kimchi"]}, False),
        ("661.46949850", {"BTC": ["kimchi", "swing"]}, False),
        # 0.0998 and 1.2697 coins: two trades of which neither could sell what is over
        ("661.46949850", {"XRP": ["kimchi", "swing"]}, True),
        ("662.8", {"XRP": ["kimchi", "swing"]}, False),
        ("658.7", {"XRP": ["kimchi"]}, False),
        ("0", {"XRP": ["kimchi", "swing"]}, False),
    ],
)
def test_dust_is_counted_for_each_strategy(
    coins: str, strategies: Mapping[str, Collection[str]], *, is_even: bool
) -> None:
    assert (judged(coins, "660.1", strategies) == []) is is_even
