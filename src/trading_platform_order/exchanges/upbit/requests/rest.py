"""Requests to Upbit: signed, within the rate budget, each with one outcome.

Orders are posted once and never re-sent from here. Reads may be retried, bounded, 1 -> 2 -> 4 s.
No ``Origin`` header, ever: Upbit then allows one request in ten seconds.
"""

import asyncio
import math
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeVar

import attrs
import msgspec

from trading_platform_order.exchanges.config import UpbitConfig
from trading_platform_order.exchanges.rows import (
    UNREADABLE,
    WireRows,
    decode_rows,
    decoder,
    json_of,
)
from trading_platform_order.exchanges.upbit.requests import errors, wire
from trading_platform_order.exchanges.upbit.requests.errors import Failure, Kind
from trading_platform_order.exchanges.upbit.requests.server_clock import ServerClock
from trading_platform_order.exchanges.upbit.requests.signing import (
    Signer,
    encoded_query,
    plain_query,
)
from trading_platform_order.transport.http import (
    HttpRequest,
    HttpResponse,
    HttpResult,
    HttpTransport,
)
from trading_platform_order.transport.limiter import Budget, Budgets, Limiter, TooManyWaiting

ORDER, DEFAULT = "order", "default"
ORDER_TEST, ORDERBOOK, TICKER, MARKET = "order-test", "orderbook", "ticker", "market"
ORDER_PATH, TEST_PATH = "/v1/orders", "/v1/orders/test"
#: the smallest public read that is always there; its group allows ten a second, we ask for few
PING_TARGET = "/v1/ticker?markets=KRW-BTC"
#: tells of one market: its limits and fees, and what is held of its coin
CHANCE_PATH = "/v1/orders/chance"
#: what is not a read and yet places nothing
HARMLESS = frozenset({("POST", TEST_PATH)})
READ_BACKOFF_S = (1.0, 2.0, 4.0)
LONGEST_BAN_S = 3_600.0
_REMAINING = re.compile(r"group=([\w-]+).*sec=(\d+)")

Shape = TypeVar("Shape")
Pairs = Sequence[tuple[str, str]]


