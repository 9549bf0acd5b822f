"""Listen keys, open sockets and what each of them is subscribed to.

Addresses as split on 2026-04-23: ``/private`` carries user data, ``/public`` books, ``/market``
mark prices; an address without such a prefix delivers public streams only. A bogus or expired
listen key opens a socket that stays silent.
"""

import hashlib
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

import attrs
import msgspec

from exchange_simulator.ports import Deliver, Schedule

LISTEN_KEY_LIFE_S = 3_600.0
CONNECTION_LIFE_S = 86_400.0
_ENCODER = msgspec.json.Encoder()
_PRIVATE = "private"
#: streams of all symbols
OF_ALL = frozenset({"!bookTicker"})
_ROUTES = frozenset({"public", "market", _PRIVATE})


@lru_cache(maxsize=1_024)
def category_of(stream: str) -> str:
    """The address prefix a market stream is served under."""
    kind = stream.partition("@")[2] or stream.lstrip("!").partition("@")[0]
    return "public" if kind.startswith(("bookTicker", "depth")) else "market"


class _Command(msgspec.Struct):
    method: str = ""
    params: list[str] = []
    id: int | str | None = None


class Socket:
    """One open WebSocket of a client."""

    def __init__(self, *, hub: "StreamHub", route: str, combined: bool, deliver: Deliver) -> None:
        self._hub = hub
        self._deliver = deliver
        self._combined = combined
        self.route = route
        self.streams: list[str] = []
        self.events: frozenset[str] = frozenset()

    def send(self, stream: str, event: dict[str, Any]) -> None:
        """Deliver one event, in the envelope of combined addresses where that was asked for."""
        message = {"stream": stream, "data": event} if self._combined else event
        self._deliver(_ENCODER.encode(message).decode())

    def on_message(self, text: str) -> None:
        """SUBSCRIBE, UNSUBSCRIBE or LIST_SUBSCRIPTIONS; anything else is answered as an error."""
        try:
            command = msgspec.json.decode(text, type=_Command)
        except msgspec.DecodeError:
            self._reply({"error": {"code": 3, "msg": "Invalid JSON"}, "id": None})
            return
        match command.method:
            case "SUBSCRIBE":
                fresh = [name for name in command.params if name not in self.streams]
                self.streams.extend(fresh)
                self._reply({"result": None, "id": command.id})
                for stream in fresh:
                    self._hub.greet(self, stream)
            case "UNSUBSCRIBE":
                self.streams = [name for name in self.streams if name not in command.params]
                self._reply({"result": None, "id": command.id})
            case "LIST_SUBSCRIPTIONS":
                self._reply({"result": list(self.streams), "id": command.id})
            case _:
                self._reply({"error": {"code": 2, "msg": "Invalid request"}, "id": command.id})

    def on_open(self, hang_up: Callable[[str], None]) -> None:
        """No connection lives longer than a day."""
        self._hub.limit_life(hang_up)

    def on_ping(self) -> None:
        """Answered beneath; a silent client is not closed here."""

    def on_close(self) -> None:
        """The client is gone."""
        self._hub.forget(self)

    def _reply(self, message: dict[str, Any]) -> None:
        self._deliver(_ENCODER.encode(message).decode())


