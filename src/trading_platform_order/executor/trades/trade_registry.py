"""All trades of one engine: those that run, with their runners, and those that have ended.

News of a trade come in here. One that had ended opens again for what changes it, through the same
code that saw it to its end.
"""

from collections.abc import Awaitable, Callable

from trading_platform_order.domain.order import Order
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.closing import Waits
from trading_platform_order.domain.trade.pair_trade import IllegalTransition, PairTrade, TradeState
from trading_platform_order.domain.value import value
from trading_platform_order.executor.account.account_service import AccountService
from trading_platform_order.executor.account.closing_prices import ClosingPrices
from trading_platform_order.executor.account.leg_loss.leg_loss import LegLoss
from trading_platform_order.executor.account.order_access.order_access_monitor import (
    OrderAccessMonitor,
)
from trading_platform_order.executor.journal.replay import Replayed
from trading_platform_order.executor.journal.trade_history import TradeHistory
from trading_platform_order.executor.ports import ExecutorPorts, ExecutorSettings
from trading_platform_order.executor.set_aside import Culprit, blame
from trading_platform_order.executor.start_progress import StartProgress
from trading_platform_order.executor.task_tracker import TaskTracker
from trading_platform_order.executor.trades.evidence.lost_orders import LostRows
from trading_platform_order.executor.trades.first_orders import SentOrder
from trading_platform_order.executor.trades.trade_runner import Started, TradeRunner
from trading_platform_order.transport.running_time import RunningTime


@value
class TradeHooks:
    """What is done around a trade.

    Attributes:
        on_waits_changed: told when a trade can send nothing, and why; with ``None`` when it can
            again.
        may_go_on: returns whether a trade that waited may send again: only while nothing else of
            its strategy is under way in its base asset.
        on_halted: it gave up; awaited before anything else of it is done.
        on_ended: a trade of this base asset has ended, and is booked.
        on_reopened: late news have opened an ended trade again; it has its runner.
        on_done: that trade is at its end again.
    """

    on_waits_changed: Callable[[TradeRunner, Waits | None], None]
    may_go_on: Callable[[TradeRunner], bool]
    on_halted: Callable[[PairTrade], Awaitable[None]]
    on_ended: Callable[[str], Awaitable[None]]
    on_reopened: Callable[[TradeRunner], None]
    on_done: Callable[[TradeRunner], None]


