"""The ids of the orders in a request, as they stand on the wire."""

import re

from trading_platform_order.transport.http import HttpRequest

_PLACES = re.compile(r"/(?:v1/orders|fapi/v1/order)$")
_STOPS = re.compile(r"/fapi/v1/algoOrder$")
_ON_WIRE = re.compile(r'(?:newClientOrderId=|clientAlgoId=|"identifier":\s*")([a-zA-Z0-9_-]+)')


def placed_ids(request: HttpRequest, *, with_stops: bool = False) -> list[str]:
    """Of the orders that a request places, by our ids; conditional orders ``with_stops`` only."""
    path, _, query = request.url.partition("?")
    is_placing = _PLACES.search(path) or (with_stops and _STOPS.search(path))
    if request.method != "POST" or not is_placing:
        return []
    return _ON_WIRE.findall(query + request.body.decode(errors="replace"))
