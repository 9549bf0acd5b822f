"""What the engine does by the clock, beside its trades: open, sweep, compare, keep figures.

At a start these come first, in this order: the account's balances, the sweep for orders that the
journal does not know, and one comparison with both exchanges. Nothing is sent before the sweep.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime

import attrs

from trading_platform_order.executor.account.account_service import AccountService
from trading_platform_order.executor.account.reconciler import Reconciler
from trading_platform_order.executor.ports import ExecutorPorts, ExecutorSettings
from trading_platform_order.executor.trades.emergency_stop import EmergencyStop
from trading_platform_order.executor.trades.order_sweep import OrderSweep
from trading_platform_order.executor.trades.trade_registry import TradeRegistry

FIRST_COMPARISON_S = 5.0
AGAIN_S = 60.0
"""After a sweep that could not list the orders of some symbol; its entries wait for that."""
SOON_AFTER_A_LOSS_S = (5.0, 10.0, 15.0, 15.0, 60.0)
"""Pauses between sweeps after a start where rows may be lost: Upbit's requests never expire, so one
of an engine that died may arrive long after it."""


@attrs.define(kw_only=True, eq=False, repr=False)
class PeriodicTasks:
    """Loops of one engine; each is a task of its group.

    ``request_position_check``: of a base asset, as soon as nothing of it is under way.
    """

    _registry: TradeRegistry
    _stop: EmergencyStop
    _account: AccountService
    _reconciler: Reconciler
    _sweep: OrderSweep
    _ports: ExecutorPorts
    _settings: ExecutorSettings
    _is_idle: Callable[[], bool]
    _request_position_check: Callable[[str], None]

    # -- at the start -----------------------------------------------------------------------------

    async def open_account(self) -> None:
        """Return once the balances are known."""
        while True:
            if await self._account.open():
                return
            await asyncio.sleep(self._settings.poll_first_s)

    async def sweep_first(self, last_row_at: datetime | None) -> None:
        """Return once both exchanges have listed every order under our prefix.

        If journal rows may be lost, requests of the previous engine that no row tells of may still
        be on their way: ``dead_requests_s`` is waited first, or the sweep would miss the orders
        they place. An exchange that does not list its orders is asked again, with exponential
        back-off.
        """
        if self._ports.lost_rows_lately:
            await asyncio.sleep(self._settings.dead_requests_s)
        pause_s = self._settings.poll_first_s
        while not await self._sweep.first(last_row_at):
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, self._settings.poll_max_s)

    async def compare_first(self) -> None:
        """Before any entry; the streams that just came up may make it take a few tries.

        An exchange that does not answer is asked again later: guards must not wait for it.
        """
        until_s = self._ports.clock.monotonic() + FIRST_COMPARISON_S
        while self._ports.clock.monotonic() < until_s:
            if self._registry.has_unsettled or await self._reconciler.check():
                return
            await asyncio.sleep(self._settings.poll_first_s)

    # -- ever after -------------------------------------------------------------------------------

    def begin(self, group: asyncio.TaskGroup) -> None:
        """Run until the group ends."""
        group.create_task(self._keep_figures(), name="equity and latch")
        group.create_task(self._reconcile(), name="reconciler")
        group.create_task(self._watch_orders(), name="order sweep")

    async def _reconcile(self) -> None:
        """Compare at intervals; retry an inconclusive check soon, with exponential back-off.

        A trade that stays unresolved makes every check inconclusive. So that the other assets are
        not left unchecked, once the back-off has reached the interval each held asset is checked on
        its own, as soon as its queue is free.
        """
        interval_s = self._settings.reconcile_interval_s
        first_s = min(self._settings.command_poll_s, interval_s)
        pause_s = first_s
        while True:
            await asyncio.sleep(pause_s)
            was_stopped = self._account.stopped_reason
            is_conclusive = await self._reconciler.check()
            if self._account.stopped_reason not in {None, was_stopped}:
                # The stop was set during the check, perhaps over an orphan order: the sweep cancels
                # such an order if it is open and would add exposure.
                await self._sweep.again()
            if is_conclusive:
                await asyncio.sleep(interval_s)
                pause_s = first_s
                continue
            if self._registry.has_unsettled and pause_s >= interval_s:
                self._check_held_assets()
            pause_s = min(pause_s * 2, interval_s)

    def _check_held_assets(self) -> None:
        holdings = self._account.book.ledger.holdings
        held = {base for (_, base), holding in holdings.items() if holding.spot or holding.short}
        for base in sorted(held):
            self._request_position_check(base)

    async def _watch_orders(self) -> None:
        interval_s = self._settings.sweep_interval_s
        if self._ports.lost_rows_lately:
            for pause_s in SOON_AFTER_A_LOSS_S:
                await asyncio.sleep(pause_s)
                await self._sweep.again()
        while True:
            await asyncio.sleep(min(interval_s, AGAIN_S) if self._sweep.unread else interval_s)
            await self._sweep.again()

    async def _keep_figures(self) -> None:
        last_equity = self._ports.clock.monotonic()
        while True:
            await asyncio.sleep(self._settings.command_poll_s)
            await self._stop.wake()
            now_s = self._ports.clock.monotonic()
            if now_s - last_equity >= self._settings.equity_interval_s and self._is_idle():
                last_equity = now_s
                await self._account.mark_market_fx()
                await self._account.record_equity()
