"""What the account owns by our own count: fills, fees, funding and transfers, nothing else.

The ledger never looks at an exchange; comparing it with what the exchanges answer is how a lost or
doubled fill shows. Owning is per strategy and base asset: the system sells only what is in here.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from trading_platform_order.domain.account.average_entry import AveragedShort
from trading_platform_order.domain.costs.fee_value import fee_in_quote
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Fill, Leg, OrderSide
from trading_platform_order.domain.trade.trade_events import Holding


class ShortPosition(AveragedShort):
    """The short in one base asset, all strategies together, as the exchange averages it. USDT."""

    __slots__ = ()

    @property
    def entry_value_usdt(self) -> Decimal:
        """What it was sold for."""
        return self.entry_value

    def unrealised_usdt(self, mark_price: Decimal) -> Decimal:
        """Profit if closed at ``mark_price`` (USDT)."""
        return self.unrealised(mark_price)


@dataclass(slots=True, kw_only=True)
class Ledger:
    """Balances and holdings by our own count.

    Attributes:
        krw: on Upbit, available plus locked.
        usdt: Binance wallet, without unrealised profit.
        coins: on Upbit by base asset, the owner's coins included.
        fee_assets: fees paid in other assets (``BNB``), as negative balances.
        fees_elsewhere_usdt: what those were worth when they were paid.
    """

    krw: Decimal = ZERO
    usdt: Decimal = ZERO
    coins: dict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    fee_assets: dict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    fees_elsewhere_usdt: Decimal = ZERO
    shorts: dict[str, ShortPosition] = field(default_factory=lambda: defaultdict(ShortPosition))
    holdings: dict[tuple[str, str], Holding] = field(default_factory=dict)
    _owned: dict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    _owners: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def valued_usdt(self) -> Decimal:
        """The wallet less what fees took out of other assets: what profit is reckoned from."""
        return self.usdt - self.fees_elsewhere_usdt

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
        """The exchange holds less (negative ``delta``) than we thought: somebody closed it.

        What that brought is not known here; it comes as a foreign movement of the wallet.
        """
        self.shorts[base].take_out(-delta)
        held = self.holding(strategy, base)
        self._hold(strategy, base, Holding(spot=held.spot, short=held.short + delta))

    def lose_coins(self, *, strategy: str, base: str, quantity: Decimal) -> None:
        """Coins of a strategy left Upbit by another hand."""
        self.coins[base] -= quantity
        held = self.holding(strategy, base)
        self._hold(strategy, base, Holding(spot=held.spot - quantity, short=held.short))

    def holding(self, strategy: str, base: str) -> Holding:
        """What a strategy owns in a base asset."""
        return self.holdings.get((strategy, base), Holding())

    def owned_coins(self, base: str) -> Decimal:
        """Coins of a base asset that belong to any strategy."""
        return self._owned.get(base, ZERO)

    def is_owned(self, base: str) -> bool:
        """Some strategy holds a leg of this base asset."""
        return self._owners.get(base, 0) > 0

    def _hold(self, strategy: str, base: str, holding: Holding) -> None:
        """A strategy owns this from now on; what all of them own together follows."""
        before = self.holding(strategy, base)
        self.holdings[strategy, base] = holding
        self._owned[base] += holding.spot - before.spot
        is_new = bool(holding.spot or holding.short)
        self._owners[base] += is_new - bool(before.spot or before.short)

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
        sold = fill.quantity if fill.side is OrderSide.SELL else -fill.quantity
        realised = self.shorts[base].trade(sold, fill.price)
        self.usdt += realised
        if fill.fee_asset == "USDT":
            self.usdt -= fill.fee
        else:
            self.fee_assets[fill.fee_asset] -= fill.fee
            self.fees_elsewhere_usdt += fee_in_quote(fill)
        return realised

    def _own(self, fill: Fill, leg: Leg, strategy: str, base: str) -> None:
        held = self.holding(strategy, base)
        spot, short = held.spot, held.short
        if leg is Leg.SPOT:
            spot += fill.quantity if fill.side is OrderSide.BUY else -fill.quantity
        else:
            short += fill.quantity if fill.side is OrderSide.SELL else -fill.quantity
        self._hold(strategy, base, Holding(spot=spot, short=short))
