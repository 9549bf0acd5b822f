"""The few addresses of the spot host that clients of the futures host call at start-up.

One server stands for both hosts here. The account holds nothing on spot.
"""

from typing import Any

from exchange_simulator.binance.endpoints.routes import Core, Route, Routes, Security
from exchange_simulator.binance.requests.request import ParsedRequest

KEY_CREATED_MS = 1_623_840_271_000


def ping(_core: Core, _request: ParsedRequest) -> dict[str, Any]:
    """GET /api/v3/ping."""
    return {}


def server_time(core: Core, _request: ParsedRequest) -> dict[str, Any]:
    """GET /api/v3/time."""
    return {"serverTime": core.now_ms()}


def exchange_info(core: Core, _request: ParsedRequest) -> dict[str, Any]:
    """GET /api/v3/exchangeInfo: no spot markets."""
    return {
        "timezone": "UTC",
        "serverTime": core.now_ms(),
        "rateLimits": [],
        "exchangeFilters": [],
        "symbols": [],
    }


def nothing(_core: Core, _request: ParsedRequest) -> list[Any]:
    """An empty list."""
    return []


def restrictions(core: Core, _request: ParsedRequest) -> dict[str, Any]:
    """GET /sapi/v1/account/apiRestrictions: what the key may do."""
    return core.door.restrictions(KEY_CREATED_MS)


ROUTES: Routes = {
    ("GET", "/api/v3/ping"): Route(handler=ping, security=Security.NONE),
    ("GET", "/api/v3/time"): Route(handler=server_time, security=Security.NONE),
    ("GET", "/api/v3/exchangeInfo"): Route(handler=exchange_info, security=Security.NONE),
    ("GET", "/sapi/v1/account/apiRestrictions"): Route(handler=restrictions),
    ("GET", "/sapi/v1/capital/config/getall"): Route(handler=nothing, weight=10),
    ("GET", "/sapi/v1/margin/allAssets"): Route(handler=nothing, security=Security.KEY),
    ("GET", "/sapi/v1/margin/allPairs"): Route(handler=nothing, security=Security.KEY),
    ("GET", "/sapi/v1/margin/isolated/allPairs"): Route(handler=nothing, security=Security.KEY),
}
