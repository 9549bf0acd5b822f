"""Which requests come in: the exchange is open, limits are kept, key and signature are right."""

import math
from datetime import datetime

from exchange_simulator.binance.endpoints.route_table import route_of
from exchange_simulator.binance.endpoints.routes import Route
from exchange_simulator.binance.errors import Rejection
from exchange_simulator.binance.requests.access import Door
from exchange_simulator.binance.requests.rate_limits import Counters, Window
from exchange_simulator.binance.requests.request import (
    ParsedRequest,
    check_key,
    check_signature,
    second_key_of,
)
from exchange_simulator.clock import Clock, epoch_ms

HTTP_BANNED = 418


class Admission:
    """The door of one account, in the order in which the exchange looks.

    Args:
        clock: its stopwatch drives the rate windows.
        door: whether the exchange is open, and what the keys may do.
        raise_limits: whether breaking a rate limit is answered with 429.
    """

    def __init__(
        self, *, clock: Clock, door: Door, api_key: str, secret_key: str, raise_limits: bool
    ) -> None:
        self._clock = clock
        self._door = door
        self._api_key = api_key
        self._second_key = second_key_of(api_key)
        self._secret = secret_key.encode()
        self._raise_limits = raise_limits
        self._counters = Counters()
        self.next_refusal: int | None = None

    def admit(
        self, parsed: ParsedRequest, payload: str | None, now: datetime, headers: dict[str, str]
    ) -> Route:
        """The route of a request that may be answered.

        Args:
            parsed: the request.
            payload: what was signed, if not query and body.
            now: the exchange's time.
            headers: of the answer; the weight used is added.

        Raises:
            Rejection: it may not.
        """
        self._door.check_open()
        route = route_of(parsed)
        self._count_weight(route, parsed, headers)
        if route.needs_key:
            is_second = parsed.key == self._second_key
            check_key(parsed, self._second_key if is_second else self._api_key)
            is_futures = parsed.path.startswith("/fapi")
            self._door.check_key(is_futures=is_futures, is_second=is_second)
        if route.is_signed:
            check_signature(
                parsed, secret=self._secret, server_time_ms=epoch_ms(now), payload=payload
            )
        return route

    def admit_order(self, headers: dict[str, str]) -> None:
        """One more order.

        Raises:
            Rejection: too many of them, or the next one is to be refused.
        """
        if not self._counters.count_order(self._clock.monotonic()):
            self._limit_broken(-1015, self._counters.orders_10s, headers)
        if self.next_refusal is not None:
            code, self.next_refusal = self.next_refusal, None
            raise Rejection(code)

    def order_headers(self) -> dict[str, str]:
        """How many orders were counted."""
        return self._counters.order_headers()

    def ban(self, seconds: float) -> None:
        """418 to everything for so long."""
        self._counters.ban(self._clock.monotonic(), seconds)

    def _count_weight(self, route: Route, parsed: ParsedRequest, headers: dict[str, str]) -> None:
        now_s = self._clock.monotonic()
        ban_s = self._counters.ban_left_s(now_s)
        if ban_s > 0:
            headers["retry-after"] = str(math.ceil(ban_s))
            until_ms = epoch_ms(self._clock.now()) + int(ban_s * 1_000)
            words = f"Way too many requests; IP banned until {until_ms}."
            raise Rejection(-1003, words, status=HTTP_BANNED)
        within = self._counters.count_weight(now_s, route.weight_of(parsed))
        headers["x-mbx-used-weight-1m"] = str(self._counters.weight.used)
        if not within:
            self._limit_broken(-1003, self._counters.weight, headers)

    def _limit_broken(self, code: int, window: Window, headers: dict[str, str]) -> None:
        if self._raise_limits:
            left_s = window.left_s(self._clock.monotonic())
            headers["retry-after"] = str(math.ceil(left_s))
            self._counters.strike(self._clock.monotonic())
            raise Rejection(code)
