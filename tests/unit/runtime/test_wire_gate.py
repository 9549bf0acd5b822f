"""Nothing that changes anything passes the gate while the account is not held."""

import asyncio
from collections.abc import Awaitable

import pytest

from trading_platform_order.runtime.lease.wire_gate import WireGate
from trading_platform_order.transport.http import HttpRequest, HttpResponse, HttpResult, NotSent

HARMLESS = frozenset({("POST", "/order/test")})


class Wire:
    def __init__(self) -> None:
        self.sent: list[str] = []

    def send(self, request: HttpRequest) -> Awaitable[HttpResult]:
        self.sent.append(f"{request.method} {request.url}")
        answer: asyncio.Future[HttpResult] = asyncio.get_running_loop().create_future()
        answer.set_result(HttpResponse(status=200))
        return answer

    async def close(self) -> None:
        """Nothing."""


@pytest.mark.parametrize("method", ["POST", "DELETE", "PUT"])
async def test_what_changes_anything_is_provably_not_sent_without_the_lease(method: str) -> None:
    wire, gate = Wire(), WireGate()
    http = gate.before(wire, HARMLESS)
    request = HttpRequest(method=method, url="https://x.invalid/order?a=1")
    gate.may_send = lambda: False
    assert isinstance(await http.send(request), NotSent)
    assert wire.sent == []
    gate.may_send = lambda: True
    assert isinstance(await http.send(request), HttpResponse)


async def test_reads_and_order_tests_pass_without_the_lease() -> None:
    wire, gate = Wire(), WireGate()
    http = gate.before(wire, HARMLESS)
    gate.may_send = lambda: False
    await http.send(HttpRequest(method="GET", url="https://x.invalid/order"))
    await http.send(HttpRequest(method="POST", url="https://x.invalid/order/test?a=1"))
    assert len(wire.sent) == 2


async def test_nothing_is_awaited_between_the_look_at_the_lease_and_the_wire() -> None:
    wire, gate = Wire(), WireGate()
    http = gate.before(wire, HARMLESS)
    pending = http.send(HttpRequest(method="POST", url="https://x.invalid/order"))
    assert wire.sent, "it is on its way before anything else runs"
    await pending
