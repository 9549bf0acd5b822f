"""From unknown to known on Upbit: an identifier can be used once, and that is the proof.

Upbit's requests carry no time stamp and never expire, so waiting proves nothing. But an
identifier is unique per account for ever (docs new-order @2026-08-21): once some request has
consumed it, the lost one can no longer take effect. So:

* still wanted: post the very same order again. 201: it is placed now, and only once.
* not wanted: post a tiny far-away bid under the same identifier and cancel it.
* ``duplicated_identifier``: the identifier is consumed; look whether an order stands under it.
* anything else (no funds because the first one locked them, 429, maintenance, silence) decides
  nothing and stays unknown.
"""

import asyncio
from datetime import timedelta
from decimal import Decimal

import attrs

from trading_platform_order.domain.market import Instrument
from trading_platform_order.domain.money import SPOT_VOLUME_STEP, ZERO, ceil_to_step
from trading_platform_order.domain.order import Order
from trading_platform_order.domain.outcome import (
    AbsenceOutcome,
    Accepted,
    ProvenAbsent,
    ReadFailed,
    Unknown,
)
from trading_platform_order.exchanges.either_read import either
from trading_platform_order.exchanges.rows import WireRows
from trading_platform_order.exchanges.upbit.orders.lookup import judge, placed
from trading_platform_order.exchanges.upbit.orders.order_lists import OrderLists
from trading_platform_order.exchanges.upbit.requests import parse, wire
from trading_platform_order.exchanges.upbit.requests.errors import Failure, Kind
from trading_platform_order.exchanges.upbit.requests.rest import (
    ORDERBOOK,
    TICKER,
    Success,
    UpbitRest,
    only,
)
from trading_platform_order.exchanges.upbit.requests.server_clock import ServerClock

#: a post-only bid this far below the best bid, or the last price, is out of any market's reach for
#: seconds
FAR_BELOW = Decimal("0.7")
ABOVE_MINIMUM = Decimal("1.02")
POLL_S = 0.5
ANSWER_S = 2.0
"""So long a post that only consumes an identifier is waited for: whatever became of it, the next
one under the same identifier tells, and until one does nothing is known. Twice as long each time:
an exchange that is slow is heard."""
ANSWER_MAX_S = 8.0
MIN_ROUNDS = 3
CLOSED_PAGE = 1_000
CLOSED_MARGIN = timedelta(minutes=5)
CLOSED_WINDOW = timedelta(days=6)
CONSUMED = "identifier consumed"


