"""A client of the simulated Binance for tests: signs requests, keeps stream events."""

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from exchange_simulator.binance import SimulatedBinance
from exchange_simulator.clock import epoch_ms
from exchange_simulator.ports import MarketTick, StreamSession
from exchange_simulator.wire import HttpRequest, HttpResponse

API_KEY = "test-key"
SECRET_KEY = "test-secret"
START = datetime(2025, 9, 1, 1, 0, tzinfo=UTC)


class HandClock:
    """A clock moved by hand; calendar and stopwatch go together."""

    def __init__(self, start: datetime = START) -> None:
        self.start = start
        self.passed_s = 0.0

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.passed_s)

    def monotonic(self) -> float:
        return self.passed_s

    def boottime(self) -> float:
        return self.passed_s


class BinanceFixture:
    """One exchange, one client, one market."""

    def __init__(
        self,
        *,
        wallet_usdt: Decimal = Decimal(10_000),
        funding: bool = True,
        raise_limits: bool = True,
    ) -> None:
        self.clock = HandClock()
        self.later: list[tuple[float, Callable[[], None]]] = []
        self.venue = SimulatedBinance(
            clock=self.clock,
            schedule=lambda delay_s, run: self.later.append((delay_s, run)),
            api_key=API_KEY,
            secret_key=SECRET_KEY,
            wallet_usdt=wallet_usdt,
            funding=funding,
            raise_limits=raise_limits,
        )

    def tick(
        self,
        price: str = "100000",
        *,
        base: str = "BTC",
        low: str | None = None,
        high: str | None = None,
        rate: str = "0.0001",
    ) -> None:
        """Advance the market of one symbol without moving the clock."""
        self.venue.advance(
            [
                MarketTick(
                    base=base,
                    at=self.clock.now(),
                    upbit_close=Decimal(1),
                    upbit_high=Decimal(1),
                    upbit_low=Decimal(1),
                    binance_close=Decimal(price),
                    binance_high=Decimal(high or price),
                    binance_low=Decimal(low or price),
                    krw_usdt=Decimal(1_390),
                    funding_rate=Decimal(rate),
                )
            ]
        )

    def raw(
        self,
        method: str,
        path: str,
        query: str = "",
        *,
        body: str = "",
        key: str | None = API_KEY,
    ) -> HttpResponse:
        headers = {} if key is None else {"X-MBX-APIKEY": key}
        url = f"https://simulated{path}" + (f"?{query}" if query else "")
        return self.venue.handle(
            HttpRequest(method=method, url=url, headers=headers, body=body.encode())
        )

    def signed(self, method: str, path: str, **params: str) -> HttpResponse:
        stamped = {**params}
        stamped.setdefault("timestamp", str(epoch_ms(self.clock.now())))
        return self.raw(method, path, sign(urlencode(stamped)))

    def call(self, method: str, path: str, **params: str) -> Any:  # noqa: ANN401 - JSON
        """The decoded answer of a call that must succeed."""
        answer = self.signed(method, path, **params)
        assert answer.status == 200, answer.body
        return json.loads(answer.body)

    def code(self, method: str, path: str, **params: str) -> int:
        """The error code of a call that must fail."""
        return error_code(self.signed(method, path, **params))

    def order(self, **params: str) -> Any:  # noqa: ANN401 - JSON
        return self.call("POST", "/fapi/v1/order", **order_params(**params))

    def order_code(self, **params: str) -> int:
        return self.code("POST", "/fapi/v1/order", **order_params(**params))

    def listen(self, target: str | None = None) -> tuple[list[Any], StreamSession]:
        """Open a stream (by default the private one); the list fills with events."""
        if target is None:
            key = json.loads(self.raw("POST", "/fapi/v1/listenKey").body)["listenKey"]
            target = f"/private/ws?listenKey={key}"
        events: list[Any] = []
        session = self.venue.open_stream(target, {}, lambda text: events.append(json.loads(text)))
        assert not isinstance(session, HttpResponse)
        return events, session


def order_params(**params: str) -> dict[str, str]:
    """A MARKET BUY of 0.01 BTC unless told otherwise; an empty value removes a parameter."""
    wish = {
        "symbol": "BTCUSDT",
        "side": "BUY",
        "type": "MARKET",
        "quantity": "0.01",
        "newOrderRespType": "RESULT",
        **params,
    }
    if wish["type"] == "LIMIT":
        wish.setdefault("timeInForce", "GTC")
    return {name: value for name, value in wish.items() if value}


def sign(payload: str, secret: str = SECRET_KEY) -> str:
    signature = hmac.new(secret.encode(), payload.encode(), hashlib.sha256).hexdigest()
    return f"{payload}&signature={signature}"


def error_code(answer: HttpResponse) -> int:
    assert answer.status >= 400, answer.body
    return int(json.loads(answer.body)["code"])
