"""From joint candles to the steps the simulated exchanges understand."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from exchange_simulator.ports import MarketTick

#: Binance's usual rate for one settlement, as a fraction of notional (0.01 %).
DEFAULT_FUNDING_RATE = Decimal("0.0001")


class Bar(Protocol):
    """What is read of a joint candle of both exchanges; anybody's that has these fits."""

    @property
    def at(self) -> datetime:
        """When the candle opened, aware, UTC."""
        ...

    @property
    def interval_s(self) -> int:
        """Its length."""
        ...

    @property
    def up_close(self) -> Decimal:
        """KRW on Upbit."""
        ...

    @property
    def up_high(self) -> Decimal:
        """KRW on Upbit."""
        ...

    @property
    def up_low(self) -> Decimal:
        """KRW on Upbit."""
        ...

    @property
    def bn_close(self) -> Decimal:
        """USDT on Binance."""
        ...

    @property
    def bn_high(self) -> Decimal:
        """USDT on Binance."""
        ...

    @property
    def bn_low(self) -> Decimal:
        """USDT on Binance."""
        ...

    @property
    def krw_usdt(self) -> Decimal:
        """KRW for one USDT, valid during the candle."""
        ...


def close_time(bar: Bar) -> datetime:
    """When the bar's values are known."""
    return bar.at + timedelta(seconds=bar.interval_s)


def tick_of(base: str, bar: Bar, *, funding_rate: Decimal = DEFAULT_FUNDING_RATE) -> MarketTick:
    """The closed bar as one step of the market of ``base``."""
    return MarketTick(
        base=base,
        at=close_time(bar),
        upbit_close=bar.up_close,
        upbit_high=bar.up_high,
        upbit_low=bar.up_low,
        binance_close=bar.bn_close,
        binance_high=bar.bn_high,
        binance_low=bar.bn_low,
        krw_usdt=bar.krw_usdt,
        funding_rate=funding_rate,
    )


def ticks_of(
    bars: Sequence[tuple[str, Bar]], *, funding_rate: Decimal = DEFAULT_FUNDING_RATE
) -> list[MarketTick]:
    """Bars of several bases as one step.

    Raises:
        ValueError: no bar, or bars that do not close at the same moment.
    """
    ticks = [tick_of(base, bar, funding_rate=funding_rate) for base, bar in bars]
    if len({tick.at for tick in ticks}) != 1:
        moments = ", ".join(f"{tick.base} {tick.at.isoformat()}" for tick in ticks)
        raise ValueError(f"the bars of one step must close together: {moments or 'none given'}")
    return ticks


def standing(tick: MarketTick, at: datetime) -> MarketTick:
    """The same prices at a later moment: nothing moved, so high and low are the close."""
    return MarketTick(
        base=tick.base,
        at=at,
        upbit_close=tick.upbit_close,
        upbit_high=tick.upbit_close,
        upbit_low=tick.upbit_close,
        binance_close=tick.binance_close,
        binance_high=tick.binance_close,
        binance_low=tick.binance_close,
        krw_usdt=tick.krw_usdt,
        funding_rate=tick.funding_rate,
    )
