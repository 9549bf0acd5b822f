"""Every kind of fault a random run draws from: what it is called, and how it is aimed at orders.

Four families. A *wire* fault is armed on an exchange's gateway and waits there for an order. A
*deed* is done by the world itself at the moment an order arrives (see ``order_triggered.py``). Both
count only where they struck while an order was in flight. An *ordeal* hits a pair that is open, in
a world of its own (``stress/run.py``), and counts only where one was. A *death* strikes a process,
also in a world of its own (``failover/run.py``), and counts only where it left something exposed or
in flight.
"""

import json
from collections.abc import Callable, Iterable
from random import Random

from exchange_simulator.faults.kinds import (
    CutStream,
    DelayRequest,
    DelayResponse,
    DelayStream,
    DropRequest,
    DropResponse,
    DuplicateStream,
    ExpireKey,
    Fault,
    HoldOrder,
    HttpStatus,
    LagReads,
    LoseMessage,
    MessageMatch,
    MuteStream,
    RefuseConnection,
    RefuseOrder,
    RequestMatch,
    RestampStream,
    SwapStream,
    ThinBook,
)
from trading_platform_order.domain.venue import Venue

FAULT_KINDS = {
    "request_lost": "an order request never arrives, and is never answered",
    "response_lost": "an order request is carried out, its answer is lost",
    "request_late": "an order request arrives late: up to 30 s on Upbit, 2.5 s on Binance",
    "response_late": "the answer to an order comes 0.3 to 12 s late",
    "connection_refused": "an order request finds nobody listening and never leaves",
    "connection_reset": "the connection breaks before or after an order is carried out",
    "refusal": "the exchange refuses one order with its own error",
    "below_minimum": "one leg is under a minimum that the exchange has just raised",
    "bad_gateway_executed": "502 for an order that was carried out",
    "bad_gateway_not_executed": "502 for an order that was not",
    "server_error_executed": "500 or 504 for an order that was carried out",
    "server_error_not_executed": "500 or 504 for an order that was not",
    "unavailable": "503 with the one text that Binance calls a certain failure",
    "unknown_503_executed": "503 with the ambiguous text, carried out",
    "unknown_503_not_executed": "503 with the ambiguous text, not carried out",
    "backend_timeout": "-1007, and the order is accepted up to 1.5 s later",
    "internal_error": "-1001, carried out or not",
    "throttled": "-1008, not carried out",
    "request_timeout": "408, carried out or not",
    "rate_limited": "429 with Retry-After",
    "rate_limited_bare": "429 without a word on when to come back",
    "banned": "418 to everything for some seconds",
    "maintenance": "the exchange is closed for 3 to 40 s, its streams too",
    "stream_late": "an order event and all behind it come 0.3 to 12 s late",
    "stream_lost": "one to four order events are lost",
    "stream_twice": "order events come twice",
    "stream_swapped": "order events come in another order",
    "stream_cut": "the streams break off just before an order is handled",
    "stream_silent": "the private stream stays connected and tells nothing more",
    "stream_key_expired": "the listen key ends, the socket stays open and silent",
    "thin_book": "the book is nearly empty when the order meets it",
    "order_stays_working": "an order is accepted and meets the book 1 to 8 s later",
    "reads_lag": "reads do not see an order for up to 1.5 s after it was placed",
    "lists_lag": "no list of Binance shows an order for 14 s, but the position holds it",
    "price_jump": "both markets move by up to 2 % while an order is on its way",
    "clock_jump": "this machine's calendar jumps by up to 90 s, and later back",
    "clock_drift": "this machine's calendar runs up to 2 % too fast or too slow",
    "clock_off": "this machine's calendar is 10 s or an hour off, ahead or behind, and stays so",
    "stamped_ahead": "a book is stamped a minute or a day ahead of the exchange's own time",
    "process_frozen": "the process is stopped (SIGSTOP) for 4 to 60 s",
    "machine_suspended": "the machine sleeps for 4 to 60 s, and its stopwatch with it",
    "engine_twice": "a second engine is started on the account",
    "funding": "funding is settled while an order is under way",
    "owner_transfer": "the owner deposits or withdraws KRW, USDT or coins",
    "owner_trade": "the owner buys or sells coins of the traded symbol",
    "hedge_deleveraged": "Binance closes a short of ours for someone else's sake (ADL)",
    "hedge_closed_by_hand": "an operator closes a part of our short in the app",
    "power_loss": "the machine loses power and with it one to three commits",
    "backup_restored": "the machine is lost; another one goes on from an older copy",
    "price_falls": "Upbit falls against Binance by 2 to 25 % while a pair is open; some come back",
    "hedge_squeezed": "the coin rises by 15 to 52 % against a hedge with little margin",
    "hedge_liquidated": "the coin rises by 65 %, no stop stands, and Binance liquidates the hedge",
    "coins_sold_by_hand": "an operator sells coins of ours, at rest or as an order of ours arrives",
    "position_by_hand": "an operator sells the contract short beside our hedge",
    "engine_stopped": "beside a standby the engine is killed, stopped, asleep or gets an old store",
    "engine_dead": "the engine is dead or hangs for 0.5 to 150 s, a watchdog beside it",
    "watchdog_dead": "the watchdog is dead for 0.1 to 40 s, alone or with the engine",
    "store_gone": "the store cannot be read or written for 4 to 70 s, by engine nor watchdog",
}

