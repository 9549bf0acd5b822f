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
http_status        the client gets this answer; ``execute``: the exchange acts on it all the same,
                   ``act_after_s`` later; for ``lasts_s`` every further request gets it too
refuse_connection  it never leaves: nothing listens (over sockets the connection just ends)
odd_answer         the answer has rows of others besides that nobody expects (``odd_rows.py``)
refuse_order       the exchange refuses the order with its own error ``code``
thin_book          only this part of the book is left when the order meets it
hold_order         the order is accepted, and meets the book only ``hold_s`` later
lag_reads          what was placed less than ``lag_s`` ago is not seen by reads, for ``lasts_s``
expire_key         the private streams' key ends: they stay open and fall silent (Binance)
cut_stream         matching streams break off, ``now`` or just before the next order is handled;
                   reconnects are refused for ``refuse_s`` seconds
mute_stream        the connection stays open and delivers nothing more, for ever
lose_message       one stream message is lost
delay_stream       one stream message and all behind it come ``delay_s`` later
swap_stream        one stream message comes after the one behind it (or ``wait_s`` late)
duplicate_stream   one stream message is delivered twice
restamp_stream     one stream message bears a time ``ahead_s`` ahead of the exchange's own
odd_stream         one stream message is followed by some of others that nobody expects
=================  ==========================================================================
"""

from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal

import msgspec

from exchange_simulator.names import BINANCE, VenueName
from exchange_simulator.wire import HttpRequest, split_target

Silence = Literal["hang", "disconnect"]


class FaultRefused(Exception):  # noqa: N818 - the text goes to whoever tried to arm it
    """Not a fault we know; the text names what is wrong with it."""


class RequestMatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which requests; every given part must fit. ``path`` is the whole path, without host.

    Attributes:
        query: a part of what follows the path.
    """

    method: str | None = None
    path: str | None = None
    path_prefix: str | None = None
    query: str | None = None
    is_order: bool | None = None

    def fits(self, request: HttpRequest, *, is_order: bool) -> bool:
        """Whether the request is meant."""
        return (
            (self.is_order is None or self.is_order == is_order)
            and (self.method is None or self.method == request.method)
            and (self.path is None or self.path == split_target(request.url)[0])
            and (self.query is None or self.query in request.url.partition("?")[2])
            and (
                self.path_prefix is None
                or split_target(request.url)[0].startswith(self.path_prefix)
            )
        )


class StreamMatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which streams: by their whole path, or its beginning."""

    path: str | None = None
    path_prefix: str | None = None

    def fits_stream(self, target: str) -> bool:
        """Whether the stream is meant."""
        return (self.path is None or self.path == target.partition("?")[0]) and (
            self.path_prefix is None or target.startswith(self.path_prefix)
        )


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
    venue: VenueName
    skip: Skip = 0
    count: Count = 1


class RequestFault(_Fault, frozen=True, kw_only=True):
    """Strikes requests."""

    match: RequestMatch = RequestMatch()


class MessageFault(_Fault, frozen=True, kw_only=True):
    """Strikes stream messages."""

    match: MessageMatch = MessageMatch()


class DropRequest(RequestFault, frozen=True, kw_only=True, tag="drop_request"):
    """The exchange never sees the request."""

    how: Silence = "hang"


class DropResponse(RequestFault, frozen=True, kw_only=True, tag="drop_response"):
    """The exchange acts on the request, the answer is lost."""

    how: Silence = "hang"


class DelayRequest(RequestFault, frozen=True, kw_only=True, tag="delay_request"):
    """The request arrives late."""

    delay_s: Seconds


class DelayResponse(RequestFault, frozen=True, kw_only=True, tag="delay_response"):
    """The answer leaves late."""

    delay_s: Seconds


class HttpStatus(RequestFault, frozen=True, kw_only=True, tag="http_status"):
    """This answer instead of the exchange's; ``execute``: the exchange acts all the same."""

    status: Annotated[int, msgspec.Meta(ge=200, le=599)]
    headers: dict[str, str] = {}
    body: str = ""
    execute: bool = False
    act_after_s: Seconds = 0.0
    lasts_s: Seconds = 0.0

    def __post_init__(self) -> None:
        if self.act_after_s > 0 and not self.execute:
            raise ValueError("act_after_s needs execute")


