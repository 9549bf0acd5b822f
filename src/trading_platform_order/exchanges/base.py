"""The whole port to an exchange: the specification's three verbs and the outcome-returning ones.

The engine uses the outcome-returning verbs (``send``, ``look_up``, ``prove_absence``, ``cancel``
…), which do not raise for what an exchange does. ``execute_order``, ``get_balance``
and ``get_position`` are the specification's conveniences built on them. What its streams tell is in
``stream_events``.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Container, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import partial

from trading_platform_order.domain.market import Book, Instrument
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Balance, Fill, Order, OrderReport, Position
from trading_platform_order.domain.outcome import (
    AbsenceOutcome,
    Accepted,
    CancelOutcome,
    FundingPayment,
    ListedOrder,
    LookUpOutcome,
    NotFound,
    ReadFailed,
    Refused,
    SendOutcome,
    Transfer,
    Unknown,
)
from trading_platform_order.domain.protection.leg_loss import Cause
from trading_platform_order.domain.rows import Rows
from trading_platform_order.domain.value import value
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.measured_clock import MeasuredClock
from trading_platform_order.exchanges.port.account_conditions import AccountConditions
from trading_platform_order.exchanges.port.conditional import ConditionalOrders
from trading_platform_order.exchanges.port.stream_events import MarketSink, PrivateSink
from trading_platform_order.transport.call_health import CallHealth


class OrderRefused(Exception):  # noqa: N818 - the specification's verbs raise facts, not errors
    """The exchange proved that it did not accept the order."""


class OrderUnknown(Exception):  # noqa: N818 - as above
    """The order may have happened; look it up by its client order id before anything else."""


class ExchangeUnavailable(Exception):  # noqa: N818 - as above
    """A read was not answered; nothing is known from it."""


@value
class MarginAccount:
    """The hedge account in USDT.

    Attributes:
        wallet_usdt: without unrealised profit.
        unrealised_usdt: of all positions.
        margin_balance_usdt: wallet plus unrealised.
        maintenance_usdt: maintenance margin required now.
        available_usdt: free for new positions.
    """

    wallet_usdt: Decimal
    unrealised_usdt: Decimal
    margin_balance_usdt: Decimal
    maintenance_usdt: Decimal
    available_usdt: Decimal


class Level(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@value
class Finding:
    """One thing that was looked at before trading.

    Attributes:
        subject: what was looked at, e.g. ``binance position mode``.
        text: what was found.
        remedy: what to do about it; empty when all is well.
    """

    level: Level
    subject: str
    text: str
    remedy: str = ""


class BaseExchange(MeasuredClock, AccountConditions, ABC):
    """One account on one exchange.

    Attributes:
        health: counts failures of private calls in a row, where somebody counts them.
    """

    venue: Venue
    health: CallHealth | None = None

    def rate_room(self) -> float:
        """The part of its request budgets that is free for an order and for what follows it.

        0.0 while an order would have to wait; 1.0 where nobody keeps a budget.
        """
        return 1.0

    def order_wait_s(self) -> float:
        """Seconds until an urgent order may leave (a ban, a limit, our budget); 0.0 for now."""
        return 0.0

    # -- orders ---------------------------------------------------------------------------------

    @abstractmethod
    async def test_order(self, order: Order) -> Refused | Unknown | None:
        """Have the exchange judge an order without placing it; ``None``: it would be taken.

        The order's own id is not used up by it.
        """

    @abstractmethod
    async def order_book(self, symbol: str) -> Book | ReadFailed:
        """The book of a symbol, asked for now; for when its stream is silent."""

    @abstractmethod
    def send(self, order: Order) -> Awaitable[SendOutcome]:
        """Send one order once. The intent must be durable before this is called."""

    def prepared(self, order: Order) -> Callable[[], Awaitable[SendOutcome]]:
        """Sign one order; what is returned writes it, is called at most once, and right away.

        For several orders that have to arrive together: whatever takes time is done for all of
        them before the first one leaves. Its budget is taken, its time is told. The intent must be
        durable before this is called, too.
        """
        return partial(self.send, order)

    def rehearse(self, order: Order) -> None:
        """Sign an order that will never be sent; nothing comes of it, no budget is taken.

        For whoever keeps the way to the first order warm. An adapter may leave it undone.
        """

    @abstractmethod
    async def look_up(self, order: Order) -> LookUpOutcome:
        """Ask the exchange for the order by its client order id, with all of its fills.

        ``Accepted`` is returned only if the found order fits the intent (see :func:`fits`);
        one that does not fit is ``ReadFailed`` with a reason that starts with ``collision``.
        """

    @abstractmethod
    async def prove_absence(
        self, order: Order, *, sent_at: datetime, still_wanted: bool
    ) -> AbsenceOutcome:
        """One bounded step on the exchange's own ladder from unknown to known.

        Called repeatedly, after look-ups did not find the order, until it returns ``Accepted`` or
        ``ProvenAbsent``. Upbit: re-post the same identifier if still wanted, else consume it
        with a far-from-market order. Binance: wait for the horizon on server time, then
        reads; never re-post.

        Args:
            order: the intent.
            sent_at: calendar time just before it was sent (or journalled).
            still_wanted: the trade would still place this order now.
        """

    @abstractmethod
    async def cancel(self, order: Order) -> CancelOutcome:
        """Ask for the end of an open order."""

    @abstractmethod
    async def open_orders(self, *symbols: str) -> Rows[OrderReport] | ReadFailed:
        """All open orders of these symbols, whoever placed them.

        A symbol under ``unread`` was not told of, or not in full.
        """

    @abstractmethod
    async def orders_since(self, since: datetime, *symbols: str) -> Rows[ListedOrder] | ReadFailed:
        """Every open order of these symbols and every one created since then, without fills.

        Complete or ``ReadFailed``: a list that may have been cut is not an answer. A symbol under
        ``unread`` is not complete. Takes none of the budget kept for urgent requests.
        """

    @abstractmethod
    async def find_order(
        self, symbol: str, client_order_id: str
    ) -> ListedOrder | NotFound | ReadFailed:
        """Whatever order stands under this id, without comparing it to an intent."""

    # -- account --------------------------------------------------------------------------------

    @abstractmethod
    async def balances(self) -> Rows[Balance] | ReadFailed:
        """All non-zero assets; one under ``unread`` is not zero, it is unknown."""

    @abstractmethod
    async def position(self, symbol: str) -> Position | ReadFailed:
        """The holding in a symbol; quantity zero when flat."""

    async def transfers(self, asset: str, since: datetime) -> tuple[Transfer, ...] | ReadFailed:
        """What of an asset came in or left without a trade, oldest first; some keys may not ask."""
        return ReadFailed(reason=f"{self.venue} does not tell transfers of {asset} since {since}")

    @abstractmethod
    async def instrument(self, symbol: str) -> Instrument | ReadFailed:
        """Filters and fees of a symbol, read from the exchange."""

    def forget_filters(self, symbol: str) -> None:
        """They may have changed: :meth:`instrument` asks the exchange again."""

    @abstractmethod
    async def prepare_account(self) -> ReadFailed | None:
        """What must be so of the whole account before the first order: clock, position mode.

        ``ReadFailed`` names what is wrong and the cure.
        """

    @abstractmethod
    async def prepare_symbol(self, symbol: str, *, leverage: int) -> ReadFailed | None:
        """The same of one symbol: listed and traded, margin type, leverage, filters."""

    async def prepare(self, symbols: tuple[str, ...], *, leverage: int) -> ReadFailed | None:
        """The account and all of these symbols; the first thing that is wrong."""
        problem = await self.prepare_account()
        for symbol in symbols:
            problem = problem or await self.prepare_symbol(symbol, leverage=leverage)
        return problem

    async def inspect(self, symbols: tuple[str, ...], *, leverage: int) -> tuple[Finding, ...]:  # noqa: ARG002 - the arguments are the port's
        """Look at keys, permissions and account settings without changing anything."""
        return ()

    async def survey(self, symbol: str) -> tuple[ReadFailed, ...]:  # noqa: ARG002 - the argument is the port's
        """Ask whatever else this adapter ever reads of a symbol; what failed is returned.

        For first contact with an exchange: nothing is placed and nothing changed.
        """
        return ()

    # -- streams --------------------------------------------------------------------------------

    @abstractmethod
    async def run_private_stream(self, sink: PrivateSink) -> None:
        """Run until cancelled: connect, subscribe, deliver, reconnect with bounded back-off."""

    @abstractmethod
    async def run_market_stream(self, symbols: tuple[str, ...], sink: MarketSink) -> None:
        """Run until cancelled: books of these symbols (and, on Upbit, the KRW-USDT rate)."""

    @abstractmethod
    async def close(self) -> None:
        """Close connections; running streams must have been cancelled before."""

    # -- the specification's verbs --------------------------------------------------------------

    #: how often ``execute_order`` looks for the end of an order, and how long in all
    poll_interval_s: float = 0.1
    settle_timeout_s: float = 10.0

    async def execute_order(self, order: Order) -> Fill:
        """Send and wait for the end; all fills merged into one with the average price.

        Raises:
            OrderRefused: the exchange did not accept it, or it ended without any fill.
            OrderUnknown: no answer, or not ended within ``settle_timeout_s``.
        """
        outcome = await self.send(order)
        if isinstance(outcome, Refused):
            raise OrderRefused(f"{order.client_order_id}: {outcome.code}: {outcome.message}")
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.settle_timeout_s
        while loop.time() < deadline:
            seen = await self.look_up(order)
            if isinstance(seen, Accepted) and not seen.report.is_open:
                filled = sum((f.quantity for f in seen.report.fills), ZERO)
                if filled == seen.report.executed_quantity:
                    return _merge(order, seen.report)
            await asyncio.sleep(self.poll_interval_s)
        reason = outcome.reason if isinstance(outcome, Unknown) else "still working"
        raise OrderUnknown(f"{order.client_order_id}: {reason}; look it up by this id")

    async def get_balance(self) -> dict[str, Decimal]:
        """Available amount by asset.

        Raises:
            ExchangeUnavailable: not answered.
        """
        answer = await self.balances()
        if isinstance(answer, ReadFailed):
            raise ExchangeUnavailable(answer.reason)
        return {balance.asset: balance.available for balance in answer}

    async def get_position(self, symbol: str) -> Position:
        """The holding in a symbol.

        Raises:
            ExchangeUnavailable: not answered.
        """
        answer = await self.position(symbol)
        if isinstance(answer, ReadFailed):
            raise ExchangeUnavailable(answer.reason)
        return answer


def _merge(order: Order, report: OrderReport) -> Fill:
    if not report.fills:
        raise OrderRefused(f"{order.client_order_id}: ended without a fill")
    quantity = sum((f.quantity for f in report.fills), ZERO)
    quote = sum((f.quantity * f.price for f in report.fills), ZERO)
    last = report.fills[-1]
    return Fill(
        exchange=order.exchange,
        symbol=order.symbol,
        client_order_id=order.client_order_id,
        trade_id=last.trade_id,
        side=order.side,
        quantity=quantity,
        price=quote / quantity,
        fee=sum((f.fee for f in report.fills), ZERO),
        fee_asset=last.fee_asset,
        at=last.at,
    )


class SpotExchange(BaseExchange):
    """One account where coins are bought and held."""


class HedgeExchange(ConditionalOrders, BaseExchange):
    """One margin account where the same quantity is shorted, with conditional orders on it."""

    @abstractmethod
    async def executions(
        self, symbol: str, *, since: datetime, known: Container[str]
    ) -> tuple[Fill, ...] | ReadFailed:
        """Executions of a symbol under whatever order, oldest first.

        Each carries the client order id of its order, whoever placed that.

        Args:
            symbol: one symbol.
            since: from then on; the exchange may not reach back further than some days.
            known: trade ids that are left out.
        """

    async def positions(
        self, symbols: Sequence[str]
    ) -> tuple[Position | ReadFailed, ...] | ReadFailed:
        """As :meth:`position`, of several in their order; one request where the exchange can.

        What cannot be read of one symbol is that symbol's ``ReadFailed`` alone; where none of them
        is answered, the exchange is silent, and that is one ``ReadFailed``.
        """
        found = [await self.position(symbol) for symbol in symbols]
        failed = [answer for answer in found if isinstance(answer, ReadFailed)]
        return failed[0] if failed and len(failed) == len(found) else tuple(found)

    def forced_by(self, client_order_id: str) -> Cause | None:  # noqa: ARG002 - the port's
        """Why the exchange itself placed an order; ``None``: somebody else did."""
        return None

    @abstractmethod
    async def margin(self) -> MarginAccount | ReadFailed:
        """The margin account."""

    @abstractmethod
    async def funding(self, since: datetime) -> Rows[FundingPayment] | ReadFailed:
        """Funding payments from ``since`` on, oldest first."""
