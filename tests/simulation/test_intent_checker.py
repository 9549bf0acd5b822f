"""No trade buys more than its intent: what was asked for counts, not what the price made of it."""

from decimal import Decimal
from typing import Any

import pytest

from tests.fakes.pair import signal
from tests.fakes.script import Script
from trading_platform_order.domain.order import Leg
from trading_platform_order.simulation.checkers.invariants import nothing_placed_twice

INTENDED = Decimal("0.010")


def judged(ord_type: str, asked: str, executed: str) -> list[str]:
    """One purchase on Upbit; ``asked`` and ``executed`` are multiples of what was intended."""
    script = Script(signal(quantity=str(INTENDED)))
    price_krw = script.trade.decision.spot_mid_krw
    order: dict[str, Any] = {
        "identifier": script.of(Leg.SPOT).client_order_id,
        "side": "bid",
        "ord_type": ord_type,
        "price": str(price_krw * (INTENDED * Decimal(asked) if ord_type == "price" else 1)),
        "executed_volume": str(INTENDED * Decimal(executed)),
    }
    state = {"upbit": {"orders": [order]}, "binance": {"orders": []}}
    return list(nothing_placed_twice(state, {script.trade.trade_id: script.trade}))


@pytest.mark.parametrize(
    ("ord_type", "asked", "executed", "objects"),
    [
        ("price", "1", "1", False),
        ("price", "1", "1.2", False),  # the price fell by a sixth while the order worked
        ("price", "1.2", "1.2", True),  # too much was asked for
        ("limit", "1", "1.2", True),  # by quantity the price changes nothing
    ],
)
def test_an_amount_is_counted_at_the_price_of_the_decision(
    ord_type: str, asked: str, executed: str, *, objects: bool
) -> None:
    assert bool(judged(ord_type, asked, executed)) is objects
