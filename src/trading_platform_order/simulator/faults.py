"""Faults as data: what shall go wrong, at which of the matching moments, and how often.

A fault is armed on one exchange's gateway and stays until it has struck ``count`` times. Each
moment it could strike (a request, a message, an order request) is offered to every armed fault in
the order they were armed; the first ``skip`` matching moments pass unharmed. Strikes are counted,
so that a test can prove that its fault really happened.

=================  ==========================================================================
kind               what happens
=================  ==========================================================================
drop_request       the exchange never sees it; the client gets no answer
drop_response      the exchange acts on it; the client gets no answer
delay_request      it reaches the exchange ``delay_s`` later, even if the client gave up by then
delay_response     the answer leaves ``delay_s`` later
http_status        the client gets this answer; ``execute``: the exchange acts on it all the same
refuse_order       the exchange refuses the order with its own error ``code``
cut_stream         matching streams break off, ``now`` or just before the next order is handled;
                   reconnects are refused for ``refuse_s`` seconds
mute_stream        the connection stays open and delivers nothing more, for ever
lose_message       one stream message is lost
delay_stream       one stream message and all behind it come ``delay_s`` later
duplicate_stream   one stream message is delivered twice
=================  ==========================================================================
"""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import msgspec

from trading_platform_order.domain.order import Venue
from trading_platform_order.transport.http import HttpRequest, HttpResponse

Silence = Literal["hang", "disconnect"]


class FaultRefused(Exception):  # noqa: N818 - the text goes to whoever tried to arm it
    """Not a fault we know; the text names what is wrong with it."""


class RequestMatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which requests; every given part must fit. ``path_prefix`` is without host."""

    method: str | None = None
    path_prefix: str | None = None
    is_order: bool | None = None

    def fits(self, request: HttpRequest, path: str, *, is_order: bool) -> bool:
        """Whether the request is meant."""
        return (
            (self.method is None or self.method == request.method)
            and (self.path_prefix is None or path.startswith(self.path_prefix))
            and (self.is_order is None or self.is_order == is_order)
        )


class StreamMatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which streams: by the beginning of their path."""

    path_prefix: str | None = None

    def fits_stream(self, target: str) -> bool:
        """Whether the stream is meant."""
        return self.path_prefix is None or target.startswith(self.path_prefix)


