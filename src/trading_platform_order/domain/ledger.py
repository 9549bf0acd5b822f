"""What the account owns by our own count: fills, fees, funding and transfers, nothing else.

The ledger never looks at an exchange; comparing it with what the exchanges answer is how a lost or
doubled fill shows. Owning is per strategy and base asset: the system sells only what is in here.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Fill, Leg, OrderSide
from trading_platform_order.domain.trade_events import Holding


@dataclass(slots=True, kw_only=True)
class ShortPosition:
    """The position in one base asset, counted as a short.

    Attributes:
        quantity: base units short; negative for a long, which only a person can have made.
        entry_value_usdt: what the present quantity was sold for.
    """

    quantity: Decimal = ZERO
    entry_value_usdt: Decimal = ZERO

    def unrealised_usdt(self, mark_price: Decimal) -> Decimal:
        """Profit if closed at ``mark_price`` (USDT)."""
        return self.entry_value_usdt - self.quantity * mark_price

    def trade(self, signed: Decimal, price: Decimal) -> Decimal:
        """Sell more (positive) or buy back (negative); returns the realised profit in USDT."""
        realised = ZERO
        if self.quantity and (self.quantity > 0) != (signed > 0):
            closed = min(abs(signed), abs(self.quantity))
            closing = closed if self.quantity > 0 else -closed
            part = self.entry_value_usdt
            if closing != self.quantity:
                part = self.entry_value_usdt * closing / self.quantity
            realised = part - closing * price
            self.quantity -= closing
            self.entry_value_usdt -= part
            signed += closing
        self.quantity += signed
        self.entry_value_usdt += signed * price
        return realised


@dataclass(slots=True, kw_only=True)
class Ledger:
    """Balances and holdings by our own count.

    Attributes:
        krw: on Upbit, available plus locked.
        usdt: Binance wallet, without unrealised profit.
        coins: on Upbit by base asset, the owner's coins included.
        fee_assets: fees paid in other assets (``BNB``), as negative balances.
    """

    krw: Decimal = ZERO
    usdt: Decimal = ZERO
    coins: dict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    fee_assets: dict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    shorts: dict[str, ShortPosition] = field(default_factory=lambda: defaultdict(ShortPosition))
    holdings: dict[tuple[str, str], Holding] = field(default_factory=dict)

    def open(self, *, krw: Decimal, usdt: Decimal, coins: Mapping[str, Decimal]) -> None:
        """The balances found when the account was first used; none of the coins are ours."""
        self.krw, self.usdt = krw, usdt
        self.coins.update(coins)

    def transfer(self, asset: str, amount: Decimal, *, on_hedge_venue: bool) -> None:
        """A deposit (positive) or withdrawal, or a trade the owner made by hand."""
        if on_hedge_venue:
            if asset == "USDT":
                self.usdt += amount
            else:
                self.fee_assets[asset] += amount
        elif asset == "KRW":
            self.krw += amount
        else:
            self.coins[asset] += amount

    def book_funding(self, amount_usdt: Decimal) -> None:
        """Funding received (positive) or paid."""
        self.usdt += amount_usdt

    def book_fill(self, fill: Fill, *, leg: Leg, strategy: str, base: str) -> Decimal:
        """One fill; returns the realised profit in USDT (hedge leg, before the fee)."""
        realised = ZERO
        if leg is Leg.SPOT:
            self._book_spot(fill, base)
        else:
            realised = self._book_hedge(fill, base)
        self._own(fill, leg, strategy, base)
        return realised

    def adjust_short(self, *, strategy: str, base: str, delta: Decimal) -> None:
        """The exchange holds less (negative ``delta``) than we thought: somebody closed it."""
        position = self.shorts[base]
        if position.quantity > 0:
            part = -delta / position.quantity
            position.entry_value_usdt -= position.entry_value_usdt * part
        position.quantity += delta
        held = self.holding(strategy, base)
        self.holdings[strategy, base] = Holding(spot=held.spot, short=held.short + delta)

    def holding(self, strategy: str, base: str) -> Holding:
        """What a strategy owns in a base asset."""
        return self.holdings.get((strategy, base), Holding())

    def owned_coins(self, base: str) -> Decimal:
        """Coins of a base asset that belong to any strategy."""
        return sum((h.spot for (_, b), h in self.holdings.items() if b == base), ZERO)

    def _book_spot(self, fill: Fill, base: str) -> None:
        value = fill.price * fill.quantity
        if fill.side is OrderSide.BUY:
            self.krw -= value
            self.coins[base] += fill.quantity
        else:
            self.krw += value
            self.coins[base] -= fill.quantity
        self.krw -= fill.fee

    def _book_hedge(self, fill: Fill, base: str) -> Decimal:
        signed = fill.quantity if fill.side is OrderSide.SELL else -fill.quantity
        realised = self.shorts[base].trade(signed, fill.price)
        self.usdt += realised
        if fill.fee_asset == "USDT":
            self.usdt -= fill.fee
        else:
            self.fee_assets[fill.fee_asset] -= fill.fee
        return realised

    def _own(self, fill: Fill, leg: Leg, strategy: str, base: str) -> None:
        held = self.holding(strategy, base)
        spot, short = held.spot, held.short
        if leg is Leg.SPOT:
            spot += fill.quantity if fill.side is OrderSide.BUY else -fill.quantity
        else:
            short += fill.quantity if fill.side is OrderSide.SELL else -fill.quantity
        self.holdings[strategy, base] = Holding(spot=spot, short=short)
