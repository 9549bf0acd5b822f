"""May what is open be left as it is while nobody looks after it? Pure.

A pair that is even, under its stop on the exchange and with margin to spare loses nothing while an
engine is restarted; closing it costs fees and slippage, and in an outage of one exchange it costs
the hedge. So it is held, and an operator is called. Whatever speaks against that is a *doubt*:
legs that differ, orders without a known end, a missing stop, a short runway. What an exchange does
not answer is no doubt of its own: nothing could be closed by both legs then either.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from trading_platform_order.domain.market import PairView
from trading_platform_order.domain.money import plain
from trading_platform_order.domain.order import Position, Purpose, base_asset
from trading_platform_order.domain.order_identity.client_order_id import read_client_order_id
from trading_platform_order.domain.protection.protective_stop import ProtectiveStopState, StopReport
from trading_platform_order.exchanges.account_snapshot import AccountSnapshot
from trading_platform_order.exchanges.base import MarginAccount
from trading_platform_order.risk.monitors.margin_monitor import (
    MarginLevel,
    MarginLimits,
    MarginReading,
    MarginVerdict,
    judge,
)
from trading_platform_order.watchdog.journal_snapshot import JournalSnapshot

Doubts = dict[str, list[str]]
"""What speaks against holding, by base asset."""

UNEVEN_PART = Decimal(100)
"""Without a market to value it, legs differ if they do by more than one part in so many."""


def doubts_by_journal(
    journal: JournalSnapshot, views: Callable[[str], PairView | None], *, dust_krw: Decimal
) -> Doubts:
    """Legs that differ and orders without a known end, by our own count."""
    found: Doubts = defaultdict(list)
    for order in journal.unresolved:
        found[base_asset(order.symbol)].append(f"{order.client_order_id} has no known end")
    for base in journal.bases:
        spot, short = journal.owned_coins(base), journal.counted_short(base)
        if legs_differ(spot, short, views(base), dust_krw):
            found[base].append(f"{plain(spot)} {base} against {plain(short)} short")
    return dict(found)


def legs_differ(spot: Decimal, short: Decimal, view: PairView | None, dust_krw: Decimal) -> bool:
    """By ``dust_krw`` or more; without a market to value them, by more than one part in 100."""
    if view is None:
        return abs(spot - short) * UNEVEN_PART > max(spot, short)
    return abs(spot - short) * view.spot_book.mid >= dust_krw


def doubts_by_exchange(
    journal: JournalSnapshot,
    seen: AccountSnapshot,
    stops: Mapping[str, Iterable[StopReport]],
    *,
    prefix: str,
    margin: MarginLimits,
) -> Doubts:
    """What the exchanges show against holding; what they do not answer is no doubt.

    Args:
        journal: our own count.
        seen: both exchanges.
        stops: conditional orders that stand, by base asset; those that were read.
        prefix: beginning of our ids.
        margin: below its ``warn_distance`` or above its ``warn_ratio`` the runway is short.
    """
    found: Doubts = defaultdict(list)
    for base in journal.bases:
        spot, short = journal.owned_coins(base), journal.counted_short(base)
        if base in seen.unread:
            continue  # unknown is neither a doubt nor proof that all is well
        held = seen.balance(base).total
        if seen.balances is not None and held < spot:
            found[base].append(f"Upbit holds {plain(held)} {base} of our {plain(spot)}")
        if seen.positions is None or base not in seen.positions:
            continue
        position = seen.positions[base]
        if -position.quantity != short:
            found[base].append(
                f"Binance holds {plain(-position.quantity)} {base} short, ours is {plain(short)}"
            )
        if base in stops and not _is_protected(position, stops[base], prefix):
            found[base].append(f"no protective stop stands for {base}")
        if seen.margin is not None:
            words = _short_runway(seen.margin, seen.positions, position, margin)
            if words and short > 0:
                found[base].append(words)
    return dict(found)


def _is_protected(position: Position, stops: Iterable[StopReport], prefix: str) -> bool:
    """A stop of ours for the whole short stands before the liquidation price, if there is one."""
    mark, liquidation = position.mark_price, position.liquidation_price
    if position.quantity >= 0 or liquidation <= max(mark, Decimal(0)):
        return True
    return any(
        stop.state is ProtectiveStopState.WAITING
        and _is_ours(stop.client_order_id, prefix)
        and stop.trigger_price_usdt is not None
        and stop.trigger_price_usdt < liquidation
        and (stop.quantity is None or stop.quantity >= -position.quantity)
        for stop in stops
    )


def _is_ours(client_order_id: str, prefix: str) -> bool:
    named = read_client_order_id(client_order_id)
    is_protective = named is not None and named.purpose is Purpose.PROTECT
    return is_protective and client_order_id.startswith(prefix)


def liquidation_distance(seen: AccountSnapshot, limits: MarginLimits) -> Decimal | None:
    """How far the coin that is nearest to its liquidation may rise, as a part of its price.

    ``None`` without a short, and while Binance does not tell what is needed.
    """
    if seen.margin is None or seen.positions is None:
        return None
    found = (
        _verdict(seen.margin, seen.positions, position, limits).distance
        for position in seen.positions.values()
        if position.quantity < 0
    )
    return min((distance for distance in found if distance is not None), default=None)


def _short_runway(
    account: MarginAccount,
    positions: Mapping[str, Position],
    position: Position,
    limits: MarginLimits,
) -> str:
    verdict = _verdict(account, positions, position, limits)
    if verdict.level is MarginLevel.CALM:
        return ""
    if verdict.distance is None:
        return "the margin runway is not known"
    return f"the margin runway is short: liquidation is {verdict.distance:.1%} away"


def _verdict(
    account: MarginAccount,
    positions: Mapping[str, Position],
    position: Position,
    limits: MarginLimits,
) -> MarginVerdict:
    mark, liquidation = position.mark_price, position.liquidation_price
    told = (liquidation - mark) / mark if 0 < mark < liquidation else None
    reading = MarginReading(
        balance_usdt=account.margin_balance_usdt,
        notional_usdt=sum(
            (-p.quantity * p.mark_price for p in positions.values() if p.quantity < 0), Decimal(0)
        ),
        reported_maintenance_usdt=account.maintenance_usdt,
        told_distance=told,
    )
    return judge(reading, limits)
