"""The exchange's WebSockets: subscriptions, snapshots, and who hears what.

Upbit docs websocket-guide @2026-08-31, websocket-myorder @2026-09-09. A subscription message
replaces all earlier ones. ``myOrder`` and ``myAsset`` have no snapshot and nothing is replayed.
A connection on which nothing is said either way is closed, and none lives longer than a day.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from exchange_simulator.clock import Clock
from exchange_simulator.ports import Deliver, Schedule
from exchange_simulator.upbit.requests.limits import MessageLimit
from exchange_simulator.upbit.rules import Rules
from exchange_simulator.upbit.streaming.stream_names import shortened

Snapshot = Callable[[str, str, int], dict[str, Any] | None]

_PRIVATE = {"myOrder", "myAsset", "announcement"}
_PUBLIC = {"orderbook", "ticker", "trade", "candle.1s"}
_FORMATS = {"DEFAULT", "SIMPLE", "JSON_LIST", "SIMPLE_LIST"}
_BOOK_COUNTS = {1, 5, 15, 30}
_DEFAULT_BOOK_COUNT = 30
_LEAST_WAIT_S = 0.001
_ENCODER = msgspec.json.Encoder()
_MESSAGES = {
    "INVALID_AUTH": "인증 정보가 올바르지 않습니다.",
    "WRONG_FORMAT": "Format이 맞지 않습니다.",
    "NO_TICKET": "티켓이 존재하지 않습니다.",
    "NO_TYPE": "타입 필드가 존재하지 않습니다.",
    "NO_CODES": "codes 필드가 존재하지 않습니다.",
    "INVALID_PARAM": "잘못된 파라미터입니다.",
    "Too Many Requests": "요청 수가 제한을 초과했습니다.",
}


class _BadMessage(Exception):  # noqa: N818 - an answer of the exchange, not an error
    """The message is answered with this error name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One wish: ``counts`` maps market codes to book levels; empty means all markets."""

    type: str
    counts: Mapping[str, int] = field(default_factory=dict)
    wants_snapshot: bool = True
    wants_realtime: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wishes:
    ticket: str
    format: str
    subscriptions: tuple[Subscription, ...]
    lists_only: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What every connection needs of the exchange around it."""

    clock: Clock
    schedule: Schedule
    rules: Rules


class Session:
    """One open connection; implements ``exchange_simulator.ports.EndsConnections``.

    Attributes:
        kinds: what it is subscribed to, of whatever market.
    """

    def __init__(
        self,
        *,
        around: Surroundings,
        limit: MessageLimit,
        deliver: Deliver,
        is_private: bool,
        snapshot: Snapshot,
        subscribed: Callable[[], None],
        forget: Callable[["Session"], None],
    ) -> None:
        self._around = around
        self._limit = limit
        self._deliver_raw = deliver
        self._is_private = is_private
        self._snapshot = snapshot
        self._subscribed = subscribed
        self._forget = forget
        self._is_short = self._is_listed = False
        self._subscriptions: tuple[Subscription, ...] = ()
        self.kinds: frozenset[str] = frozenset()
        self._hang_up: Callable[[str], None] | None = None
        self._opened_at = self._heard_at = around.clock.monotonic()

    # -- how long it lives ----------------------------------------------------------------------

    def on_open(self, hang_up: Callable[[str], None]) -> None:
        """The connection stands; ``hang_up`` closes it."""
        self._hang_up = hang_up
        self._watch()

    def on_ping(self) -> None:
        """The client sent a ping frame."""
        self._heard_at = self._around.clock.monotonic()

    def _watch(self) -> None:
        """Close what is idle or old; otherwise look again when it could be."""
        if self._hang_up is None:
            return
        now, rules = self._around.clock.monotonic(), self._around.rules
        idle_left_s = self._heard_at + rules.idle_close_s - now
        life_left_s = self._opened_at + rules.connection_life_s - now
        if min(idle_left_s, life_left_s) <= 0:
            self._hang_up("idle" if idle_left_s <= 0 else "older than the exchange allows")
            return
        self._around.schedule(max(min(idle_left_s, life_left_s), _LEAST_WAIT_S), self._watch)

    def _deliver(self, text: str) -> None:
        self._heard_at = self._around.clock.monotonic()
        self._deliver_raw(text)

    # -- messages -------------------------------------------------------------------------------

    def on_message(self, text: str) -> None:
        """The client sent a text message."""
        self._heard_at = self._around.clock.monotonic()
        if text == "PING":
            self._deliver('{"status":"UP"}')
            return
        if not self._limit.allows():
            self._refuse("Too Many Requests")
            return
        try:
            wishes = _read(text, is_private=self._is_private)
        except _BadMessage as error:
            self._refuse(str(error))
            return
        if wishes.lists_only:
            self._list_subscriptions(wishes.ticket)
            return
        self._is_short = wishes.format.startswith("SIMPLE")
        self._is_listed = wishes.format.endswith("LIST")
        self._subscriptions = wishes.subscriptions
        self.kinds = frozenset(wish.type for wish in wishes.subscriptions)
        self._subscribed()
        self._send_snapshots()

    def _refuse(self, name: str) -> None:
        self._deliver(_encode({"error": {"name": name, "message": _MESSAGES[name]}}))

    def on_close(self) -> None:
        """The client is gone."""
        self._subscriptions = ()
        self.kinds = frozenset()
        self._hang_up = None
        self._forget(self)

    def publish(self, kind: str, code: str, make: Callable[[int], dict[str, Any]]) -> None:
        """Send an event if it was subscribed; ``make`` builds it for a number of levels."""
        for wish in self._subscriptions:
            if (
                wish.type == kind
                and wish.wants_realtime
                and (not wish.counts or code in wish.counts)
            ):
                self._send(make(wish.counts.get(code, _DEFAULT_BOOK_COUNT)))

    def _send_snapshots(self) -> None:
        for wish in self._subscriptions:
            if wish.type in _PUBLIC and wish.wants_snapshot:
                for code, count in wish.counts.items():
                    event = self._snapshot(wish.type, code, count)
                    if event is not None:
                        self._send(event)

    def _list_subscriptions(self, ticket: str) -> None:
        result = [{"type": wish.type, "codes": list(wish.counts)} for wish in self._subscriptions]
        self._send({"method": "LIST_SUBSCRIPTIONS", "result": result, "ticket": ticket})

    def _send(self, event: dict[str, Any]) -> None:
        shown = shortened(event) if self._is_short else event
        self._deliver(_encode([shown] if self._is_listed else shown))


