"""The conditional orders that stand on the hedge, as the journal tells them."""

from typing import Any, cast

from trading_platform_order.cli.console.output import figure, word
from trading_platform_order.domain.money import plain
from trading_platform_order.domain.order import Leg, leg_symbol
from trading_platform_order.domain.protection.protective_stop import (
    ProtectionEvent,
    ProtectiveStopBook,
    ProtectiveStopOrder,
)
from trading_platform_order.executor.journal.event_codec import event_of
from trading_platform_order.storage.base import Reader
from trading_platform_order.words import status as words

_KINDS = {"stop_planned", "stop_moved", "trailing_asked"}
ACCOUNT_ROWS = ""


async def read_stops(reader: Reader) -> tuple[ProtectiveStopOrder, ...]:
    """Those that stand, or may stand, on Binance."""
    book = ProtectiveStopBook()
    async for row in reader.journal_all(ACCOUNT_ROWS):
        if row.kind in _KINDS:
            book.apply(cast("ProtectionEvent", event_of(row)))
    return tuple(stop for base in sorted(book.bases()) for stop in book.live(base))


def as_json(stop: ProtectiveStopOrder) -> dict[str, Any]:
    """For programs."""
    trigger, callback = stop.trigger_price_usdt, stop.callback_bps
    return {
        "client_order_id": stop.client_order_id,
        "symbol": stop.base,
        "kind": stop.kind,
        "quantity_base": plain(stop.quantity),
        "trigger_price_usdt": None if trigger is None else plain(trigger),
        "callback_bps": None if callback is None else plain(callback),
        "state": stop.state,
        "detail": stop.detail,
    }


def as_cells(stop: ProtectiveStopOrder) -> tuple[str, ...]:
    """For operators."""
    where = ""
    if stop.trigger_price_usdt is not None:
        where = words.STOP_AT(price=figure(stop.trigger_price_usdt))
    if stop.callback_bps is not None:
        where = words.STOP_TRAILS(bps=figure(stop.callback_bps))
    return (
        leg_symbol(Leg.HEDGE, stop.base),
        word(words.STOP_KINDS, stop.kind),
        plain(stop.quantity),
        where,
        word(words.STOP_STATES, stop.state),
    )
