"""What is held at the newest prices, as sums that are kept current where they change.

Limits ask for these figures between a signal and its orders, so nothing is added up there. Every
base asset has one row; whatever changes the row (a fill, a price, an order under way, a short that
another hand closed) has it valued again, and the sums take the difference. How many base assets,
strategies and trades there are makes no difference to who asks.

The sums are exact: a row is rounded once, as any product is, and adding and taking away rows loses
nothing, so that no order of events and no length of history moves them.
"""

from decimal import Context, Decimal
from typing import NamedTuple

from trading_platform_order.domain.account.ledger import Ledger, ShortPosition
from trading_platform_order.domain.account.profit.pnl import Marks, PnlBook
from trading_platform_order.domain.account.valuation.coming import ComingOrders
from trading_platform_order.domain.money import ZERO

# Rows have at most 28 digits, from KRW by the million million down to what a division left.
_EXACT = Context(prec=80)
_add, _subtract = _EXACT.add, _EXACT.subtract
NAN = Decimal("NaN")

Prices = tuple[Decimal, Decimal]
"""(KRW bid, USDT mid) last seen of a base asset."""


class Value(NamedTuple):
    """Of one base asset, or of all; orders under way count as if they had filled in full.

    Attributes:
        coins_krw: coins that strategies own, without what may still come.
        unrealised_usdt: profit of the short if it were closed now.
        notional_usdt: the short, with what may still be sold.
        pairs_krw: the larger leg, with what may still come.
        coming_krw: what orders under way may still pay on the spot leg.
        turnover_krw: what they may still trade on the spot leg; ``turnover_usdt`` on the hedge.
        marks: what the prices of now add to the journalled profit.
    """

    coins_krw: Decimal = ZERO
    unrealised_usdt: Decimal = ZERO
    notional_usdt: Decimal = ZERO
    pairs_krw: Decimal = ZERO
    coming_krw: Decimal = ZERO
    turnover_krw: Decimal = ZERO
    turnover_usdt: Decimal = ZERO
    premium_krw: Decimal = ZERO
    premium_usdt: Decimal = ZERO
    fx_usdt: Decimal = ZERO
    fx_krw: Decimal = ZERO

    @property
    def marks(self) -> Marks:
        """The part of it that profit is reckoned from."""
        return Marks(self.premium_krw, self.premium_usdt, self.fx_usdt, self.fx_krw)


NOTHING = Value()
UNKNOWN = Value(*(NAN for _ in NOTHING))
_Row = tuple[Decimal, ...]
"""A value as it is kept: plain, so that a snapshot of the account holds no class for it."""


class Sums:
    """Rows by base asset, and their sum."""

    def __init__(self) -> None:
        self._rows: dict[str, _Row] = {}
        self._odd: set[str] = set()
        self._total: _Row = tuple(NOTHING)

    @property
    def total(self) -> Value:
        """Of all rows; not a number while one of them is none: no limit can be held against it."""
        return UNKNOWN if self._odd else Value._make(self._total)

    def of(self, base: str) -> Value:
        """The row of one base asset."""
        return UNKNOWN if base in self._odd else Value._make(self._rows.get(base, NOTHING))

    def put(self, base: str, value: Value) -> None:
        """A base asset's row is this from now on."""
        row: _Row = tuple(value)
        if not all(figure.is_finite() for figure in row):
            self._odd.add(base)
            row = NOTHING
        elif self._odd:
            self._odd.discard(base)
        before = self._rows.get(base, NOTHING)
        if row == before:
            return
        self._rows[base] = tuple(row)
        self._total = tuple(
            total if new == old else _add(_subtract(total, old), new)
            for total, old, new in zip(self._total, before, row, strict=True)
        )


class Valuation:
    """Values rows from ledger, profit and orders under way, at the newest prices.

    It is handed the books where it needs them and keeps none: they are the account's.

    Attributes:
        mids: (KRW bid, USDT mid) last seen, by base asset.
        rate_krw: KRW per USDT last seen.
        coming: what orders under way may still fill.
        held: base assets of which anything is held, or may come from orders under way.
    """

    def __init__(self) -> None:
        self._sums = Sums()
        self.mids: dict[str, Prices] = {}
        self.rate_krw = ZERO
        self.coming = ComingOrders()
        self.held: frozenset[str] = frozenset()

    @property
    def total(self) -> Value:
        """Of everything that is held or may come."""
        return self._sums.total

    def of(self, base: str) -> Value:
        """Of one base asset."""
        return self._sums.of(base)

    def price(self, base: str, mids: Prices, ledger: Ledger, pnl: PnlBook) -> None:
        """A base asset has these prices now."""
        if self.mids.get(base) != mids:
            self.mids[base] = mids
            self._sums.put(base, self._value(base, ledger, pnl))

    def rate(self, rate_krw: Decimal, ledger: Ledger, pnl: PnlBook) -> None:
        """KRW per USDT is this now: which leg of a pair is the larger one may change."""
        if rate_krw == self.rate_krw:
            return
        self.rate_krw = rate_krw
        for base in self.held:
            self._sums.put(base, self._value(base, ledger, pnl))

    def changed(self, base: str, ledger: Ledger, pnl: PnlBook) -> None:
        """What is held of a base asset, or may still come to it, is another quantity now."""
        if self._is_held(base, ledger) != (base in self.held):
            self.held ^= {base}
        self._sums.put(base, self._value(base, ledger, pnl))

    def equity_krw(self, ledger: Ledger, rate_krw: Decimal) -> Decimal:
        """Total capital by the ledger, coins and shorts at the newest prices."""
        total = self.total
        usdt = ledger.valued_usdt + total.unrealised_usdt
        return ledger.krw + total.coins_krw + usdt * rate_krw

    def _is_held(self, base: str, ledger: Ledger) -> bool:
        if ledger.is_owned(base) or self.coming.has(base):
            return True
        return base in ledger.shorts and bool(ledger.shorts[base].quantity)

    def _value(self, base: str, ledger: Ledger, pnl: PnlBook) -> Value:
        """The row of a base asset; without a price it is worth nothing, as nobody knows better."""
        bid_krw, mid_usdt = self.mids.get(base, (ZERO, ZERO))
        if not bid_krw.is_finite() or not mid_usdt.is_finite() or not self.rate_krw.is_finite():
            return UNKNOWN
        owned, short = ledger.owned_coins(base), ledger.shorts.get(base) or ShortPosition()
        coming = self.coming.of(base)
        notional_usdt = (abs(short.quantity) + coming.selling) * mid_usdt
        spot_krw = (abs(owned) + coming.buying) * bid_krw
        coming_krw = coming.buying * bid_krw
        premium_krw = premium_usdt = fx_usdt = fx_krw = ZERO
        if base in self.mids:
            at = pnl.open_at(base)
            premium_krw = at.spot_value - at.spot * bid_krw + at.short_value
            premium_usdt = at.short * mid_usdt
            fx_usdt, fx_krw = at.sold_usdt, at.sold_krw
        return Value(
            coins_krw=owned * bid_krw,
            unrealised_usdt=short.unrealised_usdt(mid_usdt) if mid_usdt else ZERO,
            notional_usdt=notional_usdt,
            pairs_krw=max(spot_krw, notional_usdt * self.rate_krw),
            coming_krw=coming_krw,
            turnover_krw=coming_krw + coming.spot_sold * bid_krw,
            turnover_usdt=(coming.selling + coming.hedge_bought) * mid_usdt,
            premium_krw=premium_krw,
            premium_usdt=premium_usdt,
            fx_usdt=fx_usdt,
            fx_krw=fx_krw,
        )