def _encode(value: object) -> str:
    return _ENCODER.encode(value).decode()


def _read(text: str, *, is_private: bool) -> _Wishes:
    try:
        parts = json.loads(text)
    except ValueError:
        raise _BadMessage("WRONG_FORMAT") from None
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise _BadMessage("WRONG_FORMAT")
    if not parts or not isinstance(parts[0].get("ticket"), str):
        raise _BadMessage("NO_TICKET")
    chosen, wishes, lists_only = "DEFAULT", list[Subscription](), False
    for part in parts[1:]:
        if "format" in part:
            chosen = str(part["format"])
        elif part.get("method") == "LIST_SUBSCRIPTIONS":
            lists_only = True
        else:
            wishes.append(_read_subscription(part, is_private=is_private))
    if chosen not in _FORMATS:
        raise _BadMessage("WRONG_FORMAT")
    if not wishes and not lists_only:
        raise _BadMessage("NO_TYPE")
    return _Wishes(
        ticket=parts[0]["ticket"],
        format=chosen,
        subscriptions=tuple(wishes),
        lists_only=lists_only,
    )


def _read_subscription(part: Mapping[str, Any], *, is_private: bool) -> Subscription:
    kind = part.get("type")
    if not isinstance(kind, str):
        raise _BadMessage("NO_TYPE")
    if kind in _PRIVATE and not is_private:
        raise _BadMessage("INVALID_AUTH")
    if kind not in (_PRIVATE if is_private else _PUBLIC):
        raise _BadMessage("INVALID_PARAM")
    codes = part.get("codes", [])
    if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
        raise _BadMessage("WRONG_FORMAT")
    if kind == "myAsset" and "codes" in part:
        raise _BadMessage("WRONG_FORMAT")
    if kind in _PUBLIC and not codes:
        raise _BadMessage("NO_CODES")
    return Subscription(
        type=kind,
        counts=_read_counts(codes),
        wants_snapshot=not part.get("is_only_realtime", False),
        wants_realtime=not part.get("is_only_snapshot", False),
    )


def _read_counts(codes: Sequence[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for code in codes:
        name, _, levels = code.partition(".")
        count = int(levels) if levels.isdecimal() else 0 if levels else _DEFAULT_BOOK_COUNT
        if count not in _BOOK_COUNTS:
            raise _BadMessage("INVALID_PARAM")
        counts[name] = count
    return counts
