"""Faults by the names operators give them."""

from exchange_simulator.faults.kinds import (
    CutStream,
    DelayRequest,
    DelayResponse,
    DelayStream,
    DropRequest,
    DropResponse,
    DuplicateStream,
    Fault,
    HoldOrder,
    HttpStatus,
    LagReads,
    LoseMessage,
    MessageMatch,
    MuteStream,
    RefuseOrder,
    RequestMatch,
    RestampStream,
    StreamMatch,
)
from trading_platform_order.domain.venue import Venue

UPBIT, BINANCE = Venue.UPBIT, Venue.BINANCE
EVER = 1_000
NO_SUCH_ORDER = '{"code":-2013,"msg":"Order does not exist."}'
SERVICE_UNAVAILABLE = '{"code":-1,"msg":"Service Unavailable."}'
NOT_FOUND = '{"error":{"name":"order_not_found","message":"not found"}}'

_ORDERS = RequestMatch(is_order=True)
_ORDER_PATH = {UPBIT: "/v1/order", BINANCE: "/fapi/v1/order"}
_ORDER_NEWS = {UPBIT: "myOrder", BINANCE: "ORDER_TRADE_UPDATE"}
_PRIVATE = {UPBIT: "/websocket/v1/private", BINANCE: "/private"}


def order_lost(venue: Venue, *, skip: int = 0, count: int = 1) -> DropRequest:
    """The order never arrives; nobody answers."""
    return DropRequest(venue=venue, match=_ORDERS, skip=skip, count=count)


def answer_lost(venue: Venue, *, skip: int = 0, count: int = 1) -> DropResponse:
    """The exchange takes the order; nobody answers."""
    return DropResponse(venue=venue, match=_ORDERS, skip=skip, count=count)


def connection_reset(venue: Venue, *, taken: bool) -> DropResponse | DropRequest:
    """The connection breaks under the order, before or after the exchange took it."""
    kind = DropResponse if taken else DropRequest
    return kind(venue=venue, match=_ORDERS, how="disconnect")


def order_late(venue: Venue, delay_s: float, *, skip: int = 0) -> DelayRequest:
    """The order arrives late, long after anybody waits for it perhaps."""
    return DelayRequest(venue=venue, match=_ORDERS, delay_s=delay_s, skip=skip)


def stop_begins_unseen(after_s: float) -> HttpStatus:
    """Binance's backend does not answer a conditional order in time, and takes it so much later."""
    return HttpStatus(
        venue=BINANCE,
        match=RequestMatch(method="POST", path="/fapi/v1/algoOrder"),
        status=408,
        body='{"code":-1007,"msg":"Timeout waiting for response from backend server."}',
        execute=True,
        act_after_s=after_s,
    )


def answer_late(venue: Venue, delay_s: float, *, skip: int = 0) -> DelayResponse:
    """The exchange takes the order at once, its answer comes late."""
    return DelayResponse(venue=venue, match=_ORDERS, delay_s=delay_s, skip=skip)


def error_after_taking(
    venue: Venue, status: int, body: str = "<html>error</html>", *, skip: int = 0, count: int = 1
) -> HttpStatus:
    """The exchange takes the order and something before it answers with an error."""
    return HttpStatus(
        venue=venue,
        match=_ORDERS,
        status=status,
        body=body,
        execute=True,
        skip=skip,
        count=count,
    )


def begins_unseen(
    venue: Venue, *, seen_after_s: float, fills_after_s: float, skip: int = 0
) -> tuple[Fault, ...]:
    """-1007; the order begins 1.5 s later, is in no list for so long, and fills even later."""
    late = HttpStatus(
        venue=venue,
        match=_ORDERS,
        status=408,
        body='{"code":-1007,"msg":"Timeout waiting for response from backend server."}',
        execute=True,
        act_after_s=1.5,
        skip=skip,
    )
    hidden = LagReads(venue=venue, lag_s=seen_after_s, lasts_s=seen_after_s + 5.0, skip=skip)
    return late, hidden, HoldOrder(venue=venue, hold_s=fills_after_s, skip=skip)


