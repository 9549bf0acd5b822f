"""What was held at an instant, by the ledger: the journal folded up to there."""

from datetime import datetime
from decimal import Decimal

from trading_platform_order.executor.journal.event_codec import event_of
from trading_platform_order.executor.journal.replay import Replayed, catch_up
from trading_platform_order.operations.ledger_export.krw_values import KrwValues, Price
from trading_platform_order.operations.ledger_export.tables import Row
from trading_platform_order.storage.base import Reader
from trading_platform_order.transport.clock import epoch_us


async def read_holdings(reader: Reader, at: datetime) -> list[Row]:
    """Balances and shorts after everything that was journalled until ``at``, included.

    Raises:
        JournalUnreadable: a row before it was written by a newer program.
    """
    values, last = KrwValues(), 0
    at_us = epoch_us(at)
    async for row in reader.journal_all():
        if row.at_us > at_us:
            break
        last = row.seq
        values.note(event_of(row))
    state = Replayed()
    if last:
        await catch_up(state, reader, up_to=last)
    ledger = state.book.ledger
    rows = [
        _row(at, "upbit", "KRW", ledger.krw, values),
        _row(at, "binance", "USDT", ledger.usdt, values),
    ]
    for asset, quantity in sorted(ledger.fee_assets.items()):
        if quantity:
            rows.append(_row(at, "binance", asset, quantity, values))
    for base in sorted({*ledger.coins, *ledger.shorts}):
        if quantity := ledger.coins.get(base, Decimal(0)):
            held = _row(at, "upbit", base, quantity, values)
            rows.append(held | {"bought_here": ledger.owned_coins(base)})
        short = ledger.shorts.get(base)
        if short is not None and short.quantity:
            entry = short.entry_value_usdt / short.quantity
            held = _row(at, "binance", base, -short.quantity, values)
            rows.append(held | {"kind": "short", "average_entry": entry})
    return rows


def _row(at: datetime, exchange: str, asset: str, quantity: Decimal, values: KrwValues) -> Row:
    price: Price = values.of(asset, at)
    return {
        "at": at,
        "exchange": exchange,
        "asset": asset,
        "kind": "balance",
        "quantity": quantity,
        "bought_here": None,
        "average_entry": None,
        "value_krw": price.value(quantity),
        "krw_per_unit": price.krw,
        "krw_source": price.source,
        "krw_told_at": price.at,
    }
