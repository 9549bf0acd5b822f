"""What public streams tell beside books: trades of anybody, and mark prices."""

from dataclasses import dataclass
from decimal import Decimal

from trading_platform_order.domain.market import Book


@dataclass(frozen=True, slots=True, kw_only=True)
class Print:
    """A trade of anybody, by the exchange's own symbol; ``is_buy``: the taker bought.

    ``number`` grows with every print of a symbol; ``quantity`` is base.
    """

    symbol: str
    price: Decimal
    quantity: Decimal
    is_buy: bool
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A contract's mark price, USDT, and the rate of its next funding settlement."""

    symbol: str
    price: Decimal
    funding_rate: Decimal


PublicEvent = Book | Print | Mark
