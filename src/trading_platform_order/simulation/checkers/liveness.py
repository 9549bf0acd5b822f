"""Judges that see time, together: what each world is held against in the end."""

from collections.abc import Iterable, Iterator

from trading_platform_order.domain.trade.trade_events import TradeHalted
from trading_platform_order.domain.venue import Venue
from trading_platform_order.executor.journal.event_codec import event_of
from trading_platform_order.executor.journal.replay import replay
from trading_platform_order.simulation.checkers.attempts import closed_uses_no_attempts
from trading_platform_order.simulation.checkers.claims import ClaimRecorder
from trading_platform_order.simulation.checkers.close_price import (
    CloseRecorder,
    closes_walked_no_further_than_allowed,
)
from trading_platform_order.simulation.checkers.close_reason import ReasonRecorder
from trading_platform_order.simulation.checkers.exchange_fills import own_fills
from trading_platform_order.simulation.checkers.excused_times import (
    TAKEN_S,
    Excuse,
    combined,
    excuses_of,
    extended,
    heard_awake,
)
from trading_platform_order.simulation.checkers.naked_time import (
    legs_were_corrected_in_time,
    naked_while_correctable,
)
from trading_platform_order.simulation.checkers.refused_exits import RefusedExits
from trading_platform_order.simulation.checkers.time_to_flat import closings, exits_were_in_time
from trading_platform_order.simulation.testbed.testbed import TestBed


class LivenessChecker:
    """Watches one stage from now on; asked once, at the end."""

    def __init__(self, testbed: TestBed) -> None:
        self.testbed = testbed
        self._recorder = ClaimRecorder(testbed)
        self._prices = CloseRecorder(testbed, self._recorder)
        self._reasons = ReasonRecorder(testbed, self._recorder)
        self._refused = RefusedExits(testbed, self._recorder)

    async def run_checkers(self) -> None:
        """Violations go into the report, and how long undisturbed EXITs took."""
        excuses = self._excuses()
        closed = closings(self.testbed, self._recorder, excuses)
        self.testbed.report.exits_s += [c.seconds for c in closed if c.seconds == c.unexcused_s]
        exposure_s = self.testbed.setup.settings.policy.exposure_time_s
        naked = naked_while_correctable(self.testbed, excuses)
        self._tell(exits_were_in_time(closed))
        self._tell(legs_were_corrected_in_time(naked, exposure_s))
        self._tell(await self._attempts())
        self._tell(self._reasons.found)
        self._tell(self._refused.found)
        self._tell(closes_walked_no_further_than_allowed(self._prices.walks()))

    def _tell(self, lines: Iterable[str]) -> None:
        self.testbed.report.violations += lines

    def _excuses(self) -> list[Excuse]:
        told = combined([*self.testbed.report.excuses, *self._of_faults()])
        found = [*told, *(extended(taken, told) for taken in self._of_other_hands())]
        return combined([heard_awake(one, found) for one in found])

    def _of_faults(self) -> Iterator[Excuse]:
        for gateway in self.testbed.world.gateways.values():
            yield from excuses_of(gateway.faults.history, self.testbed.clock.monotonic())

    def _of_other_hands(self) -> Iterator[Excuse]:
        """A stop that fired, ADL, a liquidation, the owner: the other leg follows once seen."""
        testbed = self.testbed
        for fill in own_fills(testbed.world.accounts(), ()):
            if fill.venue is Venue.BINANCE and fill.client_order_id not in self._recorder.orders:
                at_s = testbed.clock.monotonic_of(fill.at)
                yield Excuse(since_s=at_s, until_s=at_s + TAKEN_S, why="by another hand")
        if testbed.owner.meddled_s is not None:
            yield Excuse(
                since_s=testbed.owner.meddled_s, until_s=float("inf"), why="the owner's and ours"
            )

    async def _attempts(self) -> Iterable[str]:
        store = self.testbed.reader()
        halted: dict[str, str] = {}
        async for row in store.journal_all():
            if row.kind == "trade_halted":
                event = event_of(row)
                if isinstance(event, TradeHalted):
                    halted[row.trade_id] = event.reason
        return closed_uses_no_attempts((await replay(store)).trades, halted)
