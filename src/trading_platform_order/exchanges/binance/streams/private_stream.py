"""The user data stream: what happens to our orders and balances, as it happens.

Binance docs user-data-streams. Nothing is replayed: after each ``StreamUp`` the caller resyncs by
REST. A key that has expired still connects and stays silent, so silence is answered by asking the
exchange about the key. ``TRADE_LITE`` tells the same trades some milliseconds earlier but without
status and fee, so acting on it would book each fill twice over; it is left aside.
"""

import asyncio
from collections.abc import Callable

import attrs
import msgspec

from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.binance.orders.algo import AlgoReport, event_algo_report
from trading_platform_order.exchanges.binance.requests.answers import Failure
from trading_platform_order.exchanges.binance.requests.errors import NO_SUCH_LISTEN_KEY
from trading_platform_order.exchanges.binance.requests.parse import (
    event_report,
    finite,
    moment,
    wallet,
)
from trading_platform_order.exchanges.binance.requests.rest import LISTEN_KEY_PATH, RestClient
from trading_platform_order.exchanges.binance.requests.wire import (
    UNREADABLE,
    AccountEvent,
    AlgoEvent,
    EventWire,
    ListenKeyWire,
    OrderEvent,
    PositionEvent,
    TimedEvent,
    WalletEvent,
    unwrapped,
)
from trading_platform_order.exchanges.binance.stream_liveness import MuteWatch
from trading_platform_order.exchanges.config import BinanceConfig
from trading_platform_order.exchanges.port.stream_events import (
    BalancesChanged,
    FundingSettled,
    OrderUpdate,
    PositionChanged,
    PrivateSink,
    StreamDown,
    StreamUp,
)
from trading_platform_order.exchanges.rows import OurSymbols, decode_rows, name_in
from trading_platform_order.transport.reconnect import (
    Listener,
    Lost,
    keep_connected,
    listen_once,
)
from trading_platform_order.transport.websocket import WebSocketTransport

_FUNDING = "FUNDING_FEE"


@attrs.define(kw_only=True, eq=False, repr=False)
class PrivateStream:
    """Runs the user data stream of one account."""

    _rest: RestClient
    _websocket: WebSocketTransport
    _config: BinanceConfig
    _mute: MuteWatch
    _on_algo: Callable[[AlgoReport], None]
    _ours: OurSymbols

    async def run(self, sink: PrivateSink) -> None:
        """Deliver events until cancelled."""

        async def once() -> Lost:
            return await self._connect_once(sink)

        def tell_down(reason: str) -> None:
            sink(StreamDown(exchange=Venue.BINANCE, reason=reason))

        await keep_connected(once, tell_down=tell_down)

    async def _connect_once(self, sink: PrivateSink) -> Lost:
        key = await self._ask_key("POST")
        if isinstance(key, Failure):
            return Lost(reason=f"stream key: {key.reason}", was_up=False)

        async def begin(_listener: Listener) -> None:
            self._mute.started()
            sink(StreamUp(exchange=Venue.BINANCE))

        async def watch(listener: Listener) -> None:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._keep_key(key, listener))
                tasks.create_task(self._end_if_mute(listener))

        def on_message(raw: bytes) -> str | None:
            self._mute.heard()
            return deliver(raw, sink, self._on_algo, self._ours)

        try:
            return await listen_once(
                self._websocket,
                url=f"{self._config.ws_url}/private/ws?listenKey={key}",
                timeout_s=self._config.read_timeout_s,
                begin=begin,
                on_message=on_message,
                watch=watch,
            )
        finally:
            self._mute.ended()

    async def _end_if_mute(self, listener: Listener) -> None:
        await self._mute.wait()
        await listener.end("mute: an order was accepted and the stream said nothing")

    async def _ask_key(self, method: str) -> str | Failure:
        found = await self._rest.read(
            LISTEN_KEY_PATH,
            (),
            ListenKeyWire,
            weight=1,
            method=method,
            is_signed=False,
            is_urgent=True,
            attempts=1,
        )
        if isinstance(found, Failure):
            return found
        if method == "POST" and not found.listen_key:
            return Failure(reason="answer without a key")
        return found.listen_key

    async def _keep_key(self, key: str, listener: Listener) -> None:
        """Extend the key in time, and ask about it whenever the stream is silent for long."""
        loop = asyncio.get_running_loop()
        renewed_at_s = loop.time()
        while True:
            await asyncio.sleep(min(self._config.stream_idle_s, self._config.listen_key_renew_s))
            is_due = loop.time() - renewed_at_s >= self._config.listen_key_renew_s
            if not is_due and listener.silent_s < self._config.stream_idle_s:
                continue
            answer = await self._ask_key("PUT")
            if isinstance(answer, Failure):
                if answer.error is not None and answer.error.code == NO_SUCH_LISTEN_KEY:
                    await listener.end("the stream key is gone")
                    return
                continue
            if answer not in {key, ""}:
                await listener.end("the stream key has changed")
                return
            renewed_at_s = loop.time()


def deliver(
    raw: bytes, sink: PrivateSink, on_algo: Callable[[AlgoReport], None], ours: OurSymbols
) -> str | None:
    """Hand one message to the sink; a reason to reconnect, or ``None``.

    A message about orders or balances of ours that cannot be read is a lost message, and lost
    messages are made good by reconnecting and reading everything by REST. One about a symbol that
    this adapter was never asked about does not matter.
    """
    event = raw
    try:
        event = unwrapped(raw)
        kind = msgspec.json.decode(event, type=EventWire).kind
        if kind == "ORDER_TRADE_UPDATE":
            told = msgspec.json.decode(event, type=OrderEvent, strict=False)
            sink(OrderUpdate(report=event_report(told.order)))
        elif kind == "ALGO_UPDATE":
            body = msgspec.json.decode(event, type=AlgoEvent, strict=False).order
            on_algo(event_algo_report(body))
        elif kind == "ACCOUNT_UPDATE":
            return _deliver_account(event, sink, ours)
    except UNREADABLE as error:
        if not ours.may_concern(name_in(event, "o", "s")):
            return None
        return f"unreadable message: {error}"
    return "the stream key has expired" if kind == "listenKeyExpired" else None


def _deliver_account(raw: bytes, sink: PrivateSink, ours: OurSymbols) -> str | None:
    """Row by row; of wallets nothing is decided on, so that one which is unreadable is no loss."""
    event = msgspec.json.decode(raw, type=AccountEvent, strict=False)
    wallets = decode_rows(event.account.wallets, WalletEvent, key="a", strict=False)
    balances = wallets.made(wallet, lambda row: row.asset)
    if balances:
        sink(BalancesChanged(exchange=Venue.BINANCE, balances=tuple(balances)))
    rows = decode_rows(event.account.positions, PositionEvent, key="s", strict=False)
    positions = rows.made(_position, lambda row: row.symbol)
    for changed in positions:
        if changed is not None:
            sink(changed)
    if name_in(raw, "a", "m") == _FUNDING:
        at = msgspec.json.decode(raw, type=TimedEvent, strict=False).at
        sink(FundingSettled(exchange=Venue.BINANCE, at=moment(at)))
    lost = [why for name, why in positions.unread.items() if ours.may_concern(name)]
    return f"unreadable message: {'; '.join(lost)}" if lost else None


def _position(row: PositionEvent) -> PositionChanged | None:
    """What one-way mode tells; rows of hedge mode are not ours."""
    if row.side != "BOTH":
        return None
    return PositionChanged(exchange=Venue.BINANCE, symbol=row.symbol, quantity=finite(row.quantity))
