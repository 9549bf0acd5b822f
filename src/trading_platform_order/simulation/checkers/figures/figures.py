"""Judge of the engine's own figures, at a moment of rest: are they what the exchanges make of them?

A limit is only as good as the figure it is compared with. The engine's are folded from its journal;
here they are held against the exchanges' balances, positions and fills.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from trading_platform_order.domain.account.account_view import AccountView
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.venue import Venue
from trading_platform_order.simulation.checkers.figures.account_oracle import (
    KST,
    AccountTruth,
    truth_of,
)
from trading_platform_order.simulation.testbed.testbed import START, TestBed

PART = Decimal("0.0005")
"""Bid, mid and mark of one moment differ by less than this part of what is held."""
LEAST_KRW = Decimal(600)
HALF_TICK_KRW = Decimal("0.55")
"""The engine's rate is the middle of the KRW-USDT book, the exchange's the last price."""
YOUNG_S = 1.0
EXTERNAL_CLOSE = frozenset({"hedge_deleveraged", "hedge_closed_by_hand"})
"""A short closed by another hand and one of ours sold at the same moment are averaged in the order
in which they become known; until the symbol is flat the wallet's share of the profit may differ."""
TURNOVER_PART = Decimal("0.002")
"""Fills are valued at the rate of their own time."""
MOVED_PART = Decimal("0.02")


def figures_are_true(testbed: TestBed, state: Mapping[str, Any]) -> Iterable[str]:
    """Capital, margin, positions, turnover and profit agree with the exchanges'; at rest."""
    truth = truth_of(testbed, state)
    for base in testbed.setup.bases:
        yield from _figures_of(testbed, base, truth)


def _figures_of(testbed: TestBed, base: str, truth: AccountTruth) -> Iterable[str]:
    signal = Signal(
        id="figures",
        strategy="figures",
        action=Action.ENTER,
        symbol=base,
        created_at=testbed.engine_clock.now(),
    )
    view = testbed.engine.executor.account.view(signal, symbol_halted=False)
    is_old = view.prices_age_s is None or abs(view.prices_age_s) > YOUNG_S
    if is_old or not view.streams_up:
        return  # a stream is down: entries are refused for that anyway
    near_krw = truth.all_pairs_krw * PART + LEAST_KRW
    is_mixed = bool(EXTERNAL_CLOSE & testbed.report.faults.keys())
    for what, ours, true, tolerance in (
        *_amounts(view, truth, base, near_krw, is_mixed=is_mixed),
        *(() if is_mixed else _profits(testbed, view, truth, near_krw)),
    ):
        if abs(ours - true) > tolerance:
            yield f"{what}: the engine reckons {ours:.0f} KRW, the exchanges show {true:.0f}"


Figures = Iterable[tuple[str, Decimal, Decimal, Decimal]]


def _amounts(
    view: AccountView, truth: AccountTruth, base: str, near_krw: Decimal, *, is_mixed: bool
) -> Figures:
    rate = truth.rate
    # While nothing is held the engine looks at no price, and its rate may be an older one.
    if view.equity_krw is not None and truth.all_pairs_krw > LEAST_KRW and not is_mixed:
        room_krw = near_krw + truth.margin_usdt * HALF_TICK_KRW
        yield "capital", view.equity_krw, truth.equity_krw, room_krw
    if not is_mixed:
        yield "margin balance", view.margin_balance_usdt * rate, truth.margin_usdt * rate, near_krw
    yield "hedge notional", view.hedge_notional_usdt * rate, truth.shorts_usdt * rate, near_krw
    yield "open pairs", view.pair_value_krw, truth.all_pairs_krw, near_krw
    yield f"pairs in {base}", view.symbol_value_krw, truth.pairs_krw[base], near_krw
    room_krw = truth.turnover_krw * TURNOVER_PART + LEAST_KRW
    yield "turnover today", view.day_turnover_krw, truth.turnover_krw, room_krw


def _profits(
    testbed: TestBed, view: AccountView, truth: AccountTruth, near_krw: Decimal
) -> Figures:
    """Only on the day on which the account was opened: a day's profit begins with it."""
    now = testbed.clock.now()
    if now.astimezone(KST).date() != START.astimezone(KST).date():
        return
    moved_usdt = abs(testbed.owner.moved[Venue.BINANCE, "USDT"])
    room_krw = near_krw + (moved_usdt * truth.rate + abs(truth.pnl_krw)) * MOVED_PART
    yield "profit today", view.day_pnl_krw, truth.pnl_krw, room_krw
    if (now - START).total_seconds() < 3_600:  # noqa: PLR2004 - the first hour
        yield "profit of the hour", view.hour_pnl_krw, truth.pnl_krw, room_krw
