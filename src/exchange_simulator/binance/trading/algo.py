"""The store of conditional orders: accepting, triggering, and their way into ordinary orders.

All rules about the fate of a conditional order live here::

    NEW -> TRIGGERING -> TRIGGERED -> FINISHED    the child ended, filled or not
    NEW -> CANCELED                               by the client
    NEW -> TRIGGERING -> REJECTED                 the engine refused the child, ``rm`` says why
    NEW -> EXPIRED                                closePosition without a position

Margin is not looked at before the trigger (Binance, 2025-11-06), so a stop may be accepted and
rejected later. Orders by last price are triggered by a bar's whole range, those by mark price and
trailing stops by its close; a trailing stop follows the range. The child meets the book of the
close.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal

from exchange_simulator.binance.errors import Rejection
from exchange_simulator.binance.margin.account import Account
from exchange_simulator.binance.market_data.symbols import SymbolRules
from exchange_simulator.binance.trading.algo_order import (
    NewAlgo,
    SimulatedAlgo,
    algo_update,
)
from exchange_simulator.binance.trading.algo_validation import child_order
from exchange_simulator.binance.trading.matching import Emit, Matching
from exchange_simulator.binance.trading.order import SimulatedOrder

FIRST_ALGO_ID = 4_000_001_910_000_000
MAX_OPEN_ALGOS = 200
_PERCENT = Decimal(100)
_REASONS = {
    -2019: "Margin is insufficient",
    -2022: "Reduce Only reject",
    -4116: "ClientOrderId is duplicated",
}


class AlgoOrders:
    """Conditional orders of the account.

    Attributes:
        child_first: the child's events come before the ALGO_UPDATE that tells of the trigger, as
            the exchange's two engines sometimes do.
    """

    def __init__(
        self,
        *,
        account: Account,
        matching: Matching,
        rules: dict[str, SymbolRules],
        now_ms: Callable[[], int],
        emit: Emit,
        ids_from: int = 0,
    ) -> None:
        self._first_id = FIRST_ALGO_ID + ids_from
        self._account = account
        self._matching = matching
        self._rules = rules
        self._now_ms = now_ms
        self._emit = emit
        self.all: list[SimulatedAlgo] = []
        self.child_first = False
        #: hears of every conditional order that is other than before
        self.on_change: Callable[[SimulatedAlgo], None] = _nobody
        matching.on_end = self._child_ended

    def restore(self, algos: Iterable[SimulatedAlgo]) -> None:
        """Go on with these, oldest first; their children are among the orders already."""
        for algo in algos:
            if algo.child_id is not None:
                algo.child = self._matching.find(
                    algo.wish.symbol, order_id=algo.child_id, client_order_id=None
                )
            self.all.append(algo)

    # -- reading --------------------------------------------------------------------------------

    def open(self, symbol: str | None = None) -> list[SimulatedAlgo]:
        """Not yet triggered, oldest first."""
        return [algo for algo in self.all if algo.is_open and symbol in {None, algo.wish.symbol}]

    def find(self, *, algo_id: int | None, client_algo_id: str | None) -> SimulatedAlgo | None:
        """By the exchange's id, else the newest with this client id."""
        for algo in reversed(self.all):
            if algo_id is not None:
                if algo.algo_id == algo_id:
                    return algo
            elif algo.client_algo_id == client_algo_id:
                return algo
        return None

    # -- accepting ------------------------------------------------------------------------------

    def place(self, wish: NewAlgo) -> SimulatedAlgo:
        """Accept a conditional order.

        Raises:
            Rejection: -4116, -4045, -4130, -2021; nothing has changed then.
        """
        waiting = self.open()
        if any(algo.client_algo_id == wish.client_algo_id for algo in waiting):
            raise Rejection(-4116)
        if len(waiting) >= MAX_OPEN_ALGOS:
            raise Rejection(-4045)
        if wish.close_position and any(_closes_as_well(algo.wish, wish) for algo in waiting):
            raise Rejection(-4130)
        last = self._last(wish.symbol)
        self._refuse_immediate(wish, last)
        now_ms = self._now_ms()
        algo_id = self._first_id + len(self.all)
        algo = SimulatedAlgo(
            algo_id=algo_id,
            client_algo_id=wish.client_algo_id or f"algo_{algo_id}",
            wish=wish,
            create_ms=now_ms,
            update_ms=now_ms,
            activated=wish.is_trailing and wish.activate_price is None,
            extreme=last,
        )
        self.all.append(algo)
        self._tell(algo)
        return algo

    def _last(self, symbol: str) -> Decimal:
        last = self._account.marks.get(symbol)
        if last is None:
            raise Rejection(-4131)
        return last

    def _refuse_immediate(self, wish: NewAlgo, last: Decimal) -> None:
        if wish.trigger_price is not None:
            reached = (
                last >= wish.trigger_price if wish.rises_to_trigger else last <= wish.trigger_price
            )
        elif wish.activate_price is not None:
            reached = last <= wish.activate_price if wish.is_buy else last >= wish.activate_price
        else:
            reached = False
        if reached:
            raise Rejection(-2021)

    def cancel(self, algo: SimulatedAlgo) -> None:
        """Cancel before the trigger."""
        self._move(algo, "CANCELED")

    # -- triggering -----------------------------------------------------------------------------

    def advance(self, symbol: str, low: Decimal, high: Decimal) -> None:
        """A bar closed: trigger what it reached, oldest first."""
        last = self._last(symbol)
        for algo in self.open(symbol):
            if algo.wish.is_trailing:
                reached = self._trail(algo, low=low, high=high, last=last)
            else:
                reached = _reaches(algo.wish, low=low, high=high, last=last)
            if reached:
                self._trigger(algo)

    def _trail(self, algo: SimulatedAlgo, *, low: Decimal, high: Decimal, last: Decimal) -> bool:
        wish = algo.wish
        best = low if wish.is_buy else high
        if not algo.activated:
            price = wish.activate_price
            algo.activated = price is not None and (best <= price if wish.is_buy else best >= price)
            if not algo.activated:
                return False
            algo.extreme = best
            self._tell(algo)
        extreme = min(algo.extreme, best) if wish.is_buy else max(algo.extreme, best)
        if extreme != algo.extreme:
            algo.extreme = extreme
            self.on_change(algo)
        part = (wish.callback_rate or Decimal(0)) / _PERCENT
        if wish.is_buy:
            return last >= algo.extreme * (1 + part)
        return last <= algo.extreme * (1 - part)

    def _trigger(self, algo: SimulatedAlgo) -> None:
        wish = algo.wish
        quantity = wish.quantity
        if wish.close_position:
            held = self._account.position(wish.holding).quantity
            if not held or (held < 0) != wish.is_buy:
                self._move(algo, "EXPIRED")
                return
            quantity = abs(held)
        child = child_order(wish, quantity, algo.client_algo_id)
        rules = self._rules[wish.symbol]
        algo.trigger_ms = self._now_ms()
        if not self.child_first:
            self._move(algo, "TRIGGERING")
        try:
            self._matching.check(child, rules)
        except Rejection as refusal:
            algo.reject_reason = _REASONS.get(refusal.code, refusal.message)
            self._move(algo, "REJECTED")
            return
        algo.child_id = self._matching.next_order_id(wish.symbol)
        if not self.child_first:
            self._move(algo, "TRIGGERED")
        algo.child = self._matching.place(child, rules)
        if self.child_first:
            self._move(algo, "TRIGGERED")
        if not algo.child.is_open:
            self._move(algo, "FINISHED")

    def _child_ended(self, order: SimulatedOrder) -> None:
        """A child that rested for a while is done."""
        for algo in self.all:
            if algo.child is order and algo.status == "TRIGGERED":
                self._move(algo, "FINISHED")

    # -- within ---------------------------------------------------------------------------------

    def _move(self, algo: SimulatedAlgo, status: str) -> None:
        algo.status = status
        algo.update_ms = self._now_ms()
        self._tell(algo)

    def _tell(self, algo: SimulatedAlgo) -> None:
        self.on_change(algo)
        self._emit(algo_update(algo, self._now_ms()))


def _closes_as_well(waiting: NewAlgo, wish: NewAlgo) -> bool:
    """Whether both would close the whole position in one direction by the same kind of trigger.

    One stop and one take profit may stand side by side; measured on the test network: a second stop
    is refused (-4130).
    """
    return (
        waiting.close_position
        and (waiting.symbol, waiting.side, waiting.position_side)
        == (wish.symbol, wish.side, wish.position_side)
        and waiting.type == wish.type
    )


def _nobody(_algo: SimulatedAlgo) -> None:
    """Hears nothing."""


def _reaches(wish: NewAlgo, *, low: Decimal, high: Decimal, last: Decimal) -> bool:
    trigger = wish.trigger_price
    if trigger is None:
        return False
    if wish.by_mark:
        low = high = last
    return high >= trigger if wish.rises_to_trigger else low <= trigger
