"""Fakes for the Upbit adapter's tests: scripted HTTP and WebSocket, hand-made time."""

import asyncio
import json
import selectors
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from trading_platform_order.domain.order import (
    Leg,
    Order,
    OrderSide,
    OrderType,
    Purpose,
    TimeInForce,
)
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.config import Credentials, UpbitConfig
from trading_platform_order.exchanges.upbit import UpbitExchange
from trading_platform_order.transport.http import (
    HttpRequest,
    HttpResponse,
    HttpResult,
    MaybeSent,
    NotSent,
)
from trading_platform_order.transport.limiter import TooManyWaiting
from trading_platform_order.transport.websocket import Closed, ConnectionFailed

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
CREATED = "2026-11-22T12:00:00+09:00"
IDENTIFIER = "tp-abcdefghijklmnopqrst-so1"
Result = TypeVar("Result")


class _Advancing(selectors.DefaultSelector):
    """Instead of waiting, moves the clock to the next timer."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("everything waits and nothing will happen")
        self.now_s += timeout
        return super().select(0)


class _VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._advancing = _Advancing()
        super().__init__(self._advancing)

    def time(self) -> float:
        return self._advancing.now_s


def run(main: Coroutine[Any, Any, Result]) -> Result:
    """Run to the end in virtual time."""
    loop = _VirtualLoop()
    try:
        return loop.run_until_complete(main)
    finally:
        loop.close()


class LoopClock:
    """Calendar at NOW, or beside it; a stopwatch that runs with the loop."""

    def __init__(self) -> None:
        self.shift = timedelta()

    def now(self) -> datetime:
        return NOW + self.shift

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    def boottime(self) -> float:
        return asyncio.get_running_loop().time()


@dataclass
class FakeLimiter:
    """Lets everything pass unless told to hold back; remembers what it was told."""

    hold_s: float = 0.0
    is_full: bool = False
    weights: list[int] = field(default_factory=list)
    taken: list[tuple[str, bool]] = field(default_factory=list)
    remaining: list[tuple[str, int]] = field(default_factory=list)
    blocked: list[tuple[str | None, float]] = field(default_factory=list)
    rooms: dict[str, float] = field(default_factory=dict)

    def take(self, group: str, *, weight: int = 1, urgent: bool = False) -> float:
        self.weights.append(weight)
        if not self.hold_s:
            self.taken.append((group, urgent))
        return self.hold_s

    def delay_s(self, group: str, *, urgent: bool = False) -> float:
        return 0.0

    async def acquire(self, group: str, *, weight: int = 1, urgent: bool = False) -> None:
        if self.is_full:
            raise TooManyWaiting("the line is full")
        if self.hold_s:
            await asyncio.sleep(self.hold_s)
        self.weights.append(weight)
        self.taken.append((group, urgent))

    def room(self, *groups: str) -> float:
        return min(self.rooms.get(group, 1.0) for group in groups)

    def observe_remaining(self, group: str, remaining: int) -> None:
        self.remaining.append((group, remaining))

    def observe_used(self, group: str, used: int) -> None:
        raise AssertionError(f"Upbit tells no such thing: {group} {used}")

    def block(self, group: str | None, seconds: float) -> None:
        self.blocked.append((group, seconds))


Answer = HttpResult | Callable[[HttpRequest], HttpResult]


class FakeHttp:
    """Answers by method and path: each answer once, the last one for ever."""

    def __init__(self) -> None:
        self.script: dict[tuple[str, str], list[Answer]] = {}
        self.requests: list[HttpRequest] = []
        self.closed = False

    def on(self, method: str, path: str, *answers: Answer) -> None:
        self.script[(method, path)] = list(answers)

    def send(self, request: HttpRequest) -> "asyncio.Future[HttpResult]":
        self.requests.append(request)
        path = request.url.removeprefix("https://api.upbit.test").partition("?")[0]
        answers = self.script[(request.method, path)]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        future: asyncio.Future[HttpResult] = asyncio.get_running_loop().create_future()
        future.set_result(answer(request) if callable(answer) else answer)
        return future

    async def close(self) -> None:
        self.closed = True

    def sent(self, method: str, path: str) -> list[HttpRequest]:
        return [r for r in self.requests if r.method == method and path in r.url]


class FakeConnection:
    """A connection whose messages come by script: bytes, a pause in seconds, or Closed."""

    def __init__(self, script: list[bytes | float | Closed]) -> None:
        self.script = script
        self.sent: list[str] = []
        self.is_closed = asyncio.Event()

    async def send(self, text: str) -> None:
        self.sent.append(text)

    async def receive(self) -> bytes | Closed:
        while self.script and not self.is_closed.is_set():
            step = self.script.pop(0)
            if not isinstance(step, int | float):
                return step
            try:
                async with asyncio.timeout(step):
                    await self.is_closed.wait()
            except TimeoutError:
                continue
        await self.is_closed.wait()
        return Closed(reason="closed here")

    async def close(self) -> None:
        self.is_closed.set()


class FakeWebSocket:
    """Opens the scripted connections one after another; None refuses."""

    def __init__(self, *connections: FakeConnection | None) -> None:
        self.connections = list(connections)
        self.opened: list[tuple[str, Mapping[str, str], float]] = []

    async def connect(
        self, url: str, *, headers: Mapping[str, str], timeout_s: float
    ) -> FakeConnection:
        assert timeout_s > 0
        self.opened.append((url, headers, asyncio.get_running_loop().time()))
        connection = self.connections.pop(0) if self.connections else None
        if connection is None:
            raise ConnectionFailed("refused")
        return connection


class UpbitFixture:
    """The adapter with all of its fakes."""

    def __init__(self, *connections: FakeConnection | None) -> None:
        self.http = FakeHttp()
        self.http.on("GET", "/v1/market/all", reply(200, LISTING))
        self.limiter = FakeLimiter()
        self.websocket = FakeWebSocket(*connections)
        self.nonces = 0
        self.clock = LoopClock()
        self.exchange = UpbitExchange(
            http=self.http,
            websocket=self.websocket,
            clock=self.clock,
            limiter=self.limiter,
            config=UpbitConfig(
                rest_url="https://api.upbit.test",
                ws_url="wss://api.upbit.test/websocket/v1",
                credentials=Credentials(key="access", secret="very secret"),
            ),
            nonce=self._nonce,
        )

    def _nonce(self) -> str:
        self.nonces += 1
        return f"nonce-{self.nonces}"


def reply(status: int, body: object, **headers: str) -> HttpResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpResponse(status=status, headers=named, body=json.dumps(body).encode())


def refusal(status: int, name: str | int) -> HttpResponse:
    return reply(status, {"error": {"name": name, "message": "text"}})


NOT_FOUND = refusal(404, "order_not_found")
DUPLICATE = refusal(400, "duplicated_identifier")
SILENCE = MaybeSent(reason="time-out")
UNREACHABLE = NotSent(reason="connection refused")


def wire_order(**changes: object) -> dict[str, object]:
    """A market buy of 10,000 KRW just accepted, in Upbit's own shape."""
    return {
        "market": "KRW-BTC",
        "uuid": "order-1",
        "side": "bid",
        "ord_type": "price",
        "price": "10000",
        "state": "wait",
        "created_at": CREATED,
        "reserved_fee": "5",
        "remaining_fee": "5",
        "paid_fee": "0",
        "locked": "10005",
        "executed_volume": "0",
        "trades_count": 0,
        "prevented_volume": "0",
        "prevented_locked": "0",
        "identifier": IDENTIFIER,
        **changes,
    }


