"""The Binance USDS-M adapter: the port's verbs, each handed to the part that knows it.

Every verb passes :mod:`contracts` on its way in and out: outside are coins, inside contracts.
"""

from collections.abc import Awaitable, Callable, Container, Sequence
from datetime import datetime
from decimal import Decimal

from trading_platform_order.domain.account.account_settings import AccountSettings
from trading_platform_order.domain.costs.funding import FundingTerms
from trading_platform_order.domain.market import Book, Instrument
from trading_platform_order.domain.order import (
    Balance,
    Fill,
    Leg,
    Order,
    OrderReport,
    OrderSide,
    OrderType,
    Position,
    Purpose,
)
from trading_platform_order.domain.outcome import (
    AbsenceOutcome,
    CancelOutcome,
    FundingPayment,
    ListedOrder,
    LookUpOutcome,
    NotFound,
    ProvenAbsent,
    ReadFailed,
    Refused,
    SendOutcome,
    Transfer,
    Unknown,
)
from trading_platform_order.domain.protection.leg_loss import Cause
from trading_platform_order.domain.protection.protective_stop import ProtectiveStopOrder, StopReport
from trading_platform_order.domain.rows import Rows
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.base import Finding, HedgeExchange, MarginAccount
from trading_platform_order.exchanges.binance.account.account import Account
from trading_platform_order.exchanges.binance.account.conditions import (
    account_settings,
    funding_terms,
    last_trade_at,
)
from trading_platform_order.exchanges.binance.account.fee_prices import BURNED, FeePrices
from trading_platform_order.exchanges.binance.account.inspection import inspect
from trading_platform_order.exchanges.binance.account.settings import Settings
from trading_platform_order.exchanges.binance.contracts import Contracts
from trading_platform_order.exchanges.binance.market.market_stream import MarketStream
from trading_platform_order.exchanges.binance.orders.absence import Absence
from trading_platform_order.exchanges.binance.orders.algo import AlgoOrders
from trading_platform_order.exchanges.binance.orders.executions import FORCED, executions
from trading_platform_order.exchanges.binance.orders.order_lists import OrderLists
from trading_platform_order.exchanges.binance.orders.orders import Orders
from trading_platform_order.exchanges.binance.orders.protection import Protection, stop_report
from trading_platform_order.exchanges.binance.requests.answers import Failure
from trading_platform_order.exchanges.binance.requests.parse import moment
from trading_platform_order.exchanges.binance.requests.rest import RestClient
from trading_platform_order.exchanges.binance.stream_liveness import MuteWatch
from trading_platform_order.exchanges.binance.streams.private_stream import PrivateStream
from trading_platform_order.exchanges.binance.survey import survey
from trading_platform_order.exchanges.config import BinanceConfig
from trading_platform_order.exchanges.measured_clock import MeasuredClock
from trading_platform_order.exchanges.port.conditional import StopOutcome
from trading_platform_order.exchanges.port.stream_events import (
    MarketSink,
    PrivateEvent,
    PrivateSink,
    StopUpdate,
)
from trading_platform_order.exchanges.rows import OurSymbols
from trading_platform_order.transport.clock import Clock
from trading_platform_order.transport.http import HttpTransport
from trading_platform_order.transport.limiter import Limiter
from trading_platform_order.transport.websocket import WebSocketTransport


