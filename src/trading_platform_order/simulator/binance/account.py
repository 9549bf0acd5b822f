"""The simulated cross-margin account: wallet, positions, leverage, and every change of the wallet.

One-way mode, single asset (USDT). A position is kept as signed quantity and signed cost, so that
the realised profits of a position that went back to flat sum up exactly. Money is booked with
eight decimals, half to even.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from trading_platform_order.domain.money import ZERO, plain
from trading_platform_order.simulator.binance.order import round_8
from trading_platform_order.simulator.binance.symbols import MAINTENANCE_RATE

DEFAULT_LEVERAGE = 20
FIRST_TRANSACTION_ID = 9_000_000_000


@dataclass(slots=True, kw_only=True)
class SimulatedPosition:
    """A position; a short has negative quantity and cost.

    Attributes:
        quantity: base asset, signed.
        cost: USDT, signed: what was paid for the present quantity.
        realised: USDT, accumulated over the life of the account, before fees.
    """

    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    realised: Decimal = ZERO
    update_ms: int = 0

    @property
    def entry_price(self) -> Decimal:
        """USDT; zero when flat."""
        return round_8(self.cost / self.quantity) if self.quantity else ZERO

    def unrealised(self, mark: Decimal) -> Decimal:
        """USDT at this mark price."""
        return self.quantity * mark - self.cost

    def apply(self, change: Decimal, price: Decimal) -> Decimal:
        """Trade ``change`` (signed) at ``price``; the profit realised by it."""
        realised = ZERO
        if self.quantity and (self.quantity > 0) != (change > 0):
            closed = min(abs(change), abs(self.quantity))
            signed = closed if self.quantity > 0 else -closed
            part = (
                self.cost
                if signed == self.quantity
                else round_8(self.cost * signed / self.quantity)
            )
            realised = signed * price - part
            self.quantity -= signed
            self.cost -= part
            change += signed
        self.quantity += change
        self.cost += change * price
        self.realised += realised
        return realised


@dataclass(frozen=True, slots=True, kw_only=True)
class Income:
    """One change of the wallet; ``transaction_id`` is unique over the account."""

    symbol: str
    kind: str
    amount: Decimal
    time_ms: int
    transaction_id: int
    trade_id: str

    def shape(self) -> dict[str, Any]:
        """One row of GET income."""
        return {
            "symbol": self.symbol,
            "incomeType": self.kind,
            "income": plain(self.amount),
            "asset": "USDT",
            "info": self.trade_id or self.kind,
            "time": self.time_ms,
            "tranId": self.transaction_id,
            "tradeId": self.trade_id,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Account totals at one moment, USDT."""

    wallet: Decimal
    unrealised: Decimal
    position_margin: Decimal
    order_margin: Decimal
    maintenance: Decimal

    @property
    def margin_balance(self) -> Decimal:
        """Wallet plus unrealised profit."""
        return self.wallet + self.unrealised

    @property
    def initial_margin(self) -> Decimal:
        """Of positions and open orders."""
        return self.position_margin + self.order_margin

    @property
    def available(self) -> Decimal:
        """Free for new positions; never negative."""
        return max(ZERO, self.margin_balance - self.initial_margin)


class Account:
    """Wallet, positions, settings and income of one futures account."""

    def __init__(self, wallet_usdt: Decimal) -> None:
        self.wallet = wallet_usdt
        self.positions: dict[str, SimulatedPosition] = {}
        self.marks: dict[str, Decimal] = {}
        self.leverage: dict[str, int] = {}
        self.income: list[Income] = []
        self.hedge_mode = False
        self.multi_assets = False
        self.isolated: set[str] = set()

    def position(self, symbol: str) -> SimulatedPosition:
        """The position in a symbol, flat if there never was one."""
        return self.positions.setdefault(symbol, SimulatedPosition())

    def restore(self, symbol: str, quantity: Decimal, cost: Decimal) -> None:
        """Hold this position from the beginning; both signed, a short is negative."""
        self.positions[symbol] = SimulatedPosition(quantity=quantity, cost=cost)

    def leverage_of(self, symbol: str) -> int:
        """As set, or the exchange's default."""
        return self.leverage.get(symbol, DEFAULT_LEVERAGE)

    def margin_type(self, symbol: str) -> str:
        """``ISOLATED`` or ``CROSSED``; told back only, the money is always one pool."""
        return "ISOLATED" if symbol in self.isolated else "CROSSED"

    def trade(
        self,
        symbol: str,
        change: Decimal,
        price: Decimal,
        *,
        commission: Decimal,
        trade_id: int,
        time_ms: int,
    ) -> Decimal:
        """Book one execution; the profit it realised."""
        position = self.position(symbol)
        realised = position.apply(change, price)
        position.update_ms = time_ms
        if realised:
            self.book(symbol, "REALIZED_PNL", realised, time_ms=time_ms, trade_id=str(trade_id))
        self.book(symbol, "COMMISSION", -commission, time_ms=time_ms, trade_id=str(trade_id))
        return realised

    def book(
        self, symbol: str, kind: str, amount: Decimal, *, time_ms: int, trade_id: str = ""
    ) -> None:
        """Change the wallet and say why."""
        self.wallet += amount
        self.income.append(
            Income(
                symbol=symbol,
                kind=kind,
                amount=amount,
                time_ms=time_ms,
                transaction_id=FIRST_TRANSACTION_ID + len(self.income),
                trade_id=trade_id,
            )
        )

    def mark(self, symbol: str) -> Decimal:
        """The mark price; the entry price before the first tick."""
        return self.marks.get(symbol) or self.position(symbol).entry_price

    def notional(self, symbol: str) -> Decimal:
        """USDT, signed, at the mark price."""
        return self.position(symbol).quantity * self.mark(symbol)

    def unrealised(self, symbol: str) -> Decimal:
        """USDT."""
        return round_8(self.position(symbol).unrealised(self.mark(symbol)))

    def position_margin(self, symbol: str) -> Decimal:
        """Initial margin of the position, USDT."""
        return round_8(abs(self.notional(symbol)) / self.leverage_of(symbol))

    def maintenance(self, symbol: str) -> Decimal:
        """Maintenance margin of the position, USDT (first bracket only)."""
        return round_8(abs(self.notional(symbol)) * MAINTENANCE_RATE)

    def figures(self, order_margin: Decimal) -> Figures:
        """Totals, given the margin that open orders hold."""
        held = self.held()
        return Figures(
            wallet=self.wallet,
            unrealised=sum((self.unrealised(symbol) for symbol in held), ZERO),
            position_margin=sum((self.position_margin(symbol) for symbol in held), ZERO),
            order_margin=order_margin,
            maintenance=sum((self.maintenance(symbol) for symbol in held), ZERO),
        )

    def held(self) -> list[str]:
        """Symbols with a position that is not flat."""
        return [symbol for symbol, position in self.positions.items() if position.quantity]

    def liquidation_price(self, symbol: str) -> Decimal:
        """Where the margin balance would equal the maintenance margin; zero if nowhere.

        All other positions are taken at their present mark prices.
        """
        position = self.position(symbol)
        if not position.quantity:
            return ZERO
        others = [other for other in self.held() if other != symbol]
        rest = self.wallet + sum(
            (self.unrealised(other) - self.maintenance(other) for other in others), ZERO
        )
        slope = position.quantity - abs(position.quantity) * MAINTENANCE_RATE
        return max(ZERO, round_8((position.cost - rest) / slope))
