"""The one place where coins become contracts and contracts become coins.

A contract such as ``1000SHIBUSDT`` counts and prices a thousand coins as one. The core counts coins
of ``SHIBUSDT``; everything that goes to Binance is divided here and everything that comes from it
is multiplied (quantities; prices the other way round). USDT amounts (fees, funding, notionals) are
the same on both sides. Nothing else in the adapter knows of it: it compares, sums and proves in the
exchange's own unit.

A factor is a power of ten, so that nothing is ever rounded. A contract that happens to be called
what a pair of ours is called (``TONUSDT`` where ours is another) keeps its distance: it is told
under a name that no pair has.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, TypeVar, cast

from trading_platform_order.domain.account.account_settings import AccountSettings
from trading_platform_order.domain.market import Book, Instrument, Level, PriceBand
from trading_platform_order.domain.order import (
    Fill,
    Order,
    OrderReport,
    Position,
    base_asset,
    hedge_symbol,
)
from trading_platform_order.domain.outcome import Accepted, FundingPayment, ListedOrder
from trading_platform_order.domain.pairs.pair import Pair
from trading_platform_order.domain.protection.protective_stop import ProtectiveStopOrder, StopReport
from trading_platform_order.domain.rows import Rows
from trading_platform_order.exchanges.port.stream_events import (
    OrderUpdate,
    PositionChanged,
    StopUpdate,
)

NOT_OURS = "contract:"

Value = TypeVar("Value")


class Contracts:
    """Names and units of the contracts that differ from the core's; all others pass unchanged."""

    def __init__(self, pairs: Mapping[str, Pair]) -> None:
        """``pairs``: by Upbit's code.

        Raises:
            ValueError: a factor is no power of ten, or one contract hedges two coins.
        """
        self._wire: dict[str, tuple[str, Decimal]] = {}
        self._core: dict[str, tuple[str, Decimal]] = {}
        for pair in pairs.values():
            core = hedge_symbol(pair.code)
            if pair.factor <= 0 or pair.factor.scaleb(-pair.factor.adjusted()) != 1:
                raise ValueError(f"{pair.code}: a factor is a power of ten, not {pair.factor}")
            if (core, Decimal(1)) == (pair.contract, pair.factor):
                continue
            if pair.contract in self._core:
                raise ValueError(f"{pair.contract} hedges two coins")
            self._wire[core] = (pair.contract, pair.factor)
            self._core[pair.contract] = (core, pair.factor)
        self._kinds: Mapping[type, Callable[[Any], Any]] = {
            Book: self._book,
            OrderUpdate: self._reported,
            Accepted: self._reported,
            ListedOrder: self._reported,
            StopUpdate: self._reported,
            OrderReport: self._report,
            StopReport: self._stop_report,
            Fill: self._fill,
            Position: self._position,
            PositionChanged: self._moved,
            Instrument: self._instrument,
            FundingPayment: self._payment,
            AccountSettings: self._settings,
        }

    # -- to the exchange ------------------------------------------------------------------------

    def symbol(self, core: str) -> str:
        """The contract's own name."""
        found = self._wire.get(core)
        return core if found is None else found[0]

    def symbols(self, core: tuple[str, ...]) -> tuple[str, ...]:
        """The same of several."""
        return tuple(map(self.symbol, core)) if self._wire else core

    def holding(self, core: str, coins: Decimal) -> tuple[str, Decimal]:
        """A holding as the exchange has it: the contract's name, and how many of them."""
        symbol, factor = self._wire.get(core, (core, Decimal(1)))
        return symbol, coins / factor

    def order(self, order: Order) -> Order:
        """An order as it is sent: in contracts, at the price of one."""
        found = self._wire.get(order.symbol)
        if found is None:
            return order
        symbol, factor = found
        return replace(
            order,
            symbol=symbol,
            quantity=order.quantity / factor,
            executed_quantity=order.executed_quantity / factor,
            price=None if order.price is None else order.price * factor,
        )

    def stop(self, stop: ProtectiveStopOrder) -> ProtectiveStopOrder:
        """A conditional order as it is sent."""
        found = self._wire.get(hedge_symbol(stop.base))
        if found is None:
            return stop
        symbol, factor = found
        trigger = stop.trigger_price_usdt
        return replace(
            stop,
            base=base_asset(symbol),
            quantity=stop.quantity / factor,
            trigger_price_usdt=None if trigger is None else trigger * factor,
        )

    # -- from the exchange ----------------------------------------------------------------------

    def coins(self, told: Value) -> Value:
        """Whatever the adapter's parts return, in coins; what has neither unit nor name as it is.

        Tuples are converted item by item, and so are the names of rows that could not be read.
        """
        if isinstance(told, Rows):
            unread = {self._named(name)[0]: why for name, why in told.unread.items()}
            return cast("Value", Rows([self.coins(each) for each in told], unread))
        if isinstance(told, tuple):
            return cast("Value", tuple([self.coins(each) for each in told]))
        convert = self._kinds.get(type(told))
        return told if convert is None else convert(told)

    def _reported(self, told: Any) -> Any:  # noqa: ANN401 - whatever carries a report
        return replace(told, report=self.coins(told.report))

    def _moved(self, told: PositionChanged) -> PositionChanged:
        name, factor = self._named(told.symbol)
        return replace(told, symbol=name, quantity=told.quantity * factor)

    def _payment(self, told: FundingPayment) -> FundingPayment:
        return replace(told, symbol=self._named(told.symbol)[0])

    def _named(self, wire: str) -> tuple[str, Decimal]:
        """The core's name and the factor; a name that would be mistaken for ours is marked."""
        found = self._core.get(wire)
        if found is not None:
            return found
        return (f"{NOT_OURS}{wire}" if wire in self._wire else wire), Decimal(1)

    def _report(self, report: OrderReport) -> OrderReport:
        name, factor = self._named(report.symbol)
        if name == report.symbol:
            return report
        return replace(
            report,
            symbol=name,
            quantity=None if report.quantity is None else report.quantity * factor,
            price=None if report.price is None else report.price / factor,
            executed_quantity=report.executed_quantity * factor,
            fills=tuple(map(self._fill, report.fills)),
        )

    def _fill(self, fill: Fill) -> Fill:
        name, factor = self._named(fill.symbol)
        if name == fill.symbol:
            return fill
        return replace(
            fill, symbol=name, quantity=fill.quantity * factor, price=fill.price / factor
        )

    def _stop_report(self, report: StopReport) -> StopReport:
        name, factor = self._named(report.symbol)
        if name == report.symbol:
            return report
        trigger = report.trigger_price_usdt
        return replace(
            report,
            symbol=name,
            quantity=None if report.quantity is None else report.quantity * factor,
            trigger_price_usdt=None if trigger is None else trigger / factor,
        )

    def _position(self, position: Position) -> Position:
        name, factor = self._named(position.symbol)
        if name == position.symbol:
            return position
        return replace(
            position,
            symbol=name,
            quantity=position.quantity * factor,
            entry_price=position.entry_price / factor,
            mark_price=position.mark_price / factor,
            liquidation_price=position.liquidation_price / factor,
        )

    def _book(self, book: Book) -> Book:
        name, factor = self._named(book.symbol)
        if name == book.symbol:
            return book
        return replace(
            book, symbol=name, bids=_levels(book.bids, factor), asks=_levels(book.asks, factor)
        )

    def _instrument(self, told: Instrument) -> Instrument:
        """Steps and limits of quantity grow, the price tick shrinks; notionals are USDT."""
        name, factor = self._named(told.symbol)
        if name == told.symbol:
            return told
        return replace(
            told,
            symbol=name,
            price_tick=told.price_tick / factor,
            price_bands=tuple(
                PriceBand(lowest / factor, tick / factor) for lowest, tick in told.price_bands
            ),
            quantity_step=told.quantity_step * factor,
            min_quantity=told.min_quantity * factor,
            max_quantity=told.max_quantity * factor,
        )

    def _settings(self, told: AccountSettings) -> AccountSettings:
        return replace(
            told,
            leverage={self._named(name)[0]: value for name, value in told.leverage.items()},
            isolated=frozenset(self._named(name)[0] for name in told.isolated),
        )


def _levels(levels: tuple[Level, ...], factor: Decimal) -> tuple[Level, ...]:
    return tuple([Level(price / factor, quantity * factor) for price, quantity in levels])
