"""One smallest round trip on one exchange: open, close, and see that nothing is left.

What was opened is closed whatever happens in between: a refusal is tried again, an unanswered order
is looked up until its fate is known, and an interruption waits for the end. If something is left
all the same, the result says so loudly, and how to mend it.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from trading_platform_order.domain.costs.fee_value import fee_in_quote
from trading_platform_order.domain.money import ZERO, ceil_to_step, plain
from trading_platform_order.domain.order import (
    Leg,
    Order,
    OrderReport,
    OrderSide,
    OrderType,
    Purpose,
    leg_symbol,
)
from trading_platform_order.domain.order_identity.client_order_id import client_order_id, order_uuid
from trading_platform_order.domain.outcome import (
    Accepted,
    NotFound,
    ProvenAbsent,
    ReadFailed,
    Refused,
    Unknown,
)
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.base import BaseExchange
from trading_platform_order.operations.live_check.live_check import Contact

ROOM = Decimal("1.2")  # over the exchange's minimum, so that the way back is above it too
KRW_STEP = Decimal(1_000)
CLOSE_ATTEMPTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a round trip waits, seconds.

    Attributes:
        working_s: a market order that is still open after this is cancelled.
        outcome_s: until an order's fate must be known, or an operator is called.
        poll_s: between two look-ups.
        flat_s: until balances and positions must show what the orders say.
    """

    working_s: float = 5.0
    outcome_s: float = 120.0
    poll_s: float = 0.3
    flat_s: float = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundTrip:
    """What came of it.

    Attributes:
        opened: base asset bought (or sold short); ``closed``: base asset taken back.
        cost: what it cost in the quote asset, fees included.
        trouble: empty if all is flat again; else what is left and how to mend it.
        refusal: why nothing was opened at all; empty otherwise.
    """

    venue: Venue
    symbol: str
    opened: Decimal = ZERO
    closed: Decimal = ZERO
    cost: Decimal = ZERO
    trouble: str = ""
    refusal: str = ""

    def line(self) -> str:
        """For operators."""
        if self.refusal:
            return f"{self.venue} {self.symbol}: not begun: {self.refusal}"
        traded = f"{plain(self.opened)} opened, {plain(self.closed)} closed"
        if self.trouble:
            return f"{self.venue} {self.symbol}: {traded}. {self.trouble}"
        return f"{self.venue} {self.symbol}: {traded}, flat; cost {plain(self.cost)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lost:
    """An order whose fate did not become known in time."""

    client_order_id: str
    reason: str


_Outcome = OrderReport | Refused | _Lost


