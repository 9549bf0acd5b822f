"""Scripted transports and a clock for the tests of the Binance adapter."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from trading_platform_order.domain.order import (
    Leg,
    Order,
    OrderSide,
    OrderType,
    Purpose,
    TimeInForce,
)
from trading_platform_order.domain.order_identity.client_order_id import order_uuid
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.binance import BinanceExchange
from trading_platform_order.exchanges.config import BinanceConfig, Credentials
from trading_platform_order.transport.clock import epoch_ms
from trading_platform_order.transport.http import HttpRequest, HttpResponse, HttpResult
from trading_platform_order.transport.limiter import TooManyWaiting
from trading_platform_order.transport.websocket import Closed, ConnectionFailed

START = datetime(2026, 11, 22, tzinfo=UTC)
CLIENT_ID = "tp-abcdefghijklmnopqrst-ho1"
Answer = HttpResult | Callable[[dict[str, str]], HttpResult]


class LoopClock:
    """A calendar that runs with the event loop."""

    def __init__(self) -> None:
        self._began_s = asyncio.get_running_loop().time()
        self.shift = timedelta()

    def now(self) -> datetime:
        return START + timedelta(seconds=self.monotonic()) + self.shift

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time() - self._began_s

    def boottime(self) -> float:
        return asyncio.get_running_loop().time() - self._began_s


class FakeLimiter:
    """Gives budget unless told otherwise, and remembers what it was told."""

    def __init__(self) -> None:
        self.wait_s = 0.0
        self.is_full = False
        self.taken: list[tuple[str, int, bool]] = []
        self.used: list[tuple[str, int]] = []
        self.blocked: list[tuple[str | None, float]] = []
        self.rooms: dict[str, float] = {}

    def take(self, group: str, *, weight: int = 1, urgent: bool = False) -> float:
        wait_s = 1.0 if self.is_full else self.wait_s
        if wait_s == 0:
            self.taken.append((group, weight, urgent))
        return wait_s

    def delay_s(self, group: str, *, urgent: bool = False) -> float:
        return 1.0 if self.is_full else self.wait_s

    async def acquire(self, group: str, *, weight: int = 1, urgent: bool = False) -> None:
        if self.is_full:
            raise TooManyWaiting("the line is full")
        wait_s = self.take(group, weight=weight, urgent=urgent)
        if wait_s > 0:
            await asyncio.sleep(wait_s)
            self.taken.append((group, weight, urgent))

    def room(self, *groups: str) -> float:
        return min(self.rooms.get(group, 1.0) for group in groups)

    def observe_remaining(self, group: str, remaining: int) -> None:
        raise AssertionError(f"Binance tells what is used, not what remains: {group} {remaining}")

    def observe_used(self, group: str, used: int) -> None:
        self.used.append((group, used))

    def block(self, group: str | None, seconds: float) -> None:
        self.blocked.append((group, seconds))


class SentRequests(msgspec.Struct):
    """One request as it left."""

    method: str
    path: str
    params: dict[str, str]
    headers: Mapping[str, str]
    url: str


class FakeHttp:
    """Answers by method and path; the last answer of a route stays."""

    def __init__(self, clock: LoopClock) -> None:
        self.seen: list[SentRequests] = []
        self._routes: dict[str, list[Answer]] = {}
        self.server_shift = timedelta()
        self._clock = clock

    def on(self, route: str, *answers: Answer) -> None:
        self._routes[route] = list(answers)

    def send(self, request: HttpRequest) -> Awaitable[HttpResult]:
        url = urlsplit(request.url)
        params = dict(parse_qsl(url.query, keep_blank_values=True))
        self.seen.append(
            SentRequests(request.method, url.path, params, request.headers, request.url)
        )
        future: asyncio.Future[HttpResult] = asyncio.get_running_loop().create_future()
        future.set_result(self._answer(f"{request.method} {url.path}", params))
        return future

    def _answer(self, route: str, params: dict[str, str]) -> HttpResult:
        if route == "GET /fapi/v1/time" and route not in self._routes:
            return ok({"serverTime": self.server_ms()})
        answers = self._routes[route]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return answer(params) if callable(answer) else answer

    def server_ms(self) -> int:
        return epoch_ms(self._clock.now() + self.server_shift)

    def calls(self, route: str) -> list[SentRequests]:
        return [seen for seen in self.seen if f"{seen.method} {seen.path}" == route]

    async def close(self) -> None:
        return


class FakeConnection:
    """A WebSocket fed by the test."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.messages: asyncio.Queue[bytes | Closed] = asyncio.Queue()
        self.is_closed = False

    def push(self, message: object) -> None:
        self.messages.put_nowait(msgspec.json.encode(message))

    def cut(self, reason: str = "cut") -> None:
        self.messages.put_nowait(Closed(reason=reason))

    async def send(self, text: str) -> None:
        raise AssertionError(f"nothing is sent on these streams: {text}")

    async def receive(self) -> bytes | Closed:
        return await self.messages.get()

    async def close(self) -> None:
        self.is_closed = True
        self.cut("closed by us")


