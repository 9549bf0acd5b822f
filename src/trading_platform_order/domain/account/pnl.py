"""Profit and loss in KRW, split into five parts, each computed on its own.

With q base units, decision mids U (KRW) and B (USDT), fill prices P, KRW per USDT r (r0 at
entry, r1 at exit), W the USDT wallet::

    premium   = q (U1 - B1 r1) - q (U0 - B0 r0)          the premium moved while we held it
    slippage  = what fills were worse than the decision mids
    fees      = what both exchanges charged
    funding   = received or paid on the short
    fx        = q P0 (r1 - r0) on the short, and W dr on the USDT wallet

Spot and hedge quantities are kept apart, so a partly closed or uneven pair is counted right. The
premium is counted by strategy; the FX on the short by base asset, all strategies together, because
the exchange averages their entries into one position and realises from that. The sum equals the
change of equity, which :func:`equity_krw` computes another way.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from trading_platform_order.domain.account.average_entry import AveragedShort
from trading_platform_order.domain.account.ledger import Ledger
from trading_platform_order.domain.fee_value import fee_in_quote
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Fill, Leg, OrderSide
from trading_platform_order.domain.trade.trade_events import DecisionPrices


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
class _Pair:
    """What a strategy holds, in KRW at the mids of its decisions; coins are a negative short."""

    spot: AveragedShort = field(default_factory=AveragedShort)
    short: AveragedShort = field(default_factory=AveragedShort)


@dataclass(slots=True, kw_only=True)
class _Short:
    """The position on the exchange at its fills: in USDT, and in KRW at the rates of then."""

    in_usdt: AveragedShort = field(default_factory=AveragedShort)
    in_krw: AveragedShort = field(default_factory=AveragedShort)


@dataclass(slots=True, kw_only=True)
class PnlBook:
    """Accumulates the parts; open pairs are carried at their decision values until closed."""

    krw_per_usdt: Decimal = ZERO
    _parts: dict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    _pairs: dict[tuple[str, str], _Pair] = field(default_factory=lambda: defaultdict(_Pair))
    _shorts: dict[str, _Short] = field(default_factory=lambda: defaultdict(_Short))

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
        pair = self._pairs[strategy, base]
        sold = fill.quantity if fill.side is OrderSide.SELL else -fill.quantity
        if leg is Leg.SPOT:
            self._parts["slippage"] += sold * (fill.price - decision.spot_mid_krw)
            self._parts["premium"] += pair.spot.trade(sold, decision.spot_mid_krw)
            self._parts["fees"] -= fill.fee
            return
        rate, short = decision.krw_per_usdt, self._shorts[base]
        self._parts["slippage"] += sold * (fill.price - decision.hedge_mid_usdt) * rate
        self._parts["premium"] += pair.short.trade(sold, decision.hedge_mid_usdt * rate)
        # The profit reaches the wallet at the present rate, which may have left the decision's.
        realised_krw = short.in_usdt.trade(sold, fill.price) * self.krw_per_usdt
        self._parts["fx_short"] += realised_krw - short.in_krw.trade(sold, fill.price * rate)
        self._parts["fees"] -= fee_in_quote(fill) * self.krw_per_usdt

    def adjust_short(self, *, strategy: str, base: str, delta: Decimal) -> None:
        """Somebody else closed (negative ``delta``) a part, as :meth:`Ledger.adjust_short` says.

        Counted as closed at its own entry: what it really brought is no trade of ours.
        """
        short = self._shorts[base]
        short.in_usdt.take_out(-delta)
        mid_krw = self._pairs[strategy, base].short.take_out(-delta)
        self._parts["premium"] += mid_krw - short.in_krw.take_out(-delta)

    def lose_coins(
        self, *, strategy: str, base: str, quantity: Decimal, price_krw: Decimal
    ) -> None:
        """Coins left by another hand: counted as gone at this price, the rest is a transfer."""
        self._parts["premium"] += self._pairs[strategy, base].spot.trade(quantity, price_krw)

    def parts(self, mids: Mapping[str, tuple[Decimal, Decimal]] | None = None) -> PnlParts:
        """The parts so far.

        Args:
            mids: present (KRW, USDT) mids by base asset; given, open pairs are marked to them.
        """
        parts = dict(self._parts)
        marks = {} if mids is None else mids
        premium = fx_short = ZERO
        for (_, base), pair in self._pairs.items():
            if base in marks:
                spot_mid, hedge_mid = marks[base]
                premium += pair.spot.unrealised(spot_mid)
                premium += pair.short.unrealised(hedge_mid * self.krw_per_usdt)
        for base, short in self._shorts.items():
            if base in marks:
                fx_short += short.in_usdt.entry_value * self.krw_per_usdt
                fx_short -= short.in_krw.entry_value
        idle = parts.get("fx_idle", ZERO)
        return PnlParts(
            premium=premium + parts.get("premium", ZERO),
            funding=parts.get("funding", ZERO),
            fees=parts.get("fees", ZERO),
            fx=fx_short + parts.get("fx_short", ZERO) + idle,
            fx_idle=idle,
            slippage=parts.get("slippage", ZERO),
        )


def equity_krw(
    ledger: Ledger, *, mids: Mapping[str, tuple[Decimal, Decimal]], krw_per_usdt: Decimal
) -> Decimal:
    """Equity by the ledger: KRW, owned coins at mid, and the margin balance at the rate.

    Fees paid in other assets count as they were worth when they were paid.

    Args:
        ledger: our own count.
        mids: (KRW, USDT) mids by base asset; an asset without a mid counts as nothing.
        krw_per_usdt: KRW for one USDT.
    """
    total = ledger.krw + ledger.valued_usdt * krw_per_usdt
    for base, (spot_mid, hedge_mid) in mids.items():
        total += ledger.owned_coins(base) * spot_mid
        if base in ledger.shorts:
            total += ledger.shorts[base].unrealised_usdt(hedge_mid) * krw_per_usdt
    return total
