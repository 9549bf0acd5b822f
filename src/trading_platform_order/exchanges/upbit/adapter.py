"""Upbit behind the port: the same verbs as every exchange."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from trading_platform_order.domain.market import Book, Instrument
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import (
    Balance,
    Order,
    OrderReport,
    Position,
    Purpose,
    base_asset,
)
from trading_platform_order.domain.outcome import (
    AbsenceOutcome,
    Accepted,
    AlreadyGone,
    CancelOutcome,
    CancelRequested,
    ListedOrder,
    LookUpOutcome,
    NotFound,
    ReadFailed,
    Refused,
    SendOutcome,
    Transfer,
    Unknown,
)
from trading_platform_order.domain.rows import NAMELESS, Rows
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.base import Finding, SpotExchange
from trading_platform_order.exchanges.config import UpbitConfig
from trading_platform_order.exchanges.either_read import either
from trading_platform_order.exchanges.port.stream_events import MarketSink, PrivateSink
from trading_platform_order.exchanges.rows import OurSymbols, WireRows
from trading_platform_order.exchanges.upbit.account.account_values import position_of
from trading_platform_order.exchanges.upbit.account.conditions import expiry, suspended_wallets
from trading_platform_order.exchanges.upbit.account.inspection import Inspection, smallest_order
from trading_platform_order.exchanges.upbit.account.transfers import transfers
from trading_platform_order.exchanges.upbit.market.filters import MarketFilters
from trading_platform_order.exchanges.upbit.market.last_trade import LastTrade
from trading_platform_order.exchanges.upbit.market.market_alerts import MarketAlerts
from trading_platform_order.exchanges.upbit.market.market_stream import (
    market_subscription,
    read_book,
)
from trading_platform_order.exchanges.upbit.market.price_ticks import SeenPrices
from trading_platform_order.exchanges.upbit.orders.absence import Absence
from trading_platform_order.exchanges.upbit.orders.history import closed_orders
from trading_platform_order.exchanges.upbit.orders.lookup import judge, placed
from trading_platform_order.exchanges.upbit.orders.order_lists import OrderLists, by_symbol
from trading_platform_order.exchanges.upbit.requests import errors, parse, wire
from trading_platform_order.exchanges.upbit.requests.errors import Failure, Kind
from trading_platform_order.exchanges.upbit.requests.rest import (
    CHANCE_PATH,
    TICKER,
    Success,
    UpbitRest,
)
from trading_platform_order.exchanges.upbit.requests.server_clock import ServerClock
from trading_platform_order.exchanges.upbit.requests.signing import Signer
from trading_platform_order.exchanges.upbit.requests.trade_fees import is_cut
from trading_platform_order.exchanges.upbit.streams.private_stream import private_subscription
from trading_platform_order.exchanges.upbit.streams.stream import StreamKeeper
from trading_platform_order.transport.clock import Clock
from trading_platform_order.transport.http import HttpTransport
from trading_platform_order.transport.limiter import Limiter
from trading_platform_order.transport.websocket import WebSocketTransport

SURVEY_BACK = timedelta(days=6)
UUID = "uuid"


class UpbitExchange(LastTrade, SpotExchange):
    """One pocket of one Upbit account.

    Args:
        http: carries requests, never re-sends.
        websocket: opens streams.
        clock: calendar and stopwatch.
        limiter: holds :func:`~trading_platform_order.exchanges.upbit.requests.rest.budgets`.
        config: addresses, keys, limits.
        nonce: a new unique text at every call (a UUID in production).
    """

    venue = Venue.UPBIT

    def __init__(
        self,
        *,
        http: HttpTransport,
        websocket: WebSocketTransport,
        clock: Clock,
        limiter: Limiter,
        config: UpbitConfig,
        nonce: Callable[[], str],
    ) -> None:
        self._http = http
        self._clock = clock
        self._config = config
        self._nonce = nonce
        self._signer = Signer(config.credentials, nonce)
        self._server_clock = ServerClock(clock)
        self._rest = UpbitRest(
            http=http,
            limiter=limiter,
            config=config,
            signer=self._signer,
            clock=self._server_clock,
        )
        self._lists = OrderLists(rest=self._rest)
        self._absence = Absence(
            rest=self._rest,
            lists=self._lists,
            clock=self._server_clock,
            consume_timeout_s=config.consume_timeout_s,
        )
        self._streams = StreamKeeper(
            websocket=websocket,
            connect_timeout_s=config.read_timeout_s,
            idle_s=config.stream_idle_s,
        )
        self._ours = OurSymbols()
        self._prices = SeenPrices()
        self._filters = MarketFilters(rest=self._rest, clock=clock, prices=self._prices)
        self._alerts = MarketAlerts(rest=self._rest, clock=clock)

    def rate_room(self) -> float:
        """Of orders, and of what looks them up."""
        return self._rest.room()

    def order_wait_s(self) -> float:
        """By our own budget, or by what Upbit told us to wait."""
        return self._rest.order_wait_s()

    # -- orders ---------------------------------------------------------------------------------

    def send(self, order: Order) -> Awaitable[SendOutcome]:
        """Post one order once; it is on its way when this returns, if the budget allows it."""
        return self.prepared(order)()

    def prepared(self, order: Order) -> Callable[[], Awaitable[SendOutcome]]:
        """Sign one order; the call that is returned posts it."""
        urgent = order.purpose is not Purpose.OPEN
        self._ours.note(order.symbol)
        self._server_clock.sending(order.client_order_id)
        post = self._rest.prepared_order(parse.order_body(order), urgent=urgent)
        return lambda: self._sent(order, post())

    def rehearse(self, order: Order) -> None:
        """Sign it and forget it."""
        self._rest.rehearse_order(parse.order_body(order))

    async def _sent(self, order: Order, pending: Awaitable[Success | Failure]) -> SendOutcome:
        answer = await pending
        return (
            errors.as_order_outcome(answer)
            if isinstance(answer, Failure)
            else placed(order, answer)
        )

    async def look_up(self, order: Order) -> LookUpOutcome:
        """Ask once by identifier, with all fills; their fees are shares of the order's fee.

        Where fewer trades are listed than there were, totals stand for those that are missing.
        """
        found = await self._rest.get_order(order.client_order_id)
        if isinstance(found, Failure) and found.kind is Kind.NOT_FOUND and order.exchange_order_id:
            found = await self._rest.get_order(order.exchange_order_id, by=UUID)
        if isinstance(found, wire.Order):
            rate = await self._filters.taker_fee_rate(order.symbol) if is_cut(found) else ZERO
            return judge(order, found, self._server_clock, fee_rate=rate)
        if found.kind is Kind.NOT_FOUND:
            return NotFound()
        return self.heed(errors.as_read_failed(found, "order", tells_key=True))

    async def prove_absence(
        self, order: Order, *, sent_at: datetime, still_wanted: bool
    ) -> AbsenceOutcome:
        """Consume the identifier, see ``exchanges/upbit/orders/absence.py``."""
        del sent_at  # time proves nothing here
        if still_wanted:
            return await self._absence.repost(order)
        return await self._absence.consume(order, await self._filters.at_hand(order.symbol))

    async def cancel(self, order: Order) -> CancelOutcome:
        """Ask for the end of an open order; Upbit cancels asynchronously."""
        answer = await self._rest.delete_order(order.client_order_id)
        if (
            isinstance(answer, Failure)
            and answer.kind is Kind.NOT_FOUND
            and order.exchange_order_id is not None
        ):
            answer = await self._rest.delete_order(order.exchange_order_id, by=UUID)
        if isinstance(answer, Success):
            return CancelRequested()
        if answer.kind is Kind.NOT_FOUND:
            return AlreadyGone()
        if answer.kind is Kind.REFUSED:
            # What Upbit answers for an order that has ended is not documented.
            seen = await self.look_up(order)
            if isinstance(seen, Accepted) and not seen.report.is_open:
                return AlreadyGone()
        return errors.as_order_outcome(answer)

    async def test_order(self, order: Order) -> Refused | Unknown | None:
        """Have Upbit judge an order without placing it; ``None`` means it would be taken.

        It goes without its identifier, so that this cannot use the identifier up.
        """
        body = parse.order_body(order)
        del body["identifier"]
        answer = await self._rest.test_order(body)
        return errors.as_order_outcome(answer) if isinstance(answer, Failure) else None

    async def order_by_uuid(self, uuid: str) -> OrderReport | NotFound | ReadFailed:
        """Any order of the account, also one that has no identifier."""
        found = await self._rest.get_order(uuid, by=UUID)
        if isinstance(found, wire.Order):
            return errors.parsed(lambda: parse.order_report(found))
        if found.kind is Kind.NOT_FOUND:
            return NotFound()
        return errors.as_read_failed(found, "order")

    async def closed_orders(
        self, symbol: str, *, since: datetime, until: datetime
    ) -> tuple[OrderReport, ...] | ReadFailed:
        """Ended orders created in this time, oldest first, whoever placed them; without fills."""
        market = parse.to_wire(symbol)
        rows = await closed_orders(self._rest, [market], since=since, until=until)
        if isinstance(rows, Failure):
            return errors.as_read_failed(rows, "closed orders")
        if why := rows.why_unread((market,)):
            return ReadFailed(reason=f"upbit closed orders: {why}")
        return errors.parsed(lambda: tuple(parse.order_report(row) for row in rows.rows))

    async def open_orders(self, *symbols: str) -> Rows[OrderReport] | ReadFailed:
        """All open orders of these markets, whoever placed them."""
        rows = await self._lists.open(*map(parse.to_wire, symbols))
        if isinstance(rows, Failure):
            return errors.as_read_failed(rows, "open orders")
        return by_symbol(rows.made(parse.order_report, lambda row: row.market))

    async def orders_since(self, since: datetime, *symbols: str) -> Rows[ListedOrder] | ReadFailed:
        """All open orders and all created since, also those that only use up an identifier."""
        now = max(self._clock.now(), self._server_clock.now())
        return await self._lists.since(*map(parse.to_wire, symbols), since=since, now=now)

    async def find_order(
        self,
        symbol: str,  # noqa: ARG002 - part of the port; an identifier is enough here
        client_order_id: str,
    ) -> ListedOrder | NotFound | ReadFailed:
        """Whatever order stands under this identifier."""
        return await self._lists.find(client_order_id)

    # -- account --------------------------------------------------------------------------------

    async def balances(self) -> Rows[Balance] | ReadFailed:
        """All non-zero assets of the key's pocket."""
        rows = await self._accounts()
        if isinstance(rows, ReadFailed):
            return rows
        made = rows.made(parse.balance, lambda row: row.currency)
        return Rows((row for row in made if row.total), made.unread)

    async def transfers(self, asset: str, since: datetime) -> tuple[Transfer, ...] | ReadFailed:
        """Finished deposits and withdrawals; needs the permissions to view them."""
        return await transfers(self._rest, asset, since)

    async def position(self, symbol: str) -> Position | ReadFailed:
        """Balance plus locked of the base asset, with Upbit's own average buying price.

        The list of accounts says so, and so does what can be ordered in the coin's market.
        """
        return await either(
            lambda: self._position_among_accounts(symbol), lambda: self._position_to_sell(symbol)
        )

    async def _position_among_accounts(self, symbol: str) -> Position | ReadFailed:
        rows = await self._accounts()
        if isinstance(rows, ReadFailed):
            return rows
        asset = base_asset(symbol)
        ours = [row for row in rows.rows if row.currency == asset]
        if asset in rows.unread or (NAMELESS in rows.unread and not ours):
            return ReadFailed(reason=f"upbit accounts: {rows.why_unread((asset,))}")
        return errors.parsed(lambda: position_of(symbol, ours))

    async def _position_to_sell(self, symbol: str) -> Position | ReadFailed:
        pairs = [("market", parse.to_wire(symbol))]
        found = await self._rest.read(CHANCE_PATH, pairs, wire.ChanceAccount)
        if isinstance(found, Failure):
            return errors.as_read_failed(found, f"what is held of {symbol}")
        return errors.parsed(lambda: position_of(symbol, [found.ask_account]))

    async def _accounts(self) -> WireRows[wire.Account] | ReadFailed:
        rows = await self._rest.read_rows("/v1/accounts", [], wire.Account, key="currency")
        if isinstance(rows, Failure):
            return self.heed(errors.as_read_failed(rows, "accounts", tells_key=True))
        return rows

    async def key_expires_at(self) -> datetime | ReadFailed | None:
        """From GET /v1/api_keys, which lists the keys of this account."""
        return await expiry(self._rest, self._config.credentials.key)

    async def suspended_wallets(self) -> Mapping[str, str] | ReadFailed:
        """Coins none of whose networks takes deposits and withdrawals now."""
        return await suspended_wallets(self._rest)

    async def instrument(self, symbol: str) -> Instrument | ReadFailed:
        """Filters and fees, kept for ten minutes, and what Upbit warns of, kept for one.

        What the API says of the tick goes before the published table, which has exceptions for
        single markets; see :mod:`trading_platform_order.exchanges.upbit.market.price_ticks`.
        """
        filters = await self._filters.read(symbol)
        return filters if isinstance(filters, ReadFailed) else await self._alerts.put_on(filters)

    def forget_filters(self, symbol: str) -> None:
        """The next :meth:`instrument` asks Upbit again."""
        self._filters.forget(symbol)

    async def order_book(self, symbol: str) -> Book | ReadFailed:
        """The book of a market, asked once."""
        return await read_book(self._rest, symbol)

    async def server_time(self) -> datetime | ReadFailed:
        """From the ``Date`` header of a cheap call (whole seconds); there is no time endpoint."""
        answer = await self._rest.read_raw(
            "/v1/ticker", [("markets", parse.FX_MARKET)], group=TICKER
        )
        if isinstance(answer, Failure):
            return errors.as_read_failed(answer, "time")
        try:
            return parsedate_to_datetime(answer.headers.get("date", "")).astimezone(UTC)
        except ValueError:
            return ReadFailed(reason="upbit time: no Date header")

    async def prepare_account(self) -> ReadFailed | None:
        """Nothing is set for the account as a whole."""
        return None

    async def prepare_symbol(self, symbol: str, *, leverage: int) -> ReadFailed | None:
        """Whether the key works and the market is open; spot has no leverage to set."""
        del leverage
        self._ours.note(symbol)
        instrument = await self.instrument(symbol)
        if isinstance(instrument, ReadFailed):
            return instrument
        if not instrument.is_trading:
            return ReadFailed(
                reason=f"upbit {symbol}: the market is not active (wait for the end of the "
                "suspension or take the symbol out of the settings)"
            )
        return None

    async def inspect(self, symbols: tuple[str, ...], *, leverage: int) -> tuple[Finding, ...]:
        """Whether the key reads and may order, and how long it lives; nothing is placed."""
        del leverage
        smallest = smallest_order(symbols[0], self._clock.now())
        return await Inspection(
            rest=self._rest,
            now=self._clock.now(),
            access_key=self._config.credentials.key,
            test_order=lambda: self.test_order(smallest),
        ).findings()

    async def survey(self, symbol: str) -> tuple[ReadFailed, ...]:
        """Closed orders of the last week, and the newest of them with its trades."""
        until = self._clock.now()
        closed = await self.closed_orders(symbol, since=until - SURVEY_BACK, until=until)
        if isinstance(closed, ReadFailed):
            return (closed,)
        found = [await self.order_by_uuid(row.exchange_order_id) for row in closed[-1:]]
        return tuple(answer for answer in found if isinstance(answer, ReadFailed))

    # -- streams --------------------------------------------------------------------------------

    async def run_private_stream(self, sink: PrivateSink) -> None:
        """Orders and balances, until cancelled."""
        await self._streams.run(
            private_subscription(
                ws_url=self._config.ws_url,
                signer=self._signer,
                ticket=self._nonce(),
                sink=sink,
                ours=self._ours,
            )
        )

    async def run_market_stream(self, symbols: tuple[str, ...], sink: MarketSink) -> None:
        """Books of the symbols and the KRW-USDT rate, until cancelled."""
        self._ours.note(*symbols)
        await self._streams.run(
            market_subscription(
                ws_url=self._config.ws_url,
                symbols=symbols,
                ticket=self._nonce(),
                sink=self._prices.noting(sink),
            )
        )

    async def close(self) -> None:
        """Close the HTTP connections."""
        await self._http.close()
