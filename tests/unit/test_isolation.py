"""No feature of the engine places an order around the risk gate.

Orders leave through the trade runner alone, whose trades only admission opens; conditional orders
leave through the protector alone, and they are reduce-only whatever it asks for. A signal goes down
through the executor once: no part hands itself to the parts below it, which would call it back.
"""

import ast
import re
from pathlib import Path

from tests.fakes.pair import START, D
from trading_platform_order.domain.order import OrderSide
from trading_platform_order.domain.protection.protective_stop import ProtectiveStopOrder, StopKind
from trading_platform_order.exchanges.binance.orders.protection import algo_order

EXECUTOR = Path(__file__).parents[2] / "src" / "trading_platform_order" / "executor"


def callers(pattern: str) -> set[str]:
    call = re.compile(pattern)
    return {
        path.relative_to(EXECUTOR).as_posix()
        for path in EXECUTOR.rglob("*.py")
        if call.search(path.read_text())
    }


def test_orders_leave_at_two_places_alone() -> None:
    """The first ones of a trade right after their commit, all others by the trade's own runner."""
    assert callers(
        r"exchange_of\(\w+\)\.(?:send|prepared)\(|exchanges?\[[^]]*\]\.send\(|\bexchange\.send\("
    ) == {"trades/first_orders.py", "trades/trade_runner.py"}


def test_only_admission_opens_a_trade() -> None:
    """Besides, what the watchdog has sent already is taken over; that sends nothing new."""
    opens = callers(r"te\.TradeOpened\(\s*\n?\s*trade_id=")
    assert opens == {"intake/admission/admission.py"}


def test_no_part_of_the_executor_hands_itself_to_its_parts() -> None:
    handed = {
        f"{path.relative_to(EXECUTOR).as_posix()}:{word.value.lineno}"
        for path in EXECUTOR.rglob("*.py")
        for word in ast.walk(ast.parse(path.read_text()))
        if isinstance(word, ast.keyword)
        and isinstance(word.value, ast.Name)
        and word.value.id == "self"
    }
    assert not handed


def test_conditional_orders_leave_through_the_protector_alone() -> None:
    assert callers(r"\.place_stop\(") == {"protection/protective_stops.py"}


def test_a_stop_can_only_reduce_the_short() -> None:
    for kind, trigger, callback in (
        (StopKind.PROTECTIVE, D(140_000), None),
        (StopKind.TRAILING, None, D(150)),
    ):
        sent = algo_order(
            ProtectiveStopOrder(
                client_order_id="tp-x-hp1",
                base="BTC",
                kind=kind,
                quantity=D(1),
                trigger_price_usdt=trigger,
                callback_bps=callback,
                created_at=START,
            )
        )
        assert sent.reduce_only
        assert sent.side is OrderSide.BUY
