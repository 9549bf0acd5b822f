"""POST, GET and DELETE of orders: what each endpoint asks of the matching, and what it answers."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from exchange_simulator.upbit.endpoints.queries import (
    Query,
    batch_cancelled,
    cancelled_by_ids,
    closed_orders,
    open_orders,
    orders_by_ids,
)
from exchange_simulator.upbit.endpoints.routing import Body, Request, Routes, private
from exchange_simulator.upbit.errors import Refusal, sided
from exchange_simulator.upbit.rules import Rules
from exchange_simulator.upbit.trading.matching import Matching
from exchange_simulator.upbit.trading.order_request import (
    OrderRequest,
    read_identifier,
    read_order,
    read_replacement,
)
from exchange_simulator.upbit.trading.orders import SimulatedOrder, rest_order

ORDER_PATH = "/v1/orders"
REPLACE_PATH = "/v1/orders/cancel_and_new"


class Now(Protocol):
    """The calendar."""

    def now(self) -> datetime:
        """Aware UTC."""
        ...


class OrderRoutes:
    """The order endpoints.

    Attributes:
        refused: order requests that were refused, oldest first.
        read_lag: reads do not see orders younger than this.
    """

    def __init__(self, *, clock: Now, matching: Matching, rules: Rules) -> None:
        self._clock = clock
        self._matching = matching
        self._rules = rules
        self._used_identifiers: set[str] = set()
        self._refuse_next: str | None = None
        self._is_refusing = False
        self.refused: list[dict[str, str | None]] = []
        self.read_lag = timedelta()

    def routes(self) -> Routes:
        """By method and path."""
        view, make = "view_orders", "make_orders"
        return {
            ("POST", ORDER_PATH): private(
                self._post_order, needs=make, group="order", success_status=201
            ),
            ("POST", REPLACE_PATH): private(
                self._replace, needs=make, group="order", success_status=201
            ),
            ("POST", "/v1/orders/test"): private(
                self._post_test, needs=make, group="order-test", success_status=201
            ),
            ("GET", "/v1/order"): private(self._get_order, needs=view),
            ("DELETE", "/v1/order"): private(self._delete_order, needs=make),
            ("GET", "/v1/orders/open"): private(self._get_open, needs=view),
            ("DELETE", "/v1/orders/open"): private(
                self._delete_open, needs=make, group="order-cancel-all"
            ),
            ("GET", "/v1/orders/closed"): private(self._get_closed, needs=view),
            ("GET", "/v1/orders/uuids"): private(self._get_by_ids, needs=view),
            ("DELETE", "/v1/orders/uuids"): private(self._delete_by_ids, needs=make),
        }

    def refuse_next_order(self, code: str | None) -> None:
        """The next order request is refused and burns its identifier."""
        self._refuse_next, self._is_refusing = code, True

    def remember_identifiers(self) -> None:
        """Those of all orders, and of requests that were refused, are used for ever."""
        self._used_identifiers |= self._matching.by_identifier.keys()
        self._used_identifiers |= {row["identifier"] for row in self.refused if row["identifier"]}

    # -- placing --------------------------------------------------------------------------------

    def _post_order(self, request: Request) -> object:
        identifier = self._burn(read_identifier(request.body))
        try:
            self._refuse_if_told(request.body)
            return self._matching.place(self._read(request.body), identifier)
        except Refusal as refusal:
            self.refused.append({"identifier": identifier, "name": refusal.name})
            raise

    def _read(self, body: Body) -> OrderRequest:
        return read_order(body, has_default_smp=self._rules.has_default_smp)

    def _burn(self, identifier: str | None) -> str | None:
        """Used values are gone for ever, whether or not the order came to be."""
        if identifier is not None:
            if identifier in self._used_identifiers:
                raise Refusal("duplicated_identifier")
            self._used_identifiers.add(identifier)
        return identifier

    def _refuse_if_told(self, body: Body) -> None:
        if self._is_refusing:
            self._is_refusing = False
            side = body.get("side") or "bid"
            raise Refusal(self._refuse_next or sided("insufficient_funds", side))

    def _post_test(self, request: Request) -> object:
        identifier = read_identifier(request.body)
        return self._matching.preview(self._read(request.body), identifier)

    def _replace(self, request: Request) -> object:
        """Cancel one order and, once that is done, place another in its market and side."""
        body = request.body
        previous = self._chosen(body.get("prev_order_uuid"), body.get("prev_order_identifier"))
        if not previous.is_open:
            raise Refusal("order_not_found")
        wanted = read_replacement(
            body,
            market=previous.market,
            side=previous.side,
            remaining=previous.remaining_volume,
            has_default_smp=self._rules.has_default_smp,
        )
        identifier = self._burn(read_identifier(body, name="new_identifier"))
        return self._matching.replace(previous, wanted, identifier)

    # -- one order ------------------------------------------------------------------------------

    def _find(self, query: Query) -> SimulatedOrder:
        return self._chosen(query.get("uuid"), query.get("identifier"))

    def _chosen(self, uuid: str | None, identifier: str | None) -> SimulatedOrder:
        if uuid is not None:
            order = self._matching.orders.get(uuid)
        elif identifier is not None:
            order = self._matching.by_identifier.get(identifier)
        else:
            raise Refusal("invalid_parameter", detail="uuid, identifier")
        if order is None:
            raise Refusal("order_not_found")
        return order

    def _get_order(self, request: Request) -> object:
        order = self._find(request.query)
        if self._is_unseen(order):
            raise Refusal("order_not_found")
        return rest_order(order, listed=order.trades[: self._rules.trades_listed_max])

    def _delete_order(self, request: Request) -> object:
        return self._matching.cancel(self._find(request.query))

    # -- many -----------------------------------------------------------------------------------

    def see_all(self) -> None:
        """Reads see every order again."""
        self.read_lag = timedelta()

    def _is_unseen(self, order: SimulatedOrder) -> bool:
        return bool(self.read_lag) and self._clock.now() - order.created_at < self.read_lag

    def _seen(self) -> list[SimulatedOrder]:
        return [order for order in self._matching.orders.values() if not self._is_unseen(order)]

    def _get_open(self, request: Request) -> object:
        return _shown(open_orders(request.query, self._seen()))

    def _get_closed(self, request: Request) -> object:
        orders = self._seen()
        return _shown(closed_orders(request.query, orders, now=self._clock.now()))

    def _get_by_ids(self, request: Request) -> object:
        return _shown(orders_by_ids(request.query, self._seen()))

    def _delete_open(self, request: Request) -> object:
        return self._cancel_all(batch_cancelled(request.query, self._matching.orders.values()))

    def _delete_by_ids(self, request: Request) -> object:
        orders = self._matching.orders
        asked, found = cancelled_by_ids(request.query, orders.values())
        done = {order.uuid for order in found} | {order.identifier for order in found}
        failed = []
        for key in asked:
            if key not in done:
                known = orders.get(key) or self._matching.by_identifier.get(key)
                failed.append(_named(known) if known else {"uuid": key, "market": ""})
        return self._cancel_all(found) | {"failed": {"count": len(failed), "orders": failed}}

    def _cancel_all(self, orders: Sequence[SimulatedOrder]) -> dict[str, Any]:
        for order in orders:
            self._matching.cancel(order)
        rows = [_named(order) for order in orders]
        return {
            "success": {"count": len(rows), "orders": rows},
            "failed": {"count": 0, "orders": []},
        }


def _shown(orders: Sequence[SimulatedOrder]) -> list[dict[str, Any]]:
    return [rest_order(order) for order in orders]


def _named(order: SimulatedOrder) -> dict[str, Any]:
    row: dict[str, Any] = {"uuid": order.uuid, "market": order.market}
    if order.identifier is not None:
        row["identifier"] = order.identifier
    return row
