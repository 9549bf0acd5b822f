"""From unknown to known: asks the exchange about one order until its fate and fills are told.

It never decides that an order failed. It looks up; when the exchange does not know the id, it takes
the exchange's own ladder to a proof (``prove_absence``); and it goes on until one of them answers.
The same code runs after a time-out, after a lost stream and after a restart.
"""

import asyncio

import attrs

from trading_platform_order.domain.order import Order, OrderStatus
from trading_platform_order.domain.outcome import (
    AbsenceOutcome,
    Accepted,
    LookUpOutcome,
    NotFound,
    ProvenAbsent,
    ReadFailed,
)
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.correction.repost_policy import still_wants
from trading_platform_order.domain.trade.report_events import events_of_report
from trading_platform_order.executor.account.order_access.order_access_monitor import (
    OrderAccessMonitor,
)
from trading_platform_order.executor.ports import (
    ExecutorPorts,
    ExecutorSettings,
    ExplainAccount,
    Explained,
)
from trading_platform_order.executor.trades.trade_log import TradeLog

TRIES_BEFORE_WARNING = 3
_NOT_KNOWN = (OrderStatus.PENDING, OrderStatus.UNKNOWN)


def task_name(client_order_id: str) -> str:
    """Of the task that resolves an order."""
    return f"resolve {client_order_id}"


@attrs.define(kw_only=True, eq=False, repr=False)
class Resolver:
    """Resolves orders of one trade.

    Attributes:
        proving: names of tasks in the middle of a proof, which must not be interrupted.
        is_closing: no further question is begun; a proof that runs is the last.
    """

    _log: TradeLog
    _access: OrderAccessMonitor
    _ports: ExecutorPorts
    _settings: ExecutorSettings
    _explain: ExplainAccount
    proving: set[str] = attrs.field(factory=set, init=False)
    _refused: set[str] = attrs.field(factory=set, init=False)
    _held: dict[str, tuple[te.TradeEvent, ...]] = attrs.field(factory=dict, init=False)
    is_closing: bool = attrs.field(default=False, init=False)

    def refused(self, client_order_id: str, refusal: tuple[te.TradeEvent, ...]) -> None:
        """An order's own request was refused: that is its fate, and no proof is begun any more.

        While a proof is under way it is not: that may post the order once more. The refusal then
        waits, and counts once the proof has shown that the order is not there.
        """
        if task_name(client_order_id) in self.proving:
            self._held[client_order_id] = refusal
            return
        self._refused.add(client_order_id)
        self._log.post(refusal)

    async def resolve(self, client_order_id: str) -> None:
        """Return when the order is final and all its fills are told, or nothing more is asked."""
        pause_s = self._settings.poll_first_s
        tries = 0
        while self._is_open_question(client_order_id):
            order = self._log.trade.order(client_order_id)
            outcome = await self._ports.exchange_of(order).look_up(order)
            if isinstance(outcome, Accepted):
                self._post_report(outcome, tries)
            elif self._is_open_question(client_order_id):
                await self._not_found(order, outcome, tries)
            tries += 1
            if self.is_closing or not self._is_open_question(client_order_id):
                return
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, self._settings.poll_max_s)

    def _is_open_question(self, client_order_id: str) -> bool:
        trade = self._log.trade
        order = trade.order(client_order_id)
        return not order.status.is_final or trade.filled(order) < order.executed_quantity

    def _post_report(self, outcome: Accepted, tries: int) -> None:
        report = outcome.report
        trade = self._log.trade
        order = trade.order(report.client_order_id)
        self._access.found(order.leg, trade.base)  # the exchange shows it: it took it
        self._log.post(events_of_report(report, self._ports.clock.now()))
        # Its list of fills may lag, and the stream may still tell them: only after some tries is
        # what stays untold booked as one fill.
        if tries >= TRIES_BEFORE_WARNING and not report.is_open:
            self._log.record_doubt(order, "its trades are not all told")
            self._log.lists_too_few(report)

    async def _not_found(self, order: Order, outcome: LookUpOutcome, tries: int) -> None:
        if isinstance(outcome, ReadFailed):
            if outcome.reason.startswith("collision") or tries >= TRIES_BEFORE_WARNING:
                self._log.record_doubt(order, outcome.reason)
            return
        if not isinstance(outcome, NotFound):
            return
        if order.status not in _NOT_KNOWN:
            # Seen before and not found now: the exchange's reads lag behind its own answers.
            return
        if order.client_order_id in self._refused or not self._ports.may_send():
            return  # a proof may place an order
        exchange = self._ports.exchange_of(order)
        now = self._ports.clock.now()
        view = self._ports.market.view(self._log.trade.base, now)
        wanted = self._ports.barred(order) is None and still_wants(
            self._log.trade, order, view, now
        )
        name = task_name(order.client_order_id)
        self.proving.add(name)
        try:
            verdict = await exchange.prove_absence(
                order, sent_at=order.created_at, still_wanted=wanted
            )
        finally:
            self.proving.discard(name)
        await self._verdict(order, verdict, tries)

    async def _verdict(self, order: Order, verdict: AbsenceOutcome, tries: int) -> None:
        if isinstance(verdict, Accepted):
            self._post_report(verdict, 0)
            return
        if isinstance(verdict, ProvenAbsent):
            reason = await self._absent(order, verdict)
        else:
            reason = verdict.reason
        if reason and tries >= TRIES_BEFORE_WARNING:
            self._log.record_doubt(order, reason)

    async def _absent(self, order: Order, verdict: ProvenAbsent) -> str:
        """Post the verdict with its evidence; or why it does not hold yet."""
        account = Explained(is_explained=True, text="")
        if verdict.needs_account:
            account = await self._explain(order)
        if self._log.trade.order(order.client_order_id).status not in _NOT_KNOWN:
            return ""  # the stream told of it meanwhile
        if not account.is_explained:
            return f"absent by all lists, but not explained without it: {account.text}"
        refusal = self._held.pop(order.client_order_id, None)
        if refusal is not None:
            self._log.post(refusal)  # it says why, too
            return ""
        event = te.OrderProvenAbsent(
            client_order_id=order.client_order_id,
            evidence="; ".join(filter(None, (verdict.evidence, account.text))),
            at=self._ports.clock.now(),
        )
        self._log.post((event,))
        return ""
