"""Journal events in words, with their figures. Nothing is judged here, only told."""

from decimal import Decimal
from typing import assert_never, cast, get_args

from trading_platform_order.cli.console.output import figure, krw, pair_text, word
from trading_platform_order.domain.account import account_events as ae
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Fill, Order, base_asset
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.executor.journal.event_codec import Event
from trading_platform_order.words import common, money
from trading_platform_order.words import explain as words
from trading_platform_order.words.sentences import localised
from trading_platform_order.words.text import time_text

_TRADE_EVENTS = get_args(te.TradeEvent)


class Teller:
    """Tells the events of one signal in their order; it remembers the orders it told of."""

    def __init__(self) -> None:
        self._orders: dict[str, Order] = {}
        self._filled: dict[str, Decimal] = {}

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
                decided = words.CORRECTION(reason=localised(event.reason))
                return [decided, *self._planned(event.orders)]
            case te.CompletionStopped():
                what = words.CLOSE_STOPPED if event.withdrawn else words.COMPLETION_STOPPED
                return [what(reason=localised(event.reason))]
            case te.CoinsRead():
                return [_coins_read(event)]
            case te.HedgePositionRead():
                return [_position_read(event)]
            case te.OperatorCalled():
                return [words.OPERATOR_CALLED(reason=localised(event.reason))]
            case te.OrderStillUnresolved():
                age_min, name = round(event.age_s / 60), self._name(event.client_order_id)
                return [words.STILL_UNRESOLVED(minutes=age_min, number=event.number, name=name)]
            case te.TradeSettled():
                return [_settled(event)]
            case te.HoldingFollowed():
                held = {"spot": figure(event.spot), "short": figure(event.short)}
                return [words.HOLDING_FOLLOWED(**held)]
            case te.TradeHalted():
                return [words.HALTED(reason=localised(event.reason))]
            case te.TradeResumed():
                return [words.RESUMED(reason=localised(event.reason))]
            case _:
                return [self._order_event(event)]

    def _planned(self, orders: tuple[Order, ...]) -> list[str]:
        self._orders.update({order.client_order_id: order for order in orders})
        return [words.PLANNED(order=_order(order)) for order in orders]

    def _name(self, client_order_id: str) -> str:
        order = self._orders.get(client_order_id)
        if order is None:
            return client_order_id
        return words.ORDER_NAME(
            leg=word(common.LEGS, order.leg),
            side=word(common.SIDES, order.side),
            exchange=word(common.VENUES, order.exchange),
            id=client_order_id,
        )

    def _done(self, client_order_id: str, executed: Decimal) -> str:
        order = self._orders.get(client_order_id)
        if order is None:
            return figure(executed)
        return words.OF_ASKED(
            done=figure(executed), asked=figure(order.quantity), base=base_asset(order.symbol)
        )

    def _order_event(self, event: te.OrderEvent) -> str:  # noqa: PLR0911 - one a row
        if isinstance(event, te.FillSeen):
            told = self._filled.get(event.fill.client_order_id, ZERO) + event.fill.quantity
            self._filled[event.fill.client_order_id] = told
            return words.FILL(name=self._name(event.fill.client_order_id), fill=_fill(event.fill))
        name = self._name(event.client_order_id)
        match event:
            case te.OrderAccepted():
                done = self._done(event.client_order_id, event.executed_quantity)
                return words.ACCEPTED(name=name, exchange_id=event.exchange_order_id, done=done)
            case te.OrderEnded():
                done = self._done(event.client_order_id, event.executed_quantity)
                told = self._filled.get(event.client_order_id, ZERO)
                is_ahead = event.client_order_id in self._orders and told < event.executed_quantity
                ended = words.ENDED_BEFORE_FILLS if is_ahead else words.ENDED
                return ended(name=name, done=done)
            case te.OrderRefused():
                again = words.AGAIN() if event.retryable else words.FINAL()
                message = localised(event.message)
                return words.REFUSED(name=name, code=event.code, message=message, again=again)
            case te.OrderUnanswered():
                return words.UNANSWERED(name=name, reason=localised(event.reason))
            case te.OrderProvenAbsent():
                return words.ABSENT(name=name, evidence=localised(event.evidence))
            case te.CancelSent():
                return words.CANCEL_SENT(name=name, reason=localised(event.reason))
            case _:
                assert_never(event)


