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
change of equity, which ``Valuation.equity_krw`` computes another way.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from decimal import Context, Decimal
from typing import NamedTuple

from trading_platform_order.domain.account.average_entry import AveragedShort
from trading_platform_order.domain.costs.fee_value import fee_in_quote
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Fill, Leg, OrderSide
from trading_platform_order.domain.trade.trade_events import DecisionPrices
from trading_platform_order.domain.value import value

# Entries of all strategies are added up here and taken out again: nothing may be lost on the way.
_EXACT = Context(prec=80)


class Marks(NamedTuple):
    """What the prices of now add to the profit of open pairs.

    Attributes:
        premium_krw: of the premium, the part in KRW.
        premium_usdt: of the premium, what the short is worth; it counts less at the rate.
        fx_usdt: of the FX, what the short was sold for in USDT; it counts at the rate.
        fx_krw: of the FX, what it was sold for at the rates of then; it counts less.
    """

    premium_krw: Decimal = ZERO
    premium_usdt: Decimal = ZERO
    fx_usdt: Decimal = ZERO
    fx_krw: Decimal = ZERO


@dataclass(slots=True, kw_only=True)
class OpenAt:
    """Open quantities of one base asset and what they were sold for, all strategies together.

    Attributes:
        spot: negative for coins held; ``spot_value``: in KRW at the mids of the decisions.
        short: base units; ``short_value``: in KRW at the mids of the decisions.
        sold_usdt: what the short was sold for; ``sold_krw``: the same at the rates of then.
    """

    spot: Decimal = ZERO
    spot_value: Decimal = ZERO
    short: Decimal = ZERO
    short_value: Decimal = ZERO
    sold_usdt: Decimal = ZERO
    sold_krw: Decimal = ZERO


@value
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
    _open: dict[str, OpenAt] = field(default_factory=lambda: defaultdict(OpenAt))

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
            with self._counted(base, pair):
                self._parts["premium"] += pair.spot.trade(sold, decision.spot_mid_krw)
            self._parts["fees"] -= fill.fee
            return
        rate, short = decision.krw_per_usdt, self._shorts[base]
        self._parts["slippage"] += sold * (fill.price - decision.hedge_mid_usdt) * rate
        with self._counted(base, pair):
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
        pair = self._pairs[strategy, base]
        with self._counted(base, pair):
            mid_krw = pair.short.take_out(-delta)
        self._parts["premium"] += mid_krw - short.in_krw.take_out(-delta)

    def lose_coins(
        self, *, strategy: str, base: str, quantity: Decimal, price_krw: Decimal
    ) -> None:
        """Coins left by another hand: counted as gone at this price, the rest is a transfer."""
        pair = self._pairs[strategy, base]
        with self._counted(base, pair):
            self._parts["premium"] += pair.spot.trade(quantity, price_krw)

    @contextmanager
    def _counted(self, base: str, pair: _Pair) -> Iterator[None]:
        """What all strategies have open follows what one of them trades meanwhile."""
        every, add, subtract = self._open[base], _EXACT.add, _EXACT.subtract
        spot, short = copy(pair.spot), copy(pair.short)
        yield
        every.spot = add(subtract(every.spot, spot.quantity), pair.spot.quantity)
        every.spot_value = add(subtract(every.spot_value, spot.entry_value), pair.spot.entry_value)
        every.short = add(subtract(every.short, short.quantity), pair.short.quantity)
        every.short_value = add(
            subtract(every.short_value, short.entry_value), pair.short.entry_value
        )

    def open_at(self, base: str) -> OpenAt:
        """What is open of a base asset, all strategies together."""
        every, short = self._open[base], self._shorts[base]
        every.sold_usdt, every.sold_krw = short.in_usdt.entry_value, short.in_krw.entry_value
        return every

    def parts_at(self, marks: Marks) -> PnlParts:
        """The parts so far, open pairs marked to prices by what was kept of them."""
        parts, rate = self._parts, self.krw_per_usdt
        idle = parts["fx_idle"]
        return PnlParts(
            premium=marks.premium_krw - marks.premium_usdt * rate + parts["premium"],
            funding=parts["funding"],
            fees=parts["fees"],
            fx=marks.fx_usdt * rate - marks.fx_krw + parts["fx_short"] + idle,
            fx_idle=idle,
            slippage=parts["slippage"],
        )

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
