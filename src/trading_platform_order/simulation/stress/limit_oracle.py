"""Reckons from the exchanges' state alone whether a limit is crossed, and for how long.

What the engine believes is not asked. A figure that is near a limit says nothing: only what is
clearly over, for longer than the engine needs, *must* have its consequence; what was never near
must *not*.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from trading_platform_order.domain.money import ONE, ZERO
from trading_platform_order.domain.venue import Venue
from trading_platform_order.risk.monitors.monitor_limits import MonitorLimits
from trading_platform_order.simulation.checkers.exchange_fills import ExchangeFill, own_fills
from trading_platform_order.simulation.testbed.testbed import TestBed

NEAR = Decimal("0.008")
"""Of a pair's loss: spreads, depth and fees lie within it."""
PART = Decimal("0.08")
"""Of the other limits: nearer than this part says nothing."""
UNSEEN_S = 1.5
"""A pause between two samples that hides how it was meanwhile: the engine was being restarted."""
MAINTENANCE = Decimal("0.005")


@dataclass(slots=True)
class Limit:
    """One limit, over the time it was watched.

    Attributes:
        was_near: it may have been crossed.
        crossed_at: monotonic seconds at which it was first clearly crossed.
        due_at: monotonic seconds at which it had first been clearly crossed for long enough.
    """

    persist_s: float
    was_near: bool = False
    crossed_at: float | None = None
    due_at: float | None = None
    _over_since: float | None = None
    _over: list[tuple[float, float]] = field(default_factory=list)

    def see(self, now_s: float, *, near: bool, over: bool) -> None:
        """One sample; ``over`` is clearly over."""
        self.was_near = self.was_near or near
        if not over:
            self._over_since = None
            return
        if self.crossed_at is None:
            self.crossed_at = now_s
        if self._over_since is None:
            self._over_since = now_s
            self._over.append((now_s, now_s))
        self._over[-1] = (self._over_since, now_s)
        if self.due_at is None and now_s - self._over_since >= self.persist_s:
            self.due_at = self._over_since + self.persist_s

    def due_for(self, late_s: float) -> float | None:
        """When it was first due and stayed crossed for ``late_s`` more, unanswered or not.

        What was over again before then, nobody had to answer any more.
        """
        for since_s, until_s in self._over:
            due_s = since_s + self.persist_s
            if until_s >= due_s + late_s:
                return due_s
        return None

    def forget(self) -> None:
        """No engine lives: what was seen so far is seen anew by the next."""
        self._over_since = None


@dataclass(slots=True)
class PairCost:
    """What a pair cost, by the exchanges' fills."""

    coins: Decimal = ZERO
    cost_krw: Decimal = ZERO
    short: Decimal = ZERO
    value_usdt: Decimal = ZERO

    def take(self, fill: ExchangeFill) -> None:
        """One more fill."""
        if fill.venue is Venue.UPBIT:
            self.coins, self.cost_krw = _booked(
                self.coins, self.cost_krw, fill.coins, fill.price * fill.quantity
            )
        else:
            self.short, self.value_usdt = _booked(
                self.short, self.value_usdt, -fill.coins, fill.price * fill.quantity
            )

    def loss(self, spot_krw: Decimal, hedge_usdt: Decimal, rate: Decimal) -> Decimal:
        """Over entry notional, at the mids."""
        notional = max(self.cost_krw, self.value_usdt * rate)
        if notional <= 0:
            return ZERO
        spot = self.coins * spot_krw - self.cost_krw
        hedge = (self.value_usdt - self.short * hedge_usdt) * rate
        return -(spot + hedge) / notional


def _booked(
    held: Decimal, worth: Decimal, change: Decimal, value: Decimal
) -> tuple[Decimal, Decimal]:
    """What is bought adds its value; what is sold takes its share of what stood there."""
    if change >= 0:
        return held + change, worth + value
    left = max(held + change, ZERO)
    return left, ZERO if held <= 0 else worth * left / held


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """What stood on Binance at one sample: USDT, coins short, USDT for one."""

    balance_usdt: Decimal
    shorts: Mapping[str, Decimal]
    marks: Mapping[str, Decimal]

    @property
    def rise(self) -> Decimal | None:
        """Of the price up to liquidation, as a part of it; None without a short."""
        notional = sum((self.shorts[name] * self.marks[name] for name in self.shorts), ZERO)
        if notional <= 0:
            return None
        return (self.balance_usdt - MAINTENANCE * notional) / (notional * (ONE + MAINTENANCE))

    def at(self, marks: Mapping[str, Decimal]) -> "Margin":
        """The same position under other prices."""
        moved = {name: marks.get(name, mark) for name, mark in self.marks.items()}
        lost = sum(
            (self.shorts[name] * (moved[name] - self.marks[name]) for name in self.shorts), ZERO
        )
        return Margin(balance_usdt=self.balance_usdt - lost, shorts=self.shorts, marks=moved)


