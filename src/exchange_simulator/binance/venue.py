"""The simulated exchange as its faces see it: one request in, one answer out, streams beside.

Deterministic: every id comes from a counter, every time from the injected clock. Stream events of
an order are delivered while the request is being handled, so a client may well see them before
the answer, as on the exchange.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from exchange_simulator.binance.endpoints.routes import Core
from exchange_simulator.binance.endpoints.ws_api import WsApiSession
from exchange_simulator.binance.errors import Rejection
from exchange_simulator.binance.interventions import Interventions
from exchange_simulator.binance.kept import BinanceKeeper
from exchange_simulator.binance.margin.account import Account
from exchange_simulator.binance.margin.liquidation import ForcedClosing
from exchange_simulator.binance.market_data.fed import FedBinance
from exchange_simulator.binance.market_data.market import Market
from exchange_simulator.binance.market_data.market_news import agg_trade
from exchange_simulator.binance.market_data.tape import PublicTrade, Tape
from exchange_simulator.binance.requests.access import Door
from exchange_simulator.binance.requests.admission import Admission
from exchange_simulator.binance.requests.answers import answer_headers as _headers
from exchange_simulator.binance.requests.answers import answered as _response
from exchange_simulator.binance.requests.request import ParsedRequest, parse
from exchange_simulator.binance.streaming import events
from exchange_simulator.binance.streaming.streams import StreamHub
from exchange_simulator.binance.trading.algo import AlgoOrders
from exchange_simulator.binance.trading.algo_order import query_shape
from exchange_simulator.binance.trading.matching import Matching
from exchange_simulator.binance.trading.order import state_shape
from exchange_simulator.clock import Clock, epoch_ms
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
from exchange_simulator.wire import HttpRequest, HttpResponse, split_target

#: what counts as an order, if it is posted, for the rate windows and for faults that strike orders
ORDER_PATHS = frozenset({"/fapi/v1/order", "/fapi/v1/algoOrder", "/fapi/v1/batchOrders"})
WS_API_PATH = "/ws-fapi/v1"
INSUFFICIENT_MARGIN = -2019


class SimulatedBinance(Interventions):
    """Binance USDS-M futures with one account.

    Args:
        clock: calendar of the market; its stopwatch drives the rate windows.
        schedule: runs something later (the end of a listen key).
        wallet_usdt: what the futures wallet holds at first.
        taker_fee_rate: fraction of notional; booked per fill with eight decimals.
        maker_fee_rate: as above, for resting orders.
        funding: whether funding is settled.
        raise_limits: whether breaking a rate limit is answered with 429.
        ids_from: so many ids of each kind may have been given before.
    """

    name = "binance"

    def __init__(
        self,
        *,
        clock: Clock,
        schedule: Schedule,
        api_key: str,
        secret_key: str,
        wallet_usdt: Decimal,
        taker_fee_rate: Decimal = Decimal("0.0005"),
        maker_fee_rate: Decimal = Decimal("0.0002"),
        funding: bool = True,
        raise_limits: bool = True,
        ids_from: int = 0,
    ) -> None:
        self._clock = clock
        hub = StreamHub(
            schedule=schedule,
            snapshot=self._snapshot,
            news=self._news,
            begin=self._begin,
            expired_event=lambda key: events.listen_key_expired(key, self._now_ms()),
        )
        account = Account(wallet_usdt, ids_from=ids_from)
        matching = Matching(
            account=account,
            now_ms=self._now_ms,
            emit=hub.publish_user,
            book_changed=self._book_changed,
            schedule=schedule,
            taker_fee_rate=taker_fee_rate,
            maker_fee_rate=maker_fee_rate,
            ids_from=ids_from,
        )
        tape = Tape(now_ms=self._now_ms, tell=self._tell_trade)
        matching.on_trade = tape.add
        market = Market(
            tape=tape,
            account=account,
            matching=matching,
            now_ms=self._now_ms,
            emit=hub.publish_user,
            pays_funding=funding,
        )
        algo = AlgoOrders(
            account=account,
            matching=matching,
            rules=market.rules,
            now_ms=self._now_ms,
            emit=hub.publish_user,
            ids_from=ids_from,
        )
        self.keeper = BinanceKeeper(account=account, matching=matching, algo=algo, market=market)
        market.followers.append(algo.advance)
        self.door = Door()
        self._admission = Admission(
            clock=clock,
            door=self.door,
            api_key=api_key,
            secret_key=secret_key,
            raise_limits=raise_limits,
        )
        self._forced = ForcedClosing(
            account=account, matching=matching, rules=market.rules, now_ms=self._now_ms
        )
        self._core = Core(
            account=account,
            algo=algo,
            door=self.door,
            schedule=schedule,
            matching=matching,
            market=market,
            hub=hub,
            emit=hub.publish_user,
            now_ms=self._now_ms,
            taker_fee_rate=taker_fee_rate,
            maker_fee_rate=maker_fee_rate,
        )

    # -- SimulatedVenue -------------------------------------------------------------------------

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Answer one REST request."""
        return self._serve(parse(request), None)

    def _serve(self, parsed: ParsedRequest, payload: str | None) -> HttpResponse:
        """Answer a request; ``payload`` is what was signed, if not query and body."""
        is_order = parsed.method == "POST" and parsed.path in ORDER_PATHS
        now = self._clock.now()
        headers = _headers(now)
        try:
            route = self._admission.admit(parsed, payload, now, headers)
            if is_order:
                self._admission.admit_order(headers)
            answer = route.handler(self._core, parsed)
        except Rejection as refusal:
            body: Any = {"code": refusal.code, "msg": refusal.message}
            return _response(int(refusal.status), body, headers)
        if is_order:
            headers |= self._admission.order_headers()
        return _response(200, answer, headers)

    def open_stream(
        self,
        target: str,
        headers: Mapping[str, str],  # noqa: ARG002 - no header counts on this exchange's streams
        deliver: Deliver,
    ) -> StreamSession | HttpResponse:
        """Accept a WebSocket, or 404."""
        if target.partition("?")[0] == WS_API_PATH:
            return WsApiSession(serve=self._serve, deliver=deliver)
        socket = self._core.hub.open(target, deliver)
        if socket is None:
            return _response(404, {}, _headers(self._clock.now()))
        return socket

    def advance(self, ticks: Sequence[MarketTick]) -> None:
        """The market moved."""
        symbols = self._core.market.advance(ticks)
        self._forced.liquidate_if_due()
        for symbol in symbols:
            self._core.hub.publish_market(symbol)

    def fed(self, latency: Latency) -> FedBinance:
        """From now on its markets come from outside, and orders take so long to them."""
        return FedBinance(
            clock=self._clock,
            market=self._core.market,
            matching=self._core.matching,
            publish=self._core.hub.publish_market,
            liquidate=self._forced.liquidate_if_due,
            latency=latency,
        )

    def refuse_next_order(self, code: str | None) -> None:
        """The next order that passes the door is refused; ``None`` is insufficient margin.

        Raises:
            ValueError: the code is not a whole number.
        """
        self._admission.next_refusal = INSUFFICIENT_MARGIN if code is None else int(code)

    @contextmanager
    def undisturbed(self) -> Iterator[None]:
        """What a fault holds ready for the next order is kept for the one after these."""
        matching = self._core.matching
        kept = matching.thin_next, matching.hold_next_s
        matching.thin_next = matching.hold_next_s = None
        try:
            yield
        finally:
            matching.thin_next, matching.hold_next_s = kept

    def forget_troubles(self) -> None:
        """What a fault holds ready for the next order is forgotten."""
        self._core.matching.thin_next = self._core.matching.hold_next_s = None

    def suffer(self, trouble: VenueFault) -> None:
        """What a fault does inside the exchange."""
        matching = self._core.matching
        match trouble:
            case ThinBook():
                matching.thin_next = Decimal(trouble.part)
            case HoldOrder():
                matching.hold_next_s = trouble.hold_s
            case LagReads():
                self._core.read_lag_ms = round(trouble.lag_s * 1_000)
                self._core.schedule(trouble.lasts_s, self._core.see_all)
            case ExpireKey():
                self.expire_listen_key()

    def is_order_request(self, request: HttpRequest) -> bool:
        """Whether the request would place an order."""
        return request.method == "POST" and split_target(request.url)[0] in ORDER_PATHS

    def state(self) -> dict[str, Any]:
        """Everything a checker judges by; decimals as text."""
        core, figures = self._core, self._core.matching.figures()
        orders = [order for history in core.matching.orders.values() for order in history]
        return {
            "wallet_usdt": plain(figures.wallet),
            "wallet_bnb": plain(self._core.account.bnb),
            "unrealised_usdt": plain(figures.unrealised),
            "margin_balance_usdt": plain(figures.margin_balance),
            "positions": {
                symbol: {
                    "quantity": plain(position.quantity),
                    "entry_price": plain(position.entry_price),
                    "mark_price": plain(core.account.mark(symbol)),
                }
                for symbol, position in core.account.positions.items()
                if position.quantity
            },
            "orders": [state_shape(order) for order in sorted(orders, key=lambda o: o.time_ms)],
            "countdowns": dict(core.countdowns),
            "algo_orders": [query_shape(algo) for algo in core.algo.all],
            "income": core.account.income_shapes(),
        }

    @property
    def wallet_usdt(self) -> Decimal:
        """Without unrealised profit."""
        return self._core.account.wallet

    @property
    def margin_balance_usdt(self) -> Decimal:
        """Wallet and unrealised profit."""
        return self._core.matching.figures().margin_balance

    def position(self, symbol: str) -> Decimal:
        """Base units; a short is negative."""
        return self._core.account.position(symbol).quantity

    # -- within ---------------------------------------------------------------------------------

    def _now_ms(self) -> int:
        return epoch_ms(self._clock.now())

    def _snapshot(self, stream: str) -> dict[str, Any] | None:
        return self._core.market.snapshot(stream)

    def _news(self, stream: str, symbol: str) -> list[dict[str, Any]]:
        return self._core.market.news(stream, symbol)

    def _begin(self, stream: str) -> None:
        self._core.market.begin(stream)

    def _tell_trade(self, symbol: str, trade: PublicTrade) -> None:
        stream = f"{symbol.lower()}@aggTrade"
        self._core.hub.publish(stream, lambda: agg_trade(symbol, trade, self._now_ms()))

    def _book_changed(self, symbol: str) -> None:
        self._core.market.changed()
        self._core.hub.publish_market(symbol)