@attrs.define(kw_only=True, eq=False, repr=False)
class StreamHub:
    """All sockets.

    ``snapshot`` makes the present event of a market stream, if it has one; ``news`` what it tells
    when a market (symbol) has changed; ``begin`` hears of a stream's first listener.
    """

    _schedule: Schedule
    _snapshot: Callable[[str], dict[str, Any] | None]
    _news: Callable[[str, str], list[dict[str, Any]]]
    _begin: Callable[[str], None]
    _expired_event: Callable[[str], dict[str, Any]]
    _sockets: list[Socket] = attrs.field(factory=list, init=False)
    _keys_made: int = attrs.field(default=0, init=False)
    _extensions: int = attrs.field(default=0, init=False)
    listen_key: str | None = attrs.field(default=None, init=False)
    #: seconds after which a connection is closed; read when it opens
    connection_life_s: float = attrs.field(default=CONNECTION_LIFE_S, init=False)

    # -- listen keys ----------------------------------------------------------------------------

    def start_key(self) -> str:
        """The account's key, made if there is none; its life begins anew."""
        if self.listen_key is None:
            self._keys_made += 1
            seed = f"simulated listen key {self._keys_made}"
            self.listen_key = hashlib.sha512(seed.encode()).hexdigest()[:64]
        self._extend()
        return self.listen_key

    def extend_key(self) -> str | None:
        """The key with its life begun anew; ``None`` if there is none."""
        if self.listen_key is not None:
            self._extend()
        return self.listen_key

    def close_key(self) -> None:
        """Forget the key; sockets on it fall silent."""
        self.listen_key = None

    def _extend(self) -> None:
        self._extensions += 1
        extension = self._extensions

        def expire() -> None:
            if extension == self._extensions:
                self.expire_key()

        self._schedule(LISTEN_KEY_LIFE_S, expire)

    def expire_key(self) -> None:
        """End the key's life now: one last event, then silence."""
        if self.listen_key is None:
            return
        self.publish_user(self._expired_event(self.listen_key))
        self.listen_key = None

    # -- sockets --------------------------------------------------------------------------------

    def limit_life(self, hang_up: Callable[[str], None]) -> None:
        """Close a connection when its day is over."""
        self._schedule(self.connection_life_s, lambda: hang_up("the connection is 24 h old"))

    def open(self, target: str, deliver: Deliver) -> Socket | None:
        """Accept a socket; ``None`` for an address the exchange does not serve."""
        asked = _read_address(target)
        if asked is None:
            return None
        socket = Socket(hub=self, route=asked.route, combined=asked.combined, deliver=deliver)
        socket.streams, socket.events = list(asked.streams), asked.events
        self._sockets.append(socket)
        for stream in list(socket.streams):
            self.greet(socket, stream)
        return socket

    def forget(self, socket: Socket) -> None:
        """Deliver nothing more to it."""
        if socket in self._sockets:
            self._sockets.remove(socket)

    def greet(self, socket: Socket, stream: str) -> None:
        """The present state of a market stream, at once after subscribing."""
        if socket.route != category_of(stream):
            return
        if not any(stream in other.streams for other in self._sockets if other is not socket):
            self._begin(stream)
        event = self._snapshot(stream)
        if event is not None:
            socket.send(stream, event)

    def publish_user(self, event: dict[str, Any]) -> None:
        """To every socket that listens on the living key."""
        key = self.listen_key
        if key is None:
            return
        for socket in list(self._sockets):
            if socket.route == _PRIVATE and key in socket.streams and _wants(socket, event["e"]):
                socket.send(key, event)

    def publish_market(self, symbol: str) -> None:
        """What every subscribed stream of a symbol, or of all, tells now that it has changed."""
        prefix = f"{symbol.lower()}@"
        made: dict[str, list[dict[str, Any]]] = {}
        for socket in list(self._sockets):
            for stream in list(socket.streams):
                is_concerned = stream.startswith(prefix) or stream in OF_ALL
                if not is_concerned or socket.route != category_of(stream):
                    continue
                if stream not in made:
                    made[stream] = self._news(stream, symbol)
                for event in made[stream]:
                    socket.send(stream, event)

    def publish(self, stream: str, make: Callable[[], dict[str, Any]]) -> None:
        """An event of one market stream, made if anybody listens to it."""
        event: dict[str, Any] | None = None
        for socket in list(self._sockets):
            if stream in socket.streams and socket.route == category_of(stream):
                event = event or make()
                socket.send(stream, event)


def _wants(socket: Socket, kind: str) -> bool:
    return not socket.events or kind in socket.events or kind == "listenKeyExpired"


class _Address(NamedTuple):
    """What the address of a socket asks for."""

    route: str
    combined: bool
    streams: tuple[str, ...]
    events: frozenset[str]


@lru_cache(maxsize=256)
def _read_address(target: str) -> _Address | None:
    parts = urlsplit(target)
    segments = [unquote(segment) for segment in parts.path.split("/") if segment]
    route = segments.pop(0) if segments and segments[0] in _ROUTES else "public"
    if not segments or segments[0] not in {"ws", "stream"}:
        return None
    form, *names = segments
    query = parse_qs(parts.query)
    return _Address(
        route=route,
        combined=form == "stream",
        streams=(*names, *_names(query.get("streams", [])), *_names(query.get("listenKey", []))),
        events=frozenset(_names(query.get("events", []))),
    )


def _names(values: list[str]) -> list[str]:
    return [name for value in values for name in value.split("/") if name]
