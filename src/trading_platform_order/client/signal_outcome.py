"""What came of a signal, in words: why it was refused and what helps, how much was traded."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from trading_platform_order.domain.account.account_events import SignalRefused
from trading_platform_order.domain.money import ZERO, plain
from trading_platform_order.domain.order import Leg, OrderSide, leg_of
from trading_platform_order.domain.refusal import Refusal, RefusalCode
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.executor.journal.event_codec import Event
from trading_platform_order.storage.base import JournalRow

NOTABLE_PART = Decimal("0.02")
"""A size that differs from what was asked by less is within fees and one step of most coins."""
_ENDS = frozenset({"trade_settled", "trade_halted"})

_REMEDIES: Mapping[str, str] = {
    RefusalCode.EXPIRED: "send it at once, with created_at of now, or give it an expires_at",
    RefusalCode.STOPPED: "read `tporder status`, mend the reason, then `tporder resume --reason …`",
    RefusalCode.SYMBOL_NOT_ALLOWED: "put it into TPORDER_ENGINE_SYMBOLS and start the engine again",
    RefusalCode.ALREADY_OPEN: "EXIT the open pair first",
    RefusalCode.NOTHING_OPEN: "nothing is to be done; `tporder positions --all` shows what is held",
    RefusalCode.BELOW_MINIMUM: "ask for more: both exchanges' minimums are in the figures",
    RefusalCode.INSUFFICIENT_KRW: "ask for less, or pay KRW into Upbit",
    RefusalCode.INSUFFICIENT_MARGIN: "ask for less, or move USDT into the futures wallet",
    RefusalCode.ORDER_CAP: "ask for less, or raise TPORDER_RISK_ORDER_KRW_MAX",
    RefusalCode.TRADE_CAP: "ask for less, or raise TPORDER_RISK_TRADE_KRW_MAX",
    RefusalCode.DAILY_TURNOVER: "wait for 00:00 KST, or raise TPORDER_RISK_DAILY_TURNOVER_KRW_MAX",
    RefusalCode.CLOSE_WAITS: "wait for the close, or take it back: `tporder signal withdraw ID`",
    RefusalCode.ROWS_LOST: "see what is held (`tporder positions`), then send a new ENTER",
    RefusalCode.SIGNAL_CONFLICT: "use an id of its own for every signal",
}
_ELSE = "see docs/RISK_MANAGEMENT.md, Refusals"


def refusal_text(event: SignalRefused | Refusal) -> str:
    """The reason with the figures and limits it rests on."""
    figures = ", ".join(f"{name} {value}" for name, value in event.figures.items())
    return f"{event.message} ({figures})" if figures else event.message


def refusal_remedy(code: str) -> str:
    """What an operator can do about it."""
    return _REMEDIES.get(code, _ELSE)


def has_ended(rows: Iterable[JournalRow]) -> bool:
    """The trade has settled, or waits for an operator."""
    kinds = [row.kind for row in rows if row.kind in {*_ENDS, "trade_resumed"}]
    return bool(kinds) and kinds[-1] in _ENDS


def trade_text(key: str, events: Sequence[Event]) -> str:
    """How the pair trade stands: opened, with its size; or ended, with what was traded."""
    opened = events[0]
    if not isinstance(opened, te.TradeOpened):
        return f"pair trade {key}"
    traded = _traded_krw(events)
    ends = [event for event in events if isinstance(event, te.TradeSettled | te.TradeHalted)]
    end = ends[-1] if ends else None
    if isinstance(end, te.TradeSettled):
        held = end.holding
        text = (
            f"pair trade {key} is {end.outcome.value}: {traded:,.0f} KRW traded on Upbit, "
            f"now {plain(held.spot)} coins and {plain(held.short)} short"
        )
    elif end is not None:
        text = f"pair trade {key} halted: {end.reason}"
    else:
        text = f"pair trade {key} opened"
    return text + _asked(opened, traded or _planned_krw(opened))


def opened_text(trade: PairTrade) -> str:
    """The same of a trade that has just been opened, as the engine has it."""
    first = replace(trade, orders=trade.orders[: len(Leg)])
    return f"pair trade {trade.trade_id} opened" + _asked(first, _planned_krw(first))


def _asked(opened: te.TradeOpened | PairTrade, krw: Decimal) -> str:
    """What makes the size another than was asked, where it is notable."""
    asked = opened.signal.notional_krw
    if asked is None or not krw or abs(krw - asked) <= asked * NOTABLE_PART:
        return ""
    quantities = sorted({order.quantity for order in opened.orders})
    base = f"{plain(quantities[0])} {opened.signal.symbol}" if quantities else opened.signal.symbol
    return (
        f"; {asked:,.0f} KRW were asked, {krw:,.0f} fit: {base} is what both exchanges' quantity "
        "steps allow"
    )


def _planned_krw(opened: te.TradeOpened | PairTrade) -> Decimal:
    spot = (order for order in opened.orders if order.leg is Leg.SPOT)
    mid = opened.decision.spot_mid_krw
    return sum((order.quote_amount or order.quantity * mid for order in spot), ZERO)


def _traded_krw(events: Iterable[Event]) -> Decimal:
    """Bought, of an ENTER less what was sold again; sold, of an EXIT."""
    total = ZERO
    for event in events:
        if isinstance(event, te.FillSeen) and leg_of(event.fill.symbol) is Leg.SPOT:
            value = event.fill.price * event.fill.quantity
            total += value if event.fill.side is OrderSide.BUY else -value
    return abs(total)