class MessageMatch(StreamMatch, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which stream messages: by the stream's path and by a part of the text."""

    contains: str | None = None

    def fits(self, target: str, text: str) -> bool:
        """Whether the message is meant."""
        return self.fits_stream(target) and (self.contains is None or self.contains in text)


Count = Annotated[int, msgspec.Meta(ge=1)]
Skip = Annotated[int, msgspec.Meta(ge=0)]
Seconds = Annotated[float, msgspec.Meta(ge=0, le=86_400)]


class _Fault(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"
):
    venue: Venue
    skip: Skip = 0
    count: Count = 1


class _RequestFault(_Fault, frozen=True, kw_only=True):
    match: RequestMatch = RequestMatch()


class _MessageFault(_Fault, frozen=True, kw_only=True):
    match: MessageMatch = MessageMatch()


class DropRequest(_RequestFault, frozen=True, kw_only=True, tag="drop_request"):
    """The exchange never sees the request."""

    how: Silence = "hang"


class DropResponse(_RequestFault, frozen=True, kw_only=True, tag="drop_response"):
    """The exchange acts on the request, the answer is lost."""

    how: Silence = "hang"


class DelayRequest(_RequestFault, frozen=True, kw_only=True, tag="delay_request"):
    """The request arrives late."""

    delay_s: Seconds


class DelayResponse(_RequestFault, frozen=True, kw_only=True, tag="delay_response"):
    """The answer leaves late."""

    delay_s: Seconds


class HttpStatus(_RequestFault, frozen=True, kw_only=True, tag="http_status"):
    """This answer instead of the exchange's; ``execute``: the exchange acts all the same."""

    status: Annotated[int, msgspec.Meta(ge=200, le=599)]
    headers: dict[str, str] = {}
    body: str = ""
    execute: bool = False


class RefuseOrder(_Fault, frozen=True, kw_only=True, tag="refuse_order"):
    """The exchange itself refuses an order; ``code`` is its own, ``None`` its usual one."""

    code: str | None = None
    match: RequestMatch = RequestMatch(is_order=True)

    def __post_init__(self) -> None:
        if self.venue is Venue.BINANCE and self.code is not None:
            try:
                int(self.code)
            except ValueError:
                raise ValueError(f"code of binance is a number, not {self.code!r}") from None


class CutStream(_Fault, frozen=True, kw_only=True, tag="cut_stream"):
    """Streams break off, and stay refused for ``refuse_s`` seconds."""

    when: Literal["now", "next_order"] = "now"
    refuse_s: Seconds = 0.0
    match: StreamMatch = StreamMatch()


class MuteStream(_MessageFault, frozen=True, kw_only=True, tag="mute_stream"):
    """From this message on the connection delivers nothing, but stays open."""


class LoseMessage(_MessageFault, frozen=True, kw_only=True, tag="lose_message"):
    """This message is lost."""


class DelayStream(_MessageFault, frozen=True, kw_only=True, tag="delay_stream"):
    """This message is late, and so is everything behind it."""

    delay_s: Seconds


class DuplicateStream(_MessageFault, frozen=True, kw_only=True, tag="duplicate_stream"):
    """This message comes twice."""


Fault = (
    DropRequest
    | DropResponse
    | DelayRequest
    | DelayResponse
    | HttpStatus
    | RefuseOrder
    | CutStream
    | MuteStream
    | LoseMessage
    | DelayStream
    | DuplicateStream
)

_DECODE_ONE = msgspec.json.Decoder(Fault)
_DECODE_LIST = msgspec.json.Decoder(list[Fault])


def parse_faults(text: bytes) -> list[Fault]:
    """One fault object or a list of them, from JSON.

    Raises:
        FaultRefused: broken JSON, an unknown kind or field, a value out of range.
    """
    try:
        if text.lstrip().startswith(b"["):
            return _DECODE_LIST.decode(text)
        return [_DECODE_ONE.decode(text)]
    except msgspec.MsgspecError as error:
        raise FaultRefused(str(error)) from error


@dataclass(slots=True, kw_only=True)
class RequestPlan:
    """What shall happen to one request."""

    request_lost: Silence | None = None
    response_lost: Silence | None = None
    request_delay_s: float = 0.0
    response_delay_s: float = 0.0
    answer: HttpResponse | None = None
    execute: bool = True
    refusals: list[RefuseOrder] = field(default_factory=list)
    cuts: list[CutStream] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class MessagePlan:
    """What shall happen to one stream message."""

    mute: bool = False
    copies: int = 1
    delay_s: float = 0.0


UNHARMED_REQUEST = RequestPlan()
UNHARMED_MESSAGE = MessagePlan()


@dataclass(slots=True, kw_only=True)
class _Armed:
    fault: Fault
    passed: int = 0
    struck: int = 0

    def strikes(self) -> bool:
        """Count one matching moment; whether the fault strikes at it."""
        if self.struck >= self.fault.count:
            return False
        if self.passed < self.fault.skip:
            self.passed += 1
            return False
        self.struck += 1
        return True


class ArmedFaults:
    """The faults of one exchange, in the order they were armed."""

    def __init__(self) -> None:
        self._armed: list[_Armed] = []

    def arm(self, fault: Fault) -> None:
        """Add a fault behind those that are armed."""
        self._armed.append(_Armed(fault=fault))

    def clear(self) -> None:
        """Forget all faults, struck or not."""
        self._armed.clear()

    def report(self) -> list[dict[str, Any]]:
        """Every fault as it was armed, with ``struck`` and ``exhausted``; JSON-ready."""
        return [
            msgspec.to_builtins(armed.fault)
            | {"struck": armed.struck, "exhausted": armed.struck >= armed.fault.count}
            for armed in self._armed
        ]

    def on_request(self, request: HttpRequest, path: str, *, is_order: bool) -> RequestPlan:
        """Offer a request to the faults; ``path`` is without host and query."""
        if not self._armed:
            return UNHARMED_REQUEST
        plan = RequestPlan()
        for armed in self._armed:
            fault = armed.fault
            if isinstance(fault, CutStream):
                if fault.when == "next_order" and is_order and armed.strikes():
                    plan.cuts.append(fault)
            elif (
                isinstance(fault, _RequestFault | RefuseOrder)
                and fault.match.fits(request, path, is_order=is_order)
                and armed.strikes()
            ):
                _add_to_plan(plan, fault)
        return plan

    def on_message(self, target: str, text: str) -> MessagePlan:
        """Offer a stream message to the faults; ``target`` is the stream's path with query."""
        if not self._armed:
            return UNHARMED_MESSAGE
        plan = MessagePlan()
        for armed in self._armed:
            fault = armed.fault
            if (
                not isinstance(fault, _MessageFault)
                or not fault.match.fits(target, text)
                or not armed.strikes()
            ):
                continue
            if isinstance(fault, MuteStream):
                plan.mute = True
            elif isinstance(fault, LoseMessage):
                plan.copies = 0
            elif isinstance(fault, DuplicateStream):
                plan.copies *= 2
            elif isinstance(fault, DelayStream):
                plan.delay_s += fault.delay_s
        return plan

    def cuts_now(self) -> list[CutStream]:
        """The ``now`` cuts that may still strike, struck once each."""
        return [
            armed.fault
            for armed in self._armed
            if isinstance(armed.fault, CutStream) and armed.fault.when == "now" and armed.strikes()
        ]


def _add_to_plan(plan: RequestPlan, fault: "_RequestFault | RefuseOrder") -> None:
    match fault:
        case DropRequest():
            plan.request_lost = plan.request_lost or fault.how
        case DropResponse():
            plan.response_lost = plan.response_lost or fault.how
        case DelayRequest():
            plan.request_delay_s += fault.delay_s
        case DelayResponse():
            plan.response_delay_s += fault.delay_s
        case HttpStatus():
            if plan.answer is None:
                plan.answer = HttpResponse(
                    status=fault.status,
                    headers={name.lower(): value for name, value in fault.headers.items()},
                    body=fault.body.encode(),
                )
                plan.execute = fault.execute
        case RefuseOrder():
            plan.refusals.append(fault)