BINANCE_ONLY = frozenset(
    {
        "unavailable",
        "unknown_503_executed",
        "unknown_503_not_executed",
        "backend_timeout",
        "internal_error",
        "throttled",
        "stream_key_expired",
        "lists_lag",
    }
)
ORDER_TRIGGERED = frozenset(
    {
        "price_jump",
        "clock_jump",
        "clock_drift",
        "clock_off",
        "process_frozen",
        "machine_suspended",
        "engine_twice",
        "funding",
        "owner_transfer",
        "owner_trade",
        "hedge_deleveraged",
        "hedge_closed_by_hand",
        "power_loss",
        "backup_restored",
    }
)
STRESS_FAULTS = frozenset(
    {
        "price_falls",
        "hedge_squeezed",
        "hedge_liquidated",
        "coins_sold_by_hand",
        "position_by_hand",
    }
)
"""Drawn in worlds of their own, in which a pair is open: they count while it is."""
DEATHS = frozenset({"engine_dead", "watchdog_dead", "store_gone"})
STANDBY_FAULTS = frozenset({"engine_stopped"})
"""Drawn in worlds with a watchdog only."""
ORDINARY_KINDS = tuple(
    kind for kind in FAULT_KINDS if kind not in DEATHS | STANDBY_FAULTS | STRESS_FAULTS
)
LOSE_COMMITS = frozenset({"power_loss", "backup_restored"})

EXCUSES_S = {
    "request_lost": 25.0,
    "response_lost": 20.0,
    "request_late": 45.0,
    "response_late": 25.0,
    "connection_refused": 5.0,
    "connection_reset": 15.0,
    "refusal": 5.0,
    "below_minimum": 5.0,
    "bad_gateway_executed": 15.0,
    "bad_gateway_not_executed": 15.0,
    "server_error_executed": 15.0,
    "server_error_not_executed": 15.0,
    "unavailable": 3.0,
    "unknown_503_executed": 15.0,
    "unknown_503_not_executed": 15.0,
    "backend_timeout": 15.0,
    "internal_error": 15.0,
    "throttled": 3.0,
    "request_timeout": 15.0,
    "rate_limited": 10.0,
    "rate_limited_bare": 65.0,
    "banned": 30.0,
    "maintenance": 75.0,
    "stream_late": 15.0,
    "stream_lost": 5.0,
    "stream_cut": 5.0,
    "stream_silent": 10.0,
    "stream_key_expired": 10.0,
    "thin_book": 10.0,
    "order_stays_working": 10.0,
    "reads_lag": 5.0,
    "lists_lag": 45.0,
    "clock_jump": 5.0,
    "clock_drift": 5.0,
    "clock_off": 5.0,
    "process_frozen": 65.0,
    "machine_suspended": 65.0,
    "hedge_deleveraged": 30.0,
    "hedge_closed_by_hand": 30.0,
}
"""How much longer the legs of a pair may differ for each strike, beyond the budget: while an
exchange cannot be reached, or an order's fate cannot be known."""


class UnknownFault(Exception):  # noqa: N818 - the text names what there is
    """No fault of that name."""


def chosen_kinds(names: str) -> tuple[str, ...]:
    """The kinds a user asked for: ``all``, or names with commas between them.

    Raises:
        UnknownFault: not one of them.
    """
    if names == "all":
        return tuple(FAULT_KINDS)
    asked = [name.strip() for name in names.split(",") if name.strip()]
    strange = [name for name in asked if name not in FAULT_KINDS]
    if strange or not asked:
        raise UnknownFault(f"unknown fault: {', '.join(strange) or 'none given'}")
    return tuple(name for name in FAULT_KINDS if name in asked)