@dataclass(slots=True, kw_only=True)
class LimitOracle:
    """Watches one stage from now on.

    Attributes:
        limits: by which it judges.
        near: of a pair's loss, nearer to its limit says nothing; part: of the other limits.
        stop_loss: by base asset.
        day: the daily loss.
        warn: of the margin; reduce: the same.
    """

    testbed: TestBed
    limits: MonitorLimits
    near: Decimal = NEAR
    part: Decimal = PART
    stop_loss: dict[str, Limit] = field(default_factory=dict)
    day: Limit = field(default_factory=lambda: Limit(0.0))
    warn: Limit = field(default_factory=lambda: Limit(0.5))
    reduce: Limit = field(default_factory=lambda: Limit(0.5))
    _began_krw: Decimal = ZERO
    _seen_s: float = 0.0
    _traced: tuple[object, ...] = ()
    _figures: list[tuple[Limit, bool, bool]] = field(default_factory=list)
    _margin: Margin | None = None

    def __post_init__(self) -> None:
        rules = self.limits.stop_loss
        self.stop_loss = {base: Limit(rules.persist_s) for base in self.testbed.setup.bases}
        self._began_krw = self._equity(self.testbed.world.accounts())

    def look(self) -> None:
        """One sample."""
        testbed = self.testbed
        now_s = testbed.clock.monotonic()
        is_unseen = now_s - self._seen_s > UNSEEN_S
        self._seen_s = now_s
        if testbed.crash_point.dead.is_set() or is_unseen:
            for limit in (*self.stop_loss.values(), self.day, self.warn, self.reduce):
                limit.forget()
        if testbed.crash_point.dead.is_set():
            return
        traces = self._traces()
        if traces != self._traced:
            state = testbed.world.accounts()
            self._figures = [
                *self._of_pairs(state),
                self._of_the_day(state),
                *self._of_margin(state),
            ]
            self._traced = traces
        for limit, near, over in self._figures:
            limit.see(now_s, near=near, over=over)

    def _traces(self) -> tuple[object, ...]:
        """Nothing that happens leaves all of this as it was: what they hold, and the prices."""
        world, owner = self.testbed.world, self.testbed.owner
        bases = self.testbed.setup.bases
        return (
            world.upbit.totals,
            world.upbit.prices,
            world.binance.wallet_usdt,
            [
                (world.position(f"{base}USDT"), self.testbed.tick(base).binance_close)
                for base in bases
            ],
            dict(owner.moved),
            dict(owner.coins),
            len(owner.order_ids),
        )

    def _of_pairs(self, state: Mapping[str, Any]) -> Iterator[tuple[Limit, bool, bool]]:
        pairs: dict[str, PairCost] = defaultdict(PairCost)
        for fill in own_fills(state, self.testbed.owner.order_ids):
            pairs[fill.base].take(fill)
        rules, rate = self.limits.stop_loss, self._rate
        for base, limit in self.stop_loss.items():
            tick = self.testbed.tick(base)
            loss = pairs[base].loss(tick.upbit_close, tick.binance_close, rate)
            allowed = rules.of(base)
            yield limit, loss >= allowed - self.near, loss >= allowed + self.near

    def _of_the_day(self, state: Mapping[str, Any]) -> tuple[Limit, bool, bool]:
        equity_krw = self._equity(state)
        limit = self.limits.stop.daily_loss_fraction
        lost = (self._began_krw - equity_krw) / equity_krw
        return self.day, lost > limit * (ONE - self.part), lost > limit * (ONE + self.part)

    def _of_margin(self, state: Mapping[str, Any]) -> Iterator[tuple[Limit, bool, bool]]:
        rules = self.limits.margin
        now = self._margin_of(state)
        # A stop on the exchange fires at the price that brings the margin near its limit, before
        # any sample: the engine may have seen that price beside the position that was.
        rises = (now.rise, None if self._margin is None else self._margin.at(now.marks).rise)
        self._margin = now
        least_rise = min((rise for rise in rises if rise is not None), default=None)
        for limit, least in (
            (self.warn, rules.warn_distance),
            (self.reduce, rules.reduce_distance),
        ):
            near = least_rise is not None and least_rise < least * (ONE + self.part)
            yield limit, near, now.rise is not None and now.rise < least * (ONE - self.part)

    def _margin_of(self, state: Mapping[str, Any]) -> Margin:
        rows = state["binance"]["positions"]
        closes = {f"{b}USDT": self.testbed.tick(b).binance_close for b in self.testbed.setup.bases}
        return Margin(
            balance_usdt=Decimal(state["binance"]["margin_balance_usdt"]),
            shorts={name: max(-Decimal(row["quantity"]), ZERO) for name, row in rows.items()},
            marks=closes | {name: Decimal(row["mark_price"]) for name, row in rows.items()},
        )

    @property
    def _rate(self) -> Decimal:
        return self.testbed.world.upbit.prices["KRW-USDT"]

    def _equity(self, state: Mapping[str, Any]) -> Decimal:
        """KRW worth of what is ours, by the exchanges; what the owner moved does not count."""
        world, owner = self.testbed.world, self.testbed.owner
        krw = world.upbit.totals.get("KRW", ZERO) - owner.moved[Venue.UPBIT, "KRW"]
        for base in self.testbed.setup.bases:
            coins = world.upbit.totals.get(base, ZERO) - owner.coins.get(base, ZERO)
            krw += coins * world.upbit.prices[f"KRW-{base}"]
        usdt = Decimal(state["binance"]["margin_balance_usdt"])
        return krw + (usdt - owner.moved[Venue.BINANCE, "USDT"]) * self._rate
