"""Judge of the read models: do the views tell what the journal says, no more and no less?

Operators, reports and the watchdog read views. Here the same journal is told twice: by the
projections (from the first row, page by page, as a watcher takes it in) and by the core's own
replay.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from trading_platform_order.domain.account.account_events import FundingBooked
from trading_platform_order.domain.costs.fee_value import fee_in_quote, is_estimated
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Fill
from trading_platform_order.executor.journal.replay import Replayed
from trading_platform_order.storage.replica import Replica

Row = Mapping[str, str | int | None]


def views_equal_the_journal(
    replica: Replica, replayed: Replayed, funding: Sequence[FundingBooked]
) -> Iterable[str]:
    """Fills, orders, trades, holdings and funding, one by one.

    Args:
        replica: has followed the journal to its end.
        replayed: the same journal, by the core.
        funding: every payment of the same journal.
    """
    yield from _fills(replica.query("v_fills"), replayed)
    yield from _orders(replica.query("v_orders"), replayed)
    yield from _trades(replica.query("v_trades"), replayed)
    yield from _positions(replica.query("v_positions"), replayed)
    yield from _funding(replica.query("v_funding"), funding)


def _differences(what: str, shown: Counter[str], known: Counter[str]) -> Iterable[str]:
    for name, count in sorted((known - shown).items()):
        yield f"view: {what} {name} is missing ({count})"
    for name, count in sorted((shown - known).items()):
        yield f"view: {what} {name} is only in the view ({count})"


def _fills(rows: Iterable[Row], replayed: Replayed) -> Iterable[str]:
    """A fill of a trade's order once, with its fee and what that is worth."""
    known = Counter(_fill_text(fill) for t in replayed.trades.values() for fill in t.fills)
    ours: list[Row] = []
    others: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
    for row in rows:
        if row["purpose"] is not None:
            ours.append(row)
        else:
            name = (str(row["symbol"]), str(row["exchange_trade_id"]))
            others[name] += _amount(row["quantity"])
    yield from _differences("fill", Counter(map(_fill_row_text, ours)), known)
    for name, quantity in replayed.book.leg_loss.booked.items():
        if others[name] != quantity:
            yield f"view: another hand's execution {name}: {others[name]}, booked {quantity}"


def _fill_text(fill: Fill) -> str:
    worth = None if is_estimated(fill) else fee_in_quote(fill)
    return (
        f"{fill.exchange}/{fill.client_order_id}/{fill.trade_id} of {fill.quantity.normalize()} at "
        f"{fill.price.normalize()}, fee {fill.fee.normalize()} {fill.fee_asset} "
        f"({'not valued' if worth is None else worth.normalize()})"
    )


def _fill_row_text(row: Row) -> str:
    worth = row["fee_quote"]
    return (
        f"{row['exchange']}/{row['client_order_id']}/{row['exchange_trade_id']} of "
        f"{_amount(row['quantity'])} at {_amount(row['price'])}, fee {_amount(row['fee'])} "
        f"{row['fee_asset']} ({'not valued' if worth is None else _amount(worth)})"
    )


def _orders(rows: Iterable[Row], replayed: Replayed) -> Iterable[str]:
    shown = Counter(
        f"{row['client_order_id']} {row['status']} {_amount(row['executed_quantity'])} "
        f"{_amount(row['filled_quantity'])}"
        for row in rows
    )
    known = Counter(
        f"{order.client_order_id} {order.status} {order.executed_quantity.normalize()} "
        f"{trade.filled(order).normalize()}"
        for trade in replayed.trades.values()
        for order in trade.orders
    )
    yield from _differences("order", shown, known)


def _trades(rows: Iterable[Row], replayed: Replayed) -> Iterable[str]:
    shown = Counter(f"{row['trade_id']} {row['state']} {row['outcome']}" for row in rows)
    known = Counter(f"{t.trade_id} {t.state} {t.outcome}" for t in replayed.trades.values())
    yield from _differences("trade", shown, known)


def _positions(rows: Iterable[Row], replayed: Replayed) -> Iterable[str]:
    """What a strategy holds, where none of its trades is under way."""
    busy = {t.base for t in replayed.trades.values() if t.is_active}
    for row in rows:
        strategy, base = str(row["strategy"]), str(row["symbol"])
        held = replayed.book.ledger.holding(strategy, base)
        shown = _amount(row["spot_base"]), _amount(row["short_base"])
        if base not in busy and shown != (held.spot, held.short):
            yield (
                f"view: {strategy} holds {shown[0]} and {shown[1]} {base}, by the journal "
                f"{held.spot} and {held.short}"
            )


def _funding(rows: Iterable[Row], funding: Sequence[FundingBooked]) -> Iterable[str]:
    shown = Counter(
        f"{r['symbol']} {r['transaction_id']} {_amount(r['amount_usdt'])}" for r in rows
    )
    known = Counter(f"{f.symbol} {f.transaction_id} {f.amount_usdt.normalize()}" for f in funding)
    yield from _differences("funding", shown, known)


def _amount(value: str | int | None) -> Decimal:
    return Decimal(str(value)).normalize()
