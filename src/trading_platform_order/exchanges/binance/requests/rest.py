"""Requests to the exchange: signed, within budget, their answers decoded or said to have failed.

Reads are retried a bounded number of times where that may help. Nothing here ever repeats an order.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from trading_platform_order.domain.outcome import (
    REDUCE_ONLY_REJECTED,
    AlreadyGone,
    CancelOutcome,
    CancelRequested,
    Refused,
    Unknown,
)
from trading_platform_order.exchanges.binance.requests.answers import Failure, decode, rows_of
from trading_platform_order.exchanges.binance.requests.errors import (
    NOTHING_TO_REDUCE,
    TOO_MANY_ORDERS,
    UNKNOWN_ORDER_SENT,
    ApiError,
    Kind,
    classify,
    hindrance_of,
    is_transient,
    read_error,
    unheard_of,
)
from trading_platform_order.exchanges.binance.requests.signing import Params, Signer, encode
from trading_platform_order.exchanges.binance.requests.wire import ServerTimeWire
from trading_platform_order.exchanges.config import BinanceConfig
from trading_platform_order.exchanges.rows import (
    WireRows,
)
from trading_platform_order.transport.clock import Clock, epoch_ms
from trading_platform_order.transport.http import (
    HttpRequest,
    HttpResponse,
    HttpResult,
    HttpTransport,
    MaybeSent,
    NotSent,
)
from trading_platform_order.transport.limiter import Budget, Budgets, Limiter, TooManyWaiting
from trading_platform_order.transport.retry import retry_read

ORDERS = "orders"
WEIGHT = "weight"
TEST_PATH = "/fapi/v1/order/test"
LISTEN_KEY_PATH = "/fapi/v1/listenKey"
#: weight 1 of 2400 a minute (Binance docs general-info)
PING_TARGET = "/fapi/v1/ping"
#: what is not a read and yet neither places nor changes anything: order tests, the stream's key
HARMLESS = frozenset({("POST", TEST_PATH), ("POST", LISTEN_KEY_PATH), ("PUT", LISTEN_KEY_PATH)})
_ORDERS_WINDOW_S = 10.0
_WEIGHT_WINDOW_S = 60.0
_RESERVED_PART = 5  # one fifth of each budget is kept for what reduces risk
_TEAPOT = 418
# A ban or a broken limit may come without a deadline: wait for the window, a ban for its minimum.
_DEFAULT_PAUSE_S = 60.0
_DEFAULT_BAN_S = 120.0
READ_ATTEMPTS = 3
_END_OF_TIME_MS = 4_102_444_800_000  # the year 2100

_Wire = TypeVar("_Wire")
_Found = TypeVar("_Found")


def budgets(config: BinanceConfig) -> Budgets:
    """The groups this adapter takes from: orders per 10 s and request weight per minute."""
    return {
        ORDERS: Budget(
            limit=config.orders_per_10s,
            window_s=_ORDERS_WINDOW_S,
            reserved=config.orders_per_10s // _RESERVED_PART,
        ),
        WEIGHT: Budget(
            limit=config.weight_per_min,
            window_s=_WEIGHT_WINDOW_S,
            reserved=config.weight_per_min // _RESERVED_PART,
        ),
    }


CLOCK_ATTEMPTS = 5
CLOCK_JUMP_S = 0.1


class RestClient:
    """One account's REST connection."""

    def __init__(
        self,
        *,
        http: HttpTransport,
        clock: Clock,
        limiter: Limiter,
        config: BinanceConfig,
        retry_delay_s: float,
    ) -> None:
        self.http = http
        self.limiter = limiter
        self.signer = Signer(
            credentials=config.credentials, clock=clock, recv_window_ms=config.recv_window_ms
        )
        self._clock = clock
        self._config = config
        self._retry_delay_s = retry_delay_s

    def room(self) -> float:
        """The part of the budgets free for an order and for looking it up."""
        return self.limiter.room(ORDERS, WEIGHT)

    def order_wait_s(self) -> float:
        """Seconds until an urgent order may leave; 0.0 for now."""
        return self.limiter.delay_s(ORDERS, urgent=True)

    # -- requests -------------------------------------------------------------------------------

    def signed(
        self,
        method: str,
        path: str,
        params: Params,
        *,
        timestamp_ms: int,
        timeout_s: float,
        label: str = "",
        host: str | None = None,
    ) -> HttpRequest:
        """A signed request; all parameters stand in the query string."""
        query = self.signer.sign(params, timestamp_ms=timestamp_ms)
        return self._request(method, path, query, timeout_s=timeout_s, label=label, host=host)

    def _request(
        self,
        method: str,
        path: str,
        query: str,
        *,
        timeout_s: float,
        label: str = "",
        host: str | None = None,
    ) -> HttpRequest:
        mark = "?" if query else ""
        return HttpRequest(
            method=method,
            url=f"{host or self._config.rest_url}{path}{mark}{query}",
            headers=self.signer.headers,
            timeout_s=timeout_s,
            label=label,
        )

    async def call(
        self,
        method: str,
        path: str,
        params: Params = (),
        *,
        weight: int,
        is_signed: bool = True,
        is_urgent: bool = False,
        host: str | None = None,
    ) -> HttpResponse | Failure:
        """One request, once; an answer that is not 2xx is a :class:`Failure`."""
        if not await self._take_weight(weight, is_urgent=is_urgent):
            return Failure(reason="no request budget left", is_transient=True, was_sent=False)
        timeout_s = self._config.read_timeout_s
        if is_signed:
            now_ms = self.signer.now_ms()
            request = self.signed(
                method, path, params, timestamp_ms=now_ms, timeout_s=timeout_s, host=host
            )
        else:
            request = self._request(method, path, encode(params), timeout_s=timeout_s)
        return self._judge(await self.http.send(request))

    async def _take_weight(self, weight: int, *, is_urgent: bool) -> bool:
        if self.limiter.take(WEIGHT, weight=weight, urgent=is_urgent) <= 0:
            return True
        try:
            async with asyncio.timeout(self._config.read_timeout_s):
                await self.limiter.acquire(WEIGHT, weight=weight, urgent=is_urgent)
        except (TimeoutError, TooManyWaiting):
            return False
        return True

    def _judge(self, result: HttpResult) -> HttpResponse | Failure:
        if not isinstance(result, HttpResponse):
            was_sent = not isinstance(result, NotSent)
            return Failure(reason=result.reason, is_transient=True, was_sent=was_sent)
        self.observe(result)
        if result.is_success:
            return result
        error = read_error(result)
        self.heed(error)
        return Failure(
            reason=error.text,
            error=error,
            is_transient=is_transient(error),
            server_date=result.headers.get("date"),
        )

    def observe(self, response: HttpResponse) -> None:
        """Tell the limiter what the exchange counts."""
        for header, group in (("x-mbx-used-weight-1m", WEIGHT), ("x-mbx-order-count-10s", ORDERS)):
            text = response.headers.get(header, "")
            if text.isdecimal():
                self.limiter.observe_used(group, int(text))

    def heed(self, error: ApiError) -> float | None:
        """Block what the exchange no longer takes; seconds to wait, or ``None``."""
        if classify(error) is not Kind.RATE_LIMITED:
            return None
        is_ban = error.status == _TEAPOT
        is_orders = error.code == TOO_MANY_ORDERS and not is_ban
        default_s = _DEFAULT_BAN_S if is_ban else _DEFAULT_PAUSE_S
        if is_orders:
            default_s = _ORDERS_WINDOW_S
        seconds = default_s if error.retry_after_s is None else error.retry_after_s
        self.limiter.block(ORDERS if is_orders else None, seconds)
        return seconds

    async def taken(self, answer: Awaitable[HttpResult]) -> bytes | Refused | Unknown:
        """What came back for an order that was sent: the body if it was taken."""
        result = await answer
        if isinstance(result, NotSent):
            return Refused(code="not_sent", message=result.reason, retryable=True)
        if isinstance(result, MaybeSent):
            return Unknown(reason=f"no answer: {result.reason}")
        self.observe(result)
        if not result.is_success:
            return await self.refusal(read_error(result))
        return result.body

    async def refusal(self, error: ApiError) -> Refused | Unknown:
        """What an error answer means for an order or a cancel that was sent; heeds limits."""
        wait_s = self.heed(error)
        match classify(error):
            case Kind.UNKNOWN:
                return Unknown(reason=error.text, refused_as=unheard_of(error))
            case Kind.CLOCK_SKEW:
                await self.measure_clock()
                return Refused(code=error.name, message=error.text, retryable=True)
            case Kind.RETRYABLE | Kind.RATE_LIMITED:
                return Refused(
                    code=error.name,
                    message=error.text,
                    retryable=True,
                    retry_after_s=wait_s,
                    hindrance=hindrance_of(error),
                )
            case Kind.REFUSED | Kind.AUTH_FAILED:
                code = REDUCE_ONLY_REJECTED if error.code == NOTHING_TO_REDUCE else error.name
                return Refused(code=code, message=error.text, hindrance=hindrance_of(error))

    async def cancelled(self, answer: HttpResponse | Failure) -> CancelOutcome:
        """What came of a cancel."""
        if not isinstance(answer, Failure):
            return CancelRequested()
        if answer.error is not None:
            if answer.error.code == UNKNOWN_ORDER_SENT:
                return AlreadyGone()
            return await self.refusal(answer.error)
        if not answer.was_sent:
            return Refused(code="not_sent", message=answer.reason, retryable=True)
        return Unknown(reason=answer.reason)

    # -- reads ----------------------------------------------------------------------------------

    async def read(
        self,
        path: str,
        params: Params,
        shape: type[_Wire],
        *,
        weight: int,
        method: str = "GET",
        is_signed: bool = True,
        is_urgent: bool = False,
        attempts: int = READ_ATTEMPTS,
        host: str | None = None,
    ) -> _Wire | Failure:
        """Read and decode, up to ``attempts`` times.

        ``method`` may be one that sets something to a fixed value (leverage, a stream key's
        life), which is as harmless to repeat as a read.
        """
        return await self._read(
            path,
            params,
            lambda body: decode(body, shape),
            weight=weight,
            method=method,
            is_signed=is_signed,
            is_urgent=is_urgent,
            attempts=attempts,
            host=host,
        )

    async def read_rows(
        self,
        path: str,
        params: Params,
        row: type[_Wire],
        *,
        key: str,
        weight: int,
        is_signed: bool = True,
        is_urgent: bool = False,
        attempts: int = READ_ATTEMPTS,
    ) -> WireRows[_Wire] | Failure:
        """As :meth:`read`, a list row by row; ``key`` names the owner of each."""
        return await self._read(
            path,
            params,
            lambda body: rows_of(body, row, key=key),
            weight=weight,
            is_signed=is_signed,
            is_urgent=is_urgent,
            attempts=attempts,
        )

    async def _read(
        self,
        path: str,
        params: Params,
        decoded: Callable[[bytes], _Found | Failure],
        *,
        weight: int,
        method: str = "GET",
        is_signed: bool,
        is_urgent: bool,
        attempts: int,
        host: str | None = None,
    ) -> _Found | Failure:
        fixed = tuple(params)

        async def once() -> _Found | Failure:
            answer = await self.call(
                method,
                path,
                fixed,
                weight=weight,
                is_signed=is_signed,
                is_urgent=is_urgent,
                host=host,
            )
            if isinstance(answer, HttpResponse):
                return decoded(answer.body)
            if answer.error is not None and classify(answer.error) is Kind.CLOCK_SKEW:
                await self.measure_clock()
            return answer

        return await self._repeat(once, attempts=attempts)

    async def _repeat(
        self, once: Callable[[], Awaitable[_Found | Failure]], *, attempts: int
    ) -> _Found | Failure:
        return await retry_read(
            once,
            attempts=attempts,
            first_delay_s=self._retry_delay_s,
            should_retry=lambda found: isinstance(found, Failure) and found.is_transient,
        )

    async def server_ms(self, *, attempts: int = READ_ATTEMPTS) -> int | Failure:
        """The exchange's clock, epoch milliseconds; absurd ones would prove false absences."""
        found = await self.read(
            "/fapi/v1/time",
            (),
            ServerTimeWire,
            weight=1,
            is_signed=False,
            is_urgent=True,
            attempts=attempts,
        )
        if isinstance(found, Failure):
            return found
        if not 0 < found.server_time < _END_OF_TIME_MS:
            return Failure(reason="the exchange tells a time that cannot be")
        return found.server_time

    async def measure_clock(self) -> int | Failure | None:
        """Measure the difference to the exchange's clock, taking the middle of the round trip.

        A round trip during which our calendar jumped against the stopwatch measures the jump, not
        the difference: it is thrown away, and the difference known before stays in force.

        Returns:
            The exchange's time, epoch milliseconds; ``None`` if our calendar jumped each time.
        """
        for _ in range(CLOCK_ATTEMPTS):
            before_ms, began_s = epoch_ms(self._clock.now()), self._clock.monotonic()
            server_ms = await self.server_ms(attempts=1)
            if isinstance(server_ms, Failure):
                return server_ms
            after_ms, took_s = epoch_ms(self._clock.now()), self._clock.monotonic() - began_s
            if abs((after_ms - before_ms) / 1_000 - took_s) <= CLOCK_JUMP_S:
                self.signer.offset_ms = server_ms - (before_ms + after_ms) // 2
                return server_ms
        return None
