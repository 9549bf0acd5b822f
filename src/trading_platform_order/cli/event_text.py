"""Journal events in words, with their figures. Nothing is judged here, only told."""

from typing import assert_never, cast, get_args

from trading_platform_order.cli.output import figure, krw
from trading_platform_order.domain.account import account_events as ae
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Fill, Order, base_asset
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.executor.journal.event_codec import Event

_TRADE_EVENTS = get_args(te.TradeEvent)


class Teller:
    """Tells the events of one signal in their order; it remembers the orders it told of."""

    def __init__(self) -> None:
        self._orders: dict[str, Order] = {}

    def tell(self, event: Event) -> list[str]:
        """What happened, in one or more lines."""
        if isinstance(event, _TRADE_EVENTS):
            return self._trade(cast("te.TradeEvent", event))
        return _account(cast("ae.AccountEvent", event))

    def _trade(self, event: te.TradeEvent) -> list[str]:  # noqa: C901, PLR0911 - one a row
        match event:
            case te.TradeOpened():
                return [*_opened(event), *self._planned(event.orders)]
            case te.OrdersPlanned():
                return [f"correction decided: {event.reason}", *self._planned(event.orders)]
            case te.CompletionStopped():
                what = "the rest of the close" if event.withdrawn else "completion"
                return [f"{what} stopped: {event.reason}"]
            case te.CoinsRead():
                return [_coins_read(event)]
            case te.HedgePositionRead():
                return [_position_read(event)]
            case te.OperatorCalled():
                return [f"an operator was called: {event.reason}"]
            case te.OrderStillUnresolved():
                age_min = round(event.age_s / 60)
                name = self._name(event.client_order_id)
                return [f"still unresolved after {age_min} min, call {event.number}: {name}"]
            case te.TradeSettled():
                return _settled(event)
            case te.HoldingFollowed():
                held = f"{figure(event.spot)} coins against {figure(event.short)} short"
                return [f"while it waited, its holding became {held}"]
            case te.TradeHalted():
                return [f"HALTED, an operator decides: {event.reason}"]
            case te.TradeResumed():
                return [f"tried again by an operator: {event.reason}"]
            case _:
                return [self._order_event(event)]

    def _planned(self, orders: tuple[Order, ...]) -> list[str]:
        self._orders.update({order.client_order_id: order for order in orders})
        return [f"order planned: {_order(order)}" for order in orders]

    def _name(self, client_order_id: str) -> str:
        order = self._orders.get(client_order_id)
        if order is None:
            return client_order_id
        return f"{order.leg} {order.side} on {order.exchange} [{client_order_id}]"

    def _of_asked(self, client_order_id: str) -> str:
        order = self._orders.get(client_order_id)
        return "" if order is None else f" of {figure(order.quantity)} {base_asset(order.symbol)}"

    def _order_event(self, event: te.OrderEvent) -> str:  # noqa: PLR0911 - one a row
        if isinstance(event, te.FillSeen):
            return f"fill: {self._name(event.fill.client_order_id)}: {_fill(event.fill)}"
        name = self._name(event.client_order_id)
        match event:
            case te.OrderAccepted():
                done = figure(event.executed_quantity) + self._of_asked(event.client_order_id)
                return f"accepted: {name} as {event.exchange_order_id}, {done} filled so far"
            case te.OrderEnded():
                done = figure(event.executed_quantity) + self._of_asked(event.client_order_id)
                return f"ended: {name}: {done} filled"
            case te.OrderRefused():
                again = "may be tried again" if event.retryable else "final"
                return f"refused: {name}: {event.code}: {event.message} ({again})"
            case te.OrderUnanswered():
                return f"unanswered: {name}: {event.reason}; outcome unknown, being looked up"
            case te.OrderProvenAbsent():
                return f"proven absent: {name}: {event.evidence}"
            case te.CancelSent():
                return f"cancel sent: {name}: {event.reason}"
            case _:
                assert_never(event)


def _opened(event: te.TradeOpened) -> list[str]:
    base, decision = event.signal.symbol, event.decision
    opened = (
        f"pair trade {event.trade_id} opened: {event.signal.action} {base}, from "
        f"{_holding(event.start, base)} to {_holding(event.target, base)}"
    )
    decided = (
        f"decided at Upbit {figure(decision.spot_mid_krw)} KRW, Binance "
        f"{figure(decision.hedge_mid_usdt)} USDT, {figure(decision.krw_per_usdt)} KRW per USDT "
        f"({decision.fx_source})"
    )
    return [opened, decided]


def _holding(holding: te.Holding, base: str) -> str:
    return f"spot {figure(holding.spot)} / short {figure(holding.short)} {base}"


def _order(order: Order) -> str:
    base = base_asset(order.symbol)
    how = "at market"
    if order.price is not None:
        how = f"limit {figure(order.price)} {order.time_in_force or ''}".rstrip()
    elif order.quote_amount is not None:
        how = f"at market for {figure(order.quote_amount)} KRW"
    reduce_only = ", reduce-only" if order.reduce_only else ""
    return (
        f"{order.leg} {order.side} {figure(order.quantity)} {base} on {order.exchange}, {how}"
        f"{reduce_only} ({order.purpose} {order.attempt}) [{order.client_order_id}]"
    )


def _fill(fill: Fill) -> str:
    return (
        f"{figure(fill.quantity)} {base_asset(fill.symbol)} @ {figure(fill.price)}, "
        f"fee {figure(fill.fee)} {fill.fee_asset} (trade {fill.trade_id})"
    )


def _position_read(event: te.HedgePositionRead) -> str:
    if event.short_now == event.short_before:
        return f"position read: the short is {figure(event.short_now)}, as in the ledger"
    return (
        f"position read: the short is {figure(event.short_now)}, the ledger held "
        f"{figure(event.short_before)}: closed by somebody else"
    )


def _coins_read(event: te.CoinsRead) -> str:
    now = f"balance read: {figure(event.coins_now)} coins are ours"
    if event.coins_now == event.coins_before:
        return f"{now}, as in the ledger"
    return f"{now}, the ledger held {figure(event.coins_before)}: sold or moved by somebody else"


def _settled(event: te.TradeSettled) -> list[str]:
    legs = f"spot {figure(event.holding.spot)} / short {figure(event.holding.short)}"
    naked = f"naked {event.naked_ms} ms"
    if event.naked_krw_max > ZERO:
        naked += f" (at most {krw(event.naked_krw_max)})"
    wire = ""
    if event.signal_to_wire_us is not None:
        wire = f", signal to wire {event.signal_to_wire_us} µs"
    return [f"settled {event.outcome.upper()}: {legs}; {naked}{wire}"]


def _account(event: ae.AccountEvent) -> list[str]:
    match event:
        case ae.SignalClaimed():
            return ["claimed: the engine will execute it once; it waits for its turn"]
        case ae.SignalRefused():
            lines = [f"refused: {event.code}: {event.message}"]
            if event.figures:
                lines.append(", ".join(f"{name} {text}" for name, text in event.figures.items()))
            return lines
        case _:
            # Rows of the account that name no signal never come here.
            return [type(event).__name__]
