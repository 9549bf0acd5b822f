"""Profit and loss in KRW, split into five parts, each computed on its own.

With q base units, decision mids U (KRW) and B (USDT), fill prices P, KRW per USDT r (r0 at
entry, r1 at exit), W the USDT wallet::

    premium   = q (U1 - B1 r1) - q (U0 - B0 r0)          the premium moved while we held it
    slippage  = what fills were worse than the decision mids
    fees      = what both exchanges charged
    funding   = received or paid on the short
    fx        = q P0 (r1 - r0) on the short, and W dr on the USDT wallet

Spot and hedge quantities are kept apart, so a partly closed or uneven pair is counted right. The
sum equals the change of equity, which :func:`equity_krw` computes another way.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from trading_platform_order.domain.ledger import Ledger
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Fill, Leg, OrderSide
from trading_platform_order.domain.trade_events import DecisionPrices


@dataclass(frozen=True, slots=True, kw_only=True)
class PnlParts:
    """KRW, profit positive. ``fx_idle`` is the part of ``fx`` on the USDT wallet."""

    premium: Decimal = ZERO
    funding: Decimal = ZERO
    fees: Decimal = ZERO
    fx: Decimal = ZERO
    fx_idle: Decimal = ZERO
    slippage: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        """Sum of the five parts."""
        return self.premium + self.funding + self.fees + self.fx + self.slippage

    @property
    def trading(self) -> Decimal:
        """What limits count: the total without the revaluation of idle USDT."""
        return self.total - self.fx_idle


@dataclass(slots=True, kw_only=True)
class _Lot:
    spot: Decimal = ZERO
    spot_mid_krw: Decimal = ZERO
    short: Decimal = ZERO
    short_mid_krw: Decimal = ZERO
    short_fill_usdt: Decimal = ZERO
    short_fill_krw: Decimal = ZERO


@dataclass(slots=True, kw_only=True)
class PnlBook:
    """Accumulates the parts; open pairs are carried at their decision values until closed."""

    krw_per_usdt: Decimal = ZERO
    _parts: dict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    _lots: dict[tuple[str, str], _Lot] = field(default_factory=lambda: defaultdict(_Lot))

    def mark_fx(self, krw_per_usdt: Decimal, wallet_usdt: Decimal) -> None:
        """The rate is now this; the wallet held until now is revalued."""
        if self.krw_per_usdt > 0:
            self._parts["fx_idle"] += wallet_usdt * (krw_per_usdt - self.krw_per_usdt)
        self.krw_per_usdt = krw_per_usdt

    def book_funding(self, amount_usdt: Decimal) -> None:
        """Funding received (positive) or paid, valued at the present rate."""
        self._parts["funding"] += amount_usdt * self.krw_per_usdt

    def book_fill(
        self, fill: Fill, *, leg: Leg, strategy: str, base: str, decision: DecisionPrices
    ) -> None:
        """One fill of a trade with these decision prices."""
        lot = self._lots[strategy, base]
        if leg is Leg.SPOT:
            self._book_spot(fill, lot, decision)
            self._parts["fees"] -= fill.fee
            return
        self._book_hedge(fill, lot, decision)
        if fill.fee_asset == "USDT":
            self._parts["fees"] -= fill.fee * self.krw_per_usdt

    def parts(self, mids: Mapping[str, tuple[Decimal, Decimal]] | None = None) -> PnlParts:
        """The parts so far.

        Args:
            mids: present (KRW, USDT) mids by base asset; given, open pairs are marked to them.
        """
        parts = dict(self._parts)
        for (_, base), lot in self._lots.items():
            if mids is None or base not in mids:
                continue
            spot_mid, hedge_mid = mids[base]
            premium = lot.spot * spot_mid - lot.spot_mid_krw
            premium += lot.short_mid_krw - lot.short * hedge_mid * self.krw_per_usdt
            parts["premium"] = parts.get("premium", ZERO) + premium
            on_short = lot.short_fill_usdt * self.krw_per_usdt - lot.short_fill_krw
            parts["fx_short"] = parts.get("fx_short", ZERO) + on_short
        idle = parts.get("fx_idle", ZERO)
        return PnlParts(
            premium=parts.get("premium", ZERO),
            funding=parts.get("funding", ZERO),
            fees=parts.get("fees", ZERO),
            fx=parts.get("fx_short", ZERO) + idle,
            fx_idle=idle,
            slippage=parts.get("slippage", ZERO),
        )

    def _book_spot(self, fill: Fill, lot: _Lot, decision: DecisionPrices) -> None:
        mid, quantity = decision.spot_mid_krw, fill.quantity
        if fill.side is OrderSide.BUY:
            self._parts["slippage"] -= quantity * (fill.price - mid)
            lot.spot += quantity
            lot.spot_mid_krw += quantity * mid
            return
        self._parts["slippage"] += quantity * (fill.price - mid)
        carried = _share(lot.spot_mid_krw, quantity, lot.spot)
        self._parts["premium"] += quantity * mid - carried
        lot.spot -= quantity
        lot.spot_mid_krw -= carried

    def _book_hedge(self, fill: Fill, lot: _Lot, decision: DecisionPrices) -> None:
        mid, rate, quantity = decision.hedge_mid_usdt, decision.krw_per_usdt, fill.quantity
        if fill.side is OrderSide.SELL:
            self._parts["slippage"] += quantity * (fill.price - mid) * rate
            lot.short += quantity
            lot.short_mid_krw += quantity * mid * rate
            lot.short_fill_usdt += quantity * fill.price
            lot.short_fill_krw += quantity * fill.price * rate
            return
        self._parts["slippage"] -= quantity * (fill.price - mid) * rate
        carried_mid = _share(lot.short_mid_krw, quantity, lot.short)
        carried_usdt = _share(lot.short_fill_usdt, quantity, lot.short)
        carried_krw = _share(lot.short_fill_krw, quantity, lot.short)
        self._parts["premium"] += carried_mid - quantity * mid * rate
        self._parts["fx_short"] += carried_usdt * rate - carried_krw
        # The profit reaches the wallet at the present rate, which may have left the decision's.
        realised = carried_usdt - quantity * fill.price
        self._parts["fx_short"] += realised * (self.krw_per_usdt - rate)
        lot.short -= quantity
        lot.short_mid_krw -= carried_mid
        lot.short_fill_usdt -= carried_usdt
        lot.short_fill_krw -= carried_krw


def _share(value: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    return value if whole in (part, ZERO) else value * part / whole


def equity_krw(
    ledger: Ledger, *, mids: Mapping[str, tuple[Decimal, Decimal]], krw_per_usdt: Decimal
) -> Decimal:
    """Equity by the ledger: KRW, owned coins at mid, and the margin balance at the rate.

    Args:
        ledger: our own count.
        mids: (KRW, USDT) mids by base asset; an asset without a mid counts as nothing.
        krw_per_usdt: KRW for one USDT.
    """
    total = ledger.krw + ledger.usdt * krw_per_usdt
    for base, (spot_mid, hedge_mid) in mids.items():
        total += ledger.owned_coins(base) * spot_mid
        if base in ledger.shorts:
            total += ledger.shorts[base].unrealised_usdt(hedge_mid) * krw_per_usdt
    return total
