"""The simulated margin account: wallet, positions, leverage, and every change of the wallet.

Single asset (USDT), beside it BNB that pays fees; one-way or hedge mode, crossed or isolated
margin. Positions are kept under their key (see :mod:`position_key`), as signed quantity and signed
cost, so that the realised profits of a position that went back to flat sum up exactly. Money is
booked with eight decimals, half to even.

An isolated position has its own part of the wallet: the initial margin of what was opened moves in,
and a part moves out with every part that is closed. The rest of the wallet is the crossed one.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from exchange_simulator.binance.margin.brackets import bracket_of, maintenance
from exchange_simulator.binance.margin.position_key import symbol_of
from exchange_simulator.binance.trading.order import round_8
from exchange_simulator.decimals import ZERO, plain

DEFAULT_LEVERAGE = 20
FIRST_TRANSACTION_ID = 9_000_000_000
BNB_PART = Decimal("0.9")
"""Of a fee, where it is paid in BNB (https://www.binance.com/en/fee/futureFee)."""
BNB_USDT = Decimal(600)
"""Its price where BNBUSDT is no market of this world."""


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


def break_even(position: SimulatedPosition, fee_rate: Decimal) -> Decimal:
    """The entry price with what the way in cost, USDT (captures: it differs from ``ep``)."""
    sign = -1 if position.quantity < 0 else 1
    return position.entry_price * (1 + sign * fee_rate)


class Standing(NamedTuple):
    """What a position is worth at its mark price, USDT; ``notional`` is signed."""

    notional: Decimal
    unrealised: Decimal
    initial_margin: Decimal
    maintenance: Decimal


FLAT = Standing(ZERO, ZERO, ZERO, ZERO)


class Income(msgspec.Struct, frozen=True, kw_only=True):
    """One change of the wallet; ``transaction_id`` is unique over the account."""

    symbol: str
    kind: str
    amount: Decimal
    time_ms: int
    transaction_id: int
    trade_id: str
    asset: str = "USDT"

    def shape(self) -> dict[str, Any]:
        """One row of GET income."""
        return {
            "symbol": self.symbol,
            "incomeType": self.kind,
            "income": plain(self.amount),
            "asset": self.asset,
            "info": self.trade_id or self.kind,
            "time": self.time_ms,
            "tranId": self.transaction_id,
            "tradeId": self.trade_id,
        }


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Account totals at one moment, USDT; the ``isolated_*`` are parts of them."""

    wallet: Decimal
    unrealised: Decimal
    position_margin: Decimal
    order_margin: Decimal
    maintenance: Decimal
    isolated_wallet: Decimal = ZERO
    isolated_unrealised: Decimal = ZERO
    isolated_position_margin: Decimal = ZERO
    isolated_maintenance: Decimal = ZERO

    @property
    def margin_balance(self) -> Decimal:
        """Wallet plus unrealised profit."""
        return self.wallet + self.unrealised

    @property
    def initial_margin(self) -> Decimal:
        """Of positions and open orders."""
        return self.position_margin + self.order_margin

    @property
    def cross_wallet(self) -> Decimal:
        """What no isolated position has taken."""
        return self.wallet - self.isolated_wallet

    @property
    def cross_unrealised(self) -> Decimal:
        """Of crossed positions."""
        return self.unrealised - self.isolated_unrealised

    @property
    def cross_balance(self) -> Decimal:
        """What stands behind all crossed positions together."""
        return self.cross_wallet + self.cross_unrealised

    @property
    def cross_maintenance(self) -> Decimal:
        """What must stand behind them."""
        return self.maintenance - self.isolated_maintenance

    @property
    def available(self) -> Decimal:
        """Free for new positions; never negative."""
        held = self.position_margin - self.isolated_position_margin + self.order_margin
        return max(ZERO, self.cross_balance - held)


class Account:
    """Wallet, positions, settings and income of one futures account."""

    def __init__(self, wallet_usdt: Decimal, *, ids_from: int = 0) -> None:
        self._first_transaction_id = FIRST_TRANSACTION_ID + ids_from
        self.wallet = wallet_usdt
        self.positions: dict[str, SimulatedPosition] = {}
        self.marks: dict[str, Decimal] = {}
        self.leverage: dict[str, int] = {}
        self.income: list[Income] = []
        self._income_shapes: list[dict[str, Any]] = []
        self.hedge_mode = False
        self.multi_assets = False
        self.burns_bnb = False
        self.bnb = ZERO
        self.isolated: set[str] = set()
        self.isolated_wallets: dict[str, Decimal] = {}

    def prefer(
        self,
        *,
        multi_assets: bool | None = None,
        burns_bnb: bool | None = None,
        bnb: Decimal | None = None,
        isolated: frozenset[str] | None = None,
        leverage: dict[str, int] | None = None,
    ) -> None:
        """Set up as a person would in the preferences; ``None`` leaves as it is."""
        self.multi_assets = self.multi_assets if multi_assets is None else multi_assets
        self.burns_bnb = self.burns_bnb if burns_bnb is None else burns_bnb
        self.bnb = self.bnb if bnb is None else bnb
        self.isolated = self.isolated if isolated is None else set(isolated)
        self.leverage |= leverage or {}

    def position(self, holding: str) -> SimulatedPosition:
        """A position, flat if there never was one."""
        position = self.positions.get(holding)
        if position is None:
            position = self.positions[holding] = SimulatedPosition()
        return position

    def restore(self, symbol: str, quantity: Decimal, cost: Decimal) -> None:
        """Hold this position from the beginning; both signed, a short is negative."""
        self.positions[symbol] = SimulatedPosition(quantity=quantity, cost=cost)

    def leverage_of(self, holding: str) -> int:
        """As set, or the exchange's default."""
        return self.leverage.get(symbol_of(holding), DEFAULT_LEVERAGE)

    def margin_type(self, holding: str) -> str:
        """``ISOLATED`` or ``CROSSED``."""
        return "ISOLATED" if self.is_isolated(holding) else "CROSSED"

    def is_isolated(self, holding: str) -> bool:
        """Whether the position stands on money of its own."""
        return symbol_of(holding) in self.isolated

    def trade(
        self,
        holding: str,
        change: Decimal,
        price: Decimal,
        *,
        commission: Decimal,
        trade_id: int,
        time_ms: int,
        commission_asset: str = "USDT",
    ) -> Decimal:
        """Book one execution; the profit it realised."""
        position = self.position(holding)
        before = position.quantity
        realised = position.apply(change, price)
        position.update_ms = time_ms
        if self.is_isolated(holding):
            self._move_isolated(holding, before, change, price)
        symbol, trade = symbol_of(holding), str(trade_id)
        if realised:
            self.book(symbol, "REALIZED_PNL", realised, time_ms=time_ms, trade_id=trade)
        self.book(
            symbol,
            "COMMISSION",
            -commission,
            time_ms=time_ms,
            trade_id=trade,
            asset=commission_asset,
        )
        return realised

    def commission_of(self, commission_usdt: Decimal) -> tuple[Decimal, str]:
        """What is taken for a fee and in which asset: BNB where it is switched on and there.

        A fee in BNB is a tenth smaller. What is too much for the BNB is paid in USDT.
        """
        if not self.burns_bnb:
            return commission_usdt, "USDT"
        price_usdt = self.marks.get("BNBUSDT", BNB_USDT)
        fee_bnb = round_8(commission_usdt * BNB_PART / price_usdt)
        return (fee_bnb, "BNB") if fee_bnb <= self.bnb else (commission_usdt, "USDT")

    def _move_isolated(
        self, holding: str, before: Decimal, change: Decimal, price: Decimal
    ) -> None:
        wallet = self.isolated_wallets.get(holding, ZERO)
        closes = bool(before) and (before > 0) != (change > 0)
        closed = min(abs(change), abs(before)) if closes else ZERO
        if closed:
            wallet = (
                ZERO if closed == abs(before) else wallet - round_8(wallet * closed / abs(before))
            )
        opened = abs(change) - closed
        wallet += round_8(opened * price / self.leverage_of(holding))
        self.isolated_wallets[holding] = wallet

    def fund(self, holding: str, payment: Decimal, time_ms: int) -> None:
        """A funding payment; out of (or into) an isolated position's own money."""
        self.book(symbol_of(holding), "FUNDING_FEE", payment, time_ms=time_ms)
        if self.is_isolated(holding):
            self.isolated_wallets[holding] = self.isolated_wallet(holding) + payment

    def fund_specially(self, symbol: str, payment: Decimal, time_ms: int) -> None:
        """A special funding fee; its id is that of an ordinary one, of which it is another kind."""
        ids = [row.transaction_id for row in self.income if row.kind == "FUNDING_FEE"]
        self.book(symbol, "SPECIAL_FUNDING_FEE", payment, time_ms=time_ms)
        if ids:
            self.income[-1] = msgspec.structs.replace(self.income[-1], transaction_id=ids[-1])

    def isolated_wallet(self, holding: str) -> Decimal:
        """The position's own part of the wallet, USDT; zero with crossed margin."""
        return self.isolated_wallets.get(holding, ZERO) if self.is_isolated(holding) else ZERO

    def book(
        self,
        symbol: str,
        kind: str,
        amount: Decimal,
        *,
        time_ms: int,
        trade_id: str = "",
        asset: str = "USDT",
    ) -> None:
        """Change the wallet and say why."""
        if asset == "BNB":
            self.bnb += amount
        else:
            self.wallet += amount
        self.income.append(
            Income(
                symbol=symbol,
                kind=kind,
                amount=amount,
                time_ms=time_ms,
                transaction_id=self._first_transaction_id + len(self.income),
                trade_id=trade_id,
                asset=asset,
            )
        )

    def income_shapes(self) -> list[dict[str, Any]]:
        """Rows of GET income, one for each of :attr:`income`; a row never changes."""
        shapes = self._income_shapes
        shapes += [row.shape() for row in self.income[len(shapes) :]]
        return list(shapes)

    def mark(self, holding: str) -> Decimal:
        """The mark price; the entry price before the first tick."""
        return self.marks.get(symbol_of(holding)) or self.position(holding).entry_price

    def standing(self, holding: str) -> Standing:
        """The position at its mark price."""
        position = self.positions.get(holding)
        if position is None or not position.quantity:
            return FLAT
        notional = position.quantity * self.mark(holding)
        return Standing(
            notional=notional,
            unrealised=round_8(notional - position.cost),
            initial_margin=round_8(abs(notional) / self.leverage_of(holding)),
            maintenance=round_8(maintenance(notional)),
        )

    def figures(self, order_margin: Decimal) -> Figures:
        """Totals, given the margin that open orders hold."""
        all_held = isolated = FLAT
        isolated_wallet = ZERO
        for holding in self.held():
            standing = self.standing(holding)
            all_held = _sum(all_held, standing)
            if self.is_isolated(holding):
                isolated = _sum(isolated, standing)
                isolated_wallet += self.isolated_wallet(holding)
        return Figures(
            wallet=self.wallet,
            unrealised=all_held.unrealised,
            position_margin=all_held.initial_margin,
            order_margin=order_margin,
            maintenance=all_held.maintenance,
            isolated_wallet=isolated_wallet,
            isolated_unrealised=isolated.unrealised,
            isolated_position_margin=isolated.initial_margin,
            isolated_maintenance=isolated.maintenance,
        )

    def held(self) -> list[str]:
        """Holdings that are not flat."""
        return [holding for holding, position in self.positions.items() if position.quantity]

    def holdings_in(self, symbol: str) -> list[str]:
        """Those of one contract: one, or in hedge mode up to two."""
        return [holding for holding in self.held() if symbol_of(holding) == symbol]

    def liquidation_price(self, holding: str) -> Decimal:
        """Where the money behind a position would equal its maintenance margin; zero if nowhere.

        All other positions are taken at their present mark prices, and the bracket is the present
        one.
        """
        position = self.position(holding)
        if not position.quantity:
            return ZERO
        if self.is_isolated(holding):
            behind = self.isolated_wallet(holding)
        else:
            others = [
                other for other in self.held() if other != holding and not self.is_isolated(other)
            ]
            behind = self.wallet - sum(map(self.isolated_wallet, self.held()), ZERO)
            for standing in map(self.standing, others):
                behind += standing.unrealised - standing.maintenance
        bracket = bracket_of(self.standing(holding).notional)
        slope = position.quantity - abs(position.quantity) * bracket.rate
        return max(ZERO, round_8((position.cost - behind - bracket.cum) / slope))


def _sum(one: Standing, other: Standing) -> Standing:
    return Standing(
        notional=one.notional + other.notional,
        unrealised=one.unrealised + other.unrealised,
        initial_margin=one.initial_margin + other.initial_margin,
        maintenance=one.maintenance + other.maintenance,
    )