class BinanceExchange(HedgeExchange):
    """One USDS-M futures account in one-way mode."""

    venue = Venue.BINANCE

    def __init__(
        self,
        *,
        http: HttpTransport,
        websocket: WebSocketTransport,
        clock: Clock,
        limiter: Limiter,
        config: BinanceConfig,
        retry_delay_s: float = 1.0,
    ) -> None:
        """Join the parts; nothing is sent yet.

        Args:
            http: carries requests; never re-sends.
            websocket: opens streams.
            clock: the calendar for timestamps.
            limiter: made from :func:`rest.budgets` of the same configuration.
            config: addresses, key, limits.
            retry_delay_s: before the second try of a read; doubles after each.
        """
        self._rest = RestClient(
            http=http, clock=clock, limiter=limiter, config=config, retry_delay_s=retry_delay_s
        )
        mute = MuteWatch(config.stream_mute_s)
        self._orders = Orders(rest=self._rest, config=config, mute=mute)
        self._lists = OrderLists(rest=self._rest)
        self._absence = Absence(rest=self._rest, orders=self._orders, config=config)
        #: margin type, leverage, brackets and the key's rights, beyond the common port
        self.settings = Settings(rest=self._rest)
        self._account = Account(rest=self._rest, settings=self.settings)
        #: conditional orders, beyond the common port
        self.algo = AlgoOrders(rest=self._rest, config=config)
        self._protection = Protection(rest=self._rest, algo=self.algo, config=config)
        #: names and units, at the boundary of this adapter and nowhere else
        self.contracts = Contracts(config.pairs)
        self._spot_url = config.spot_url
        self._clock = clock
        self._ours = OurSymbols()
        self._private = PrivateStream(
            ours=self._ours,
            rest=self._rest,
            websocket=websocket,
            config=config,
            mute=mute,
            on_algo=self.algo.deliver,
        )
        self._fee_prices = FeePrices(self._rest)
        self._market = MarketStream(websocket=websocket, config=config)

    def rate_room(self) -> float:
        """Of orders, and of the request weight that looking them up takes."""
        return self._rest.room()

    def order_wait_s(self) -> float:
        """By our own budget, or by what Binance told us to wait."""
        return self._rest.order_wait_s()

    def send(self, order: Order) -> Awaitable[SendOutcome]:
        """Send one order once: it is on the wire when this returns, its outcome is awaited."""
        return self.prepared(order)()

    def prepared(self, order: Order) -> Callable[[], Awaitable[SendOutcome]]:
        """Sign one order; the call that is returned writes it."""
        sent = self.contracts.order(order)
        self._ours.note(sent.symbol)
        write = self._orders.prepared(sent)
        # An ordinary pair pays for no further coroutine on the way of an order.
        return write if sent is order else lambda: self._in_coins(write())

    def rehearse(self, order: Order) -> None:
        """Sign it and forget it."""
        self._orders.rehearse(self.contracts.order(order))

    async def _in_coins(self, outcome: Awaitable[SendOutcome]) -> SendOutcome:
        return self.contracts.coins(await outcome)

    async def look_up(self, order: Order) -> LookUpOutcome:
        """Find the order by its client id, with all of its fills; one try."""
        found = await self._orders.look_up(self.contracts.order(order))
        return self.heed(self._fee_prices.of_outcome(self.contracts.coins(found)))

    async def prove_absence(
        self,
        order: Order,
        *,
        sent_at: datetime,
        still_wanted: bool,  # noqa: ARG002 - part of the port; here nothing is ever sent again
    ) -> AbsenceOutcome:
        """Wait for the horizon, then read it away; see :mod:`absence`."""
        sent = self.contracts.order(order)
        found = self.contracts.coins(await self._absence.prove(sent, sent_at=sent_at))
        return self._fee_prices.of_outcome(found)

    async def test_order(self, order: Order) -> Refused | Unknown | None:
        """Have Binance judge an order without placing it; ``None`` means it would be taken."""
        return await self._orders.test(self.contracts.order(order))

    async def cancel(self, order: Order) -> CancelOutcome:
        """Ask for the end of an open order."""
        return await self._orders.cancel(self.contracts.order(order))

    async def cancel_all(self, symbol: str) -> CancelOutcome:
        """End all ordinary open orders of a symbol, whoever placed them."""
        return await self._orders.cancel_all(self.contracts.symbol(symbol))

    async def countdown(self, symbol: str, wait_ms: int) -> ReadFailed | None:
        """End a symbol's ordinary orders unless called again within ``wait_ms``; zero stops it."""
        return await self._orders.countdown(self.contracts.symbol(symbol), wait_ms)

    async def open_orders(self, *symbols: str) -> Rows[OrderReport] | ReadFailed:
        """All open orders of these symbols, whoever placed them."""
        wire = self.contracts.symbols(symbols)
        return self.contracts.coins(await self._orders.open_orders(wire))

    async def orders_since(self, since: datetime, *symbols: str) -> Rows[ListedOrder] | ReadFailed:
        """All open orders and all created since; conditional orders are elsewhere."""
        wire = self.contracts.symbols(symbols)
        return self.contracts.coins(await self._lists.since(since, wire))

    async def find_order(
        self, symbol: str, client_order_id: str
    ) -> ListedOrder | NotFound | ReadFailed:
        """Whatever order stands under this id."""
        found = await self._lists.find(self.contracts.symbol(symbol), client_order_id)
        return self.contracts.coins(found)

    async def executions(
        self, symbol: str, *, since: datetime, known: Container[str]
    ) -> tuple[Fill, ...] | ReadFailed:
        """Executions of a symbol with the client ids of their orders, whoever placed them."""
        wire = self.contracts.symbol(symbol)
        found = self.contracts.coins(await executions(self._rest, wire, since=since, known=known))
        return found if isinstance(found, ReadFailed) else self._fee_prices.all_valued(found)

    async def place_stop(self, stop: ProtectiveStopOrder) -> StopOutcome:
        """Send one conditional order once."""
        return self.contracts.coins(await self._protection.place(self.contracts.stop(stop)))

    async def look_up_stop(self, stop: ProtectiveStopOrder) -> StopReport | NotFound | ReadFailed:
        """How a conditional order stands."""
        return self.contracts.coins(await self._protection.look_up(self.contracts.stop(stop)))

    async def prove_stop_absence(
        self, stop: ProtectiveStopOrder
    ) -> StopReport | ProvenAbsent | Unknown:
        """Wait for the horizon, then read it away."""
        sent = self.contracts.stop(stop)
        return self.contracts.coins(await self._protection.prove_absence(sent))

    async def cancel_stop(self, client_order_id: str) -> CancelOutcome:
        """Ask for the end of one that waits."""
        return await self.algo.cancel(client_order_id)

    async def open_stops(self, symbol: str) -> tuple[StopReport, ...] | ReadFailed:
        """All that wait in a symbol."""
        found = await self._protection.waiting(self.contracts.symbol(symbol))
        return self.contracts.coins(found)

    async def balances(self) -> Rows[Balance] | ReadFailed:
        """All non-zero assets; totals are wallet balances, without unrealised profit."""
        return self.heed(await self._account.balances())

    async def position(self, symbol: str) -> Position | ReadFailed:
        """The position; quantity negative for a short."""
        wire = self.contracts.symbol(symbol)
        self._ours.note(wire)
        return self.heed(self.contracts.coins(await self._account.position(wire)))

    async def positions(
        self, symbols: Sequence[str]
    ) -> tuple[Position | ReadFailed, ...] | ReadFailed:
        """As :meth:`position`, in one request."""
        wire = self.contracts.symbols(tuple(symbols))
        self._ours.note(*wire)
        return self.heed(self.contracts.coins(await self._account.positions(wire)))

    def forced_by(self, client_order_id: str) -> Cause | None:
        """By the prefixes of its own orders (Binance docs, Event-Order-Update)."""
        return next((why for name, why in FORCED if client_order_id.startswith(name)), None)

    async def margin(self) -> MarginAccount | ReadFailed:
        """The margin account."""
        return self.heed(await self._account.margin())

    async def funding(self, since: datetime) -> Rows[FundingPayment] | ReadFailed:
        """Funding payments from ``since`` on, oldest first."""
        return self.contracts.coins(await self._account.funding(since))

    async def transfers(self, asset: str, since: datetime) -> tuple[Transfer, ...] | ReadFailed:
        """What of an asset moved into and out of the futures wallet, oldest first."""
        return await self._account.transfers(asset, since)

    async def account_settings(self, symbols: tuple[str, ...]) -> AccountSettings | ReadFailed:
        """Modes, fees, and each symbol's margin type and leverage, as Binance holds them now."""
        wire = self.contracts.symbols(symbols)
        found = self.contracts.coins(await account_settings(self._rest, wire))
        if not isinstance(found, ReadFailed) and found.fees_in_bnb:
            self._fee_prices.want(BURNED)
        return found

    async def price_fees(self) -> ReadFailed | None:
        """Read the present price of BNB, if fees are paid in it."""
        return await self._fee_prices.read()

    async def funding_terms(self, symbol: str) -> FundingTerms | ReadFailed:
        """The rate of the next settlement, and how often one comes."""
        return await funding_terms(self._rest, self.contracts.symbol(symbol))

    async def last_trade_at(self, symbol: str) -> datetime | ReadFailed:
        """When anybody traded this contract last."""
        return await last_trade_at(self._rest, self.contracts.symbol(symbol))

    async def instrument(self, symbol: str) -> Instrument | ReadFailed:
        """Filters and fees, read once and again by :meth:`prepare`."""
        found = await self._account.instrument(self.contracts.symbol(symbol))
        return self.contracts.coins(found)

    def forget_filters(self, symbol: str) -> None:
        """The next :meth:`instrument` asks Binance again."""
        self._account.forget(self.contracts.symbol(symbol))

    async def order_book(self, symbol: str) -> Book | ReadFailed:
        """The book of a symbol, asked once."""
        found = await self._market.read_book(self._rest, self.contracts.symbol(symbol))
        return self.contracts.coins(found)

    async def server_time(self) -> datetime | ReadFailed:
        """The exchange's clock."""
        return await self._account.server_time()

    def follow_clock(self, other: MeasuredClock) -> None:
        """As of any adapter; the timestamps of our requests are as right as the other's."""
        super().follow_clock(other)
        if isinstance(other, BinanceExchange):
            self._rest.signer.offset_ms = other._rest.signer.offset_ms  # noqa: SLF001 - its own kind

    async def time_to_measure(self) -> datetime | ReadFailed:
        """The exchange's clock; the same answer corrects the timestamps of our requests."""
        found = await self._rest.measure_clock()
        if found is None:
            return ReadFailed(reason="the calendar jumped while it was measured")
        return found.as_read_failed("clock") if isinstance(found, Failure) else moment(found)

    async def prepare_account(self) -> ReadFailed | None:
        """Clock and position mode; says what is wrong and the cure."""
        return await self._account.prepare()

    async def prepare_symbol(self, symbol: str, *, leverage: int) -> ReadFailed | None:
        """Margin type, leverage and filters; says what is wrong and the cure."""
        wire = self.contracts.symbol(symbol)
        self._ours.note(wire)
        return await self._account.prepare_symbol(wire, leverage=leverage)

    async def inspect(self, symbols: tuple[str, ...], *, leverage: int) -> tuple[Finding, ...]:
        """Position mode, margin type, leverage and the key's rights; reads only."""
        return await inspect(
            rest=self._rest,
            settings=self.settings,
            symbols=self.contracts.symbols(symbols),
            leverage=leverage,
            spot_url=self._spot_url,
            test_order=lambda wire: self._orders.test(_smallest_order(wire, self._clock.now())),
        )

    async def survey(self, symbol: str) -> tuple[ReadFailed, ...]:
        """Brackets, conditional orders and histories, as the adapter may read them."""
        wire = self.contracts.symbol(symbol)
        return await survey(rest=self._rest, settings=self.settings, algo=self.algo, symbol=wire)

    async def run_private_stream(self, sink: PrivateSink) -> None:
        """Orders and balances until cancelled."""
        valued = self._fee_prices.through(sink)

        def hear(event: PrivateEvent) -> None:
            valued(self.contracts.coins(event))

        self.algo.on_update = lambda report: hear(StopUpdate(report=stop_report(report)))
        await self._private.run(hear)

    async def run_market_stream(self, symbols: tuple[str, ...], sink: MarketSink) -> None:
        """Books of these symbols until cancelled."""
        wire = self.contracts.symbols(symbols)
        self._ours.note(*wire)
        await self._market.run(wire, lambda event: sink(self.contracts.coins(event)))

    async def close(self) -> None:
        """Close connections; running streams must have been cancelled before."""
        await self._rest.http.close()


def _smallest_order(symbol: str, now: datetime) -> Order:
    """A market sell to be judged and never placed; its size matters less than the key's rights."""
    return Order(
        id="",
        client_order_id="test",
        exchange=Venue.BINANCE,
        symbol=symbol,
        side=OrderSide.SELL,
        type=OrderType.MARKET,
        quantity=Decimal(1),
        leg=Leg.HEDGE,
        purpose=Purpose.OPEN,
        attempt=1,
        signal_id="",
        created_at=now,
    )
