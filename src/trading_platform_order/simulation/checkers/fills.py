"""Judges that go through the exchanges' own lists of fills, one by one, in the order of time."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Fill
from trading_platform_order.domain.trade.pair_trade import UNEVEN_KRW, PairTrade
from trading_platform_order.domain.trade.told_fills import is_rest
from trading_platform_order.domain.trade.tradable import NOTIONAL_MARGIN
from trading_platform_order.domain.venue import Venue
from trading_platform_order.simulation.checkers.exchange_fills import ExchangeFill

CORRECTABLE_KRW = UNEVEN_KRW * NOTIONAL_MARGIN
"""Legs that differ by less are left: Upbit takes no order of 5,000 KRW or less, and a market order
needs some room above that."""
_TINY = Decimal("1e-12")
"""An average price is rounded, to 40 digits."""


def every_fill_in_the_journal_once(
    fills: Sequence[ExchangeFill], trades: Mapping[str, PairTrade]
) -> Iterable[str]:
    """The fills of the journal are those of the exchanges: none missing, invented or twice.

    One that stands for trades which an exchange did not list must be what those came to.
    """
    fills = _with_rests(fills, [fill for trade in trades.values() for fill in trade.fills])
    theirs = Counter((fill.venue, fill.base, fill.trade_id, fill.quantity) for fill in fills)
    ours = Counter(
        (fill.exchange, trade.base, fill.trade_id, fill.quantity)
        for trade in trades.values()
        for fill in trade.fills
    )
    for (venue, base, trade_id, quantity), count in sorted((theirs - ours).items()):
        yield f"fill {trade_id} of {quantity} {base} on {venue} is missing in the journal ({count})"
    for (venue, base, trade_id, quantity), count in sorted((ours - theirs).items()):
        yield f"fill {trade_id} of {quantity} {base} on {venue} is only in the journal ({count})"


def _with_rests(fills: Sequence[ExchangeFill], ours: Sequence[Fill]) -> list[ExchangeFill]:
    """The exchanges' fills, with one for those of an order that the journal sums up."""
    known = {(fill.client_order_id, fill.trade_id) for fill in ours}
    found = list(fills)
    for rest in filter(is_rest, ours):
        missing = [
            fill
            for fill in fills
            if fill.client_order_id == rest.client_order_id
            and (fill.client_order_id, fill.trade_id) not in known
        ]
        value = sum((fill.quantity * fill.price for fill in missing), ZERO)
        if missing and abs(rest.quantity * rest.price - value) < _TINY:
            quantity = sum((fill.quantity for fill in missing), ZERO)
            found = [fill for fill in found if fill not in missing]
            found.append(replace(missing[0], trade_id=rest.trade_id, quantity=quantity))
    return found


def fees_are_those_charged(
    fills: Iterable[ExchangeFill], trades: Mapping[str, PairTrade]
) -> Iterable[str]:
    """Every fill of the journal carries the fee that was taken for it, in the asset it was."""
    ours = {
        (fill.client_order_id, fill.trade_id): (fill.fee, fill.fee_asset)
        for trade in trades.values()
        for fill in trade.fills
    }
    for fill in fills:
        booked = ours.get((fill.client_order_id, fill.trade_id))
        if fill.fee is not None and booked is not None and booked != fill.fee:
            yield (
                f"fill {fill.trade_id} of {fill.base}: a fee of {booked[0]} {booked[1]} is booked, "
                f"{fill.venue} took {fill.fee[0]} {fill.fee[1]}"
            )


def nothing_sold_that_was_not_ours(fills: Sequence[ExchangeFill]) -> Iterable[str]:
    """At no moment have we sold more coins than we had bought, or bought back more than sold."""
    coins: dict[tuple[Venue, str], Decimal] = defaultdict(lambda: ZERO)
    for fill in fills:
        key = (fill.venue, fill.base)
        coins[key] += fill.coins
        if fill.venue is Venue.UPBIT and coins[key] < 0:
            yield f"{fill.client_order_id} sold {-coins[key]} {fill.base} that were not ours"
        if fill.venue is Venue.BINANCE and coins[key] > 0:
            yield f"{fill.client_order_id} bought {coins[key]} {fill.base} above our short"


@dataclass(frozen=True, slots=True, kw_only=True)
class Naked:
    """A time during which the legs of one asset differed by more than dust."""

    base: str
    since: datetime
    until: datetime
    krw: Decimal

    @property
    def seconds(self) -> float:
        """How long."""
        return (self.until - self.since).total_seconds()


def naked_times(
    fills: Sequence[ExchangeFill], prices_krw: Mapping[str, Decimal], now: datetime
) -> list[Naked]:
    """When the legs differed, by the exchanges' fills alone.

    Args:
        fills: oldest first.
        prices_krw: for one coin, until its first fill on Upbit: what was too little to trade then
            may be worth more at the end.
        now: until when the last gap lasts.
    """
    prices = dict(prices_krw)
    gaps: dict[str, Decimal] = defaultdict(lambda: ZERO)
    since: dict[str, tuple[datetime, Decimal]] = {}
    found = []
    for fill in fills:
        gaps[fill.base] += fill.coins
        if fill.venue is Venue.UPBIT:
            prices[fill.base] = fill.price
        krw = abs(gaps[fill.base]) * prices[fill.base]
        began = since.get(fill.base)
        if krw >= CORRECTABLE_KRW:
            since[fill.base] = (began[0], max(began[1], krw)) if began else (fill.at, krw)
        elif began:
            del since[fill.base]
            found.append(Naked(base=fill.base, since=began[0], until=fill.at, krw=began[1]))
    found += [Naked(base=base, since=at, until=now, krw=krw) for base, (at, krw) in since.items()]
    return found


def exposure_within_budget(naked: Iterable[Naked], allowed_s: float) -> Iterable[str]:
    """The legs of a pair never differ for longer than the budget and what excuses more."""
    for time in naked:
        if time.seconds > allowed_s:
            yield (
                f"{time.base} stood naked for {time.seconds:.1f} s with {time.krw:.0f} KRW, "
                f"{allowed_s:.1f} s are allowed"
            )
