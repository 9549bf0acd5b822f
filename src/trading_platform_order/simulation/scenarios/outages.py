"""What keeps orders from an exchange, as a vocabulary; whatever it holds up is excused in time."""

import asyncio
from decimal import Decimal

from exchange_simulator.binance.venue import SimulatedBinance
from exchange_simulator.upbit.venue import SimulatedUpbit
from trading_platform_order.domain.venue import Venue
from trading_platform_order.simulation.checkers.timeliness.excused_times import (
    AFTER_CLOSED_S,
    Excuse,
)
from trading_platform_order.simulation.testbed.testbed import BASE, TestBed


class Outages:
    """One stage and its exchanges, which may close.

    Attributes:
        testbed: where the scenario plays.
    """

    def __init__(self, testbed: TestBed) -> None:
        self.testbed = testbed
        self._closed_s: dict[Venue, tuple[float, str]] = {}

    def shut(self, venue: Venue) -> None:
        """Maintenance: the exchange answers everything with its word for it."""
        self.account(venue).set_offline(is_offline=True)
        self._closed(venue, "maintenance")

    def reopen(self, venue: Venue) -> None:
        """It is open again."""
        self.account(venue).set_offline(is_offline=False)
        self._opened(venue)

    def account(self, venue: Venue) -> SimulatedUpbit | SimulatedBinance:
        """What this exchange may do to us."""
        world = self.testbed.world
        return world.upbit if venue is Venue.UPBIT else world.binance

    def market_of(self, venue: Venue, base: str = BASE) -> str:
        """The exchange's own name of a market."""
        return f"KRW-{base}" if venue is Venue.UPBIT else f"{base}USDT"

    def ban(self, venue: Venue, seconds: float) -> None:
        """Our address is banned for so long: 418 to everything."""
        self.account(venue).ban(seconds)
        self._closed(venue, f"bans us for {seconds:g} s")
        asyncio.get_running_loop().call_later(seconds, self._opened, venue)

    def suspend_market(self, venue: Venue, *, base: str = BASE) -> None:
        """This market takes no orders; everything else goes on."""
        self.account(venue).suspend(self.market_of(venue, base), is_on=True)
        self._closed(venue, f"{base} is suspended")

    def resume(self, venue: Venue, *, base: str = BASE) -> None:
        """It takes orders again."""
        self.account(venue).suspend(self.market_of(venue, base), is_on=False)
        self._opened(venue)

    def revoke_key(self, venue: Venue) -> None:
        """Our key is dead."""
        self.account(venue).revoke_key(is_revoked=True)
        self._closed(venue, "the key is dead")

    def restore_key(self, venue: Venue) -> None:
        """It works again."""
        self.account(venue).revoke_key(is_revoked=False)
        self._opened(venue)

    def hedge_mode(self, *, is_on: bool) -> None:
        """An operator switches the position mode; with two sides our orders are refused (-4061)."""
        self.testbed.world.binance.set_hedge_mode(is_on=is_on)
        if is_on:
            self._closed(Venue.BINANCE, "hedge mode")
        else:
            self._opened(Venue.BINANCE)

    def depth(
        self, venue: Venue, quantity: str | None, *, base: str = BASE, beyond_bps: int = 0
    ) -> None:
        """Others leave only this much (base) at the best prices, step after step.

        ``beyond_bps``: the rest of the book lies so much further away; 0: there is no rest.
        """
        left = None if quantity is None else Decimal(quantity)
        self.account(venue).limit_depth(self.market_of(venue, base), left, beyond_bps=beyond_bps)

    def _closed(self, venue: Venue, why: str) -> None:
        """From now on no order gets there, whoever sends it."""
        self.testbed.note(f"{venue}: {why}")
        self._closed_s.setdefault(venue, (self.testbed.clock.monotonic(), why))

    def _opened(self, venue: Venue) -> None:
        self.testbed.note(f"{venue} takes orders again")
        since_s, why = self._closed_s.pop(venue)
        until_s = self.testbed.clock.monotonic() + AFTER_CLOSED_S
        excuse = Excuse(since_s=since_s, until_s=until_s, why=why, venue=venue)
        self.testbed.report.excuses.append(excuse)

    def unreachable(self, *venues: Venue) -> None:
        """No connection to these comes about any more; open streams break."""
        for venue in venues:
            self._closed(venue, "unreachable")
            self.testbed.world.gateways[venue].unreachable = True
            self.testbed.world.gateways[venue].close_streams("unreachable")

    def reachable(self, *venues: Venue) -> None:
        """They answer again."""
        for venue in venues:
            self.testbed.world.gateways[venue].unreachable = False
            self._opened(venue)

    def reachable_after(self, seconds: float, *venues: Venue) -> None:
        """They answer again after a while."""
        asyncio.get_running_loop().call_later(seconds, self.reachable, *venues)