def wire_faults(kind: str, random: Random, venue: Venue) -> tuple[Fault, ...]:
    """What to arm on an exchange for a kind that is not a deed."""
    skip = random.choice((0, 0, 0, 1))
    return tuple(_MAKE[kind](random, venue, skip))


ORDER_REQUESTS = RequestMatch(is_order=True)
_ORDER_EVENT = {Venue.UPBIT: "myOrder", Venue.BINANCE: "ORDER_TRADE_UPDATE"}
_BOOK = {Venue.UPBIT: "orderbook", Venue.BINANCE: "depthUpdate"}
_LATE_S = (0.3, 0.8, 4.0, 12.0)
_OFFLINE = '{"error":{"name":"market_offline","message":"점검 중"}}'
_UNKNOWN_503 = "Unknown error, please check your request or try again later."
_MINIMUM = {Venue.UPBIT: "under_min_total_bid", Venue.BINANCE: "-4164"}


def order_news(venue: Venue) -> MessageMatch:
    """Order events of the private stream."""
    return MessageMatch(contains=_ORDER_EVENT[venue])


def _status(
    venue: Venue,
    skip: int,
    status: int,
    body: str,
    *,
    execute: bool = False,
    act_after_s: float = 0.0,
    lasts_s: float = 0.0,
    headers: dict[str, str] | None = None,
) -> HttpStatus:
    return HttpStatus(
        venue=venue,
        skip=skip,
        match=ORDER_REQUESTS,
        status=status,
        body=body,
        execute=execute,
        act_after_s=act_after_s,
        lasts_s=lasts_s,
        headers=headers or {},
    )


def _code(code: int, text: str) -> str:
    return json.dumps({"code": code, "msg": text})


def _request_late(random: Random, venue: Venue, skip: int) -> Iterable[Fault]:
    late_s = (0.3, 0.9, 3.0, 11.0, 30.0) if venue is Venue.UPBIT else (0.3, 0.9, 1.9, 2.5)
    yield DelayRequest(venue=venue, match=ORDER_REQUESTS, skip=skip, delay_s=random.choice(late_s))


def _connection_reset(random: Random, venue: Venue, skip: int) -> Iterable[Fault]:
    lose = random.choice((DropRequest, DropResponse))
    yield lose(venue=venue, match=ORDER_REQUESTS, skip=skip, how="disconnect")


def _server_error(*, execute: bool) -> Callable[[Random, Venue, int], Iterable[Fault]]:
    def make(random: Random, venue: Venue, skip: int) -> Iterable[Fault]:
        yield _status(venue, skip, random.choice((500, 504)), "<html>error</html>", execute=execute)

    return make


def _bad_gateway(*, execute: bool) -> Callable[[Random, Venue, int], Iterable[Fault]]:
    def make(_: Random, venue: Venue, skip: int) -> Iterable[Fault]:
        yield _status(venue, skip, 502, "<html>bad gateway</html>", execute=execute)

    return make


def _coded(
    status: int, code: int, text: str, *, execute: bool | None
) -> Callable[[Random, Venue, int], Iterable[Fault]]:
    """``execute`` of ``None``: by chance."""

    def make(random: Random, venue: Venue, skip: int) -> Iterable[Fault]:
        acts = random.random() < 0.5 if execute is None else execute  # noqa: PLR2004 - even odds
        yield _status(venue, skip, status, _code(code, text), execute=acts)

    return make


def backend_timeout(venue: Venue, skip: int, *, after_s: float) -> Fault:
    """-1007, and the order begins so much later."""
    text = "Timeout waiting for response from backend server."
    return _status(venue, skip, 408, _code(-1007, text), execute=True, act_after_s=after_s)


def unknown_503(venue: Venue, skip: int, *, execute: bool) -> Fault:
    """503 with the ambiguous text."""
    return _status(venue, skip, 503, _code(-1000, _UNKNOWN_503), execute=execute)


def _backend_timeout(random: Random, venue: Venue, skip: int) -> Iterable[Fault]:
    yield backend_timeout(venue, skip, after_s=random.choice((0.0, 0.3, 1.5)))


def _rate_limited(random: Random, venue: Venue, skip: int) -> Iterable[Fault]:
    headers = {"retry-after": str(random.choice((1, 3)))}
    yield _status(venue, skip, 429, "Too many requests", headers=headers)


def _banned(random: Random, venue: Venue, skip: int) -> Iterable[Fault]:
    seconds = random.choice((2, 5, 20))
    headers = {"retry-after": str(seconds)}
    yield _status(venue, skip, 418, "banned", lasts_s=float(seconds), headers=headers)


