"""From a signal to an opened trade or a stored refusal: claim, size, risk and intents, one commit.

Nothing here waits for anything but that one commit: it is the hot path up to the wire.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from trading_platform_order.domain.account import account_events as ae
from trading_platform_order.domain.account.account_book import AccountBook
from trading_platform_order.domain.account.account_view import AccountView
from trading_platform_order.domain.alert import Alert
from trading_platform_order.domain.market import PairView
from trading_platform_order.domain.refusal import Refusal, RefusalCode
from trading_platform_order.domain.signal import Signal
from trading_platform_order.domain.trade import trade_alerts
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.pair_trade import PairTrade, apply
from trading_platform_order.domain.trade.sizing import PairPlan, plan_pair
from trading_platform_order.executor.journal.event_codec import entry_of
from trading_platform_order.executor.ports import ExecutorPorts, ExecutorSettings
from trading_platform_order.risk.risk_manager import ApprovedPlan, check
from trading_platform_order.storage.base import Claim, ClaimResult
from trading_platform_order.transport.clock import epoch_us


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """What came of a signal at the door.

    Attributes:
        result: whether the claim was ours, a repetition or a conflict.
        trade: opened, all intents durable; ``None`` if refused or not claimed.
        refusal: why not, if refused.
    """

    result: ClaimResult
    trade: PairTrade | None = None
    refusal: Refusal | None = None


AccountLook = Callable[[Signal], AccountView]


class Admission:
    """Decides on signals."""

    def __init__(
        self,
        *,
        ports: ExecutorPorts,
        settings: ExecutorSettings,
        book: AccountBook,
        account: AccountLook,
    ) -> None:
        self._ports = ports
        self._settings = settings
        self._book = book
        self._account = account
        self._one_at_a_time = asyncio.Lock()

    def is_expired(self, signal: Signal, now: datetime) -> bool:
        """Too old to be begun."""
        ttl = timedelta(seconds=self._settings.signal_ttl_s)
        return now > (signal.expires_at or signal.created_at + ttl)

    async def claim(self, signal: Signal, claim: Claim) -> ClaimResult:
        """Make the signal ours durably; its fate follows later."""
        now = self._ports.clock.now()
        event = ae.SignalClaimed(signal=signal, at=now)
        result = await self._ports.store.append([entry_of(event)], at_us=epoch_us(now), claim=claim)
        if result is ClaimResult.CLAIMED:
            self._book.book_account(event)
        return result

    async def admit(
        self, signal: Signal, *, claim: Claim | None, check_expiry: bool = True
    ) -> Admitted:
        """Open a trade or refuse, durably, in one commit with the claim (if not claimed before)."""
        now = self._ports.clock.now()
        if check_expiry and self.is_expired(signal, now):
            age_s = (now - signal.created_at).total_seconds()
            refusal = Refusal(
                code=RefusalCode.EXPIRED,
                message=f"the signal is {age_s:.1f} s old",
                figures={"age_s": f"{age_s:.3f}"},
            )
            return await self.refuse(signal, refusal, claim=claim)
        objection = self._objection(signal)
        if objection is not None:
            return await self.refuse(signal, objection, claim=claim)
        if not self._ports.market.knows(signal.symbol):
            refusal = Refusal(
                code=RefusalCode.SYMBOL_NOT_ALLOWED,
                message=f"{signal.symbol} is neither on the allow-list nor held",
                figures={"symbol": signal.symbol},
            )
            return await self.refuse(signal, refusal, claim=claim)
        view = self._ports.market.view(signal.symbol, now)
        if view is None:
            refusal = Refusal(
                code=RefusalCode.NO_MARKET_DATA,
                message=f"no books, filters or KRW-USDT rate for {signal.symbol} yet",
            )
            return await self.refuse(signal, refusal, claim=claim)
        # Until an approved plan is booked, no other one may be checked against the same limits.
        async with self._one_at_a_time:
            decided = self._decide(signal, view)
            if isinstance(decided, ApprovedPlan):
                return await self._open(decided, now, claim)
        return await self.refuse(signal, decided, claim=claim)

    def _objection(self, signal: Signal) -> Refusal | None:
        if not self._book.strays:
            return None
        is_stopped = self._account(signal).stopped_reason is not None
        return self._book.strays.objection(signal, is_stopped=is_stopped)

    def _decide(self, signal: Signal, view: PairView) -> ApprovedPlan | Refusal:
        self._book.note_mids(signal.symbol, view, self._ports.clock.boottime())
        account = self._account(signal)
        try:
            plan = plan_pair(
                signal,
                view=view,
                holding=account.holding,
                equity_krw=account.equity_krw,
                rules=self._settings.sizing,
                policy=self._settings.policy,
                unhedged_only=self._book.one_leg.asked(signal.id),
            )
        except ArithmeticError as fault:
            kind = type(fault).__name__
            return Refusal(
                code=RefusalCode.BAD_FIGURE,
                message=f"no size can be reckoned from these prices: {kind}",
            )
        if isinstance(plan, Refusal):
            return plan
        return check(plan, view=view, account=account, limits=self._settings.limits)

    async def _open(self, approved: ApprovedPlan, now: datetime, claim: Claim | None) -> Admitted:
        plan = approved.plan
        event = _opened(plan, now)
        trade = apply(None, event)
        result = await self._ports.store.append(
            [entry_of(event, plan.trade_id)], at_us=epoch_us(now), claim=claim
        )
        if result is not ClaimResult.CLAIMED:
            return Admitted(result=result)
        self._book.book_trade(None, trade, event)
        return Admitted(result=result, trade=trade)

    async def refuse(self, signal: Signal, refusal: Refusal, *, claim: Claim | None) -> Admitted:
        """Store a refusal, and tell people."""
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
        if self._book.one_leg.is_told(signal.id, self._settings.policy.call_after_s):
            told.append(trade_alerts.of_refusal(signal, refusal))
        result = await self._ports.store.append(
            [entry_of(event)], at_us=epoch_us(now), claim=claim, alerts=told
        )
        if result is not ClaimResult.CLAIMED:
            return Admitted(result=result)
        self._book.book_account(event)
        return Admitted(result=result, refusal=refusal)


def _opened(plan: PairPlan, now: datetime) -> te.TradeOpened:
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
