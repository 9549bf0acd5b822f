"""The door in front of one simulated exchange: latency, faults, streams, and what is under way.

Both faces (loopback server, in-process transport) go through here, so a fault is the same fault
over sockets and in virtual time. The way of a request belongs to the gateway and not to the client:
once submitted it arrives, late or not, even if the client has given up waiting.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any, TypeVarTuple

from exchange_simulator.clock import Clock
from exchange_simulator.faults.armed import ArmedFault, ArmedFaults, RequestPlan
from exchange_simulator.faults.kinds import (
    CutStream,
    Fault,
    Silence,
)
from exchange_simulator.faults.odd_rows import with_odd_rows, with_unreadable_rows
from exchange_simulator.gateway.gateway_stream import GatewayStream
from exchange_simulator.ports import SimulatedVenue
from exchange_simulator.wire import HttpRequest, HttpResponse, http_date, split_target


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """There will be no answer: the client waits in vain, or its connection closes."""

    how: Silence


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsent:
    """Nobody listened: the request never left its sender."""


_Ts = TypeVarTuple("_Ts")

Answer = HttpResponse | Dropped | Unsent
Receiver = Callable[[Answer | BaseException], None]
"""Takes the answer, or the bug of the simulator that stands in its place."""


@dataclass(slots=True, kw_only=True)
class RecordedRequest:
    """One request as it came in; headers are never shown, they carry keys.

    Attributes:
        outcome: empty while it is under way, then the status or what was lost.
    """

    at: datetime
    request: HttpRequest = field(repr=False)
    is_order: bool
    outcome: str = ""

    @property
    def method(self) -> str:
        """The verb."""
        return self.request.method

    @property
    def target(self) -> str:
        """Path and query without the signature."""
        return _without_signature(*split_target(self.request.url))

    @property
    def body(self) -> str:
        """As text."""
        return self.request.body.decode(errors="replace")

    def report(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "at": self.at.isoformat(),
            "method": self.method,
            "target": self.target,
            "body": self.body,
            "is_order": self.is_order,
            "outcome": self.outcome,
        }


class Gateway:
    """Use inside a running event loop.

    Args:
        venue: the exchange behind it.
        clock: for the ``Date`` header and the records.
        latency_s: each way, for requests and stream messages.
        queue_max: messages a stream may hold for a client that does not read.
        recorded_max: how many requests (and, apart, order requests) are remembered.

    Attributes:
        requests_seen: how many requests came in.
        outcomes: how many answers were made, by status.
        streams_seen: paths of all streams that were asked for, with how often.
        unreachable: while true no new connection comes about (in-process face only).
        order_listeners: called when an order request arrives, before it is handled.
        after_handling: called once a request was handled, before anybody hears the answer.
        is_order_in_flight: what counts as such for the strikes of faults; by default an order
            request that is under way here.
    """

    def __init__(
        self,
        venue: SimulatedVenue,
        *,
        clock: Clock,
        latency_s: float = 0.0,
        queue_max: int = 10_000,
        recorded_max: int = 1_000,
    ) -> None:
        self.venue = venue
        self.faults = ArmedFaults(
            lambda: self.is_order_in_flight(),  # noqa: PLW0108 - it may be replaced later
            clock.monotonic,
        )
        self.order_listeners: list[Callable[[], None]] = []
        self.after_handling: Callable[[], None] = _nothing
        self.is_order_in_flight: Callable[[], bool] = lambda: self._orders_in_flight > 0
        self.latency_s = latency_s
        self.unreachable = False
        self.requests: deque[RecordedRequest] = deque(maxlen=recorded_max)
        self.order_requests: deque[RecordedRequest] = deque(maxlen=recorded_max)
        self.requests_seen = 0
        self.streams_seen: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()
        self._clock = clock
        self._queue_max = queue_max
        self._in_flight = 0
        self._orders_in_flight = 0
        self._streams: list[GatewayStream] = []
        self._refusals: list[tuple[float, CutStream]] = []

    def arm(self, fault: Fault) -> ArmedFault:
        """Arm a fault; a cut that says ``now`` strikes here."""
        armed = self.faults.arm(fault)
        for cut in self.faults.cuts_now():
            self._cut(cut)
        return armed

    def idle(self) -> bool:
        """No request, answer or stream message is on its way."""
        return self._in_flight == 0 and all(stream.is_quiet() for stream in self._streams)

    @property
    def in_flight(self) -> int:
        """Requests that have not been answered (or given up) yet, delayed ones included."""
        return self._in_flight

    @property
    def orders_in_flight(self) -> int:
        """Order requests among them, and those that are acted on after their answer."""
        return self._orders_in_flight

    # -- requests -------------------------------------------------------------------------------

    async def serve(self, request: HttpRequest) -> Answer:
        """Carry a request to the exchange and its answer back."""
        return await self.submit(request)

    def submit(self, request: HttpRequest) -> asyncio.Future[Answer]:
        """As :meth:`serve`, begun at once; cancelling the future changes nothing but the wait."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

        def receive(answer: Answer | BaseException) -> None:
            if future.done():
                return
            if isinstance(answer, BaseException):
                future.set_exception(answer)
            else:
                future.set_result(answer)

        self.carry(request, receive)
        return future

    def carry(self, request: HttpRequest, receive: Receiver) -> float | None:
        """Carry a request to the exchange, now; ``receive`` is called once, perhaps before this.

        Returns:
            After how many seconds the answer will be there; ``None``: never.
        """
        is_order = self.venue.is_order_request(request)
        plan = self.faults.on_request(request, is_order=is_order)
        record = RecordedRequest(at=self._clock.now(), request=request, is_order=is_order)
        self.requests.append(record)
        self.requests_seen += 1
        if is_order:
            self.order_requests.append(record)
        if plan.never_leaves:
            record.outcome = "never left"
            receive(Unsent())
            return 0.0
        if plan.request_lost is not None:
            record.outcome = "request lost"
            receive(Dropped(how=plan.request_lost))
            return None
        self._in_flight += 1
        self._orders_in_flight += is_order
        there_s = self.latency_s + plan.request_delay_s
        back_s = self.latency_s + plan.response_delay_s
        _later(there_s, self._arrive, plan, record, receive)
        return there_s + back_s if plan.response_lost is None else None

    def _arrive(self, plan: RequestPlan, record: RecordedRequest, receive: Receiver) -> None:
        try:
            if record.is_order:
                for listener in tuple(self.order_listeners):
                    listener()
            for cut in plan.cuts:
                self._cut(cut)
            for refusal in plan.refusals:
                self.venue.refuse_next_order(refusal.code)
            for effect in plan.effects:
                self.venue.suffer(effect)
            response = self._handle(record.request, plan)
        except BaseException as error:
            # A bug of the simulator must not look like a lost answer.
            self._done(record)
            receive(error)
            raise
        record.outcome = str(response.status)
        self.outcomes[record.outcome] += 1
        if plan.response_lost is not None:
            record.outcome += ", response lost"
            self._answer(receive, Dropped(how=plan.response_lost), record)
            return
        back_s = self.latency_s + plan.response_delay_s
        _later(back_s, self._answer, receive, response, record)

    def _handle(self, request: HttpRequest, plan: RequestPlan) -> HttpResponse:
        if plan.answer is not None and plan.act_after_s > 0:
            response = plan.answer
            self._in_flight += 1
            self._orders_in_flight += 1
            _later(plan.act_after_s, self._act_late, request)
        elif plan.answer is not None and not plan.execute:
            response = plan.answer
        else:
            response = self.venue.handle(request)
            self.after_handling()
            if plan.answer is not None:
                response = plan.answer
        if plan.is_odd and response.status < HTTPStatus.MULTIPLE_CHOICES:
            odd = (
                with_unreadable_rows(response.body, plan.odd_base)
                if plan.odd_base
                else with_odd_rows(response.body)
            )
            response = HttpResponse(status=response.status, headers=response.headers, body=odd)
        if "date" in response.headers:
            return response
        date = http_date(self._clock.now())
        return HttpResponse(
            status=response.status,
            headers={**response.headers, "date": date},
            body=response.body,
        )

    def _act_late(self, request: HttpRequest) -> None:
        """The answer has left long ago; what the exchange says now, nobody hears."""
        self._in_flight -= 1
        self._orders_in_flight -= 1
        self.venue.handle(request)
        self.after_handling()

    def _answer(self, receive: Receiver, answer: Answer, record: RecordedRequest) -> None:
        self._done(record)
        receive(answer)

    def _done(self, record: RecordedRequest) -> None:
        self._in_flight -= 1
        self._orders_in_flight -= record.is_order

    # -- streams --------------------------------------------------------------------------------

    def open_stream(self, target: str, headers: Mapping[str, str]) -> GatewayStream | HttpResponse:
        """Accept a WebSocket for a path with query, or refuse the handshake."""
        now = asyncio.get_running_loop().time()
        self.streams_seen[target.partition("?")[0]] += 1
        self._refusals = [(until, cut) for until, cut in self._refusals if until > now]
        if any(cut.match.fits_stream(target) for _, cut in self._refusals):
            return HttpResponse(status=503, body=b"connections are refused for now")
        stream = GatewayStream(
            target,
            self.faults,
            latency_s=self.latency_s,
            queue_max=self._queue_max,
            on_end=self._streams.remove,
        )
        self._streams.append(stream)
        session = self.venue.open_stream(target, headers, stream.deliver)
        if isinstance(session, HttpResponse):
            stream.cut("handshake refused")
            return session
        stream.attach(session)
        return stream

    def close_streams(self, reason: str) -> None:
        """Break off every stream."""
        for stream in tuple(self._streams):
            stream.cut(reason)

    def _cut(self, cut: CutStream) -> None:
        if cut.refuse_s > 0:
            until = asyncio.get_running_loop().time() + cut.refuse_s
            self._refusals.append((until, cut))
        for stream in tuple(self._streams):
            if cut.match.fits_stream(stream.target):
                stream.cut("cut by a fault")


def _later(delay_s: float, call: Callable[[*_Ts], None], *args: *_Ts) -> None:
    if delay_s > 0:
        asyncio.get_running_loop().call_later(delay_s, call, *args)
    else:
        call(*args)


def _without_signature(path: str, query: str) -> str:
    kept = [part for part in query.split("&") if part and not part.startswith("signature=")]
    return f"{path}?{'&'.join(kept)}" if kept else path


def _nothing() -> None:
    """Nobody keeps anything."""
