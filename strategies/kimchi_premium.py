"""The reference strategy: enter when the premium is low against its recent range, exit when high.

The premium is judged by the **price ratio** of the exchanges, KRW on Upbit per USDT on Binance. The
KRW value of a USDT is known once a day in the data and would step at midnight; the ratio does not,
so such a step cannot be taken for a move.

With the middle ``m`` halfway between the lowest and the highest ratio of the last ``window_bars``:

* flat, and ratio <= m x (1 - band/2): ENTER (buy on Upbit, short on Binance);
* open, and ratio >= m x (1 + band/2): EXIT;
* the last bar of a block, or of the data: EXIT if open, marked ``forced``, and never ENTER. The
  next block starts with an empty history, because bars of two blocks are not contiguous.

This is an example that makes trades, not advice: whether it earns anything was no criterion. It
must never read a clock, a file or the network, and imports nothing but the standard library, so
that research runs the very same code.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Context, Decimal, localcontext
from typing import Any

NAME = "kimchi_premium"
SCHEMA_VERSION = 1

_ARITHMETIC = Context(prec=28)  # never the caller's, which may differ


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What can be tuned.

    Attributes:
        symbol: base asset, e.g. ``BTC``.
        band: the distance between the two thresholds, as a fraction of the ratio.
        window_bars: how many of the latest bars make the recent range.
        bars_min: no ENTER or unforced EXIT before a block has had so many bars.
    """

    symbol: str = "BTC"
    band: Decimal = Decimal("0.0025")
    window_bars: int = 288
    bars_min: int = 30

    def __post_init__(self) -> None:
        if not 0 < self.band < 1:
            raise ValueError(f"band must be between 0 and 1, not {self.band}")
        if not 1 < self.bars_min <= self.window_bars:
            raise ValueError(
                f"bars_min must be 2 to window_bars ({self.window_bars}), not {self.bars_min}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class BarPrices:
    """What the strategy sees of one bar.

    Attributes:
        at: when the prices were known (the bar's close), aware.
        spot_krw: close on Upbit.
        hedge_usdt: close on Binance.
        block: bars of different blocks are not contiguous.
        is_last: the last bar of its block or of the data; whoever feeds the bars looks ahead.
    """

    at: datetime
    spot_krw: Decimal
    hedge_usdt: Decimal
    block: int = 0
    is_last: bool = False

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("at must name its time zone")
        if not (self.spot_krw > 0 and self.hedge_usdt > 0):
            raise ValueError(f"prices must be positive: {self.spot_krw}, {self.hedge_usdt}")


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """All that is remembered between two bars; equal states decide alike.

    Attributes:
        block: of the latest bar.
        at: of the latest bar.
        ratios: of the latest bars of this block, oldest first, at most ``window_bars``.
        entry_ratio: at the ENTER still open; ``None`` when flat.
    """

    block: int | None = None
    at: datetime | None = None
    ratios: tuple[Decimal, ...] = ()
    entry_ratio: Decimal | None = None


def decide(
    parameters: Parameters, state: State, price: BarPrices
) -> tuple[State, list[dict[str, object]]]:
    """The state after a bar, and the signals it gives as values of the published schema.

    Raises:
        ValueError: the bar is not later than the one before.
    """
    if state.at is not None and price.at <= state.at:
        raise ValueError(f"bars must be in time order: {price.at} after {state.at}")
    with localcontext(_ARITHMETIC):
        return _decide(parameters, state, price)


def _decide(
    parameters: Parameters, state: State, price: BarPrices
) -> tuple[State, list[dict[str, object]]]:
    ratio = price.spot_krw / price.hedge_usdt
    kept = state.ratios if price.block == state.block else ()
    ratios = (*kept, ratio)[-parameters.window_bars :]
    after = replace(state, block=price.block, at=price.at, ratios=ratios)
    middle = (min(ratios) + max(ratios)) / 2
    reach = middle * parameters.band / 2
    is_ripe = len(ratios) >= parameters.bars_min

    if state.entry_ratio is None:
        if is_ripe and not price.is_last and ratio <= middle - reach:
            metadata = _metadata(ratio=ratio, middle=middle)
            signal = _signal(parameters, price, "ENTER", metadata)
            return replace(after, entry_ratio=ratio), [signal]
        return after, []
    # An open trade met by a new block: nobody announced the end of the last one.
    is_forced = price.is_last or price.block != state.block
    if is_forced or (is_ripe and ratio >= middle + reach):
        metadata = _metadata(ratio=ratio, middle=middle, entry_ratio=state.entry_ratio)
        signal = _signal(parameters, price, "EXIT", {**metadata, "forced": is_forced})
        return replace(after, entry_ratio=None), [signal]
    return after, []


def _signal(
    parameters: Parameters, price: BarPrices, action: str, metadata: dict[str, object]
) -> dict[str, object]:
    at = price.at.astimezone(UTC)
    return {
        "id": f"kimchi-{parameters.symbol}-{at:%Y%m%dT%H%M%SZ}-{action.lower()}",
        "strategy": NAME,
        "action": action,
        "symbol": parameters.symbol,
        "created_at": at.isoformat(),
        "spot_price_krw": format(price.spot_krw, "f"),
        "hedge_price_usdt": format(price.hedge_usdt, "f"),
        "metadata": metadata,
        "schema_version": SCHEMA_VERSION,
    }


def _metadata(**ratios: Decimal) -> dict[str, object]:
    return {name: format(value, ".6f") for name, value in ratios.items()}


class KimchiPremium:
    """:func:`decide` with its state kept: feed bars, get signals."""

    def __init__(self, parameters: Parameters | None = None, state: State | None = None) -> None:
        """Begin with ``state``, for example one taken from another instance; default: empty."""
        self.parameters = parameters or Parameters()
        self.state = state or State()

    def on_bar(self, price: BarPrices) -> list[dict[str, object]]:
        """The signals this bar gives: none or one.

        Raises:
            ValueError: the bar is not later than the one before.
        """
        self.state, signals = decide(self.parameters, self.state, price)
        return signals


def make(*, symbol: str, **parameters: Any) -> KimchiPremium:  # noqa: ANN401 - checked by Parameters
    """The strategy by the names of :class:`Parameters`, as a file of parameters gives them.

    Raises:
        TypeError: no parameter is called that.
        ValueError: a value is out of bounds.
    """
    return KimchiPremium(Parameters(symbol=symbol, **parameters))
