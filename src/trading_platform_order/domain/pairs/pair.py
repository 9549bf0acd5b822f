"""Which coin on Upbit is hedged by which contract on Binance, and how many coins one unit holds.

A ticker proves nothing: Upbit's TON was Tokamak Network while Binance's is Toncoin. So a pair is a
row that an operator has reviewed: Upbit's code with both names, Binance's symbol with its base
asset, the day the contract began, and the factor. What the exchanges list now is compared with that
row (``risk/identity_rules``), and no price ever stands in for it.

The core counts coins and calls the hedge ``<code>USDT``; only the hedge exchange's adapter knows
the contract's own name and unit.
"""

import hashlib
from collections.abc import Mapping
from decimal import Decimal

from trading_platform_order.domain.money import ONE
from trading_platform_order.domain.value import value

LATCH_PREFIX = "pair:"
_DIGEST_LENGTH = 16
PERPETUAL = "PERPETUAL"


@value
class Listing:
    """What an exchange tells of what it lists under a code, apart from prices and filters.

    Attributes:
        code: the exchange's own, ``KRW-BTC`` or ``1000SHIBUSDT``.
        names: Upbit: Korean and English name. Binance: base asset and kind of contract.
        onboard_ms: when Binance began the contract, epoch milliseconds; 0 on Upbit.
    """

    code: str
    names: tuple[str, ...]
    onboard_ms: int = 0

    @property
    def text(self) -> str:
        """For operators, and for what a confirmation stands for: every part of it."""
        began = f" since {self.onboard_ms}" if self.onboard_ms else ""
        return f"{self.code} ({', '.join(self.names)}){began}"


@value
class Pair:
    """One reviewed row.

    Attributes:
        code: Upbit's code of the coin, ``SHIB``; also the name the engine knows the pair by.
        contract: Binance's symbol, ``1000SHIBUSDT``.
        factor: coins in one unit of the contract, a power of ten; its price is for so many.
        onboard_ms: when the contract began, epoch milliseconds; ``None``: not reviewed, so that a
            person must confirm what Binance tells.
    """

    code: str
    korean_name: str
    english_name: str
    contract: str
    factor: Decimal = ONE
    onboard_ms: int | None = None

    @property
    def spot(self) -> tuple[str, tuple[str, ...]]:
        """Code and names that Upbit must list."""
        return f"KRW-{self.code}", (self.korean_name, self.english_name)

    @property
    def hedge(self) -> tuple[str, tuple[str, ...]]:
        """Symbol, base asset and kind that Binance must list."""
        return self.contract, (self.contract.removesuffix("USDT"), PERPETUAL)


Pairs = Mapping[str, Pair]


def latch_of(code: str, spot: Listing, hedge: Listing, factor: Decimal) -> str:
    """The kind of the latch that keeps an operator's word on exactly these listings.

    Any part that changes makes another latch, so that an old word never covers a new coin.
    """
    whole = f"{code}|{spot.text}|{hedge.text}|{factor:f}"
    return f"{LATCH_PREFIX}{code}:{hashlib.sha256(whole.encode()).hexdigest()[:_DIGEST_LENGTH]}"