@attrs.define(kw_only=True, eq=False, repr=False)
class Absence:
    """One bounded step of the ladder per call; every step may be repeated."""

    _rest: UpbitRest
    _lists: OrderLists
    _clock: ServerClock
    _consume_timeout_s: float
    _patience_s: dict[str, float] = attrs.field(factory=dict, init=False)

    async def repost(self, order: Order) -> AbsenceOutcome:
        """Post the same order under the same identifier again."""
        answer = await self._posted(order, parse.order_body(order))
        if not isinstance(answer, Failure):
            return placed(order, answer)
        if answer.kind is Kind.DUPLICATE:
            return await self._find(order)
        return Unknown(reason=f"re-post: {answer.text}")

    async def consume(self, order: Order, instrument: Instrument) -> AbsenceOutcome:
        """Use up the identifier with an order that cannot trade."""
        price_krw = await either(lambda: self._best_bid(order), lambda: self._last_price(order))
        if isinstance(price_krw, ReadFailed):
            return Unknown(reason=f"consuming: {price_krw.reason}")
        body = _consuming_order(order, instrument, price_krw)
        answer = await self._posted(order, body)
        if not isinstance(answer, Failure):
            return await self._withdraw(order)
        if answer.kind is Kind.DUPLICATE:
            return await self._find(order)
        return Unknown(reason=f"consuming: {answer.text}")

    async def _posted(self, order: Order, body: dict[str, str]) -> Success | Failure:
        name = order.client_order_id
        answer_s = self._patience_s.get(name, ANSWER_S)
        answer = await self._rest.post_order(body, urgent=True, answer_s=answer_s)
        if isinstance(answer, Failure) and answer.kind is Kind.UNKNOWN:
            self._patience_s[name] = min(2 * answer_s, ANSWER_MAX_S)
        else:
            self._patience_s.pop(name, None)
        return answer

    async def _best_bid(self, order: Order) -> Decimal | ReadFailed:
        market = parse.to_wire(order.symbol)
        pairs = [("markets", market), ("count", "1")]
        rows = only(
            market,
            await self._rest.read_rows(
                "/v1/orderbook", pairs, wire.RestBook, key="market", group=ORDERBOOK, retry=False
            ),
            single=True,
        )
        if isinstance(rows, Failure):
            return ReadFailed(reason=rows.text)
        units = [unit for row in rows.rows for unit in row.orderbook_units]
        if not units or not units[0].bid_price > 0:
            return ReadFailed(reason=f"no bid in {market}")
        return units[0].bid_price

    async def _last_price(self, order: Order) -> Decimal | ReadFailed:
        """Of the last trade: where nobody bids, or no book is told, it says what is far off."""
        market = parse.to_wire(order.symbol)
        rows = only(
            market,
            await self._rest.read_rows(
                "/v1/ticker",
                [("markets", market)],
                wire.LastPrice,
                key="market",
                group=TICKER,
                retry=False,
            ),
            single=True,
        )
        if isinstance(rows, Failure):
            return ReadFailed(reason=rows.text)
        price_krw = next((row.trade_price for row in rows.rows), ZERO)
        return price_krw if price_krw > 0 else ReadFailed(reason=f"no last price of {market}")

    async def _find(self, order: Order) -> AbsenceOutcome:
        """The identifier is consumed; is there an order under it?"""
        loop = asyncio.get_running_loop()
        began, began_at = loop.time(), self._clock.now()
        rounds = 0
        while True:
            found = await self._find_once(order)
            if isinstance(found, wire.Order):
                return await self._conclude(order, found)
            rounds = rounds + 1 if found is None else 0
            waited_s = loop.time() - began
            if waited_s >= self._consume_timeout_s:
                break
            await asyncio.sleep(POLL_S)
        if isinstance(found, Failure):
            return Unknown(reason=f"identifier is used, but the look-up failed: {found.text}")
        if rounds < MIN_ROUNDS:
            return Unknown(reason="identifier is used, but too few look-ups were answered")
        return ProvenAbsent(
            evidence=(
                "identifier burned: a post under it was answered duplicated_identifier, and in "
                f"{rounds} rounds over {waited_s:.1f} s from {began_at.isoformat()} (server time) "
                "it was not found by order, open orders and closed orders"
            ),
        )

    async def _find_once(self, order: Order) -> wire.Order | Failure | None:
        identifier, market = order.client_order_id, parse.to_wire(order.symbol)
        found = await self._rest.get_order(identifier)
        if isinstance(found, wire.Order):
            return found
        if found.kind is not Kind.NOT_FOUND:
            return found
        opened = await self._lists.open(market, retry=False)
        if isinstance(opened, Failure):
            return opened
        closed = await self._closed(order)
        if isinstance(closed, Failure):
            return closed
        rows = (*opened.rows, *closed.rows)
        return next((row for row in rows if row.identifier == identifier), None)

    async def _closed(self, order: Order) -> WireRows[wire.Order] | Failure:
        market = parse.to_wire(order.symbol)
        sent_at = self._clock.as_intended(order).created_at
        since = max(sent_at - CLOSED_MARGIN, self._clock.now() - CLOSED_WINDOW)
        pairs = [
            ("market", market),
            ("start_time", since.isoformat(timespec="seconds")),
            ("limit", str(CLOSED_PAGE)),
        ]
        answer = await self._rest.read_rows(
            "/v1/orders/closed", pairs, wire.Order, key="market", retry=False
        )
        rows = only(market, answer)
        if not isinstance(rows, Failure) and rows.total >= CLOSED_PAGE:
            message = f"{rows.total} rows: the list may be cut"
            return Failure(kind=Kind.UNKNOWN, code="closed_orders", message=message)
        return rows

    async def _conclude(self, order: Order, found: wire.Order) -> AbsenceOutcome:
        if parse.is_consuming(found, order):
            if found.state in wire.ENDED:
                return _absent(found)
            return await self._withdraw(order)
        verdict = judge(order, found, self._clock)
        match verdict:
            case Accepted():
                return verdict
            case ReadFailed(reason=reason):
                return Unknown(reason=reason)
            case _:
                return Unknown(reason=f"found, but not understood: {verdict}")

    async def _withdraw(self, order: Order) -> AbsenceOutcome:
        """Cancel the consuming order and see its end; unless seen, the next call tries again."""
        identifier = order.client_order_id
        answer = await self._rest.delete_order(identifier)
        if isinstance(answer, Failure) and answer.kind is not Kind.NOT_FOUND:
            return Unknown(reason=f"{CONSUMED}, but its order is not cancelled: {answer.text}")
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._consume_timeout_s
        while True:
            found = await self._rest.get_order(identifier)
            if isinstance(found, wire.Order) and found.state in wire.ENDED:
                return _absent(found)
            if loop.time() >= deadline:
                return Unknown(reason=f"{CONSUMED}, but the end of its order was not seen")
            await asyncio.sleep(POLL_S)


def _consuming_order(order: Order, instrument: Instrument, price_krw: Decimal) -> dict[str, str]:
    far_below = price_krw * FAR_BELOW
    price = max(instrument.floor_price(far_below), instrument.tick_at(far_below))
    volume = ceil_to_step(instrument.min_notional * ABOVE_MINIMUM / price, SPOT_VOLUME_STEP)
    return parse.consuming_body(
        market=parse.to_wire(order.symbol),
        identifier=order.client_order_id,
        price=price,
        volume=volume,
    )


def _absent(consuming: wire.Order) -> ProvenAbsent:
    bought = consuming.executed_volume
    filled = f", and its order bought {bought}" if bought else ", which filled nothing"
    return ProvenAbsent(
        evidence=(
            f"{CONSUMED} by the post-only order {consuming.uuid}, created {consuming.created_at} "
            f"and seen ended ({consuming.state}){filled}"
        ),
        needs_account=False,
    )
