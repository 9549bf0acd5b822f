"""How the account stands at the moment an alert is sent; a value that whoever sends it provides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Of the running engine, as ``tporder status`` shows them.

    Attributes:
        naked_krw: value without its other leg; ``naked_s``: for how long, the worst trade.
        is_flat: nothing is held.
        exit_cost_krw: of closing everything now (spreads, depth, fees); ``None`` without a price.
        liquidation_rise: fraction; ``None`` without a short.
        usdt_to_move: to Binance; zero if none need be moved.
    """

    naked_krw: Decimal = Decimal(0)
    naked_s: float = 0.0
    is_flat: bool = True
    exit_cost_krw: Decimal | None = None
    liquidation_rise: Decimal | None = None
    usdt_to_move: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What every alert begins with, and what it costs to get out.

    Attributes:
        mode: ``live``, ``testnet`` or ``paper``.
        mode_words: the same with whose prices are shown.
        is_real: real money is at stake.
        figures: ``None`` where no engine runs, or it is not ready.
        details: more fields for this alert, name to text.
    """

    mode: str
    mode_words: str
    account: str
    is_real: bool
    figures: Figures | None = None
    details: Mapping[str, str] = field(default_factory=dict)
