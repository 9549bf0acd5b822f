"""Reading query strings and choosing orders for the list endpoints.

Upbit docs list-closed-orders @2026-07-29, list-open-orders, list-orders-by-uuids.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, unquote

from exchange_simulator.decimals import ZERO
from exchange_simulator.upbit.errors import Refusal
from exchange_simulator.upbit.numbers import read_amount
from exchange_simulator.upbit.trading.orders import SimulatedOrder

_CLOSED_WINDOW = timedelta(days=7)
_IDS_MAX = 100
_OPEN_LIMIT_MAX = 100
_CLOSED_LIMIT_MAX = 1_000
_DEFAULT_LIMIT = 100
_CANCELLED_IDS_MAX = 20
_CANCELLED_DEFAULT = 20
_CANCELLED_MAX = 300
_PAIRS_MAX = 20


class Query:
    """The parameters of one request; ``signed_text`` is what its token must sign.

    It never changes: :func:`read_query` hands the same out for the same text.
    """

    def __init__(self, raw: str, *, is_strict: bool) -> None:
        """Read a raw query string.

        Args:
            raw: as on the wire.
            is_strict: refuse characters that must be percent-encoded (private endpoints).

        Raises:
            Refusal: ``invalid_parameter``.
        """
        if is_strict and (":" in raw or "+" in raw or " " in raw):
            raise Refusal("invalid_parameter", detail="query must be percent-encoded")
        self.signed_text = unquote(raw)
        self._pairs = _pairs(raw)
        self._last = dict(self._pairs)

    def get(self, name: str) -> str | None:
        """The last value of a parameter."""
        return self._last.get(name)

    def need(self, name: str) -> str:
        """The value of a parameter that must be there.

        Raises:
            Refusal: ``invalid_parameter``.
        """
        value = self.get(name)
        if not value:
            raise Refusal("invalid_parameter", detail=name)
        return value

    def all(self, name: str) -> list[str]:
        """All values of a repeated parameter."""
        return [value for key, value in self._pairs if key == name]

    def split(self, name: str) -> list[str]:
        """A comma-separated parameter."""
        return [part for part in (self.get(name) or "").split(",") if part]

    def whole(self, name: str, *, default: int, largest: int) -> int:
        """A whole number from 1 to ``largest``.

        Raises:
            Refusal: ``invalid_parameter``.
        """
        text = self.get(name)
        if text is None:
            return default
        if not text.isdecimal() or not 1 <= int(text) <= largest:
            raise Refusal("invalid_parameter", detail=name)
        return int(text)

    def amount(self, name: str) -> Decimal:
        """A plain number, zero if it is left out.

        Raises:
            Refusal: ``invalid_parameter``.
        """
        text = self.get(name)
        value = ZERO if text in {None, "0"} else read_amount(text or "")
        if value is None:
            raise Refusal("invalid_parameter", detail=name)
        return value

    def moment(self, name: str, *, zone: tzinfo | None = None) -> datetime | None:
        """A time: ISO 8601 with zone (unless ``zone`` is the default), or milliseconds.

        Raises:
            Refusal: ``invalid_parameter``.
        """
        text = self.get(name)
        if text is None:
            return None
        try:
            if text.isdecimal():
                return datetime.fromtimestamp(int(text) / 1_000, UTC)
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise Refusal("invalid_parameter", detail=name) from None
        if moment.tzinfo is None and zone is None:
            raise Refusal("invalid_parameter", detail=name)
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)


@lru_cache(maxsize=256)
def read_query(raw: str, *, is_strict: bool) -> Query:
    """As :class:`Query`; most of what is asked is asked again."""
    return Query(raw, is_strict=is_strict)


def _pairs(raw: str) -> list[tuple[str, str]]:
    if "%" in raw or "+" in raw:
        return parse_qsl(raw, keep_blank_values=True)
    # Nothing is encoded, as in nearly every request: the parts are what they say.
    parts = (part.partition("=") for part in raw.split("&") if part)
    return [(name, value) for name, _, value in parts]


def open_orders(query: Query, orders: Iterable[SimulatedOrder]) -> list[SimulatedOrder]:
    """GET /v1/orders/open."""
    states = _states(query, allowed={"wait", "watch"}, default={"wait"})
    chosen = [order for order in _of_market(query, orders) if order.state in states]
    limit = query.whole("limit", default=_DEFAULT_LIMIT, largest=_OPEN_LIMIT_MAX)
    page = query.whole("page", default=1, largest=1_000_000)
    return _ordered(query, chosen)[(page - 1) * limit : page * limit]


def closed_orders(
    query: Query, orders: Iterable[SimulatedOrder], *, now: datetime
) -> list[SimulatedOrder]:
    """GET /v1/orders/closed: by time of creation, at most 7 days."""
    states = _states(query, allowed={"done", "cancel"}, default={"done", "cancel"})
    start, end = query.moment("start_time"), query.moment("end_time")
    if end is None:
        end = now if start is None else min(start + _CLOSED_WINDOW, now)
    if start is None:
        start = end - _CLOSED_WINDOW
    if end - start > _CLOSED_WINDOW or end < start:
        raise Refusal("invalid_parameter", detail="start_time, end_time")
    chosen = [
        order
        for order in _of_market(query, orders)
        if order.state in states and start <= order.created_at <= end
    ]
    limit = query.whole("limit", default=_DEFAULT_LIMIT, largest=_CLOSED_LIMIT_MAX)
    return _ordered(query, chosen)[:limit]


def orders_by_ids(query: Query, orders: Iterable[SimulatedOrder]) -> list[SimulatedOrder]:
    """GET /v1/orders/uuids."""
    uuids, identifiers = query.all("uuids[]"), query.all("identifiers[]")
    if not 1 <= len(uuids or identifiers) <= _IDS_MAX:
        raise Refusal("invalid_parameter", detail="uuids, identifiers")
    chosen = [
        order
        for order in _of_market(query, orders)
        if (order.uuid in uuids if uuids else order.identifier in identifiers)
    ]
    return _ordered(query, chosen)


def cancelled_by_ids(
    query: Query, orders: Iterable[SimulatedOrder]
) -> tuple[list[str], list[SimulatedOrder]]:
    """DELETE /v1/orders/uuids: the ids asked for, and the open orders among them."""
    uuids, identifiers = query.all("uuids[]"), query.all("identifiers[]")
    asked = uuids or identifiers
    if not 1 <= len(asked) <= _CANCELLED_IDS_MAX or (uuids and identifiers):
        raise Refusal("invalid_parameter", detail="uuids, identifiers")
    found = [
        order
        for order in orders
        if order.is_open and (order.uuid if uuids else order.identifier) in asked
    ]
    return asked, found


def batch_cancelled(query: Query, orders: Iterable[SimulatedOrder]) -> list[SimulatedOrder]:
    """DELETE /v1/orders/open: the orders it would cancel, newest first unless asked otherwise."""
    side = query.get("cancel_side") or "all"
    pairs, quotes = query.split("pairs"), query.split("quote_currencies")
    if side not in {"all", "ask", "bid"} or (pairs and quotes) or len(pairs) > _PAIRS_MAX:
        raise Refusal("invalid_parameter", detail="cancel_side, pairs, quote_currencies")
    count = query.whole("count", default=_CANCELLED_DEFAULT, largest=_CANCELLED_MAX)
    excluded = query.split("excluded_pairs")
    chosen = [
        order
        for order in orders
        if order.is_open
        and side in {"all", order.side}
        and (not pairs or order.market in pairs)
        and (not quotes or order.market.partition("-")[0] in quotes)
        and order.market not in excluded
    ]
    return _ordered(query, chosen)[:count]


def transfers(query: Query, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """GET /v1/deposits and GET /v1/withdraws."""
    currency, state = query.get("currency"), query.get("state")
    uuids, txids = query.all("uuids[]"), query.all("txids[]")
    chosen = [
        row
        for row in rows
        if currency in {None, row["currency"]}
        and state in {None, row["state"]}
        and (not uuids or row["uuid"] in uuids)
        and (not txids or row["txid"] in txids)
    ]
    # Cursors: what came after one transfer and before another.
    uuids_shown = [row["uuid"] for row in chosen]
    after, before = query.get("from"), query.get("to")
    if before in uuids_shown:
        chosen = chosen[: uuids_shown.index(before)]
    if after in uuids_shown:
        chosen = chosen[uuids_shown.index(after) + 1 :]
    if query.get("order_by") != "asc":
        chosen.reverse()
    limit = query.whole("limit", default=_DEFAULT_LIMIT, largest=_DEFAULT_LIMIT)
    page = query.whole("page", default=1, largest=1_000_000)
    return chosen[(page - 1) * limit : page * limit]


def _of_market(query: Query, orders: Iterable[SimulatedOrder]) -> list[SimulatedOrder]:
    market = query.get("market")
    return [order for order in orders if market in {None, order.market}]


def _states(query: Query, *, allowed: set[str], default: set[str]) -> set[str]:
    one, many = query.get("state"), query.all("states[]")
    if one is not None and many:
        raise Refusal("invalid_parameter", detail="state, states")
    states = set(many) or ({one} if one is not None else default)
    if not states <= allowed:
        raise Refusal("invalid_parameter", detail="state")
    return states


def _ordered(query: Query, chosen: list[SimulatedOrder]) -> list[SimulatedOrder]:
    # Orders are kept in the order of their creation.
    return chosen if query.get("order_by") == "asc" else chosen[::-1]
