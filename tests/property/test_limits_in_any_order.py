"""Entries and exits of several strategies at once, under limits that are drawn too.

At every entry that was begun, all that was begun before it and has no known end counts in full, as
if it had filled: even so no limit may be passed. Judged from the journal, by its own arithmetic.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.fixture import LIMITS, ExecutorFixture
from tests.fakes.outcomes import FILLED, LOST_ANSWER, LOST_REQUEST, ScriptedOutcome, refused
from tests.fakes.pair import HEDGE_MID, RULES, SPOT_MID, D, seconds, signal
from trading_platform_order.domain.order import Leg, Order, OrderSide
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.pair_trade import PairTrade, apply
from trading_platform_order.executor.journal.event_codec import event_of
from trading_platform_order.risk.limits import RiskLimits
from trading_platform_order.risk.monitors.monitor_limits import MonitorLimits
from trading_platform_order.transport.virtual_loop import run_virtual

RATE = D(1_400)
USDT = D(100_000)
SLACK = D("1.002")
"""Coins are valued at the bid, and fees leave the equity meanwhile."""
ZERO = D(0)


Reported = tuple[str, te.TradeEvent]
"""Which trade, and what happened to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Who, what, where, how big (thousandths of a coin) and when."""

    strategy: str
    action: Action
    symbol: str
    size: int
    at_s: float


wishes = st.lists(
    st.builds(
        Wish,
        strategy=st.sampled_from(["a", "b", "c"]),
        action=st.sampled_from([Action.ENTER, Action.ENTER, Action.ENTER, Action.EXIT]),
        symbol=st.sampled_from(["BTC", "ETH"]),
        size=st.sampled_from([1, 20, 50, 120, 210]),
        at_s=st.sampled_from([0.0, 0.0, 0.0, 0.002, 0.5, 4.0, 12.0]),
    ),
    min_size=3,
    max_size=10,
)
outcomes = st.lists(
    st.sampled_from(
        [
            FILLED,
            ScriptedOutcome(answer_s=3.0),
            LOST_ANSWER,
            LOST_REQUEST,
            refused(),
            ScriptedOutcome(executes=D("0.001")),
            ScriptedOutcome(tells_fills=False),
        ]
    ),
    max_size=10,
)
narrow = st.builds(
    replace,
    st.just(LIMITS),
    position_fraction=st.sampled_from([D("0.05"), D("0.2"), D("0.5")]),
    symbol_fraction=st.sampled_from([D("0.05"), D("0.15"), D("0.5")]),
    leverage_max=st.sampled_from([D("0.1"), D("0.25"), D(2)]),
    runway_fraction=st.sampled_from([D("0.3"), D(5)]),
    order_krw_max=st.sampled_from([D(8_000_000), D(30_000_000)]),
    trade_krw_max=st.sampled_from([D(15_000_000), D(60_000_000)]),
    daily_turnover_krw_max=st.sampled_from([D(20_000_000), D(90_000_000), D(1_000_000_000)]),
    hourly_loss_krw_max=st.sampled_from([D(10_000), D(1_000_000_000)]),
    daily_loss_fraction=st.sampled_from([D("0.0001"), D("0.03")]),
    entries_per_minute_max=st.sampled_from([1, 3, 100]),
    repeat_max=st.sampled_from([1, 2, 100]),
)


async def play(
    sent: Sequence[Wish],
    fated: Sequence[ScriptedOutcome],
    limits: RiskLimits,
    *,
    krw: Decimal,
    adds: bool,
) -> list[Reported]:
    """All signals, each at its time; what the journal says of trades."""
    # The fake exchange does not keep two symbols apart, so nothing is compared meanwhile.
    fixture = ExecutorFixture(
        limits=limits,
        sizing=replace(RULES, add_to_open=adds),
        monitors=MonitorLimits(look_s=1e6, account_poll_s=1e6),
        command_poll_s=1e6,
        reconcile_interval_s=1e6,
    )
    fixture.upbit.money = krw
    async with fixture.running():
        fixture.upbit.outcomes.extend(fated)
        fixture.binance.outcomes.extend(reversed(fated))
        start_s = fixture.clock.monotonic()

        async def send(number: int, wish: Wish) -> None:
            await asyncio.sleep(max(start_s + wish.at_s - fixture.clock.monotonic(), 0))
            made = signal(
                wish.action,
                name=f"s{number}",
                strategy=wish.strategy,
                symbol=wish.symbol,
                quantity=str(D(wish.size) / 1_000) if wish.action is Action.ENTER else None,
                at=fixture.clock.now(),
                expires_at=fixture.clock.now() + seconds(60),
            )
            await fixture.signal(made)

        await asyncio.gather(*(send(number, wish) for number, wish in enumerate(sent)))
        await asyncio.sleep(20)  # what is not at its end by then counts in full anyway
        rows = [(row.trade_id, event_of(row)) async for row in fixture.store.journal_all()]
        return [(name, event) for name, event in rows if name and isinstance(event, te.TradeEvent)]


@dataclass(slots=True)
class Worst:
    """All orders so far; those without a known end as if they had filled."""

    spot: dict[str, Decimal]
    short: dict[str, Decimal]
    krw: Decimal = ZERO
    turnover_krw: Decimal = ZERO
    fees_krw: Decimal = ZERO

    @classmethod
    def of(cls, trades: Iterable[PairTrade]) -> "Worst":
        worst = cls(defaultdict(lambda: ZERO), defaultdict(lambda: ZERO))
        for trade in trades:
            for order in trade.orders:
                worst.count(trade, order)
            for fill in trade.fills:
                worst.fees_krw += fill.fee * (RATE if fill.fee_asset == "USDT" else 1)
        return worst

    def count(self, trade: PairTrade, order: Order) -> None:
        adds = OrderSide.BUY if order.leg is Leg.SPOT else OrderSide.SELL
        done = trade.filled(order)
        open_ended = order.side is adds and not order.status.is_final
        most = order.quantity if open_ended else max(done, order.executed_quantity)
        signed = most if order.side is adds else -done
        if order.leg is Leg.SPOT:
            self.spot[trade.base] += signed
            self.krw += signed * SPOT_MID
            self.turnover_krw += most * SPOT_MID
        else:
            self.short[trade.base] += signed
            self.turnover_krw += most * HEDGE_MID * RATE

    def pair_krw(self, base: str) -> Decimal:
        return max(self.spot[base] * SPOT_MID, self.short[base] * HEDGE_MID * RATE)


def judge(events: Sequence[Reported], limits: RiskLimits, *, krw: Decimal, adds: bool) -> int:
    """Every entry against every limit at its moment; how many there were."""
    trades: dict[str, PairTrade] = {}
    entries: list[te.TradeOpened] = []
    for name, event in events:
        if isinstance(event, te.TradeOpened) and event.signal.action is Action.ENTER:
            held = Worst.of(
                t for t in trades.values() if t.signal.strategy == event.signal.strategy
            )
            if not adds:
                assert held.spot[event.signal.symbol] < D("0.00005"), "a second pair was opened"
            lost = Worst.of(trades.values()).fees_krw
            assert lost < limits.hourly_loss_krw_max
            assert lost < (krw + USDT * RATE) * limits.daily_loss_fraction * SLACK
        trades[name] = apply(trades.get(name), event)
        if isinstance(event, te.TradeOpened) and event.signal.action is Action.ENTER:
            entries.append(event)
            judge_entry(event, entries, Worst.of(trades.values()), limits, krw)
    return len(entries)


def judge_entry(
    event: te.TradeOpened,
    entries: Sequence[te.TradeOpened],
    worst: Worst,
    limits: RiskLimits,
    krw: Decimal,
) -> None:
    equity_krw = (krw + USDT * RATE) * SLACK
    values = [
        order.quantity * (SPOT_MID if order.leg is Leg.SPOT else HEDGE_MID * RATE)
        for order in event.orders
    ]
    assert max(values) <= limits.order_krw_max
    assert sum(values) <= limits.trade_krw_max
    pairs = {base: worst.pair_krw(base) for base in (*worst.spot, *worst.short)}
    assert sum(pairs.values()) <= equity_krw * limits.position_fraction
    assert max(pairs.values()) <= equity_krw * limits.symbol_fraction
    short_usdt = sum(worst.short.values(), ZERO) * HEDGE_MID
    assert short_usdt <= USDT * limits.leverage_max * SLACK
    rise = limits.runway_fraction
    assert short_usdt * (rise + limits.maintenance_rate * (1 + rise)) <= USDT * SLACK
    assert worst.krw <= krw
    assert worst.turnover_krw <= limits.daily_turnover_krw_max * SLACK
    recent = [e for e in entries if (event.at - e.at).total_seconds() < 60]
    assert len(recent) <= limits.entries_per_minute_max
    assert sum(_alike(e) == _alike(event) for e in recent) <= limits.repeat_max


def _alike(event: te.TradeOpened) -> tuple[object, ...]:
    wish = event.signal
    return wish.strategy, wish.symbol, wish.quantity_base


@settings(max_examples=60, deadline=None)
@given(
    sent=wishes,
    fated=outcomes,
    limits=narrow,
    krw=st.sampled_from([D(20_000_000), D(100_000_000)]),
    adds=st.booleans(),
)
def test_no_entry_passes_a_limit_in_any_order(
    sent: list[Wish], fated: list[ScriptedOutcome], limits: RiskLimits, krw: Decimal, *, adds: bool
) -> None:
    events = run_virtual(play(sent, fated, limits, krw=krw, adds=adds))
    judge(events, limits, krw=krw, adds=adds)


def test_the_judge_can_bite() -> None:
    """What is begun without limits is found guilty of each of them."""
    sent = [
        Wish(strategy=name, action=Action.ENTER, symbol=base, size=210, at_s=0.0)
        for name in ("a", "b")
        for base in ("BTC", "ETH")
    ]
    krw = D(100_000_000)
    events = run_virtual(play(sent, [], LIMITS, krw=krw, adds=True))
    assert judge(events, LIMITS, krw=krw, adds=True) >= 3
    for changed in (
        {"position_fraction": D("0.3")},
        {"symbol_fraction": D("0.2")},
        {"leverage_max": D("0.5")},
        {"runway_fraction": D(2)},
        {"order_krw_max": D(29_000_000)},
        {"trade_krw_max": D(58_000_000)},
        {"daily_turnover_krw_max": D(100_000_000)},
        {"hourly_loss_krw_max": D(20_000)},
        {"daily_loss_fraction": D("0.0001")},
        {"entries_per_minute_max": 2},
    ):
        guilty = replace(LIMITS, **changed)
        try:
            judge(events, guilty, krw=krw, adds=True)
        except AssertionError:
            continue
        raise AssertionError(f"not noticed: {changed}")
