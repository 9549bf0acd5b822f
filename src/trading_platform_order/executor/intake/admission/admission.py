"""From a signal to an opened trade or a stored refusal: claim, size, risk and intents, one commit.

Nothing here waits for anything but that one commit: it is the hot path up to the wire. Both first
orders leave as soon as it is durable, before the trade is even booked.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from trading_platform_order.domain.account import account_events as ae
from trading_platform_order.domain.account.account_view import AccountView
from trading_platform_order.domain.alert import Alert
from trading_platform_order.domain.market import PairView
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Leg
from trading_platform_order.domain.refusal import Refusal, RefusalCode
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.trade import trade_alerts
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.closing import CloseKind, Gate, Waits
from trading_platform_order.domain.trade.pair_trade import PairTrade, apply
from trading_platform_order.domain.trade.sizing import PairPlan, part_of_exit, plan_pair
from trading_platform_order.domain.value import value
from trading_platform_order.executor.account.account_service import AccountService
from trading_platform_order.executor.account.closing_prices import ClosingPrices
from trading_platform_order.executor.account.order_access.order_access_monitor import (
    OrderAccessMonitor,
)
from trading_platform_order.executor.intake.symbol_queue import SymbolQueues
from trading_platform_order.executor.journal.event_codec import entry_of
from trading_platform_order.executor.journal.replay import claimed_signal
from trading_platform_order.executor.ports import DECISION_GOOD_S, ExecutorPorts, ExecutorSettings
from trading_platform_order.executor.set_aside import Culprit, put_blame
from trading_platform_order.executor.trades.first_orders import FirstOrders, SentOrder
from trading_platform_order.executor.trades.trade_registry import TradeRegistry
from trading_platform_order.risk.risk_manager import ApprovedPlan, check, check_close
from trading_platform_order.storage.base import Claim, ClaimResult, StoreBusy
from trading_platform_order.transport.clock import epoch_us


@value
class Admitted:
    """What came of a signal at the door.

    Attributes:
        result: whether the claim was ours, a repetition or a conflict.
        trade: opened, all intents durable; ``None`` if refused or not claimed.
        sent: those of its orders that are on their way.
        refusal: why not, if refused.
        waits: what a close has to wait for; then nothing was written, not even a claim.
    """

    result: ClaimResult
    trade: PairTrade | None = None
    sent: tuple[SentOrder, ...] = ()
    refusal: Refusal | None = None
    waits: Waits | None = None


WALK_GOES_ON_S = 60.0
"""A close that is tried again within this waits for the same depth as before."""


@value
class _Walking:
    since_s: float
    tried_s: float


class Admission:
    """Decides on signals."""

    def __init__(
        self,
        *,
        ports: ExecutorPorts,
        settings: ExecutorSettings,
        account: AccountService,
        registry: TradeRegistry,
        queues: SymbolQueues,
        access: OrderAccessMonitor,
        prices: ClosingPrices,
        first_orders: FirstOrders,
    ) -> None:
        self._first_orders = first_orders
        self._ports = ports
        self._settings = settings
        self._account = account
        self._book = account.book
        self._registry = registry
        self._queues = queues
        self._access = access
        self._prices = prices
        self._walking: dict[tuple[str, str], _Walking] = {}
        self._began_at = ports.clock.now()

    def is_expired(self, signal: Signal) -> bool:
        """Too old to be begun, by the checked calendar. An EXIT lapses only if it says when."""
        return self._has_expired(signal, self._ports.clock.now())

    def _has_expired(self, signal: Signal, now: datetime) -> bool:
        if signal.action is Action.EXIT:
            return signal.expires_at is not None and now > signal.expires_at
        ttl = timedelta(seconds=self._settings.signal_ttl_s)
        return now > (signal.expires_at or signal.created_at + ttl)

    async def record_claim(self, signal: Signal, claim: Claim) -> ClaimResult:
        """Make the signal ours durably; what becomes of it follows later.

        The part of an EXIT is fixed by it, in base units, by the prices of now.
        """
        now = self._ports.clock.now()
        event = ae.SignalClaimed(signal=signal, part_base=self._part_base(signal), at=now)
        result = await self._ports.store.append([entry_of(event)], at_us=epoch_us(now), claim=claim)
        if result is ClaimResult.CLAIMED:
            self._book.book_account(event)
        return result

    def with_part_in_coins(self, signal: Signal) -> Signal:
        """The signal as it is executed if it is claimed now: the part of an EXIT in base units."""
        at = self._ports.clock.now()
        event = ae.SignalClaimed(signal=signal, part_base=self._part_base(signal), at=at)
        return claimed_signal(event)

    def _part_base(self, signal: Signal) -> Decimal | None:
        """The part of an EXIT in base units; ``None`` for all of it, or while no price can tell."""
        if signal.action is not Action.EXIT:
            return None
        bid_krw, _ = self._book.mids.get(signal.symbol, (ZERO, ZERO))
        return part_of_exit(signal, bid_krw, self._book.capital_krw())

    async def admit(
        self, signal: Signal, *, claim: Claim | None, kind: CloseKind = CloseKind.ASKED
    ) -> Admitted:
        """Open a trade or refuse, durably, in one commit with the claim (if not claimed before).

        While another process holds the store's lock, it is decided again and again: an entry that
        waited too long is refused as expired, and what goes out goes out by the prices of then.
        """
        while True:
            try:
                return await self._admit_now(signal, claim, kind)
            except StoreBusy:
                continue
            except Exception as error:
                put_blame(error, Culprit(base=signal.symbol, signal_id=signal.id))
                raise

    async def _admit_now(self, signal: Signal, claim: Claim | None, kind: CloseKind) -> Admitted:
        now, gate = self._ports.clock.now(), self._access.gate(signal.symbol)
        refusal = self._at_the_door(signal, now, gate)
        if refusal is not None:
            return await self.refuse(signal, refusal, claim=claim)
        # Until an approved plan is booked, no other one may be checked against the same limits.
        async with self._account.booking_lock:
            decided = self._decide(signal, kind, gate)
            if isinstance(decided, ApprovedPlan):
                return await self._open(decided, claim)
        if isinstance(decided, Waits):
            return _waiting(decided)
        return await self.refuse(signal, decided, claim=claim)

    def _at_the_door(self, signal: Signal, now: datetime, gate: Gate) -> Refusal | None:
        """What can be said without prices."""
        if self._has_expired(signal, now):
            age_s = (now - signal.created_at).total_seconds()
            return Refusal(
                code=RefusalCode.EXPIRED,
                message=f"the signal is {age_s:.1f} s old",
                figures={"age_s": f"{age_s:.3f}"},
            )
        objection = self._objection(signal)
        if objection is not None:
            return objection
        if signal.action is Action.EXIT:
            return self._nothing_to_close(signal) or self._superseded(signal)
        return self._maybe_traded_in_lost_rows(signal) or self._entry_waits(signal, gate)

    def _maybe_traded_in_lost_rows(self, signal: Signal) -> Refusal | None:
        """Refuse what was made before a start that may have lost rows: they may have traded it.

        The exchanges' lists of orders cannot decide it: they may lag behind.
        """
        loss = self._ports.row_loss
        if loss is None or not loss.may_tell_of(signal.created_at, began_at=self._began_at):
            return None
        return Refusal(
            code=RefusalCode.ROWS_LOST,
            message="it was made before a start at which rows of the journal may have been lost:"
            " it may have been traded already",
        )

    def _entry_waits(self, signal: Signal, gate: Gate) -> Refusal | None:
        """Why no entry may begin now: its strategy has something unfinished there, or it is closed.

        An entry whose legs are not even yet would complete itself by what the next one brings.
        """
        queue = self._queues.of(signal.symbol)
        if queue.closes_wait(signal.strategy):
            return Refusal(
                code=RefusalCode.CLOSE_WAITS,
                message=f"a close of {signal.strategy} waits in {signal.symbol}",
                figures={"symbol": signal.symbol, "strategy": signal.strategy},
            )
        if queue.is_busy(signal.strategy):
            return Refusal(
                code=RefusalCode.UNRESOLVED_TRADE,
                message=f"an entry of {signal.strategy} in {signal.symbol} is not finished yet",
                figures={"symbol": signal.symbol, "strategy": signal.strategy},
            )
        return self._closed_exchange(gate)

    def _nothing_to_close(self, signal: Signal) -> Refusal | None:
        """What is not held needs no prices to be refused."""
        held = self._book.holding(signal.strategy, signal.symbol)
        if held.spot or held.short:
            return None
        if not self._ports.market.knows(signal.symbol):
            return _unknown_symbol(signal)
        return Refusal(
            code=RefusalCode.NOTHING_OPEN,
            message=f"{signal.strategy} holds nothing in {signal.symbol}",
            figures={"spot_base": "0", "short_base": "0"},
        )

    def _superseded(self, signal: Signal) -> Refusal | None:
        """A replayed EXIT of Friday must not close the pair of Monday."""
        entered_at = self._book.positions.entered_at(signal.strategy, signal.symbol)
        if entered_at is None:
            return None
        later_s = (entered_at - signal.created_at).total_seconds()
        if later_s <= self._settings.limits.ahead_s_max:
            return None
        return Refusal(
            code=RefusalCode.SUPERSEDED,
            message=f"the pair was entered {later_s:.0f} s after this EXIT was made",
            figures={
                "later_s": f"{later_s:.3f}",
                "ahead_s_max": f"{self._settings.limits.ahead_s_max:g}",
            },
        )

    def _closed_exchange(self, gate: Gate) -> Refusal | None:
        """Refuse while an exchange takes no orders."""
        closed = gate.closed()
        if not closed:
            return None
        why = "; ".join(gate.why[leg] for leg in closed)
        return Refusal(
            code=RefusalCode.EXCHANGE_CLOSED,
            message=why,
            figures={"exchanges": ", ".join(self._ports.exchanges.venue(leg) for leg in closed)},
        )

    def _entry_view(self, signal: Signal) -> PairView | Refusal:
        """The market for an ENTER; ``check`` judges its age."""
        market = self._ports.market
        if not market.knows(signal.symbol):
            return _unknown_symbol(signal)
        return market.view(signal.symbol, self._ports.clock.now()) or Refusal(
            code=RefusalCode.NO_MARKET_DATA,
            message=f"no books, filters or KRW-USDT rate for {signal.symbol} yet",
        )

    def _objection(self, signal: Signal) -> Refusal | None:
        """Refuse for an order under our prefix that the journal does not know, if there is one."""
        if not self._book.orphans:
            return None
        is_stopped = self._account_view(signal).stopped_reason is not None
        return self._book.orphans.objection(signal, is_stopped=is_stopped)

    def _decide(
        self, signal: Signal, kind: CloseKind, gate: Gate
    ) -> ApprovedPlan | Refusal | Waits:
        """Size the signal and check the plan against the limits; a close may have to wait."""
        if signal.action is Action.EXIT:
            return self._decide_close(signal, kind, gate)
        return self.decide_entry(signal, gate)

    def decide_entry(self, signal: Signal, gate: Gate) -> ApprovedPlan | Refusal | Waits:
        """Size an ENTER and check it against the limits; nothing comes of it by itself."""
        view = self._entry_view(signal)
        if isinstance(view, Refusal):
            return view
        self._book.note_mids(signal.symbol, view, self._ports.clock.boottime())
        account = self._account_view(signal, view.now)
        try:
            plan = plan_pair(
                signal,
                view=view,
                holding=account.holding,
                equity_krw=account.equity_krw,
                rules=self._settings.sizing,
                policy=self._settings.policy,
                gate=gate,
            )
        except ArithmeticError as fault:
            return _no_size(fault)
        if isinstance(plan, PairPlan):
            return check(plan, view=view, account=account, limits=self._settings.limits)
        return plan

    def _decide_close(
        self, signal: Signal, kind: CloseKind, gate: Gate
    ) -> ApprovedPlan | Refusal | Waits:
        """The same of an EXIT, which no limit holds back: none of its figures is made."""
        found = self._prices.view(signal.symbol)
        if found is None:
            return Waits(reason=f"fresh books of {signal.symbol} are asked for")
        # Blind prices are old or invented: a close may use them, a valuation may not.
        if not found.is_blind:
            self._book.note_mids(signal.symbol, found.view, self._ports.clock.boottime())
        walked_s = self._walked_s(signal)
        plan = self.plan_close(signal, found.view, kind, gate, walked_s)
        self._note_walk(signal, plan)
        return check_close(plan) if isinstance(plan, PairPlan) else plan

    def plan_close(
        self, signal: Signal, view: PairView, kind: CloseKind, gate: Gate, walked_s: float = 0.0
    ) -> PairPlan | Refusal | Waits:
        """Size an EXIT by this market; nothing comes of it by itself."""
        self._account.look_at_prices(self._ports.clock.now())
        try:
            return plan_pair(
                signal,
                view=view,
                holding=self._book.holding(signal.strategy, signal.symbol),
                equity_krw=self._book.capital_krw(),
                rules=self._settings.sizing,
                policy=self._closing_policy(kind, walked_s),
                # An EXIT that the engine raised for a lost leg closes only the unhedged part.
                unhedged_only=self._book.leg_loss.asked(signal.id),
                gate=gate,
                walked_s=walked_s,
            )
        except ArithmeticError as fault:
            return _no_size(fault)

    def _walked_s(self, signal: Signal) -> float:
        """For how long a close has waited for depth; one that was not tried for long is new."""
        found = self._walking.get((signal.strategy, signal.symbol))
        now_s = self._ports.clock.monotonic()
        if found is None or now_s - found.tried_s > WALK_GOES_ON_S:
            return 0.0
        return now_s - found.since_s

    def _note_walk(self, signal: Signal, plan: PairPlan | Refusal | Waits) -> None:
        key, now_s = (signal.strategy, signal.symbol), self._ports.clock.monotonic()
        if isinstance(plan, Waits) and plan.for_depth:
            since_s = now_s - self._walked_s(signal)
            self._walking[key] = _Walking(since_s=since_s, tried_s=now_s)
        else:
            self._walking.pop(key, None)

    def _closing_policy(self, kind: CloseKind, walked_s: float) -> te.TradePolicy:
        policy = self._settings.policy
        if walked_s != policy.walked_s:
            policy = replace(policy, walked_s=round(walked_s, 3))
        if kind is CloseKind.ASKED:
            return policy
        return replace(
            policy,
            gives_way=kind.gives_way,
            walk_widens=kind is not CloseKind.STOP_LOSS,
            ahead=Leg.HEDGE if kind is CloseKind.MARGIN_ALONE else None,
        )

    def _account_view(self, signal: Signal, now: datetime | None = None) -> AccountView:
        is_halted = self._registry.is_halted(signal.symbol)
        return self._account.view(signal, symbol_halted=is_halted, now=now)

    async def _open(self, approved: ApprovedPlan, claim: Claim | None) -> Admitted:
        plan, now = approved.plan, self._ports.clock.now()
        event = opened(plan, now)
        trade = apply(None, event)
        result = await self._ports.store.append(
            [entry_of(event, plan.trade_id)],
            at_us=epoch_us(now),
            claim=claim,
            patience_s=DECISION_GOOD_S,
        )
        if result is not ClaimResult.CLAIMED:
            return Admitted(result=result)
        sent = self._first_orders.send(trade)
        self._book.book_trade(None, trade, event)
        return Admitted(result=result, trade=trade, sent=sent)

    async def refuse(self, signal: Signal, refusal: Refusal, *, claim: Claim | None) -> Admitted:
        """Store a refusal, and tell operators."""
        now = self._ports.clock.now()
        event = ae.SignalRefused(
            signal_id=signal.id,
            strategy=signal.strategy,
            action=signal.action.value,
            symbol=signal.symbol,
            code=refusal.code.value,
            message=refusal.message,
            figures=refusal.figures,
            at=now,
        )
        told: list[Alert] = []
        # An EXIT of our own is tried again without end, its refusal not told each time.
        if self._book.leg_loss.is_told(signal.id, self._settings.policy.call_after_s):
            told.append(trade_alerts.of_refusal(signal, refusal))
        result = await self._ports.store.append(
            [entry_of(event)], at_us=epoch_us(now), claim=claim, alerts=told
        )
        if result is not ClaimResult.CLAIMED:
            return Admitted(result=result)
        self._book.book_account(event)
        return Admitted(result=result, refusal=refusal)


def _unknown_symbol(signal: Signal) -> Refusal:
    return Refusal(
        code=RefusalCode.SYMBOL_NOT_ALLOWED,
        message=f"{signal.symbol} is neither on the allow-list nor held",
        figures={"symbol": signal.symbol},
    )


def _no_size(fault: ArithmeticError) -> Refusal:
    return Refusal(
        code=RefusalCode.BAD_FIGURE,
        message=f"no size can be reckoned from these prices: {type(fault).__name__}",
    )


def _waiting(waits: Waits) -> Admitted:
    return Admitted(result=ClaimResult.CLAIMED, waits=waits)


def opened(plan: PairPlan, now: datetime) -> te.TradeOpened:
    """What is journalled before the orders of a plan leave."""
    return te.TradeOpened(
        trade_id=plan.trade_id,
        signal=plan.signal,
        start=plan.start,
        target=plan.target,
        decision=plan.decision,
        policy=plan.policy,
        orders=plan.orders,
        at=now,
    )
