"""Margin while a position is open: warn, then reduce both legs, before the exchange does. Pure."""

from decimal import Decimal
from enum import StrEnum

from trading_platform_order.domain.money import ONE, ZERO
from trading_platform_order.domain.value import value
from trading_platform_order.risk.monitors.margin import (
    notional_that_survives_usdt,
    rise_to_liquidation,
    runway_shortfall_usdt,
)


class MarginLevel(StrEnum):
    """How near the exchange is to closing our shorts."""

    CALM = "calm"
    WARN = "warn"
    REDUCE = "reduce"


@value
class MarginLimits:
    """When to warn and when to act.

    Attributes:
        warn_distance: rise of the coin to liquidation below which operators are told.
        reduce_distance: the same, below which both legs are reduced.
        target_distance: what a reduction, or a transfer, restores.
        warn_ratio: maintenance over margin balance from which operators are told.
        reduce_ratio: the same, from which both legs are reduced.
        maintenance_rate: assumed at least, per notional.
        alone: whether the hedge is reduced alone while Upbit takes no orders and no stop stands.
        alone_distance: rise of the coin to liquidation below which that is done.
        alone_target: what it restores.
    """

    warn_distance: Decimal = Decimal("0.25")
    reduce_distance: Decimal = Decimal("0.12")
    target_distance: Decimal = Decimal("0.3")
    warn_ratio: Decimal = Decimal("0.2")
    reduce_ratio: Decimal = Decimal("0.4")
    maintenance_rate: Decimal = Decimal("0.005")
    alone: bool = True
    alone_distance: Decimal = Decimal("0.05")
    alone_target: Decimal = Decimal("0.12")


@value
class MarginReading:
    """The hedge account at one moment.

    Attributes:
        balance_usdt: wallet and unrealised profit, at the live mids.
        notional_usdt: all shorts at the live mids.
        reported_maintenance_usdt: as Binance told it last.
        told_distance: to the nearest liquidation price that Binance told; ``None`` for none.
    """

    balance_usdt: Decimal
    notional_usdt: Decimal
    reported_maintenance_usdt: Decimal = ZERO
    told_distance: Decimal | None = None


@value
class MarginVerdict:
    """What to do.

    Attributes:
        distance: rise of the coin to liquidation; ``None`` without a short.
        ratio: maintenance over margin balance.
        usdt_to_move: what an operator would have to transfer to be calm again.
        part_to_close: of every pair, so that the target distance is restored; above 0, at most 1.
        part_alone: of every short, where its coins cannot be sold and no stop stands guard; 0 while
            liquidation is not that near.
    """

    level: MarginLevel
    distance: Decimal | None
    ratio: Decimal
    usdt_to_move: Decimal = ZERO
    part_to_close: Decimal = ZERO
    part_alone: Decimal = ZERO


def judge(reading: MarginReading, limits: MarginLimits) -> MarginVerdict:
    """Own count and the exchange's word, whichever is nearer; no number counts as the worst."""
    figures = (reading.balance_usdt, reading.notional_usdt, reading.reported_maintenance_usdt)
    if not all(figure.is_finite() for figure in figures):
        return MarginVerdict(level=MarginLevel.WARN, distance=None, ratio=ONE)
    if reading.notional_usdt <= 0:
        return MarginVerdict(level=MarginLevel.CALM, distance=None, ratio=ZERO)
    rate = max(limits.maintenance_rate, reading.reported_maintenance_usdt / reading.notional_usdt)
    distance = _distance(reading, rate)
    balance = reading.balance_usdt
    ratio = ONE if balance <= 0 else min(rate * reading.notional_usdt / balance, ONE)
    level = _level(distance, ratio, limits)
    if level is MarginLevel.CALM:
        return MarginVerdict(level=level, distance=distance, ratio=ratio)
    target = limits.target_distance
    missing_usdt = runway_shortfall_usdt(
        balance_usdt=balance,
        notional_usdt=reading.notional_usdt,
        maintenance_rate=rate,
        rise=target,
    )
    return MarginVerdict(
        level=level,
        distance=distance,
        ratio=ratio,
        usdt_to_move=max(missing_usdt, ZERO),
        part_to_close=_part(reading, rate, target),
        part_alone=_part_alone(reading, rate, distance, limits),
    )


LEAST_PART = Decimal("0.1")
"""A reduction closes at least this part: the exchange's word may be worse than our count."""


def _part(reading: MarginReading, rate: Decimal, target: Decimal) -> Decimal:
    """Of the notional, so that a rise by ``target`` is survived."""
    kept_usdt = notional_that_survives_usdt(
        balance_usdt=reading.balance_usdt, maintenance_rate=rate, rise=target
    )
    return max(ONE - kept_usdt / reading.notional_usdt, LEAST_PART)


def _part_alone(
    reading: MarginReading, rate: Decimal, distance: Decimal, limits: MarginLimits
) -> Decimal:
    if not limits.alone or distance >= limits.alone_distance:
        return ZERO
    return _part(reading, rate, limits.alone_target)


def _distance(reading: MarginReading, rate: Decimal) -> Decimal:
    own = rise_to_liquidation(
        balance_usdt=reading.balance_usdt,
        notional_usdt=reading.notional_usdt,
        maintenance_rate=rate,
    )
    told = reading.told_distance
    known = [d for d in (own, told) if d is not None and d.is_finite()]
    return min(known, default=ZERO)


def _level(distance: Decimal, ratio: Decimal, limits: MarginLimits) -> MarginLevel:
    if distance < limits.reduce_distance or ratio >= limits.reduce_ratio:
        return MarginLevel.REDUCE
    if distance < limits.warn_distance or ratio >= limits.warn_ratio:
        return MarginLevel.WARN
    return MarginLevel.CALM
