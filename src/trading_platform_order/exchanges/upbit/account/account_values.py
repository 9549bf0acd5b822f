"""Filters of a market and a holding of coins, as the rest of the system sees them."""

from dataclasses import dataclass
from decimal import Decimal

from trading_platform_order.domain.market import Instrument, PriceBand
from trading_platform_order.domain.money import SPOT_VOLUME_STEP, ZERO
from trading_platform_order.domain.order import Position
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.upbit.requests import parse, wire

INSTRUMENT_AGE_S = 600.0
SUSPENDED_AGE_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFilters:
    """Filters that were read at a moment of the stopwatch, seconds."""

    instrument: Instrument
    read_at_s: float

    @property
    def kept_s(self) -> float:
        """What waits for a market to open again should not wait ten minutes more."""
        return INSTRUMENT_AGE_S if self.instrument.is_trading else SUSPENDED_AGE_S


def filters_of(
    symbol: str, chance: wire.Chance, tick: Decimal, bands: tuple[PriceBand, ...]
) -> Instrument:
    """What an order in this market has to keep to, with the fee it pays.

    Raises:
        ValueError: a figure is no number that could be.
    """
    market = chance.market
    least = (market.bid.min_total, market.ask.min_total)
    fees = (chance.bid_fee, chance.ask_fee)
    most = ZERO if market.max_total is None else market.max_total
    for number in (*least, *fees, most):
        parse.plausible(number)
    return Instrument(
        venue=Venue.UPBIT,
        symbol=symbol,
        price_tick=parse.plausible(tick),
        quantity_step=SPOT_VOLUME_STEP,
        min_quantity=SPOT_VOLUME_STEP,
        max_quantity=ZERO,
        min_notional=max(least),
        max_notional=most,
        taker_fee_rate=max(fees),
        is_trading=market.state in {None, "active"},
        price_bands=bands,
    )


def position_of(symbol: str, rows: list[wire.Account]) -> Position:
    """Balance plus locked, with Upbit's own average buying price.

    Raises:
        ValueError: as :func:`filters_of`.
    """
    held = [parse.balance(row) for row in rows]
    return Position(
        exchange=Venue.UPBIT,
        symbol=symbol,
        quantity=sum((row.total for row in held), ZERO),
        entry_price=next((r.avg_buy_price for r in rows if r.unit_currency == "KRW"), ZERO),
        mark_price=ZERO,
        liquidation_price=ZERO,
    )
