"""What can be expected of the engine: by the exchanges' state, the journal and the alert outbox.

One that is not met is a violation of the run; a scenario never stops at the first.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

from trading_platform_order.domain.account.account_events import FundingBooked, SignalRefused
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.pair import venue_of
from trading_platform_order.executor.journal.event_codec import event_of
from trading_platform_order.executor.journal.replay import replay
from trading_platform_order.risk.monitors.emergency_stop import STOP_LATCH, Condition
from trading_platform_order.simulation.checkers import invariants
from trading_platform_order.simulation.testbed.bed_snapshot import journalled_trades
from trading_platform_order.simulation.testbed.testbed import BASE, TestBed
from trading_platform_order.storage.base import ClaimResult


class Expectations:
    """Of one testbed.

    Attributes:
        testbed: where the scenario plays.
    """

    def __init__(self, testbed: TestBed) -> None:
        self.testbed = testbed
        self.owner = testbed.owner

    def expect(self, *, that: bool, otherwise: str) -> None:
        """Anything else that must be true."""
        if not that:
            self._violate(otherwise)

    @contextmanager
    def expecting(self, kind: type[Exception]) -> Iterator[None]:
        """What is done here must fail in this way."""
        try:
            yield
        except kind:
            return
        self._violate(f"no {kind.__name__}")

    def requests_seen(self) -> int:
        """How many requests both exchanges received so far."""
        return sum(gate.requests_seen for gate in self.testbed.world.gateways.values())

    def expect_claim(self, got: ClaimResult, wanted: ClaimResult) -> None:
        """What the sender was told."""
        self.expect(that=got is wanted, otherwise=f"the sender was told {got}, not {wanted}")

    def orders(self, venue: Venue) -> list[invariants.Placed]:
        """Every order of ours that an exchange took, filled or not, oldest first."""
        placed = invariants.placed_orders(self.testbed.world.accounts())
        return [
            order
            for order in placed
            if venue_of(order.leg) is venue and order.client_order_id not in self.owner.order_ids
        ]

    def filled(self, venue: Venue) -> list[invariants.Placed]:
        """Those that were filled, in part at least."""
        return [order for order in self.orders(venue) if order.executed > 0]

    def expect_filled(self, *, upbit: int, binance: int) -> None:
        """So many orders were filled on each exchange, since the beginning."""
        for venue, wanted in ((Venue.UPBIT, upbit), (Venue.BINANCE, binance)):
            names = [order.client_order_id for order in self.filled(venue)]
            self.expect(
                that=len(names) == wanted,
                otherwise=f"{len(names)} orders filled on {venue}, expected {wanted}: {names}",
            )

    def coins(self, base: str = BASE) -> Decimal:
        """On Upbit, without the owner's."""
        return self.testbed.world.upbit.totals.get(base, ZERO) - self.owner.coins.get(base, ZERO)

    def short(self, base: str = BASE) -> Decimal:
        """On Binance, positive when short."""
        return -self.testbed.world.position(f"{base}USDT")

    def requests(self, venue: Venue, method: str, path: str) -> int:
        """How many of these an exchange received (of the last thousand)."""
        return sum(
            1
            for request in self.testbed.world.gateways[venue].requests
            if request.method == method and request.target.partition("?")[0] == path
        )

    def streams_made(self, venue: Venue) -> int:
        """How often a private stream was opened, as far as its key was asked for (Binance)."""
        return self.requests(venue, "POST", "/fapi/v1/listenKey")

    def expect_requests(self, method: str, path: str, *, venue: Venue, at_most: int) -> None:
        """No storm."""
        count = self.requests(venue, method, path)
        self.expect(
            that=count <= at_most, otherwise=f"{count} {method} {path} on {venue}, over {at_most}"
        )

    def expect_hedged(self, base: str = BASE, *, filled: int | None = None) -> None:
        """Something is held, and both legs agree within what can be traded.

        ``filled``: so many orders on each exchange since the beginning; ``None``: any number.
        """
        self.expect(that=self.short(base) > 0, otherwise=f"nothing of {base} is short")
        self._expect_even(base)
        self._expect_filled_on_each(filled)

    def expect_flat(self, base: str = BASE, *, filled: int | None = None) -> None:
        """Nothing is held but dust. ``filled``: as :meth:`expect_hedged`."""
        self.expect(that=self.short(base) == 0, otherwise=f"{self.short(base)} {base} is short")
        self._expect_even(base)
        self._expect_filled_on_each(filled)

    def _expect_filled_on_each(self, count: int | None) -> None:
        if count is not None:
            self.expect_filled(upbit=count, binance=count)

    def _expect_even(self, base: str) -> None:
        for line in invariants.hedged_or_flat(self.testbed.world.accounts(), self.owner.coins):
            if line.startswith(f"{base}:"):
                self._violate(line)

    def stops(self) -> list[str]:
        """Ids of the conditional orders that stand on Binance now."""
        orders = self.testbed.world.binance.state()["algo_orders"]
        return [order["clientAlgoId"] for order in orders if order["algoStatus"] == "NEW"]

    def wallet(self) -> Decimal:
        """USDT on Binance, without unrealised profit."""
        return Decimal(self.testbed.world.binance.state()["wallet_usdt"])

    async def funding(self) -> list[Decimal]:
        """Every settlement in the journal, USDT."""
        rows = [event_of(row) async for row in self.testbed.reader().journal_all()]
        return [event.amount_usdt for event in rows if isinstance(event, FundingBooked)]

    def expect_no_status(self, *statuses: int) -> None:
        """No exchange had to answer like this (of the last thousand requests each)."""
        for venue, gate in self.testbed.world.gateways.items():
            for request in gate.requests:
                if request.outcome.split(",")[0] in {str(status) for status in statuses}:
                    self._violate(f"{venue} answered {request.outcome} to {request.target}")

    async def trades(self) -> dict[str, PairTrade]:
        """By signal id, from the journal."""
        replayed = await replay(self.testbed.reader())
        return {trade.signal.id: trade for trade in replayed.trades.values()}

    def expect_outcome(self, signal_id: str, *outcomes: str) -> None:
        """The signal's trade settled so (one of these)."""
        trades = journalled_trades(self.testbed.connection).values()
        found = [trade for trade in trades if trade.signal.id == signal_id]
        told = found[0].outcome.value if found and found[0].outcome else "no outcome"
        self.expect(that=told in outcomes, otherwise=f"{signal_id}: {told}, not {outcomes}")

    async def refusals(self) -> dict[str, str]:
        """Refusal codes by signal id, from the journal."""
        codes: dict[str, str] = {}
        async for row in self.testbed.reader().journal_all():
            event = event_of(row)
            if isinstance(event, SignalRefused):
                codes[event.signal_id] = event.code
        return codes

    async def expect_refused(self, signal_id: str, *codes: str) -> None:
        """The signal was refused for this reason (one of these)."""
        told = (await self.refusals()).get(signal_id, "not refused")
        self.expect(that=told in codes, otherwise=f"{signal_id}: {told}, not {codes}")

    def expect_alert(self, *kinds: str) -> None:
        """Operators were told (of each of these)."""
        told = {alert.kind for alert in self.testbed.alerts()}
        for kind in kinds:
            self.expect(that=kind in told, otherwise=f"no alert {kind}, only {sorted(told)}")

    async def expect_stopped(self, reason: str) -> None:
        """The stop is latched, for a reason that contains this."""
        latch = await self.testbed.reader().latch(STOP_LATCH)
        told = latch.reason if latch else "no stop"
        self.expect(that=reason in told, otherwise=f"stop: {told!r}, expected {reason!r}")

    def expect_not_stopped(self) -> None:
        """The emergency stop is not latched now."""
        reason = self.testbed.engine.executor.account.stopped_reason
        self.expect(that=reason is None, otherwise=f"stopped: {reason}")

    async def expect_shown(self, condition: Condition) -> None:
        """Everybody can see that the condition holds now."""
        shown = {latch.kind for latch in await self.testbed.reader().latches()}
        self.expect(that=condition.latch in shown, otherwise=f"{condition} is not shown to hold")

    async def expect_naked_ms(self, signal_id: str, *, at_most: int) -> None:
        """The legs differed no longer than this."""
        trade = (await self.trades()).get(signal_id)
        told = trade.naked_ms if trade else -1
        self.expect(
            that=0 <= told <= at_most, otherwise=f"{signal_id}: naked for {told} ms, over {at_most}"
        )

    def _violate(self, text: str) -> None:
        self.testbed.note(f"NOT AS EXPECTED: {text}")
        self.testbed.report.violations.append(text)