class RefuseConnection(RequestFault, frozen=True, kw_only=True, tag="refuse_connection"):
    """The request never leaves its sender: nothing listens."""


class OddAnswer(RequestFault, frozen=True, kw_only=True, tag="odd_answer"):
    """Others' rows with nulls, wrong types and unknown words stand beside those that are asked.

    ``of``: instead, every row of this base asset has nulls for all but its name.
    """

    of: str = ""


class OrderFault(_Fault, frozen=True, kw_only=True):
    """Happens to the exchange at the moment it is about to handle an order."""

    match: RequestMatch = RequestMatch(is_order=True)


class ThinBook(OrderFault, frozen=True, kw_only=True, tag="thin_book"):
    """Only this part of the book is left when the order meets it."""

    part: str = "0.01"

    def __post_init__(self) -> None:
        try:
            part = Decimal(self.part)
        except InvalidOperation:
            part = Decimal(-1)
        if not (part.is_finite() and 0 <= part < 1):
            raise ValueError(f"part is a number from 0 to below 1, not {self.part!r}")


class HoldOrder(OrderFault, frozen=True, kw_only=True, tag="hold_order"):
    """The order is accepted, and meets the book only so much later."""

    hold_s: Seconds


class LagReads(OrderFault, frozen=True, kw_only=True, tag="lag_reads"):
    """Reads do not see what was placed less than ``lag_s`` ago; ends after ``lasts_s``."""

    lag_s: Seconds
    lasts_s: Seconds = 10.0


class ExpireKey(OrderFault, frozen=True, kw_only=True, tag="expire_key"):
    """The key of the private streams ends: they stay open and tell nothing more."""

    def __post_init__(self) -> None:
        if self.venue != BINANCE:
            raise ValueError("only binance has stream keys")


VenueFault = ThinBook | HoldOrder | LagReads | ExpireKey


class RefuseOrder(_Fault, frozen=True, kw_only=True, tag="refuse_order"):
    """The exchange itself refuses an order; ``code`` is its own, ``None`` its usual one."""

    code: str | None = None
    match: RequestMatch = RequestMatch(is_order=True)

    def __post_init__(self) -> None:
        if self.venue == BINANCE and self.code is not None:
            try:
                int(self.code)
            except ValueError:
                raise ValueError(f"code of binance is a number, not {self.code!r}") from None


class CutStream(_Fault, frozen=True, kw_only=True, tag="cut_stream"):
    """Streams break off, and stay refused for ``refuse_s`` seconds."""

    when: Literal["now", "next_order"] = "now"
    refuse_s: Seconds = 0.0
    match: StreamMatch = StreamMatch()


class MuteStream(MessageFault, frozen=True, kw_only=True, tag="mute_stream"):
    """From this message on the connection delivers nothing, but stays open."""


class LoseMessage(MessageFault, frozen=True, kw_only=True, tag="lose_message"):
    """This message is lost."""


class DelayStream(MessageFault, frozen=True, kw_only=True, tag="delay_stream"):
    """This message is late, and so is everything behind it."""

    delay_s: Seconds


class SwapStream(MessageFault, frozen=True, kw_only=True, tag="swap_stream"):
    """This message comes after the one behind it, or ``wait_s`` late if there is none."""

    wait_s: Seconds = 0.2


class DuplicateStream(MessageFault, frozen=True, kw_only=True, tag="duplicate_stream"):
    """This message comes twice."""


class RestampStream(MessageFault, frozen=True, kw_only=True, tag="restamp_stream"):
    """This message is stamped so much ahead of the exchange's own time."""

    ahead_s: Seconds


class OddStream(MessageFault, frozen=True, kw_only=True, tag="odd_stream"):
    """Others' messages with nulls, wrong types and unknown words follow this one."""


Fault = (
    DropRequest
    | DropResponse
    | DelayRequest
    | DelayResponse
    | HttpStatus
    | RefuseConnection
    | OddAnswer
    | RefuseOrder
    | ThinBook
    | HoldOrder
    | LagReads
    | ExpireKey
    | CutStream
    | MuteStream
    | LoseMessage
    | DelayStream
    | SwapStream
    | DuplicateStream
    | RestampStream
    | OddStream
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