class FakeWebSocket:
    """Opens fed connections; refuses as often as told."""

    def __init__(self) -> None:
        self.connections: list[FakeConnection] = []
        self.refusals = 0

    async def connect(
        self, url: str, *, headers: Mapping[str, str], timeout_s: float
    ) -> FakeConnection:
        assert not headers
        assert timeout_s > 0
        if self.refusals > 0:
            self.refusals -= 1
            raise ConnectionFailed("refused")
        connection = FakeConnection(url)
        self.connections.append(connection)
        return connection


class Rig:
    """The adapter between its fakes. Needs a running loop."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - any field of BinanceConfig
        self.clock = LoopClock()
        self.http = FakeHttp(self.clock)
        self.websocket = FakeWebSocket()
        self.limiter = FakeLimiter()
        config = BinanceConfig(
            rest_url="http://binance",
            ws_url="ws://binance",
            credentials=Credentials(key="the-key", secret="the-secret"),
            read_timeout_s=0.2,
            recv_window_ms=10,
            horizon_margin_s=0.005,
            absence_span_s=0.004,
        )
        self.exchange = BinanceExchange(
            http=self.http,
            websocket=self.websocket,
            clock=self.clock,
            limiter=self.limiter,
            config=replace(config, **settings),
            retry_delay_s=0.001,
        )

    def order(self, **changes: Any) -> Order:  # noqa: ANN401 - any field of Order
        order = Order(
            id=order_uuid(CLIENT_ID),
            client_order_id=CLIENT_ID,
            exchange=Venue.BINANCE,
            symbol="BTCUSDT",
            side=OrderSide.SELL,
            type=OrderType.MARKET,
            quantity=Decimal("0.002"),
            leg=Leg.HEDGE,
            purpose=Purpose.OPEN,
            attempt=1,
            signal_id="s1",
            created_at=self.clock.now(),
        )
        return replace(order, **changes)

    def limit_order(self) -> Order:
        return self.order(
            type=OrderType.LIMIT, price=Decimal("107000.10"), time_in_force=TimeInForce.IOC
        )

    def found(self, **changes: object) -> dict[str, object]:
        """The order as GET /fapi/v1/order tells it."""
        fields = {
            "avgPrice": "0.00000",
            "clientOrderId": CLIENT_ID,
            "cumQuote": "0",
            "executedQty": "0",
            "orderId": 25851813,
            "origQty": "0.002",
            "origType": "MARKET",
            "price": "0",
            "reduceOnly": False,
            "side": "SELL",
            "positionSide": "BOTH",
            "status": "NEW",
            "symbol": "BTCUSDT",
            "time": self.http.server_ms(),
            "timeInForce": "GTC",
            "type": "MARKET",
            "updateTime": self.http.server_ms(),
        }
        return fields | changes


def ok(body: object, **headers: str) -> HttpResponse:
    return HttpResponse(
        status=200,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        body=msgspec.json.encode(body),
    )


def error(
    code: int | None, *, status: int = 400, message: str = "Words.", **headers: str
) -> HttpResponse:
    body = message.encode() if code is None else msgspec.json.encode({"code": code, "msg": message})
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpResponse(status=status, headers=named, body=body)


def trade(**changes: object) -> dict[str, object]:
    """A row of GET /fapi/v1/userTrades, from the documentation."""
    fields: dict[str, object] = {
        "buyer": False,
        "commission": "0.07819010",
        "commissionAsset": "USDT",
        "id": 698759,
        "maker": False,
        "orderId": 25851813,
        "price": "7819.01",
        "qty": "0.002",
        "quoteQty": "15.63802",
        "realizedPnl": "-0.91539999",
        "side": "SELL",
        "positionSide": "BOTH",
        "symbol": "BTCUSDT",
        "time": 1569514978020,
    }
    return fields | changes