def wire_trade(**changes: object) -> dict[str, object]:
    return {
        "market": "KRW-BTC",
        "uuid": "trade-1",
        "price": "100000000",
        "volume": "0.0001",
        "funds": "10000",
        "trend": "up",
        "created_at": "2026-11-22T12:00:00.597751+09:00",
        "side": "bid",
        **changes,
    }


def consuming_order(**changes: object) -> dict[str, object]:
    return wire_order(
        **{
            "uuid": "consuming-1",
            "ord_type": "limit",
            "time_in_force": "post_only",
            "price": "70000000",
            "volume": "0.00007286",
            **changes,
        }
    )


def order(
    *,
    side: OrderSide = OrderSide.BUY,
    kind: OrderType = OrderType.MARKET,
    quantity: str = "0.0001",
    price: str | None = None,
    quote: str | None = "10000",
    time_in_force: TimeInForce | None = None,
    purpose: Purpose = Purpose.OPEN,
) -> Order:
    """A market buy of 10,000 KRW unless told otherwise."""
    return Order(
        id="0",
        client_order_id=IDENTIFIER,
        exchange=Venue.UPBIT,
        symbol="BTC-KRW",
        side=side,
        type=kind,
        quantity=Decimal(quantity),
        price=None if price is None else Decimal(price),
        quote_amount=None if quote is None else Decimal(quote),
        time_in_force=time_in_force,
        leg=Leg.SPOT,
        purpose=purpose,
        attempt=1,
        signal_id="s1",
        created_at=NOW,
    )


CHANCE = {
    "bid_fee": "0.0005",
    "ask_fee": "0.0005",
    "maker_bid_fee": "0.0005",
    "market": {
        "id": "KRW-BTC",
        "bid": {"currency": "KRW", "min_total": "5000"},
        "ask": {"currency": "BTC", "min_total": "5000"},
        "max_total": "1000000000",
        "state": "active",
    },
}
TICKS = [{"market": "KRW-BTC", "quote_currency": "KRW", "tick_size": 1000}]
LISTING = [
    {
        "market": "KRW-BTC",
        "korean_name": "비트코인",
        "english_name": "Bitcoin",
        "market_event": {"warning": False, "caution": {"X": False}},
    }
]
BOOK = [
    {
        "market": "KRW-BTC",
        "orderbook_units": [
            {"ask_price": 100001000, "bid_price": 100000000, "ask_size": 1, "bid_size": 1}
        ],
    }
]