def lists_lag(venue: Venue, lag_s: float) -> LagReads:
    """Lists do not show an order for so long; balances and positions do."""
    return LagReads(venue=venue, lag_s=lag_s, lasts_s=2 * lag_s)


def error_instead(
    venue: Venue,
    status: int,
    body: str = "<html>error</html>",
    *,
    skip: int = 0,
    count: int = 1,
    **headers: str,
) -> HttpStatus:
    """An error answers the order, which never reaches the exchange."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpStatus(
        venue=venue,
        match=_ORDERS,
        status=status,
        body=body,
        headers=named,
        skip=skip,
        count=count,
    )


def orders_fail(venue: Venue, status: int) -> HttpStatus:
    """Orders and order tests are answered like this until it is calm again; reads go on."""
    match = RequestMatch(method="POST")
    return HttpStatus(venue=venue, match=match, status=status, body="", count=EVER)


def refusal(venue: Venue, code: str | None = None, *, skip: int = 0, count: int = 1) -> RefuseOrder:
    """The exchange refuses the order with its own error."""
    return RefuseOrder(venue=venue, code=code, skip=skip, count=count)


def look_up_fails(
    venue: Venue, status: int, body: str = "", *, count: int = 1, skip: int = 0
) -> HttpStatus:
    """Asking for an order is answered like this."""
    match = RequestMatch(method="GET", path_prefix=_ORDER_PATH[venue], is_order=False)
    return HttpStatus(venue=venue, match=match, status=status, body=body, count=count, skip=skip)


def reads_fail(venue: Venue, path: str, status: int, *, count: int) -> HttpStatus:
    """Reads whose path begins like this are answered with an error."""
    match = RequestMatch(method="GET", path_prefix=path)
    return HttpStatus(venue=venue, match=match, status=status, count=count)


def no_order_told(venue: Venue) -> HttpStatus:
    """Asking for one order is answered with an error, for ever; the lists are told."""
    path = "/v1/order" if venue is UPBIT else "/fapi/v1/order"
    match = RequestMatch(method="GET", path=path)
    return HttpStatus(venue=venue, match=match, status=500, count=EVER)


def news_lost(venue: Venue, *, count: int = EVER, skip: int = 0) -> LoseMessage:
    """Order events of the private stream do not come, though it is connected."""
    return LoseMessage(venue=venue, match=_news(venue), count=count, skip=skip)


def news_twice(venue: Venue, *, count: int = EVER) -> DuplicateStream:
    """Order events come twice."""
    return DuplicateStream(venue=venue, match=_news(venue), count=count)


def news_late(venue: Venue, delay_s: float, *, count: int = 1) -> DelayStream:
    """An order event, and all behind it, comes late."""
    return DelayStream(venue=venue, match=_news(venue), delay_s=delay_s, count=count)


def stream_mute(venue: Venue) -> MuteStream:
    """From the next order event on the stream says nothing more, and stays open."""
    return MuteStream(venue=venue, match=_news(venue))


def stream_cut(venue: Venue, *, at_order: bool, refuse_s: float = 0.0) -> CutStream:
    """The streams break: now, or as the next order arrives. New ones are refused for a while."""
    return CutStream(
        venue=venue,
        when="next_order" if at_order else "now",
        refuse_s=refuse_s,
        match=StreamMatch(),
    )


def told_nothing(venue: Venue, contains: str, *, count: int = 1, skip: int = 0) -> LoseMessage:
    """Stream messages that contain this text do not come."""
    return LoseMessage(venue=venue, match=MessageMatch(contains=contains), count=count, skip=skip)


def stamped_ahead(venue: Venue, contains: str, ahead_s: float, *, count: int = 1) -> RestampStream:
    """Stream messages that contain this text bear a time so much ahead of the exchange's own."""
    match = MessageMatch(contains=contains)
    return RestampStream(venue=venue, match=match, ahead_s=ahead_s, count=count)


def told_twice(venue: Venue, contains: str, *, count: int = EVER) -> DuplicateStream:
    """Stream messages that contain this text come twice."""
    return DuplicateStream(venue=venue, match=MessageMatch(contains=contains), count=count)


def _news(venue: Venue) -> MessageMatch:
    return MessageMatch(contains=_ORDER_NEWS[venue])
