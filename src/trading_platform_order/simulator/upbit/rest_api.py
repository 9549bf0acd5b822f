"""The REST side of the simulated Upbit: routes, tokens, limits, answers."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from email.utils import format_datetime
from urllib.parse import urlsplit

import msgspec

from trading_platform_order.domain.money import plain
from trading_platform_order.simulator.upbit.accounts import Accounts, Transfer
from trading_platform_order.simulator.upbit.auth import Authenticator
from trading_platform_order.simulator.upbit.errors import Refusal, sided
from trading_platform_order.simulator.upbit.limits import RateLimits
from trading_platform_order.simulator.upbit.markets import (
    Market,
    Markets,
    instrument,
    listing,
    orderbook,
    rest_ticker,
)
from trading_platform_order.simulator.upbit.matching import Matching
from trading_platform_order.simulator.upbit.numbers import (
    MAX_TOTAL_KRW,
    MIN_TOTAL_KRW,
    PRECISION,
)
from trading_platform_order.simulator.upbit.order_request import read_identifier, read_order
from trading_platform_order.simulator.upbit.orders import SimulatedOrder, rest_order
from trading_platform_order.simulator.upbit.queries import (
    Query,
    closed_orders,
    open_orders,
    orders_by_ids,
    transfers,
)
from trading_platform_order.transport.clock import Clock
from trading_platform_order.transport.http import HttpRequest, HttpResponse

ORDER_PATH = "/v1/orders"
_BOOK_LEVELS = 30

Body = Mapping[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    query: Query
    body: Body


@dataclass(frozen=True, slots=True, kw_only=True)
class _Route:
    group: str
    is_private: bool
    call: Callable[[_Request], object]
    success_status: int = 200


class RestApi:
    """Answers REST requests on behalf of the venue whose parts it is given.

    Attributes:
        refused: order requests that were refused, oldest first.
        transfers: finished deposits and withdrawals, oldest first.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        auth: Authenticator,
        limits: RateLimits,
        accounts: Accounts,
        markets: Markets,
        matching: Matching,
        fee_rate: Decimal,
    ) -> None:
        self._clock = clock
        self._auth = auth
        self._limits = limits
        self._accounts = accounts
        self._markets = markets
        self._matching = matching
        self._fee_rate = fee_rate
        self._used_identifiers: set[str] = set()
        self._refuse_next: str | None = None
        self._is_refusing = False
        self.refused: list[dict[str, str | None]] = []
        self.transfers: list[Transfer] = []
        self._routes = self._make_routes()

    def _make_routes(self) -> dict[tuple[str, str], _Route]:
        def private(
            call: Callable[[_Request], object], group: str = "default", success_status: int = 200
        ) -> _Route:
            return _Route(group=group, is_private=True, call=call, success_status=success_status)

        def public(call: Callable[[_Request], object], group: str) -> _Route:
            return _Route(group=group, is_private=False, call=call)

        return {
            ("POST", ORDER_PATH): private(self._post_order, "order", 201),
            ("POST", "/v1/orders/test"): private(self._post_test, "order-test", 201),
            ("GET", "/v1/order"): private(self._get_order),
            ("DELETE", "/v1/order"): private(self._delete_order),
            ("GET", "/v1/orders/open"): private(self._get_open),
            ("GET", "/v1/orders/closed"): private(self._get_closed),
            ("GET", "/v1/orders/uuids"): private(self._get_by_ids),
            ("GET", "/v1/orders/chance"): private(self._get_chance),
            ("GET", "/v1/accounts"): private(self._get_accounts),
            ("GET", "/v1/deposits"): private(self._get_deposits),
            ("GET", "/v1/withdraws"): private(self._get_withdraws),
            ("GET", "/v1/market/all"): public(self._get_listing, "market"),
            ("GET", "/v1/ticker"): public(self._get_ticker, "ticker"),
            ("GET", "/v1/orderbook"): public(self._get_orderbook, "orderbook"),
            ("GET", "/v1/orderbook/instruments"): public(self._get_instruments, "orderbook"),
        }

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Answer one REST request."""
        url = urlsplit(request.url)
        route = self._routes.get((request.method, url.path))
        if route is None:
            return self.respond(Refusal("not_found", is_quotation=True))
        verdict = self._limits.count(route.group)
        if verdict.status:
            headers = self._headers("text/plain; charset=utf-8", verdict.remaining_header)
            return HttpResponse(status=verdict.status, headers=headers, body=verdict.text.encode())
        try:
            with localcontext(prec=PRECISION):
                answer = self._answer(route, request, url.query)
        except Refusal as refusal:
            shown = refusal if route.is_private else Refusal(refusal.name, is_quotation=True)
            return self._respond(shown.status, shown.body(), remaining=verdict.remaining_header)
        return self._respond(route.success_status, answer, remaining=verdict.remaining_header)

    def respond(self, refusal: Refusal) -> HttpResponse:
        """A refusal outside of the limits: unknown paths and handshakes."""
        return self._respond(refusal.status, refusal.body(), remaining=None)

    def refuse_next_order(self, code: str | None) -> None:
        """The next order request is refused and burns its identifier."""
        self._refuse_next, self._is_refusing = code, True

    def _need_market(self, code: str) -> Market:
        market = self._markets.get(code)
        if market is None:
            raise Refusal("notfoundmarket", detail=code)
        return market

    def _answer(self, route: _Route, request: HttpRequest, raw_query: str) -> object:
        query = Query(raw_query, is_strict=route.is_private)
        body = _read_body(request.body) if request.method == "POST" else {}
        if route.is_private:
            if request.method != "POST" and request.body:
                raise Refusal("invalid_query_payload")
            text = query.signed_text
            if body:
                text = "&".join(f"{name}={value}" for name, value in body.items())
            self._auth.check(request.headers, text)
        return route.call(_Request(query=query, body=body))

    def _headers(self, content_type: str, remaining: str | None) -> dict[str, str]:
        headers = {
            "content-type": content_type,
            "date": format_datetime(self._clock.now(), usegmt=True),
        }
        if remaining is not None:
            headers["remaining-req"] = remaining
        return headers

    def _respond(self, status: int, body: object, *, remaining: str | None) -> HttpResponse:
        return HttpResponse(
            status=status,
            headers=self._headers("application/json;charset=UTF-8", remaining),
            body=msgspec.json.encode(body),
        )

    # -- orders ---------------------------------------------------------------------------------

    def _post_order(self, request: _Request) -> object:
        identifier = read_identifier(request.body)
        if identifier is not None:
            # Used values are gone for ever, whether or not the order came to be.
            if identifier in self._used_identifiers:
                raise Refusal("duplicated_identifier")
            self._used_identifiers.add(identifier)
        try:
            self._refuse_if_told(request.body)
            return self._matching.place(read_order(request.body), identifier)
        except Refusal as refusal:
            self.refused.append({"identifier": identifier, "name": refusal.name})
            raise

    def _refuse_if_told(self, body: Body) -> None:
        if self._is_refusing:
            self._is_refusing = False
            side = body.get("side") or "bid"
            raise Refusal(self._refuse_next or sided("insufficient_funds", side))

    def _post_test(self, request: _Request) -> object:
        identifier = read_identifier(request.body)
        return self._matching.preview(read_order(request.body), identifier)

    def _find(self, query: Query) -> SimulatedOrder:
        uuid, identifier = query.get("uuid"), query.get("identifier")
        if uuid is not None:
            order = self._matching.orders.get(uuid)
        elif identifier is not None:
            order = self._matching.by_identifier.get(identifier)
        else:
            raise Refusal("invalid_parameter", detail="uuid, identifier")
        if order is None:
            raise Refusal("order_not_found")
        return order

    def _get_order(self, request: _Request) -> object:
        return rest_order(self._find(request.query), with_trades=True)

    def _delete_order(self, request: _Request) -> object:
        return self._matching.cancel(self._find(request.query))

    def _get_open(self, request: _Request) -> object:
        found = open_orders(request.query, self._matching.orders.values())
        return [rest_order(order) for order in found]

    def _get_closed(self, request: _Request) -> object:
        orders = self._matching.orders.values()
        found = closed_orders(request.query, orders, now=self._clock.now())
        return [rest_order(order) for order in found]

    def _get_by_ids(self, request: _Request) -> object:
        found = orders_by_ids(request.query, self._matching.orders.values())
        return [rest_order(order) for order in found]

    # -- account --------------------------------------------------------------------------------

    def _get_accounts(self, _request: _Request) -> object:
        return self._accounts.rest()

    def _get_chance(self, request: _Request) -> object:
        code = self._need_market(request.query.need("market")).code
        base, fee, least = code.removeprefix("KRW-"), plain(self._fee_rate), plain(MIN_TOTAL_KRW)
        common = ["best_fok", "best_ioc", "limit", "limit_fok", "limit_ioc"]
        return {
            "bid_fee": fee,
            "ask_fee": fee,
            "maker_bid_fee": fee,
            "maker_ask_fee": fee,
            "market": {
                "id": code,
                "name": f"{base}/KRW",
                "order_types": ["limit"],
                "order_sides": ["ask", "bid"],
                "bid_types": [*common, "price"],
                "ask_types": [*common, "market"],
                "bid": {"currency": "KRW", "min_total": least},
                "ask": {"currency": base, "min_total": least},
                "max_total": plain(MAX_TOTAL_KRW),
                "state": "active",
            },
            "bid_account": self._accounts.rest_one("KRW"),
            "ask_account": self._accounts.rest_one(base),
        }

    def _get_deposits(self, request: _Request) -> object:
        return self._get_transfers(request, "deposit")

    def _get_withdraws(self, request: _Request) -> object:
        return self._get_transfers(request, "withdraw")

    def _get_transfers(self, request: _Request, kind: str) -> object:
        rows = [transfer.shown() for transfer in self.transfers if transfer.kind == kind]
        return transfers(request.query, rows)

    # -- quotation ------------------------------------------------------------------------------

    def _get_listing(self, request: _Request) -> object:
        is_detailed = request.query.get("is_details") == "true"
        return [listing(code, is_detailed=is_detailed) for code in self._markets.codes()]

    def _asked_markets(self, request: _Request) -> list[Market]:
        request.query.need("markets")
        return [self._need_market(code) for code in request.query.split("markets")]

    def _get_ticker(self, request: _Request) -> object:
        now = self._clock.now()
        return [rest_ticker(market, now=now) for market in self._asked_markets(request)]

    def _get_orderbook(self, request: _Request) -> object:
        now = self._clock.now()
        count = request.query.whole("count", default=_BOOK_LEVELS, largest=_BOOK_LEVELS)
        return [
            {"market": market.code, **orderbook(market, now=now, count=count)}
            for market in self._asked_markets(request)
        ]

    def _get_instruments(self, request: _Request) -> object:
        return [instrument(market) for market in self._asked_markets(request)]


def _read_body(raw: bytes) -> Body:
    """The JSON object of a POST, numbers kept as they were written.

    Raises:
        Refusal: ``validation_error``, not a flat JSON object.
    """
    try:
        body = json.loads(raw or b"{}", parse_float=str, parse_int=str)
    except ValueError:
        raise Refusal("validation_error", detail="JSON") from None
    if not isinstance(body, dict) or any(
        value is not None and not isinstance(value, str) for value in body.values()
    ):
        raise Refusal("validation_error", detail="JSON")
    return body
