"""The replay of a backtest: the demo's, in this process, without the bars that nobody needs."""

from collections.abc import Callable, Sequence

from trading_platform_order.domain.account.recent_activity import OpenPair
from trading_platform_order.market.candles import Bar, with_last
from trading_platform_order.operations.backtest.passing_over import (
    LOSS_PART_MAX,
    RISE_MAX,
    ShownBar,
    is_hour,
    shown_for_signals,
)
from trading_platform_order.operations.demo.replay_bed import ReplayBed, Strategy, prices_of
from trading_platform_order.risk.monitors.stop_loss import loss_fraction

FILTERS_AGAIN = 60
"""Filters are read again after so many bars that were passed over, as the engine does by itself."""


class BacktestBed(ReplayBed):
    """Passes over the bars in which nothing can happen.

    Attributes:
        shown: how many bars the engine saw.
    """

    shown = 0

    async def play(
        self, bars: Sequence[Bar], strategy: Strategy, progress: Callable[[int, int], None]
    ) -> None:
        """All signals first, which are functions of the bars; then the engine trades them."""
        signals = {
            index: found
            for index, (bar, is_last) in enumerate(with_last(bars))
            if (found := strategy.on_bar(prices_of(bar, is_last=is_last)))
        }
        needed = shown_for_signals(bars, sorted(signals))
        seen, passed, may_wait = ShownBar(bar=bars[0]), 0, False
        for index, bar in enumerate(bars):
            progress(index + 1, len(bars))
            begins_hour = is_hour(seen.bar, bar)
            if may_wait and index not in needed and not begins_hour and seen.is_near(bar):
                self.world.pass_over(self.symbol, bar)
                passed += 1
                continue
            if passed >= FILTERS_AGAIN:
                self.engine.market.forget_filters(self.symbol)
                passed = 0
            await self.show(bar)
            self.shown += 1
            if begins_hour:
                await self.engine.executor.account.record_equity()
            await self.trade(signals.get(index, ()))
            # No second passes over bars that are passed over: what is so now stays so.
            seen, may_wait = ShownBar(bar=bar), self._may_wait()

    def _may_wait(self) -> bool:
        """Whether nothing is under way, and no pair is near anything that would close it."""
        executor = self.engine.executor
        if not (executor.is_idle and self.world.idle()):
            return False
        if executor.book.held_bases() and executor.account.latched_reason is not None:
            return False
        return all(self._is_calm(pair) for pair in executor.book.positions.pairs())

    def _is_calm(self, pair: OpenPair) -> bool:
        view = self.engine.market.view(pair.base, self.world.clock.now())
        if view is None or pair.spot <= 0 or pair.short <= 0:
            return False
        loss = loss_fraction(pair, view)
        if loss is None or loss > self.settings.monitors.stop_loss.of(pair.base) * LOSS_PART_MAX:
            return False
        sold_at_usdt = pair.short_value_usdt / pair.short
        return view.hedge_book.mid <= sold_at_usdt * (1 + RISE_MAX)
