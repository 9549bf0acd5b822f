"""The lines of a pair trade: signal, verdict, orders, fills, outcome. Pure; nothing is judged."""

from collections.abc import Iterator

from trading_platform_order.domain.order import Order, Purpose
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.pair_trade import IllegalTransition, PairTrade
from trading_platform_order.domain.trade.trade_cost import cost_of
from trading_platform_order.observability.log_lines.lines import Level, Line, Row, Value, shown

_EXPOSES = {te.TradeOutcome.UNWOUND, te.TradeOutcome.ONE_LEG}
_TAKES_BACK = {Purpose.COMPLETE, Purpose.UNWIND}
OPENED = Row(
    Level.INFO,
    "signal accepted",
    "notional_krw=signal.notional_krw quantity_base=signal.quantity_base "
    "capital_fraction=signal.capital_fraction start_spot_base=start.spot "
    "start_short_base=start.short target_spot_base=target.spot target_short_base=target.short "
    "spot_mid_krw=decision.spot_mid_krw hedge_mid_usdt=decision.hedge_mid_usdt "
    "krw_per_usdt=decision.krw_per_usdt fx_source=decision.fx_source",
)
PLANNED = Row(
    Level.INFO,
    "order planned",
    "order=client_order_id exchange side quantity_base=quantity quote_amount_krw=quote_amount "
    "type price time_in_force purpose attempt",
)
ROWS: dict[type, Row] = {
    te.OrderAccepted: Row(
        Level.INFO, "order accepted", "exchange_order_id executed_base=executed_quantity"
    ),
    te.FillSeen: Row(
        Level.INFO,
        "fill",
        "quantity_base=fill.quantity price=fill.price fee=fill.fee fee_asset=fill.fee_asset "
        "exchange_trade_id=fill.trade_id",
    ),
    te.OrderEnded: Row(Level.DEBUG, "order ended", "executed_base=executed_quantity"),
    te.OrderRefused: Row(Level.WARNING, "order refused", "code message retryable retry_after_s"),
    te.OrderUnanswered: Row(Level.WARNING, "order outcome unknown", "reason"),
    te.OrderProvenAbsent: Row(Level.WARNING, "order proven absent", "evidence"),
    te.CancelSent: Row(Level.INFO, "cancel sent", "reason"),
    te.OrderStillUnresolved: Row(Level.ERROR, "order still unresolved", "call=number age_s reason"),
    te.CompletionStopped: Row(Level.INFO, "completion stopped", "reason"),
    te.HedgePositionRead: Row(
        Level.INFO, "hedge position read", "before_base=short_before now_base=short_now"
    ),
    te.CoinsRead: Row(Level.INFO, "coins read", "before_base=coins_before now_base=coins_now"),
    te.HoldingFollowed: Row(Level.INFO, "holding followed", "spot_base=spot short_base=short"),
    te.OperatorCalled: Row(Level.ERROR, "operator called", "reason"),
    te.TradeHalted: Row(Level.ERROR, "trade halted", "reason"),
    te.TradeResumed: Row(Level.INFO, "trade resumed", "reason"),
}
"""How an event is told that is one line; one that is not here by its name alone."""


def lines_of_trade(event: te.TradeEvent, trade_id: str, trade: PairTrade | None) -> Iterator[Line]:
    """One line for each decision and fact in an event.

    Args:
        event: of a trade.
        trade_id: the trade.
        trade: what is known of it, for its signal and its orders; ``None`` if nothing.
    """
    names = _names(event, trade_id, trade)
    match event:
        case te.TradeOpened():
            fields = names | OPENED.fields(event)
            yield Line(level=OPENED.level, event=OPENED.words, at=event.at, fields=fields)
            yield from _planned(event.orders, event, names)
        case te.OrdersPlanned():
            corrects = any(order.purpose in _TAKES_BACK for order in event.orders)
            level = Level.WARNING if corrects else Level.INFO
            fields = names | shown(reason=event.reason)
            yield Line(level=level, event="orders decided", at=event.at, fields=fields)
            yield from _planned(event.orders, event, names)
        case te.TradeSettled():
            yield _settled(event, trade, names)
        case _:
            level, words, fields = _single(event, trade)
            yield Line(level=level, event=words, at=event.at, fields=names | fields)


def _names(event: te.TradeEvent, trade_id: str, trade: PairTrade | None) -> dict[str, Value]:
    signal = event.signal if isinstance(event, te.TradeOpened) else None
    if signal is None and trade is not None:
        signal = trade.signal
    if signal is None:
        return shown(trade=trade_id)
    return shown(
        signal=signal.id,
        trade=trade_id,
        strategy=signal.strategy,
        action=signal.action,
        symbol=signal.symbol,
    )


def _planned(
    orders: tuple[Order, ...], event: te.TradeEvent, names: dict[str, Value]
) -> Iterator[Line]:
    for order in orders:
        figures = PLANNED.fields(order) | shown(reduce_only=order.reduce_only or None)
        yield Line(level=PLANNED.level, event=PLANNED.words, at=event.at, fields=names | figures)


def _settled(event: te.TradeSettled, trade: PairTrade | None, names: dict[str, Value]) -> Line:
    cost = None if trade is None else cost_of(trade)
    figures = shown(
        outcome=event.outcome,
        spot_base=event.holding.spot,
        short_base=event.holding.short,
        naked_ms=event.naked_ms,
        naked_max_krw=round(event.naked_krw_max),
        fees_krw=None if cost is None else round(cost.fees_krw),
        slippage_krw=None if cost is None else round(cost.slippage_krw),
        signal_to_wire_us=event.signal_to_wire_us,
    )
    level = Level.WARNING if event.outcome in _EXPOSES else Level.INFO
    return Line(level=level, event="trade settled", at=event.at, fields=names | figures)


def _order_names(client_order_id: str, trade: PairTrade | None) -> dict[str, Value]:
    if trade is not None:
        try:
            order = trade.order(client_order_id)
        except IllegalTransition:  # the trade is what halts for it; here it is only told
            return shown(order=client_order_id)
        return shown(order=client_order_id, exchange=order.exchange, side=order.side)
    return shown(order=client_order_id)


def _single(event: te.TradeEvent, trade: PairTrade | None) -> tuple[Level, str, dict[str, Value]]:
    row = ROWS.get(type(event))
    if row is None:
        return Level.DEBUG, type(event).__name__, {}
    level, words, fields = row.level, row.words, row.fields(event)
    match event:
        case te.FillSeen():
            fields = _order_names(event.fill.client_order_id, trade) | fields
        case te.CompletionStopped() if event.withdrawn:
            words = "rest of the close withdrawn"
        case te.HedgePositionRead() if event.short_now != event.short_before:
            level = Level.WARNING
        case te.CoinsRead() if event.coins_now != event.coins_before:
            level = Level.WARNING
        case (
            te.OrderAccepted()
            | te.OrderEnded()
            | te.OrderRefused()
            | te.OrderUnanswered()
            | te.OrderProvenAbsent()
            | te.CancelSent()
            | te.OrderStillUnresolved()
        ):
            fields = _order_names(event.client_order_id, trade) | fields
    return level, words, fields