def budgets(config: UpbitConfig) -> Budgets:
    """Budgets by Upbit's own group names (docs rate-limits @2026-09).

    A part of the order and default groups is kept for urgent requests: unwinding, cancelling and
    looking up must not starve behind new orders and routine reads.
    """
    return {
        ORDER: _per_second(config.orders_per_s, reserve=config.orders_per_s // 4),
        DEFAULT: _per_second(config.default_per_s, reserve=config.default_per_s // 4),
        ORDER_TEST: _per_second(8),
        ORDERBOOK: _per_second(config.quotation_per_s),
        TICKER: _per_second(config.quotation_per_s),
        MARKET: _per_second(config.quotation_per_s),
    }


def _per_second(limit: int, reserve: int = 0) -> Budget:
    return Budget(limit=limit, window_s=1.0, reserved=reserve)


@dataclass(frozen=True, slots=True, kw_only=True)
class Success:
    """A 2xx answer."""

    body: bytes
    headers: Mapping[str, str]


def decode(answer: Success, shape: type[Shape]) -> Shape | Failure:
    """Read a body; one that cannot be read proves nothing."""
    as_key: Any = shape
    try:
        found: Shape = decoder(as_key).decode(json_of(answer.body))
    except UNREADABLE as error:
        return unreadable(str(error))
    return found


def unreadable(message: str) -> Failure:
    """An answer that proves nothing."""
    return Failure(kind=Kind.UNKNOWN, code="unreadable_answer", message=message)


class _Named(Protocol):
    @property
    def market(self) -> str: ...


Row = TypeVar("Row", bound=_Named)


def only(
    market: str, rows: WireRows[Row] | Failure, *, single: bool = False
) -> WireRows[Row] | Failure:
    """As :meth:`WireRows.of`; a :class:`Failure` if one that may be its could not be read."""
    if isinstance(rows, Failure):
        return rows
    ours = rows.of(market, lambda row: row.market, single=single)
    return unreadable(ours) if isinstance(ours, str) else ours


@attrs.define(kw_only=True, eq=False, repr=False)
class UpbitRest:
    """Carries calls; knows paths, groups and time limits but not what orders mean."""

    _http: HttpTransport
    _limiter: Limiter
    _config: UpbitConfig
    _signer: Signer
    _clock: ServerClock
    _bans: int = attrs.field(default=0, init=False)
    _banned_until_s: float = attrs.field(default=-math.inf, init=False)

    def room(self) -> float:
        """The part of the budgets free for an order and for looking it up."""
        return self._limiter.room(ORDER, DEFAULT)

    def order_wait_s(self) -> float:
        """Seconds until an urgent order may leave; 0.0 for now."""
        return self._limiter.delay_s(ORDER, urgent=True)

    # -- orders ---------------------------------------------------------------------------------

    def post_order(
        self, body: Mapping[str, str], *, urgent: bool, answer_s: float | None = None
    ) -> Awaitable[Success | Failure]:
        """POST one order. It is on its way when this returns, if the budget allows it now.

        Its answer is waited for ``answer_s`` seconds, else for ``order_timeout_s`` of the settings.
        """
        return self.prepared_order(body, urgent=urgent, answer_s=answer_s)()

    def prepared_order(
        self, body: Mapping[str, str], *, urgent: bool, answer_s: float | None = None
    ) -> Callable[[], Awaitable[Success | Failure]]:
        """The same, signed; the call that is returned writes it, if the budget allows it now."""
        if self._limiter.take(ORDER, urgent=urgent) > 0:
            return partial(self._post_when_allowed, body, urgent=urgent, answer_s=answer_s)
        request = self._signed_post(body, answer_s=answer_s)
        return lambda: self._conclude(self._http.send(request), ORDER)

    def rehearse_order(self, body: Mapping[str, str]) -> None:
        """Sign one order that is never posted."""
        self._signed_post(body)

    async def _post_when_allowed(
        self, body: Mapping[str, str], *, urgent: bool, answer_s: float | None
    ) -> Success | Failure:
        failure = await self._acquire(ORDER, urgent=urgent, limit_s=self._config.order_timeout_s)
        if failure is not None:
            return failure
        request = self._signed_post(body, answer_s=answer_s)
        return await self._conclude(self._http.send(request), ORDER)

    async def test_order(self, body: Mapping[str, str]) -> Success | Failure:
        """POST /v1/orders/test: judged like an order, but none is placed."""
        failure = await self._acquire(ORDER_TEST, urgent=False, limit_s=self._config.read_timeout_s)
        if failure is not None:
            return failure
        request = self._signed_post(body, path=TEST_PATH)
        return await self._conclude(self._http.send(request), ORDER_TEST)

    def _signed_post(
        self, body: Mapping[str, str], *, path: str = ORDER_PATH, answer_s: float | None = None
    ) -> HttpRequest:
        return HttpRequest(
            method="POST",
            url=f"{self._config.rest_url}{path}",
            headers={
                "Authorization": self._signer.authorization(plain_query(body.items())),
                "Content-Type": "application/json; charset=utf-8",
                "Accept": "application/json",
            },
            body=msgspec.json.encode(body),
            timeout_s=self._config.order_timeout_s if answer_s is None else answer_s,
            label=body.get("identifier", ""),
        )

    async def get_order(self, key: str, *, by: str = "identifier") -> wire.Order | Failure:
        """GET /v1/order by ``identifier`` or ``uuid``, asked once."""
        answer = await self._call("GET", "/v1/order", [(by, key)], urgent=True)
        return answer if isinstance(answer, Failure) else decode(answer, wire.Order)

    async def delete_order(self, key: str, *, by: str = "identifier") -> Success | Failure:
        """DELETE /v1/order by ``identifier`` or ``uuid``: its end must still be seen."""
        return await self._call("DELETE", "/v1/order", [(by, key)], urgent=True)

    # -- reads ----------------------------------------------------------------------------------

    async def read(
        self,
        path: str,
        pairs: Pairs,
        shape: type[Shape],
        *,
        group: str = DEFAULT,
        retry: bool = True,
    ) -> Shape | Failure:
        """GET and decode; what may pass is asked again after 1, 2 and 4 s."""
        answer = await self.read_raw(path, pairs, group=group, retry=retry)
        return answer if isinstance(answer, Failure) else decode(answer, shape)

    async def read_rows(
        self,
        path: str,
        pairs: Pairs,
        row: type[Shape],
        *,
        key: str,
        group: str = DEFAULT,
        retry: bool = True,
    ) -> WireRows[Shape] | Failure:
        """As :meth:`read`, a list row by row; ``key`` names the owner of each."""
        answer = await self.read_raw(path, pairs, group=group, retry=retry)
        if isinstance(answer, Failure):
            return answer
        try:
            return decode_rows(answer.body, row, key=key)
        except UNREADABLE as error:
            return unreadable(str(error))

    async def read_raw(
        self, path: str, pairs: Pairs, *, group: str = DEFAULT, retry: bool = True
    ) -> Success | Failure:
        """GET without reading the body; a ban is told at once and never waited for."""
        for pause_s in READ_BACKOFF_S if retry else ():
            answer = await self._call("GET", path, pairs, group=group)
            if isinstance(answer, Success) or answer.kind not in errors.TRANSIENT:
                return answer
            wait_s = answer.retry_after_s or 0.0
            if wait_s > READ_BACKOFF_S[-1]:
                return answer  # a ban: who asked has others to ask, and operators to tell
            await asyncio.sleep(max(pause_s, wait_s))
        return await self._call("GET", path, pairs, group=group)

    # -- within ---------------------------------------------------------------------------------

    async def _call(
        self, method: str, path: str, pairs: Pairs, *, group: str = DEFAULT, urgent: bool = False
    ) -> Success | Failure:
        limit_s = self._config.read_timeout_s
        failure = await self._acquire(group, urgent=urgent, limit_s=limit_s)
        if failure is not None:
            return failure
        headers = {"Accept": "application/json"}
        if group == DEFAULT:
            headers["Authorization"] = self._signer.authorization(plain_query(pairs))
        query = f"?{encoded_query(pairs)}" if pairs else ""
        request = HttpRequest(
            method=method,
            url=f"{self._config.rest_url}{path}{query}",
            headers=headers,
            timeout_s=limit_s,
        )
        return await self._conclude(self._http.send(request), group)

    async def _acquire(self, group: str, *, urgent: bool, limit_s: float) -> Failure | None:
        if self._limiter.take(group, urgent=urgent) <= 0:
            return None
        try:
            async with asyncio.timeout(limit_s):
                await self._limiter.acquire(group, urgent=urgent)
        except (TimeoutError, TooManyWaiting):
            return Failure(
                kind=Kind.NOT_SENT,
                code="not_sent",
                message=f"no rate budget in group {group} for {limit_s:g} s",
            )
        return None

    async def _conclude(self, pending: Awaitable[HttpResult], group: str) -> Success | Failure:
        result = await pending
        if not isinstance(result, HttpResponse):
            return errors.of_network(result)
        self._observe(result, group)
        self._clock.observe(result.headers)
        if result.is_success:
            self._bans = 0
            return Success(body=result.body, headers=result.headers)
        failure = errors.of_response(result)
        if failure.retry_after_s is not None:
            self._block(failure, group, failure.retry_after_s)
        return failure

    def _observe(self, response: HttpResponse, group: str) -> None:
        """``Remaining-Req: group=default; min=1800; sec=29``; ``min`` is a dead value."""
        found = _REMAINING.search(response.headers.get("remaining-req", ""))
        if found is not None:
            self._limiter.observe_remaining(group, int(found.group(2)))

    def _block(self, failure: Failure, group: str, seconds: float) -> None:
        """429 stops the group; 418 stops everything, longer each time it comes again.

        Requests that were on their way together are all told of the same ban: it counts once.
        """
        if not failure.bans_all:
            self._limiter.block(group, seconds)
            return
        now_s = asyncio.get_running_loop().time()
        if now_s >= self._banned_until_s:
            self._bans = min(self._bans + 1, 11)
        ban_s = min(seconds * 2 ** max(self._bans - 1, 0), LONGEST_BAN_S)
        self._banned_until_s = max(self._banned_until_s, now_s + ban_s)
        self._limiter.block(None, ban_s)
