"""The simulated Upbit: one account, its KRW markets, REST and streams on the exchange's own wire.

Written from the exchange's documentation and never from our adapter's parsers. It knows nothing of
latency or loss: a request is handled at one instant, and stream events are delivered while it is
handled, so a client may hear of a trade before it sees the answer to its order.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal, localcontext
from typing import Any

from exchange_simulator.clock import Clock
from exchange_simulator.decimals import plain
from exchange_simulator.faults.kinds import (
    ExpireKey,
    HoldOrder,
    LagReads,
    ThinBook,
    VenueFault,
)
from exchange_simulator.market.fed_book import Latency
from exchange_simulator.ports import Deliver, MarketTick, Schedule, StreamSession
from exchange_simulator.upbit.accounts import Accounts, Transfer
from exchange_simulator.upbit.endpoints.account_routes import AccountRoutes
from exchange_simulator.upbit.endpoints.order_routes import (
    ORDER_PATH,
    REPLACE_PATH,
    OrderRoutes,
)
from exchange_simulator.upbit.endpoints.quotation import Quotation
from exchange_simulator.upbit.endpoints.rest_api import RestApi
from exchange_simulator.upbit.errors import Refusal
from exchange_simulator.upbit.kept import UpbitKeeper
from exchange_simulator.upbit.market_data.fed import FedUpbit
from exchange_simulator.upbit.market_data.markets import USDT_MARKET, Markets
from exchange_simulator.upbit.numbers import PRECISION, counted_uuid
from exchange_simulator.upbit.requests.auth import Authenticator
from exchange_simulator.upbit.requests.limits import RateLimits, has_origin
from exchange_simulator.upbit.rules import Rules
from exchange_simulator.upbit.streaming.feed import Feed
from exchange_simulator.upbit.streaming.streams import Surroundings
from exchange_simulator.upbit.trading.matching import Matching
from exchange_simulator.upbit.trading.orders import state_order
from exchange_simulator.wire import HttpRequest, HttpResponse, split_target

_STREAM_PATH = "/websocket/v1"


class SimulatedUpbit:
    """Implements ``exchange_simulator.ports.SimulatedVenue``.

    Attributes:
        rules: switches that may be turned at any time.
        limits: the request limits.
    """

    name = "upbit"

    def __init__(
        self,
        *,
        clock: Clock,
        schedule: Schedule,
        access_key: str,
        secret_key: str,
        balances: Mapping[str, Decimal],
        fee_rate: Decimal = Decimal("0.0005"),
        raise_limits: bool = True,
        cancel_delay_s: float = 0.003,
        depth_krw: Decimal = Decimal(150_000_000),
        usdt_depth_krw: Decimal = Decimal(1_500_000_000),
        rules: Rules | None = None,
        ids_from: int = 0,
        learns_ticks: bool = False,
    ) -> None:
        """Open the exchange; markets are listed by their first tick.

        Args:
            clock: ``now`` stamps orders and events, ``monotonic`` counts request limits.
            schedule: runs delayed effects (a cancel's end).
            access_key: of the one account.
            secret_key: of the one account.
            balances: asset -> available amount at the start.
            fee_rate: fraction of the quote amount, maker and taker.
            raise_limits: answer 429 and 418 when request limits are broken.
            cancel_delay_s: how long after its acceptance a cancel ends the order.
            depth_krw: value of 20 levels of each side of a coin's book.
            usdt_depth_krw: the same of KRW-USDT.
            rules: the switches; those of an open exchange and a good key if left out.
            ids_from: so many ids of each kind may have been given before.
            learns_ticks: prices that are shown lie on the step of their time, which may be finer
                than today's rule.
        """
        self._clock = clock
        self._schedule = schedule
        self.rules = Rules() if rules is None else rules
        self.limits = RateLimits(clock=clock, enforced=raise_limits)
        self._auth = Authenticator(access_key=access_key, secret_key=secret_key, rules=self.rules)
        self._accounts = Accounts(dict(balances))
        self._markets = Markets(
            depth_krw=depth_krw, usdt_depth_krw=usdt_depth_krw, learns_ticks=learns_ticks
        )
        self._feed = Feed(
            around=Surroundings(clock=clock, schedule=schedule, rules=self.rules),
            limits=self.limits,
            accounts=self._accounts,
            markets=self._markets,
        )
        self._matching = Matching(
            accounts=self._accounts,
            markets=self._markets,
            listener=self._feed,
            now=clock.now,
            schedule=schedule,
            fee_rate=fee_rate,
            cancel_delay_s=cancel_delay_s,
        )
        self._orders = OrderRoutes(clock=clock, matching=self._matching, rules=self.rules)
        self._account = AccountRoutes(
            clock=clock,
            access_key=access_key,
            accounts=self._accounts,
            markets=self._markets,
            fee_rate=fee_rate,
            rules=self.rules,
        )
        self._matching.restore((), (ids_from, ids_from))
        self.keeper = UpbitKeeper(
            accounts=self._accounts,
            matching=self._matching,
            orders=self._orders,
            account=self._account,
        )
        quotation = Quotation(clock=clock, markets=self._markets, rules=self.rules)
        self._api = RestApi(
            clock=clock,
            auth=self._auth,
            limits=self.limits,
            routes=self._orders.routes() | self._account.routes() | quotation.routes(),
        )

    # -- the venue's port -----------------------------------------------------------------------

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Answer one REST request."""
        return self._api.handle(request)

    def open_stream(
        self, target: str, headers: Mapping[str, str], deliver: Deliver
    ) -> StreamSession | HttpResponse:
        """Accept ``/websocket/v1`` or, with a token, ``/websocket/v1/private``."""
        path, _ = split_target(target)
        verdict = self.limits.count("websocket-connect", has_origin=has_origin(headers))
        if verdict.status:
            return self._api.limited(verdict)
        if path == _STREAM_PATH:
            return self._feed.open(deliver, is_private=False)
        if path != f"{_STREAM_PATH}/private":
            return self._api.respond(Refusal("not_found", is_quotation=True))
        try:
            self._auth.check(headers, "")
        except Refusal as refusal:
            return self._api.respond(refusal)
        return self._feed.open(deliver, is_private=True)

    def advance(self, ticks: Sequence[MarketTick]) -> None:
        """The market moved: new books, resting orders met, streams told."""
        with localcontext(prec=PRECISION):
            for tick in ticks:
                self._move(
                    f"KRW-{tick.base}", tick.upbit_close, high=tick.upbit_high, low=tick.upbit_low
                )
            if ticks:
                rate = ticks[-1].krw_usdt
                self._move(USDT_MARKET, rate, high=rate, low=rate)

    def learn_ticks(self, code: str, prices: Iterable[Decimal]) -> None:
        """Prices that were traded meanwhile; they tell what the price steps were."""
        with localcontext(prec=PRECISION):
            self._markets.learn_ticks(code, prices)

    def fed(self, latency: Latency) -> FedUpbit:
        """From now on its markets come from outside, and orders take so long to them."""
        return FedUpbit(
            clock=self._clock,
            markets=self._markets,
            matching=self._matching,
            feed=self._feed,
            latency=latency,
        )

    def refuse_next_order(self, code: str | None) -> None:
        """The next order request is refused and burns its identifier."""
        self._orders.refuse_next_order(code)

    @contextmanager
    def undisturbed(self) -> Iterator[None]:
        """What a fault holds ready for the next order is kept for the one after these."""
        matching = self._matching
        kept = matching.thin_next, matching.hold_next_s
        matching.thin_next = matching.hold_next_s = None
        try:
            yield
        finally:
            matching.thin_next, matching.hold_next_s = kept

    def forget_troubles(self) -> None:
        """What a fault holds ready for the next order is forgotten."""
        self._matching.thin_next = self._matching.hold_next_s = None

    def suffer(self, trouble: VenueFault) -> None:
        """What a fault does inside the exchange."""
        match trouble:
            case ThinBook():
                self._matching.thin_next = Decimal(trouble.part)
            case HoldOrder():
                self._matching.hold_next_s = trouble.hold_s
            case LagReads():
                self._orders.read_lag = timedelta(seconds=trouble.lag_s)
                self._schedule(trouble.lasts_s, self._orders.see_all)
            case ExpireKey():
                pass  # the private stream has no key

    def is_order_request(self, request: HttpRequest) -> bool:
        """Whether the request would place an order."""
        return request.method == "POST" and split_target(request.url)[0] in {
            ORDER_PATH,
            REPLACE_PATH,
        }

    def state(self) -> dict[str, Any]:
        """Everything, JSON-ready, decimals as text; ``refused`` lists refused order requests."""
        return {
            "balances": self._accounts.state(),
            "orders": [state_order(order) for order in self._matching.orders.values()],
            "refused": list(self._orders.refused),
            "transfers": [transfer.shown() for transfer in self._account.transfers],
            "prices": {code: plain(price) for code, price in self.prices.items()},
        }

    # -- for the world around it ----------------------------------------------------------------

    @property
    def prices(self) -> dict[str, Decimal]:
        """The last price of each market, KRW, by market code (``KRW-BTC``)."""
        return {market.code: market.price for market in self._markets.all()}

    @property
    def best_bids(self) -> dict[str, Decimal]:
        """The best bid of each market, KRW; zero where the bids are exhausted."""
        return {market.code: market.best_bid() for market in self._markets.all()}

    @property
    def totals(self) -> dict[str, Decimal]:
        """Available plus locked, by asset."""
        return self._accounts.totals()

    def deposit(self, asset: str, amount: Decimal) -> None:
        """Money or coins arrive from outside."""
        self._transfer("deposit", asset, amount)

    def withdraw(self, asset: str, amount: Decimal) -> None:
        """Money or coins leave.

        Raises:
            ValueError: more than is available.
        """
        if self._accounts[asset].available < amount:
            raise ValueError(f"cannot withdraw {amount} {asset}: not available")
        self._transfer("withdraw", asset, amount)

    def set_offline(self, *, is_offline: bool) -> None:
        """Maintenance begins or ends."""
        self.rules.is_offline = is_offline

    def symbols(self) -> list[str]:
        """Every market there is, by its code."""
        return self._markets.codes()

    def suspend(self, symbol: str, *, is_on: bool) -> None:
        """This market takes no orders any more, or does again; everything can still be read."""
        others = self._markets.suspended - {symbol}
        self._markets.suspended = others | {symbol} if is_on else others

    def revoke_key(self, *, is_revoked: bool) -> None:
        """The API key is dead, or works again."""
        self.rules.is_key_expired = is_revoked

    def ban(self, seconds: float) -> None:
        """Our address is banned: 418 to everything for so long."""
        self.limits.block(seconds)

    def mid(self, symbol: str) -> Decimal | None:
        """The middle of a book as it stands."""
        market = self._markets.get(symbol)
        return market.book.mid if market else None

    def set_min_total(self, amount_krw: Decimal) -> None:
        """The smallest order from now on."""
        self._markets.min_total_krw = amount_krw

    def limit_depth(self, symbol: str, quantity: Decimal | None, *, beyond_bps: int = 0) -> None:
        """Others leave this much (base) at the best price of each side, step after step.

        ``None``: as much as ever.
        """
        if quantity is None:
            self._markets.depth_max.pop(symbol, None)
            return
        self._markets.depth_max[symbol] = quantity, beyond_bps
        self.shrink_book(symbol, quantity, beyond_bps=beyond_bps)

    def warn_of(self, code: str, *events: str) -> None:
        """``warning``, or names of cautions, are up in this market from now on, and no others."""
        self.rules.market_events = {**self.rules.market_events, code: frozenset(events)}

    def rename(self, coin: str, korean: str, english: str) -> None:
        """A coin is called something else from now on, or another one took its code."""
        self.rules.names = {**self.rules.names, coin: (korean, english)}

    def freeze_book(self, symbol: str, *, is_on: bool = True) -> None:
        """The book is repeated as it stands now, whatever the market does."""
        market = self._markets.get(symbol)
        if market is not None:
            market.is_frozen = is_on

    def split_trades(self, quantity: Decimal | None) -> None:
        """From now on no trade is larger than this (base): orders have many."""
        self._matching.trade_quantity_max = quantity

    def begin_trade_ids_anew(self) -> None:
        """As an exchange that forgot them would: the next ids were given before."""
        self._matching.begin_trade_ids_anew()

    def widen_spread(self, fraction: Decimal) -> None:
        """Best bid and best ask are so far apart from the next move on, as part of the price."""
        self._markets.widen_spread(fraction)

    def shrink_book(
        self, symbol: str, quantity: Decimal, *, beyond_bps: int = 0, told: bool = False
    ) -> None:
        """Others leave this much (base) on each side of a market, until it moves again.

        Args:
            symbol: the market's code.
            quantity: base units.
            beyond_bps: so far from the best level others leave all they had.
            told: the stream shows it; else it is seen by who trades into it.
        """
        market = self._markets.get(symbol)
        if market is not None:
            market.book.shrink(quantity, beyond_bps=beyond_bps)
            if told:
                self._feed.book_taken(market)

    def _transfer(self, kind: str, asset: str, amount: Decimal) -> None:
        with localcontext(prec=PRECISION):
            self._accounts.add(asset, amount if kind == "deposit" else -amount)
        uuid = counted_uuid(kind, len(self._account.transfers) + 1)
        now = self._clock.now()
        self._account.transfers.append(
            Transfer(kind=kind, uuid=uuid, asset=asset, amount=amount, at=now)
        )
        self._feed.assets_changed(self._accounts.take_changed())

    def _move(self, code: str, price: Decimal, *, high: Decimal, low: Decimal) -> None:
        market = self._markets.set_price(code, price, high=high, low=low, at=self._clock.now())
        self._matching.meet_resting(market, high=high, low=low)
        self._feed.market_moved(market)
