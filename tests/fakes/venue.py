"""The smallest exchange that obeys the simulator's port."""

from collections.abc import Mapping, Sequence
from typing import Any

from exchange_simulator.faults.kinds import VenueFault
from exchange_simulator.ports import Deliver, MarketTick, StreamSession
from exchange_simulator.wire import HttpRequest, HttpResponse


class FakeSession:
    def __init__(self, venue: "FakeVenue", deliver: Deliver) -> None:
        self.deliver = deliver
        self.received: list[str] = []
        self.closed = False
        self._venue = venue

    def on_message(self, text: str) -> None:
        self.received.append(text)
        self.deliver(f"echo {text}")

    def on_close(self) -> None:
        self.closed = True
        self._venue.sessions.remove(self)


class FakeVenue:
    """Answers 201 to ``POST /v1/orders`` and tells every stream; 200 to anything else."""

    def __init__(self, name: str = "upbit") -> None:
        self.name = name
        self.handled: list[HttpRequest] = []
        self.refused: list[str | None] = []
        self.troubles: list[VenueFault] = []
        self.sessions: list[FakeSession] = []
        self.targets: list[str] = []
        self.ticks: list[Sequence[MarketTick]] = []

    def handle(self, request: HttpRequest) -> HttpResponse:
        self.handled.append(request)
        if request.url.endswith("/bug"):
            raise RuntimeError("a bug of the simulator")
        if not self.is_order_request(request):
            return HttpResponse(status=200, headers={"x-seen": "1"}, body=request.body or b"read")
        self.push(f"order {len(self.handled)}")
        return HttpResponse(status=201, headers={"content-type": "application/json"}, body=b"{}")

    def push(self, text: str) -> None:
        for session in tuple(self.sessions):
            session.deliver(text)

    def open_stream(
        self, target: str, headers: Mapping[str, str], deliver: Deliver
    ) -> StreamSession | HttpResponse:
        if "Authorization" not in headers:
            return HttpResponse(status=401, body=b"who are you")
        self.targets.append(target)
        session = FakeSession(self, deliver)
        self.sessions.append(session)
        return session

    def advance(self, ticks: Sequence[MarketTick]) -> None:
        self.ticks.append(ticks)
        self.push(f"tick {len(self.ticks)}")

    def refuse_next_order(self, code: str | None) -> None:
        self.refused.append(code)

    def suffer(self, trouble: VenueFault) -> None:
        self.troubles.append(trouble)

    def is_order_request(self, request: HttpRequest) -> bool:
        return request.method == "POST" and "/v1/orders" in request.url

    def state(self) -> dict[str, Any]:
        return {"name": self.name, "orders": []}
