"""What a settled trade brought, for the alert that tells of it: premium, and profit by part.

Read from the journal when the alert is sent, long after the orders: nothing of it is worked out
on the way of a trade.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import cast, get_args

from trading_platform_order.domain.account.profit.pair_money import fold, prices_of, realised_by
from trading_platform_order.domain.account.profit.pnl import PnlParts
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Leg, leg_symbol
from trading_platform_order.domain.order_identity.client_order_id import trade_key
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade.pair_trade import PairTrade, apply
from trading_platform_order.domain.trade.trade_events import TradeEvent
from trading_platform_order.executor.journal.event_codec import event_of
from trading_platform_order.storage.base import Reader

PARTS = ("premium", "funding", "fees", "fx", "slippage")
TRADES_MAX = 50
"""A pair that has been traded more often since it was flat: ``tporder trades`` tells its profit."""
FUNDING_MAX = 1_000
_TRADE_EVENTS = get_args(TradeEvent)


async def read_trade(reader: Reader, trade_id: str) -> PairTrade | None:
    """A trade as the journal has it."""
    trade: PairTrade | None = None
    async for row in reader.journal_all(trade_id):
        event = event_of(row)
        if isinstance(event, _TRADE_EVENTS):
            trade = apply(trade, cast("TradeEvent", event))
    return trade


async def settled_money(
    reader: Reader, *, strategy: str, signal_id: str, base: str
) -> dict[str, str]:
    """Name to text; less where something is not known."""
    trade_id = trade_key(strategy=strategy, signal_id=signal_id, symbol=base)
    trade = await read_trade(reader, trade_id)
    if trade is None:
        return {}
    found: dict[str, str] = {}
    is_entry = trade.action is Action.ENTER
    premium = prices_of(trade).premium
    if premium is not None:
        found["premium_in" if is_entry else "premium_out"] = f"{premium:+.2%}"
    history = await _since_flat(reader, trade, strategy)
    if history is None:
        return found
    is_flat = not is_entry and trade.holding.spot == 0 and trade.holding.short == 0
    if not is_flat:
        # Of this trade alone; funding comes between trades.
        return found | _texts(realised_by(history)[trade_id], PARTS[2:] if is_entry else PARTS)
    funding_usdt = await _funding(reader, base, history[0].decision.at)
    if funding_usdt is None:
        found["funding_krw"] = "shared with another strategy: tporder pnl"
    return found | _texts(fold(history, funding_usdt or ZERO).parts(), PARTS)


def _texts(parts: PnlParts, names: Sequence[str]) -> dict[str, str]:
    told = ", ".join(f"{name} {round(getattr(parts, name)):+,}" for name in names)
    return {"profit_krw": f"{round(parts.total):+,} ({told})"}


async def _since_flat(reader: Reader, trade: PairTrade, strategy: str) -> list[PairTrade] | None:
    """This trade and those before it since nothing was held, oldest first; ``None``: too many."""
    where = {"strategy": strategy, "symbol": trade.base}
    found = [trade]
    rows = await reader.query("v_trades", limit=TRADES_MAX, where=where)
    for row in rows:
        if row["trade_id"] == trade.trade_id or found[-1].start.spot == found[-1].start.short == 0:
            continue
        before = await read_trade(reader, str(row["trade_id"]))
        if before is not None and before.opened_at <= found[-1].opened_at:
            found.append(before)
    start = found[-1].start
    return found[::-1] if start.spot == start.short == 0 else None


async def _funding(reader: Reader, base: str, since: datetime) -> Decimal | None:
    """USDT received on the coin's short since then; ``None`` if it is another strategy's too."""
    positions = await reader.query("v_positions", limit=FUNDING_MAX, where={"symbol": base})
    if any(Decimal(str(row["short_base"])) != 0 for row in positions):
        return None
    where = {"symbol": leg_symbol(Leg.HEDGE, base)}
    rows = await reader.query("v_funding", limit=FUNDING_MAX, where=where)
    later = (row for row in rows if datetime.fromisoformat(str(row["at"])) >= since)
    return sum((Decimal(str(row["amount_usdt"])) for row in later), ZERO)
