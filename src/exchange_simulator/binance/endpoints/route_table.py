"""Every REST path that is served, with its handler."""

from exchange_simulator.binance.endpoints import (
    account_routes,
    algo_routes,
    batch_routes,
    client_routes,
    market_routes,
    order_routes,
    settings_routes,
    spot_routes,
    tape_routes,
)
from exchange_simulator.binance.endpoints.routes import Route
from exchange_simulator.binance.errors import Rejection
from exchange_simulator.binance.requests.request import ParsedRequest

ROUTES = {
    **order_routes.ROUTES,
    **batch_routes.ROUTES,
    **algo_routes.ROUTES,
    **account_routes.ROUTES,
    **settings_routes.ROUTES,
    **market_routes.ROUTES,
    **spot_routes.ROUTES,
    **client_routes.ROUTES,
    **tape_routes.ROUTES,
}


def route_of(parsed: ParsedRequest) -> Route:
    """The handler of a request.

    Raises:
        Rejection: -5000.
    """
    route = ROUTES.get((parsed.method, parsed.path))
    if route is None:
        raise Rejection(-5000, f"Path {parsed.path}, Method {parsed.method} is invalid")
    return route