def _opened(event: te.TradeOpened) -> list[str]:
    base, decision = event.signal.symbol, event.decision
    opened = words.OPENED(
        id=event.trade_id,
        action=word(common.ACTIONS, event.signal.action),
        pair=pair_text(base),
        start=_holding(event.start, base),
        target=_holding(event.target, base),
    )
    decided = words.DECIDED(
        spot=figure(decision.spot_mid_krw),
        hedge=figure(decision.hedge_mid_usdt),
        rate=figure(decision.krw_per_usdt),
        source=decision.fx_source,
    )
    return [opened, decided]


def _holding(holding: te.Holding, base: str) -> str:
    return words.HOLDING(spot=figure(holding.spot), short=figure(holding.short), base=base)


def how_text(price: Decimal | None, quote_krw: Decimal | None, time_in_force: str) -> str:
    """How an order is to be executed."""
    if price is not None and time_in_force:
        return words.AT_LIMIT_UNTIL(price=figure(price), time_in_force=time_in_force)
    if price is not None:
        return words.AT_LIMIT(price=figure(price))
    if quote_krw is not None:
        return words.AT_MARKET_FOR(krw=figure(quote_krw))
    return words.AT_MARKET()


def _order(order: Order) -> str:
    how = how_text(order.price, order.quote_amount, str(order.time_in_force or ""))
    return words.ORDER(
        leg=word(common.LEGS, order.leg),
        side=word(common.SIDES, order.side),
        quantity=figure(order.quantity),
        base=base_asset(order.symbol),
        exchange=word(common.VENUES, order.exchange),
        how=words.REDUCE_ONLY(order=how) if order.reduce_only else how,
        purpose=purpose_text(order.purpose, order.attempt),
        id=order.client_order_id,
    )


def purpose_text(purpose: str, attempt: object) -> str:
    """Why an order exists, and which attempt it is."""
    return words.PURPOSE(purpose=word(words.PURPOSES, purpose), attempt=attempt)


def _fill(fill: Fill) -> str:
    return words.FILL_FIGURES(
        quantity=figure(fill.quantity),
        base=base_asset(fill.symbol),
        price=figure(fill.price),
        fee=f"{figure(fill.fee)} {fill.fee_asset}",
        id=fill.trade_id,
        at=time_text(fill.at, exact=True).split(" ")[1],
    )


def _position_read(event: te.HedgePositionRead) -> str:
    now, before = figure(event.short_now), figure(event.short_before)
    if event.short_now == event.short_before:
        return words.SHORT_AS_LEDGER(now=now)
    return words.SHORT_GONE(now=now, before=before)


def _coins_read(event: te.CoinsRead) -> str:
    now, before = figure(event.coins_now), figure(event.coins_before)
    if event.coins_now == event.coins_before:
        return words.COINS_AS_LEDGER(now=now)
    return words.COINS_GONE(now=now, before=before)


def _settled(event: te.TradeSettled) -> str:
    held = {"spot": figure(event.holding.spot), "short": figure(event.holding.short)}
    naked = words.NAKED(ms=event.naked_ms)
    if event.naked_krw_max > ZERO:
        naked = words.NAKED_AT_MOST(ms=event.naked_ms, krw=krw(event.naked_krw_max))
    told = {
        "outcome": word(money.OUTCOMES, event.outcome).upper(),
        "legs": words.HOLDING_ALONE(**held),
        "naked": naked,
    }
    if event.signal_to_wire_us is None:
        return words.SETTLED(**told)
    return words.SETTLED_WIRE(**told, wire=event.signal_to_wire_us)


def _account(event: ae.AccountEvent) -> list[str]:
    match event:
        case ae.SignalClaimed():
            return [words.CLAIMED()]
        case ae.SignalRefused():
            message = localised(event.message)
            lines = [words.SIGNAL_REFUSED(code=event.code, message=message)]
            if event.figures:
                lines.append(
                    ", ".join(
                        words.FIGURE(name=name, text=text) for name, text in event.figures.items()
                    )
                )
            return lines
        case _:
            # Rows of the account that name no signal never come here.
            return [type(event).__name__]
