"""How well one trade was executed: its legs against the prices that it could have had.

Costs are positive where a fill was worse than the price it is measured against. There are two such
prices for each leg. The **decision**: the middle of the book that the engine decided by, in the row
that opened the trade. The **signal**: the price that the strategy named, if it named one; against
it counts what the market did between the two, too.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from trading_platform_order.domain.account.profit.pnl import PnlParts
from trading_platform_order.domain.costs.fee_value import fee_in_quote
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Fill, Leg, OrderSide
from trading_platform_order.domain.trade.pair_trade import PairTrade
from trading_platform_order.domain.trade.trade_events import TradeSettled

BPS = Decimal(10_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """What the fills of one leg cost more than at a price.

    Attributes:
        krw: of all fills together, at the decision's rate; positive: worse.
        value_krw: what they would have been worth at that price.
    """

    krw: Decimal = ZERO
    value_krw: Decimal = ZERO

    @property
    def bps(self) -> Decimal | None:
        """Of the value; ``None`` without any."""
        return self.krw / self.value_krw * BPS if self.value_krw else None

    def __add__(self, other: "Shortfall") -> "Shortfall":
        """Both together."""
        return Shortfall(krw=self.krw + other.krw, value_krw=self.value_krw + other.value_krw)


@dataclass(frozen=True, slots=True, kw_only=True)
class LegExecution:
    """The fills of one leg of a trade.

    Attributes:
        quantity: base units filled, both directions added up.
        against_decision: the middle of the book at the decision.
        against_signal: the price that the signal named; ``None`` if it named none.
        fee_krw: at the decision's rate.
        first_fill_at: by the exchange's clock; ``None`` if nothing was filled.
    """

    quantity: Decimal = ZERO
    against_decision: Shortfall = Shortfall()
    against_signal: Shortfall | None = None
    fee_krw: Decimal = ZERO
    first_fill_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeExecution:
    """One trade.

    Attributes:
        skew_ms: first fill of the hedge less that of the spot leg, each by its exchange's clock,
            milliseconds; ``None`` without both.
        signal_age_ms: from the signal's own time to the decision.
        settled_ms: from the decision to the end of the trade; ``None`` while it runs.
        realised: what the trade made final, KRW; an exit also premium and FX.
    """

    trade: PairTrade
    legs: dict[Leg, LegExecution]
    skew_ms: int | None
    signal_age_ms: int
    signal_to_wire_us: int | None
    settled_ms: int | None
    realised: PnlParts | None


def execution_of(
    trade: PairTrade, settled: TradeSettled | None, realised: PnlParts | None
) -> TradeExecution:
    """How well it was traded; ``settled``: how it ended, if it did."""
    legs = {leg: _leg(trade, leg) for leg in Leg}
    firsts = [legs[leg].first_fill_at for leg in (Leg.SPOT, Leg.HEDGE)]
    spot_at, hedge_at = firsts
    decided_at = trade.decision.at
    return TradeExecution(
        trade=trade,
        legs=legs,
        skew_ms=None if spot_at is None or hedge_at is None else _ms(spot_at, hedge_at),
        signal_age_ms=_ms(trade.signal.created_at, decided_at),
        signal_to_wire_us=None if settled is None else settled.signal_to_wire_us,
        settled_ms=None if settled is None else _ms(trade.opened_at, settled.at),
        realised=realised,
    )


def _leg(trade: PairTrade, leg: Leg) -> LegExecution:
    fills = [fill for fill in trade.fills if trade.order(fill.client_order_id).leg is leg]
    decision, signal = trade.decision, trade.signal
    if leg is Leg.SPOT:
        rate, mid, named = Decimal(1), decision.spot_mid_krw, signal.spot_price_krw
    else:
        rate, mid, named = decision.krw_per_usdt, decision.hedge_mid_usdt, signal.hedge_price_usdt
    return LegExecution(
        quantity=sum((fill.quantity for fill in fills), ZERO),
        against_decision=_shortfall(fills, mid, rate),
        against_signal=None if named is None else _shortfall(fills, named, rate),
        fee_krw=sum((fee_in_quote(fill) * rate for fill in fills), ZERO),
        first_fill_at=min((fill.at for fill in fills), default=None),
    )


def _shortfall(fills: list[Fill], price: Decimal, rate: Decimal) -> Shortfall:
    worse = sum((_worse(fill, price) for fill in fills), ZERO)
    value = sum((fill.quantity * price for fill in fills), ZERO)
    return Shortfall(krw=worse * rate, value_krw=value * rate)


def _worse(fill: Fill, price: Decimal) -> Decimal:
    bought = 1 if fill.side is OrderSide.BUY else -1
    return bought * fill.quantity * (fill.price - price)


def _ms(begin: datetime, end: datetime) -> int:
    return round((end - begin).total_seconds() * 1_000)