class RoundTripper:
    """Makes one round trip on one exchange.

    Args:
        contact: adapters, clock, ids and the newest books.
        leg: which exchange.
        key: twenty characters that name this run; see ``domain/order_identity``.
    """

    def __init__(
        self, *, contact: Contact, leg: Leg, key: str, patience: Patience | None = None
    ) -> None:
        self._contact = contact
        self._exchange: BaseExchange = contact.exchanges.of(leg)
        self._leg = leg
        self._key = key
        self._patience = patience or Patience()
        self._symbol = leg_symbol(leg, contact.base)
        self._attempts: dict[Purpose, int] = {}

    async def plan(self) -> Order | str:
        """The opening order, or why there can be none; nothing is sent."""
        instrument = await self._exchange.instrument(self._symbol)
        if isinstance(instrument, ReadFailed):
            return instrument.reason
        book = self._contact.books.get(self._symbol)
        if book is None or not book.bids or not book.asks:
            return "no order book was heard"
        if not instrument.is_trading:
            return "the exchange does not accept orders in it now"
        at_least = instrument.min_notional * ROOM
        if self._leg is Leg.SPOT:
            quote = ceil_to_step(at_least, KRW_STEP)
            return self._order(
                Purpose.OPEN,
                OrderSide.BUY,
                quantity=quote / book.asks[0].price,
                quote_amount=quote,
            )
        quantity = max(instrument.min_quantity, at_least / book.bids[0].price)
        return self._order(
            Purpose.OPEN,
            OrderSide.SELL,
            quantity=ceil_to_step(quantity, instrument.quantity_step),
        )

    async def run(self, opening: Order) -> RoundTrip:
        """Open and close; waits for its end even if it is cancelled meanwhile."""
        task = asyncio.ensure_future(self._run(replace(opening, created_at=self._now())))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            # An open position must not be left behind because somebody lost patience.
            result = await task
            self._contact.announce(result.line())
            raise

    async def _run(self, opening: Order) -> RoundTrip:
        before = await self._held()
        trip = RoundTrip(venue=self._exchange.venue, symbol=self._symbol)
        if isinstance(before, ReadFailed):
            return replace(trip, refusal=before.reason)
        outcome = await self._send(opening)
        if isinstance(outcome, Refused):
            return replace(trip, refusal=f"{outcome.code}: {outcome.message}")
        if isinstance(outcome, _Lost):
            return replace(trip, trouble=self._lost(outcome))
        trip = replace(trip, opened=outcome.executed_quantity, cost=_cost(outcome))
        trip = await self._close(trip)
        if trip.trouble:
            return trip
        return await self._see_flat(trip, before)

    async def _close(self, trip: RoundTrip) -> RoundTrip:
        for attempt in range(CLOSE_ATTEMPTS):
            left = trip.opened - trip.closed
            if left <= 0:
                return trip
            if attempt:
                self._contact.announce(f"{trip.venue}: closing again, {plain(left)} left")
                await asyncio.sleep(self._patience.poll_s * 2**attempt)
            outcome = await self._send(self.closing(left))
            match outcome:
                case _Lost():
                    return replace(trip, trouble=self._lost(outcome))
                case Refused():
                    self._contact.announce(
                        f"{trip.venue}: refused: {outcome.code}: {outcome.message}"
                    )
                case OrderReport():
                    trip = replace(
                        trip,
                        closed=trip.closed + outcome.executed_quantity,
                        cost=trip.cost + _cost(outcome),
                    )
        left = trip.opened - trip.closed
        return replace(trip, trouble=self._left_open(left)) if left > 0 else trip

    async def _see_flat(self, trip: RoundTrip, before: Decimal) -> RoundTrip:
        """The exchange itself must say that nothing is left; its reads may lag."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._patience.flat_s
        while True:
            held = await self._held()
            if held == before:
                return trip
            if loop.time() >= deadline:
                told = held.reason if isinstance(held, ReadFailed) else plain(held - before)
                return replace(
                    trip,
                    trouble=f"NOT SEEN FLAT: after the round trip the exchange tells {told} more "
                    f"than before. {self._mend()}",
                )
            await asyncio.sleep(self._patience.poll_s)

    async def _held(self) -> Decimal | ReadFailed:
        position = await self._exchange.position(self._symbol)
        return position if isinstance(position, ReadFailed) else position.quantity

    # -- one order ------------------------------------------------------------------------------

    async def _send(self, order: Order) -> _Outcome:
        """Send one order and wait until its fate is known; never sent twice."""
        outcome = await self._exchange.send(order)
        if isinstance(outcome, Refused):
            return outcome
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        reason = outcome.reason if isinstance(outcome, Unknown) else "not ended"
        was_cancelled = False
        while loop.time() - began_s < self._patience.outcome_s:
            seen = await self._exchange.look_up(order)
            if isinstance(seen, Accepted):
                if not seen.report.is_open:
                    return seen.report
                late = loop.time() - began_s > self._patience.working_s
                if late and not was_cancelled:
                    was_cancelled = True
                    await self._exchange.cancel(order)
            elif isinstance(seen, NotFound) and isinstance(outcome, Unknown):
                proof = await self._exchange.prove_absence(
                    order, sent_at=order.created_at, still_wanted=False
                )
                if isinstance(proof, ProvenAbsent):
                    return Refused(code="absent", message=proof.evidence, retryable=True)
                if isinstance(proof, Accepted) and not proof.report.is_open:
                    return proof.report
            elif isinstance(seen, ReadFailed):
                reason = seen.reason
            await asyncio.sleep(self._patience.poll_s)
        return _Lost(client_order_id=order.client_order_id, reason=reason)

    def closing(self, quantity: Decimal) -> Order:
        """The order that takes back what was opened."""
        side = OrderSide.SELL if self._leg is Leg.SPOT else OrderSide.BUY
        return self._order(
            Purpose.CLOSE, side, quantity=quantity, reduce_only=self._leg is Leg.HEDGE
        )

    def _order(
        self,
        purpose: Purpose,
        side: OrderSide,
        *,
        quantity: Decimal,
        quote_amount: Decimal | None = None,
        reduce_only: bool = False,
    ) -> Order:
        attempt = self._attempts[purpose] = self._attempts.get(purpose, 0) + 1
        name = client_order_id(
            mode=self._contact.mode_letter,
            key=self._key,
            leg=self._leg,
            purpose=purpose,
            attempt=attempt,
        )
        return Order(
            id=order_uuid(name),
            client_order_id=name,
            exchange=self._exchange.venue,
            symbol=self._symbol,
            side=side,
            type=OrderType.MARKET,
            quantity=quantity,
            quote_amount=quote_amount,
            reduce_only=reduce_only,
            leg=self._leg,
            purpose=purpose,
            attempt=attempt,
            signal_id=f"live-check-{self._key}",
            created_at=self._now(),
        )

    def _now(self) -> datetime:
        return self._contact.clock.now()

    # -- what an operator is told ------------------------------------------------------------------

    def _left_open(self, left: Decimal) -> str:
        return f"NOT FLAT: {plain(left)} {self._contact.base} are left. {self._mend()}"

    def _lost(self, lost: _Lost) -> str:
        return (
            f"UNKNOWN: the fate of order {lost.client_order_id} is not known ({lost.reason}). Look "
            f"for it among the orders of {self._symbol}; if it filled, or is open: {self._mend()}"
        )

    def _mend(self) -> str:
        if self._leg is Leg.SPOT:
            return (
                f"Cure: on upbit.com cancel open orders of {self._symbol} and sell by hand what "
                f"this check bought"
            )
        return (
            f"Cure: on binance.com, futures, cancel open orders of {self._symbol} and close its "
            f"position by hand (a reduce-only market order)"
        )


def _cost(report: OrderReport) -> Decimal:
    """Quote paid minus received, fees included at their value in it."""
    total = ZERO
    for fill in report.fills:
        value = fill.quantity * fill.price
        total += value if fill.side is OrderSide.BUY else -value
        total += fee_in_quote(fill)
    return total