def _maintenance(random: Random, venue: Venue, skip: int) -> Iterable[Fault]:
    lasts_s = random.choice((3.0, 10.0, 40.0))
    is_upbit = venue is Venue.UPBIT
    body = _OFFLINE if is_upbit else _code(-1016, "This service is no longer available.")
    yield CutStream(venue=venue, when="next_order", refuse_s=lasts_s, skip=skip)
    yield _status(venue, skip, 403 if is_upbit else 503, body, lasts_s=lasts_s)


def _stream_key_expired(random: Random, venue: Venue, skip: int) -> Iterable[Fault]:
    if random.random() < 0.5:  # noqa: PLR2004 - half of them even without the last event
        yield LoseMessage(venue=venue, match=MessageMatch(contains="listenKeyExpired"))
    yield ExpireKey(venue=venue, skip=skip)


_MAKE: dict[str, Callable[[Random, Venue, int], Iterable[Fault]]] = {
    "request_lost": lambda _, v, s: [DropRequest(venue=v, match=ORDER_REQUESTS, skip=s)],
    "response_lost": lambda _, v, s: [DropResponse(venue=v, match=ORDER_REQUESTS, skip=s)],
    "request_late": _request_late,
    "response_late": lambda r, v, s: [
        DelayResponse(venue=v, match=ORDER_REQUESTS, skip=s, delay_s=r.choice(_LATE_S))
    ],
    "connection_refused": lambda _, v, s: [RefuseConnection(venue=v, match=ORDER_REQUESTS, skip=s)],
    "connection_reset": _connection_reset,
    "refusal": lambda _, v, s: [RefuseOrder(venue=v, skip=s)],
    "below_minimum": lambda _, v, s: [RefuseOrder(venue=v, skip=s, code=_MINIMUM[v])],
    "bad_gateway_executed": _bad_gateway(execute=True),
    "bad_gateway_not_executed": _bad_gateway(execute=False),
    "server_error_executed": _server_error(execute=True),
    "server_error_not_executed": _server_error(execute=False),
    "unavailable": lambda _, v, s: [_status(v, s, 503, '{"msg":"Service Unavailable."}')],
    "unknown_503_executed": _coded(503, -1000, _UNKNOWN_503, execute=True),
    "unknown_503_not_executed": _coded(503, -1000, _UNKNOWN_503, execute=False),
    "backend_timeout": _backend_timeout,
    "internal_error": _coded(503, -1001, "Internal error; unable to process.", execute=None),
    "throttled": _coded(503, -1008, "Request throttled.", execute=False),
    "request_timeout": _coded(408, -1, "", execute=None),
    "rate_limited": _rate_limited,
    "rate_limited_bare": lambda _, v, s: [_status(v, s, 429, "Too many requests")],
    "banned": _banned,
    "maintenance": _maintenance,
    "stream_late": lambda r, v, s: [
        DelayStream(venue=v, match=order_news(v), skip=s, delay_s=r.choice(_LATE_S))
    ],
    "stream_lost": lambda r, v, s: [
        LoseMessage(venue=v, match=order_news(v), skip=s, count=r.randint(1, 4))
    ],
    "stream_twice": lambda _, v, s: [
        DuplicateStream(venue=v, match=order_news(v), skip=s, count=3)
    ],
    "stream_swapped": lambda _, v, s: [SwapStream(venue=v, match=order_news(v), skip=s, count=2)],
    "stream_cut": lambda r, v, s: [
        CutStream(venue=v, when="next_order", skip=s, refuse_s=r.choice((0.0, 2.0)))
    ],
    "stamped_ahead": lambda r, v, s: [
        RestampStream(
            venue=v,
            match=MessageMatch(contains=_BOOK[v]),
            skip=s,
            ahead_s=r.choice((60.0, 86_400.0)),
        )
    ],
    "stream_silent": lambda _, v, s: [MuteStream(venue=v, match=order_news(v), skip=s)],
    "stream_key_expired": _stream_key_expired,
    "thin_book": lambda r, v, s: [
        ThinBook(venue=v, skip=s, part=r.choice(("0", "0.0001", "0.001", "0.01")))
    ],
    "order_stays_working": lambda r, v, s: [
        HoldOrder(venue=v, skip=s, hold_s=r.choice((1.0, 2.5, 4.0, 8.0)))
    ],
    "lists_lag": lambda _, v, s: [LagReads(venue=v, skip=s, lag_s=14.0, lasts_s=25.0)],
    "reads_lag": lambda r, v, s: [LagReads(venue=v, skip=s, lag_s=r.choice((0.3, 1.0, 1.5)))],
}