class TradeRegistry:
    """Makes runners, sees them through, and knows which order belongs to which trade.

    Attributes:
        runners: of trades that have not ended, by trade id.
    """

    def __init__(
        self,
        *,
        ports: ExecutorPorts,
        settings: ExecutorSettings,
        account: AccountService,
        access: OrderAccessMonitor,
        prices: ClosingPrices,
        replayed: Replayed,
        running_time: RunningTime,
        tasks: TaskTracker,
        progress: StartProgress,
    ) -> None:
        """``running_time``: the time in which this process runs."""
        self._ports = ports
        self._settings = settings
        self._account = account
        self._access = access
        self._prices = prices
        self._running_time = running_time
        self._tasks = tasks
        self._progress = progress
        #: trades without a runner; settled ones of long ago are only in the journal
        self.history = TradeHistory(store=ports.store, replayed=replayed)
        self.runners: dict[str, TradeRunner] = {}
        self._began_at = ports.clock.now()
        self._leg_loss: LegLoss
        self._hooks: TradeHooks

    def join(self, leg_loss: LegLoss, hooks: TradeHooks) -> None:
        """The rest of the engine, which knows the registry; before anything runs."""
        self._leg_loss = leg_loss
        self._hooks = hooks

    # -- what is asked ----------------------------------------------------------------------------

    @property
    def trades(self) -> dict[str, PairTrade]:
        """Trades in memory by id, as last made durable: all but settled ones of long ago."""
        live = {key: runner.trade for key, runner in self.runners.items()}
        return self.history.trades() | live

    def get(self, trade_id: str) -> PairTrade | None:
        """A trade in memory, as last made durable."""
        runner = self.runners.get(trade_id)
        return self.history.get(trade_id) if runner is None else runner.trade

    async def trade_of_signal(self, signal_id: str) -> PairTrade | None:
        """The trade that a signal opened, however long ago; ``None`` if there is none.

        Raises:
            StoreUnavailable: the journal cannot be read.
        """
        for trade in self.trades.values():
            if trade.signal.id == signal_id:
                return trade
        trade_id = await self.history.trade_id_of(signal_id)
        return None if trade_id is None else await self.history.recall(trade_id)

    @property
    def unsettled(self) -> list[PairTrade]:
        """Trades that are not settled, or have a runner, as last made durable."""
        live = {key: runner.trade for key, runner in self.runners.items()}
        return list((self.history.unsettled | live).values())

    @property
    def unfinished(self) -> list[PairTrade]:
        """Trades that are not at their end by the journal."""
        return [trade for trade in self.history.unsettled.values() if trade.is_active]

    @property
    def has_unsettled(self) -> bool:
        """Some trade is not at its end and does not wait, or has an order or a fill not known."""
        waiting = {
            key
            for key, runner in self.runners.items()
            if runner.waits_for is not None
            and not (runner.trade.unresolved or runner.trade.awaiting_fills)
        }
        return any(t.is_active for t in self.unsettled if t.trade_id not in waiting)

    def running_trades(self) -> tuple[PairTrade, ...]:
        """Trades that have not ended, as last made durable."""
        return tuple(runner.trade for runner in self.runners.values())

    def trade_of(self, client_order_id: str) -> str | None:
        """The trade in memory that an order of ours belongs to.

        One of a trade of long ago is brought into memory first (``history.recall_orders``).
        """
        return self.history.trade_of(client_order_id)

    def has_begun(self, strategy: str, base: str) -> bool:
        """A trade of the strategy in this base asset has not ended."""
        runners = (r.trade for r in self.runners.values())
        return any((t.signal.strategy, t.base) == (strategy, base) for t in runners)

    def is_trading(self, base: str) -> bool:
        """A trade of this asset runs and does not wait."""
        return any(r.trade.base == base and r.waits_for is None for r in self.runners.values())

    def is_halted(self, base: str) -> bool:
        """A trade of this asset gave up."""
        return any(trade.base == base for trade in self.history.halted())

    def activity_counter(self) -> int | None:
        """A number that changes with everything we do; ``None`` while something is under way."""
        waiting = sum(runner.waits_for is not None for runner in self.runners.values())
        is_calm = self._tasks.busy <= waiting and not self.has_unsettled
        return self._tasks.begun if is_calm else None

    # -- what is done -----------------------------------------------------------------------------

    def register(self, trade: PairTrade, started: Started | None) -> TradeRunner:
        """A runner for a trade; from now on news of its orders find it."""
        lost_rows = None
        if self._may_have_sent_more(trade):
            lost_rows = LostRows(ports=self._ports, settings=self._settings)
        runner = TradeRunner(
            trade=trade,
            ports=self._ports,
            settings=self._settings,
            account=self._account,
            access=self._access,
            prices=self._prices,
            started=started,
            on_orders=self.history.know_orders,
            on_waits_changed=self._hooks.on_waits_changed,
            may_go_on=self._hooks.may_go_on,
            running_trades=self.running_trades,
            leg_loss=self._leg_loss,
            running_time=self._running_time,
            lost_rows=lost_rows,
        )
        self.runners[trade.trade_id] = runner
        self.history.know_orders(trade)
        return runner

    def _may_have_sent_more(self, trade: PairTrade) -> bool:
        """It was opened before rows were lost, or asked for and may have been opened in them."""
        loss = self._ports.row_loss
        if loss is None:
            return False
        if self.history.take_opened_before_loss(trade.trade_id):
            return True
        return loss.may_tell_of(trade.signal.created_at, began_at=self._began_at)

    async def see_through(
        self,
        runner: TradeRunner,
        to_send: tuple[Order, ...] = (),
        sent: tuple[SentOrder, ...] = (),
    ) -> None:
        """Until nothing is left to do or to ask. A trade that halts latches the stop at once."""
        while runner.trade.is_active:
            was_halted = runner.trade.state is TradeState.HALTED
            with blame(Culprit(base=runner.trade.base, trade_id=runner.trade.trade_id)):
                await runner.run(to_send, sent)
            to_send = sent = ()
            if runner.trade.state is TradeState.HALTED and not was_halted:
                await self._hooks.on_halted(runner.trade)

    async def finish(self, runner: TradeRunner) -> None:
        """The trade has ended: book its position, and hand on what came too late for it."""
        trade = runner.trade
        runner.goes_on()
        self.history.keep(trade)
        self.runners.pop(trade.trade_id, None)
        late = runner.leftover()
        if late:
            self.hand_late(trade.trade_id, late)
        await self._account.settled(trade.signal.strategy, trade.base)
        await self._hooks.on_ended(trade.base)

    # -- news -------------------------------------------------------------------------------------

    def take_back(self, trade_id: str, events: tuple[te.TradeEvent, ...]) -> None:
        """Put a lost order back into its unfinished trade."""
        self.runners[trade_id].post(events)

    def hand_late(self, trade_id: str, events: tuple[te.TradeEvent, ...]) -> None:
        """News of a trade, from whatever source, that may have ended."""
        if trade_id in self._ports.aside.trades:
            return
        self._tasks.start(self._late(trade_id, events), name=f"late {trade_id}")

    async def _late(self, trade_id: str, events: tuple[te.TradeEvent, ...]) -> None:
        """Usually a repetition; else the ended trade opens again."""
        await self._progress.swept.wait()
        # Before the look at the runners: whoever waits here for the store must find the one runner.
        trade = await self.history.recall(trade_id)
        runner = self.runners.get(trade_id)
        if runner is not None:
            runner.post(events)
            return
        if trade is None:
            raise IllegalTransition(f"news of trade {trade_id}, which the journal does not have")
        runner = self.register(trade, None)
        runner.post(events)
        self._hooks.on_reopened(runner)
        await self._see_late(runner)
        self._hooks.on_done(runner)

    async def _see_late(self, runner: TradeRunner) -> None:
        before = runner.trade
        await runner.take_all()
        if runner.trade.state is TradeState.HALTED and before.state is not TradeState.HALTED:
            await self._hooks.on_halted(runner.trade)
        await self.see_through(runner)
        if runner.trade is before:
            self.runners.pop(before.trade_id, None)
        else:
            await self.finish(runner)
