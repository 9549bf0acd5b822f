"""Whether what the engine closes by itself still has its reason as an order of it leaves."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from trading_platform_order.domain.trade.pair_trade import UNEVEN_KRW
from trading_platform_order.simulation.checkers.exchange_fills import naked_fills
from trading_platform_order.simulation.checkers.order_ids import placed_ids
from trading_platform_order.simulation.checkers.timeliness.claims import ClaimRecorder
from trading_platform_order.simulation.stress.limit_oracle import PairCost
from trading_platform_order.simulation.testbed.testbed import TestBed
from trading_platform_order.transport.http import HttpRequest

STOP_LOSS = "stop-loss-"
NEAR = Decimal("0.03")
"""Prices jump by up to 2 % while an order is on its way; spreads and depth cost the rest."""


@dataclass(slots=True)
class ReasonRecorder:
    """Reckons each pair's loss, at the mids, as an order of a stop-loss leaves for an even pair."""

    testbed: TestBed
    claims: ClaimRecorder
    found: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.testbed.listeners.append(self._leaves)

    def _leaves(self, request: HttpRequest) -> None:
        for name in placed_ids(request):
            owned = self.claims.orders.get(name)
            if owned is not None and owned.signal.id.startswith(STOP_LOSS):
                self._judge(name, owned.base)

    def _judge(self, name: str, base: str) -> None:
        testbed = self.testbed
        pairs: dict[str, PairCost] = defaultdict(PairCost)
        for fill in naked_fills(testbed.world.accounts(), testbed.owner.order_ids):
            pairs[fill.base].take(fill)
        pair, tick = pairs[base], testbed.tick(base)
        if abs(pair.coins - pair.short) * tick.upbit_close >= UNEVEN_KRW:
            return
        loss = pair.loss(tick.upbit_close, tick.binance_close, tick.krw_usdt)
        limit = testbed.setup.settings.monitors.stop_loss.of(base)
        if loss < limit - NEAR:
            self.found.append(
                f"{name} closes for a loss that is gone: {loss:.1%} now, the limit is {limit:.1%}"
            )
