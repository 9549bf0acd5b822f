"""Whatever signals come at the same time, in any order: what is accepted stays within the limits.

Judged from outside, by the orders that really left, at the fake market's constant prices.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.fixture import LIMITS, ExecutorFixture
from tests.fakes.outcomes import FILLED, LOST_ANSWER, ScriptedOutcome
from tests.fakes.pair import HEDGE_MID, RULES, SPOT_MID, D, signal
from trading_platform_order.domain.order import Leg
from trading_platform_order.domain.trade.trade_events import TradeOpened
from trading_platform_order.risk.limits import RiskLimits
from trading_platform_order.transport.virtual_loop import run_virtual

RATE = D(1_400)
EQUITY_KRW = D(100_000_000) + D(100_000) * RATE
SLOW = ScriptedOutcome(answer_s=3.0)
OUTCOMES = (FILLED, SLOW, LOST_ANSWER)
NARROW = replace(
    LIMITS,
    position_fraction=D("0.2"),
    symbol_fraction=D("0.15"),
    leverage_max=D("0.25"),
    order_krw_max=D(30_000_000),
    trade_krw_max=D(60_000_000),
    daily_turnover_krw_max=D(90_000_000),
    entries_per_minute_max=4,
    repeat_max=2,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One ENTER: who, where, how big (thousandths of a coin) and when."""

    strategy: str
    symbol: str
    size: int
    at_s: float


wishes = st.lists(
    st.builds(
        Wish,
        strategy=st.sampled_from(["a", "b", "c"]),
        symbol=st.sampled_from(["BTC", "ETH"]),
        size=st.integers(1, 220),
        at_s=st.sampled_from([0.0, 0.0, 0.0, 0.002, 0.5, 5.0]),
    ),
    min_size=2,
    max_size=8,
)
outcomes = st.lists(st.sampled_from(OUTCOMES), max_size=8)


async def play(
    sent: Sequence[Wish], fated: Sequence[ScriptedOutcome], limits: RiskLimits, commit_s: float
) -> list[TradeOpened]:
    """All signals, each at its time; the trades that were opened."""
    # Nothing is compared meanwhile: the fake exchange does not keep two symbols apart.
    patient = {"command_poll_s": 1e6, "reconcile_interval_s": 1e6}
    fixture = ExecutorFixture(limits=limits, sizing=replace(RULES, add_to_open=True), **patient)
    fixture.commit_s = commit_s
    async with fixture.running():
        fixture.upbit.outcomes.extend(fated)
        fixture.binance.outcomes.extend(reversed(fated))
        start_s = fixture.clock.monotonic()

        async def send(number: int, wish: Wish) -> None:
            await asyncio.sleep(max(start_s + wish.at_s - fixture.clock.monotonic(), 0))
            quantity = str(D(wish.size) / 1_000)
            made = signal(
                name=f"s{number}",
                strategy=wish.strategy,
                symbol=wish.symbol,
                quantity=quantity,
                at=fixture.clock.now(),
            )
            await fixture.signal(made)

        await asyncio.gather(*(send(number, wish) for number, wish in enumerate(sent)))
        await fixture.quiet()
        return [event for event in await fixture.events() if isinstance(event, TradeOpened)]


def value_krw(opened: TradeOpened) -> tuple[Decimal, Decimal]:
    spot, hedge = (sum((o.quantity for o in opened.orders if o.leg is leg), D(0)) for leg in Leg)
    return spot * SPOT_MID, hedge * HEDGE_MID * RATE


@settings(max_examples=40, deadline=None)
@given(sent=wishes, fated=outcomes, commit_s=st.sampled_from([0.0, 0.004, 0.2]))
def test_no_accepted_entry_exceeds_a_limit(
    sent: list[Wish], fated: list[ScriptedOutcome], commit_s: float
) -> None:
    opened = run_virtual(play(sent, fated, NARROW, commit_s))
    slack = D("1.001")  # coins are valued at the bid, and fees have left the equity
    pairs: dict[str, Decimal] = defaultdict(lambda: D(0))
    turnover = short_krw = D(0)
    for event in opened:
        spot_krw, hedge_krw = value_krw(event)
        assert max(spot_krw, hedge_krw) <= NARROW.order_krw_max
        assert spot_krw + hedge_krw <= NARROW.trade_krw_max
        pairs[event.signal.symbol] += max(spot_krw, hedge_krw)
        turnover += spot_krw + hedge_krw
        short_krw += hedge_krw
    assert sum(pairs.values()) <= EQUITY_KRW * NARROW.position_fraction * slack
    for held_krw in pairs.values():
        assert held_krw <= EQUITY_KRW * NARROW.symbol_fraction * slack
    assert short_krw <= D(100_000) * RATE * NARROW.leverage_max * slack
    assert turnover <= NARROW.daily_turnover_krw_max * slack
    assert len(opened) <= NARROW.entries_per_minute_max
    alike: dict[object, int] = defaultdict(int)
    for event in opened:
        alike[event.signal.strategy, event.signal.symbol, event.signal.quantity_base] += 1
    assert max(alike.values(), default=0) <= NARROW.repeat_max


def test_the_property_can_bite() -> None:
    """Without limits the same signals go far over them: the test above is not empty."""
    sent = [Wish(strategy="a", symbol=s, size=200, at_s=0.0) for s in ("BTC", "ETH", "BTC", "ETH")]
    opened = run_virtual(play(sent, [], LIMITS, 0.004))
    assert sum(max(value_krw(event)) for event in opened) > EQUITY_KRW * NARROW.position_fraction
    assert len(run_virtual(play(sent, [], NARROW, 0.004))) in {1, 2}
