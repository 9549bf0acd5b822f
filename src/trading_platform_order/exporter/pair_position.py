"""What a strategy held in a coin, from nothing until nothing again, as a value that grows.

Both layouts tell positions from it. It counts nothing anew: quantities are the ledger's, and what
a position brought is what the account's own profit and loss changed by.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from trading_platform_order.domain.account.profit.pair_money import premium_of
from trading_platform_order.domain.money import ZERO
from trading_platform_order.domain.order import Fill, Leg
from trading_platform_order.domain.trade.trade_events import DecisionPrices, Holding

Metadata = Mapping[str, str | int | float | bool | None]


@dataclass(slots=True, kw_only=True)
class Traded:
    """Executions added up.

    Attributes:
        quantity: base units.
        value: price times quantity, in the quote asset.
        value_krw: the same in KRW at the rates of the decisions.
        order_id: of the first one, as the exchange calls its order; else our own id of it.
        exchange: where it was.
    """

    quantity: Decimal = ZERO
    value: Decimal = ZERO
    value_krw: Decimal = ZERO
    order_id: str = ""
    exchange: str = ""

    def add(self, fill: Fill, rate: Decimal, order_id: str) -> None:
        """One more; ``rate``: KRW per unit of the quote asset."""
        self.quantity += fill.quantity
        self.value += fill.quantity * fill.price
        self.value_krw += fill.quantity * fill.price * rate
        self.order_id = self.order_id or order_id
        self.exchange = str(fill.exchange)

    @property
    def price(self) -> Decimal | None:
        """Average, in the quote asset; ``None`` before the first."""
        return self.value / self.quantity if self.quantity else None


@dataclass(slots=True, kw_only=True)
class BothLegs:
    """What was bought and sold on both exchanges, in one direction."""

    spot: Traded = field(default_factory=Traded)
    hedge: Traded = field(default_factory=Traded)

    def of(self, leg: Leg) -> Traded:
        """One of them."""
        return self.spot if leg is Leg.SPOT else self.hedge

    @property
    def premium(self) -> Decimal | None:
        """A fraction, at the average prices; ``None`` while one leg alone was traded."""
        if self.spot.price is None or self.hedge.price is None:
            return None
        return premium_of(
            self.spot.price, self.hedge.price, self.hedge.value_krw / self.hedge.value
        )


@dataclass(slots=True, kw_only=True)
class PairPosition:
    """One position of a strategy in a coin.

    Attributes:
        opened_by: the trade that opened it, which names it.
        decision: prices when that trade was decided.
        entered_by: trades that added to it.
        said: what the signals of its entries said beside the trade, the first one first.
        exit_said: the same of its last exit.
        entered: what built it up; ``left``: what took it down again.
        held: what is held now; ``entry_prices``: what that cost and was sold for, KRW and USDT.
        mids: the newest prices of the journal, KRW and USDT.
        realised_krw: what it brought so far: premium, funding, fees, FX and slippage.
        needs_operator: a trade of it was halted, or one leg of it stands alone.
        running: trades of it that have not settled.
        changed_at: of the last journal row that told of it.
        closed_at: since when nothing is held and nothing runs; ``None`` while it is open.
    """

    strategy: str
    base: str
    opened_by: str
    opened_at: datetime
    decision: DecisionPrices
    entered_by: set[str] = field(default_factory=set)
    said: dict[str, str | int | float | bool | None] = field(default_factory=dict)
    exit_said: Metadata = field(default_factory=dict)
    entered: BothLegs = field(default_factory=BothLegs)
    left: BothLegs = field(default_factory=BothLegs)
    held: Holding = field(default_factory=Holding)
    entry_prices: tuple[Decimal, Decimal] = (ZERO, ZERO)
    mids: tuple[Decimal, Decimal] = (ZERO, ZERO)
    realised_krw: Decimal = ZERO
    needs_operator: bool = False
    trades: set[str] = field(default_factory=set)
    running: set[str] = field(default_factory=set)
    changed_at: datetime
    closed_at: datetime | None = None

    @property
    def name(self) -> tuple[str, str, str]:
        """What tells it apart from every other position of the account."""
        return (self.strategy, self.base, self.opened_by)

    @property
    def is_flat(self) -> bool:
        """Nothing is held."""
        return self.held.spot == 0 and self.held.short == 0

    @property
    def invested_krw(self) -> Decimal:
        """What both legs cost to enter."""
        return self.entered.spot.value_krw + self.entered.hedge.value_krw
