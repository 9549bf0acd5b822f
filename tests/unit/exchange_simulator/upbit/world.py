"""A simulated Upbit with a client that signs by hand, for the tests of this folder."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import unquote, urlencode

from exchange_simulator.ports import MarketTick
from exchange_simulator.upbit import SimulatedUpbit
from exchange_simulator.wire import HttpRequest, HttpResponse

START = datetime(2025, 9, 1, tzinfo=UTC)
FEE = Decimal("0.0005")
SECRET = "secret"


class FakeClock:
    def __init__(self) -> None:
        self.at = START
        self.elapsed_s = 100.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.elapsed_s

    def boottime(self) -> float:
        return self.elapsed_s

    def pass_time(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.elapsed_s += seconds


class World:
    """One simulated Upbit with a client that signs by hand."""

    def __init__(self, *, raise_limits: bool = False, ids_from: int = 0, **balances: str) -> None:
        self.clock = FakeClock()
        self.scheduled: list[tuple[float, Callable[[], None]]] = []
        self.nonces = 0
        amounts = {asset: Decimal(amount) for asset, amount in balances.items()}
        self.venue = SimulatedUpbit(
            clock=self.clock,
            schedule=lambda delay_s, effect: self.scheduled.append((delay_s, effect)),
            access_key="access",
            secret_key=SECRET,
            balances=amounts or {"KRW": Decimal(100_000_000), "BTC": Decimal(1)},
            raise_limits=raise_limits,
            ids_from=ids_from,
        )
        self.tick("150000000")

    def tick(
        self, close: str, *, high: str | None = None, low: str | None = None, krw_usdt: str = "1400"
    ) -> None:
        tick = MarketTick(
            base="BTC",
            at=self.clock.now(),
            upbit_close=Decimal(close),
            upbit_high=Decimal(high or close),
            upbit_low=Decimal(low or close),
            binance_close=Decimal(107_000),
            binance_high=Decimal(107_000),
            binance_low=Decimal(107_000),
            krw_usdt=Decimal(krw_usdt),
            funding_rate=Decimal("0.0001"),
        )
        self.venue.advance([tick])

    def token(
        self, signed_text: str, *, algorithm: str = "HS512", secret: str = SECRET, **claims: str
    ) -> str:
        self.nonces += 1
        payload = {"access_key": "access", "nonce": f"n{self.nonces}"}
        if signed_text:
            payload["query_hash"] = hashlib.sha512(signed_text.encode()).hexdigest()
            payload["query_hash_alg"] = "SHA512"
        payload |= claims
        head = {"alg": algorithm, "typ": "JWT"}
        parts = [
            base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
            for part in (head, payload)
        ]
        signed = b".".join(parts)
        digest = {"HS512": "sha512", "HS256": "sha256"}.get(algorithm, "sha512")
        mark = hmac.new(secret.encode(), signed, digest).digest()
        return f"{signed.decode()}.{base64.urlsafe_b64encode(mark).rstrip(b'=').decode()}"

    def request(self, method: str, path: str, **params: object) -> HttpResponse:
        query = urlencode(params, doseq=True)
        body, target = b"", path
        if method == "POST":
            body = json.dumps(params).encode()
        elif query:
            target = f"{path}?{query}"
        headers = {"Authorization": f"Bearer {self.token(unquote(query))}"}
        url = f"http://upbit{target}"
        return self.venue.handle(HttpRequest(method=method, url=url, headers=headers, body=body))

    def ask(self, method: str, path: str, **params: object) -> dict[str, Any]:
        answer = self.request(method, path, **params)
        assert answer.status in {200, 201}, answer.body.decode()
        value: dict[str, Any] = json.loads(answer.body)
        return value

    def rows(self, path: str, **params: object) -> list[dict[str, Any]]:
        answer = self.request("GET", path, **params)
        assert answer.status == 200, answer.body.decode()
        value: list[dict[str, Any]] = json.loads(answer.body)
        return value

    def failure(self, method: str, path: str, **params: object) -> tuple[int, str]:
        answer = self.request(method, path, **params)
        assert answer.status >= 400, answer.body.decode()
        return answer.status, json.loads(answer.body)["error"]["name"]

    def order(self, **body: object) -> dict[str, Any]:
        return self.ask("POST", "/v1/orders", **({"market": "KRW-BTC"} | body))

    def refused(self, **body: object) -> str:
        return self.failure("POST", "/v1/orders", **({"market": "KRW-BTC"} | body))[1]

    def seen(self, uuid: str) -> dict[str, Any]:
        return self.ask("GET", "/v1/order", uuid=uuid)

    def best(self) -> dict[str, Decimal]:
        book = self.rows("/v1/orderbook", markets="KRW-BTC")[0]
        return {name: Decimal(str(value)) for name, value in book["orderbook_units"][0].items()}

    def balance(self, asset: str) -> tuple[Decimal | int, Decimal | int]:
        row = self.venue.state()["balances"][asset]
        return Decimal(row["available"]), Decimal(row["locked"])

    def run_scheduled(self) -> None:
        waiting, self.scheduled = self.scheduled, []
        for _, effect in waiting:
            effect()
