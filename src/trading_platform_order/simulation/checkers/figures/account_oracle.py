"""The account's figures as the exchanges' own state makes them: what limits are really about.

Nothing here comes from the engine's ledger. Only what orders under way may still add is asked of
it, because no exchange knows that, and is counted by what the exchanges have filled of them.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Leg, OrderSide
from trading_platform_order.domain.venue import Venue
from trading_platform_order.simulation.checkers.exchange_fills import naked_fills
from trading_platform_order.simulation.checkers.invariants import forced_ids, placed_orders
from trading_platform_order.simulation.testbed.testbed import TestBed

KST = timezone(timedelta(hours=9))
HEARD_AFTER = timedelta(seconds=5)
"""Who closes a short of ours by hand, or Binance that takes it, tells the engine nothing before it
happens: an entry of the same moment cannot count it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountTruth:
    """Figures at one moment.

    Attributes:
        rate: KRW for one USDT.
        margin_usdt: Binance wallet and unrealised profit.
        free_krw: on Upbit, not locked.
        equity_krw: KRW, our coins and the margin balance.
        pnl_krw: profit since the account was opened, without what others moved and without what
            the rate did to the USDT that lay there.
        pairs_krw: value by base asset at its larger leg; what may still fill counts.
        shorts_usdt: value of all shorts; what may still fill counts.
        turnover_krw: value of today's fills (KST), both legs, whoever closed a short of ours.
        heard_turnover_krw: without what others did so lately that no engine can know it.
    """

    rate: Decimal
    margin_usdt: Decimal
    free_krw: Decimal
    equity_krw: Decimal
    pnl_krw: Decimal
    pairs_krw: Mapping[str, Decimal]
    shorts_usdt: Decimal
    turnover_krw: Decimal
    heard_turnover_krw: Decimal

    @property
    def is_heard(self) -> bool:
        """Nobody else closed a short of ours so lately that no engine can know it."""
        return self.heard_turnover_krw == self.turnover_krw

    @property
    def all_pairs_krw(self) -> Decimal:
        """Value of all pairs."""
        return sum(self.pairs_krw.values(), ZERO)


def truth_of(testbed: TestBed, state: Mapping[str, Any]) -> AccountTruth:
    """The figures now; ``state`` is the exchanges' own of this moment."""
    world, owner = testbed.world, testbed.owner
    prices = world.upbit.prices
    rate = prices["KRW-USDT"]
    margin_usdt = Decimal(state["binance"]["margin_balance_usdt"])
    krw = world.upbit.totals.get("KRW", ZERO)
    coins = _own_coins(testbed)
    coins_krw = sum((n * prices[f"KRW-{base}"] for base, n in coins.items()), ZERO)
    began = testbed.setup.opening
    krw_gained = krw - began.krw - owner.moved[Venue.UPBIT, "KRW"]
    usdt_gained = margin_usdt - began.usdt - owner.moved[Venue.BINANCE, "USDT"]
    pairs_krw, shorts_usdt = _exposure(testbed, state, coins, rate)
    return AccountTruth(
        rate=rate,
        margin_usdt=margin_usdt,
        free_krw=Decimal(state["upbit"]["balances"].get("KRW", {"available": "0"})["available"]),
        equity_krw=krw + coins_krw + margin_usdt * rate,
        pnl_krw=krw_gained + coins_krw + usdt_gained * rate,
        pairs_krw=pairs_krw,
        shorts_usdt=shorts_usdt,
        turnover_krw=_turnover(testbed, state, rate),
        heard_turnover_krw=_turnover(
            testbed, state, rate, external_until=testbed.clock.now() - HEARD_AFTER
        ),
    )


def _own_coins(testbed: TestBed) -> dict[str, Decimal]:
    totals, theirs = testbed.world.upbit.totals, testbed.owner.coins
    return {base: totals.get(base, ZERO) - theirs.get(base, ZERO) for base in testbed.setup.bases}


def _exposure(
    testbed: TestBed, state: Mapping[str, Any], coins: Mapping[str, Decimal], rate: Decimal
) -> tuple[dict[str, Decimal], Decimal]:
    prices, positions = testbed.world.upbit.prices, state["binance"]["positions"]
    coming = _coming(testbed, state)
    pairs_krw, shorts_usdt = {}, ZERO
    for base, held in coins.items():
        row = positions.get(f"{base}USDT", {"quantity": "0", "mark_price": "0"})
        short = max(-Decimal(row["quantity"]), ZERO) + coming[base, Leg.HEDGE]
        price_krw = prices[f"KRW-{base}"]
        value_usdt = short * (Decimal(row["mark_price"]) or price_krw / rate)
        spot_krw = (held + coming[base, Leg.SPOT]) * price_krw
        pairs_krw[base] = max(spot_krw, value_usdt * rate)
        shorts_usdt += value_usdt
    return pairs_krw, shorts_usdt


def _coming(testbed: TestBed, state: Mapping[str, Any]) -> Mapping[tuple[str, Leg], Decimal]:
    """What orders of unfinished trades may still add, by what the exchanges have filled."""
    filled: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for placed in placed_orders(state):
        filled[placed.client_order_id] += placed.executed
    coming: dict[tuple[str, Leg], Decimal] = defaultdict(lambda: ZERO)
    for trade in testbed.engine.executor.trades.values():
        for order in trade.unresolved:
            adds = OrderSide.BUY if order.leg is Leg.SPOT else OrderSide.SELL
            if order.side is adds:
                left = order.quantity - filled[order.client_order_id]
                coming[trade.base, order.leg] += max(left, ZERO)
    return coming


def _turnover(
    testbed: TestBed,
    state: Mapping[str, Any],
    rate: Decimal,
    *,
    external_until: datetime | None = None,
) -> Decimal:
    now, others = testbed.clock.now(), testbed.owner.order_ids | forced_ids(state)
    today, until = now.astimezone(KST).date(), external_until or now
    return sum(
        (
            fill.price * fill.quantity * (rate if fill.venue is Venue.BINANCE else 1)
            for fill in naked_fills(state, others)
            if fill.at.astimezone(KST).date() == today
            and (fill.client_order_id not in others or fill.at <= until)
        ),
        ZERO,
    )
