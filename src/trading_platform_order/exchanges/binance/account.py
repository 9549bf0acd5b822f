"""Reading the account, the instruments and the funding, and preparing the account for trading."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

from trading_platform_order.domain.market import Instrument
from trading_platform_order.domain.order import Balance, Position
from trading_platform_order.domain.outcome import FundingPayment, ReadFailed, Transfer
from trading_platform_order.exchanges.base import MarginAccount
from trading_platform_order.exchanges.binance.parse import (
    Unreadable,
    balance,
    finite,
    funding_payment,
    instrument,
    margin_account,
    moment,
    position,
)
from trading_platform_order.exchanges.binance.rest import Failure, RestClient
from trading_platform_order.exchanges.binance.settings import (
    MarginType,
    Settings,
    SymbolSettings,
)
from trading_platform_order.exchanges.binance.wire import (
    AccountWire,
    BalanceWire,
    CommissionWire,
    ExchangeInfoWire,
    IncomeWire,
    PositionModeWire,
    PositionWire,
    SymbolWire,
)
from trading_platform_order.transport.clock import epoch_ms

_INCOME_PAGE = 1_000
_INCOME_PAGES = 20
_FUNDING, _TRANSFER = "FUNDING_FEE", "TRANSFER"


INSTRUMENT_AGE_S = 599.0
SUSPENDED_AGE_S = 59.0
_Listing = Mapping[str, SymbolWire]


def _loop_time() -> float:
    return asyncio.get_running_loop().time()


class Account:
    """The account's reads. Instruments are read once and again by :meth:`prepare`."""

    def __init__(self, *, rest: RestClient, settings: Settings) -> None:
        self._rest = rest
        self._settings = settings
        self._instruments: dict[str, tuple[float, Instrument]] = {}

    async def balances(self) -> tuple[Balance, ...] | ReadFailed:
        """All non-zero assets."""
        found = await self._rest.read("/fapi/v3/balance", (), list[BalanceWire], weight=5)
        if isinstance(found, Failure):
            return found.as_read_failed("balances", tells_key=True)
        try:
            rows = [balance(row) for row in found]
        except Unreadable as error:
            return ReadFailed(reason=f"balances: {error}")
        return tuple(row for row in rows if row.total != 0 or row.available != 0)

    async def position(self, symbol: str) -> Position | ReadFailed:
        """The position; quantity negative for a short, zero when flat."""
        params = (("symbol", symbol),)
        found = await self._rest.read(
            "/fapi/v3/positionRisk", params, list[PositionWire], weight=5, is_urgent=True
        )
        if isinstance(found, Failure):
            return found.as_read_failed("position", tells_key=True)
        try:
            return position(symbol, found)
        except Unreadable as error:
            return ReadFailed(reason=f"position: {error}")

    async def positions(self, symbols: Sequence[str]) -> tuple[Position, ...] | ReadFailed:
        """As :meth:`position`, of several at once: it costs no more than one."""
        found = await self._rest.read(
            "/fapi/v3/positionRisk", (), list[PositionWire], weight=5, is_urgent=True
        )
        if isinstance(found, Failure):
            return found.as_read_failed("positions", tells_key=True)
        try:
            return tuple([position(symbol, found) for symbol in symbols])
        except Unreadable as error:
            return ReadFailed(reason=f"positions: {error}")

    async def margin(self) -> MarginAccount | ReadFailed:
        """The margin account's totals."""
        found = await self._rest.read("/fapi/v3/account", (), AccountWire, weight=5)
        if isinstance(found, Failure):
            return found.as_read_failed("margin", tells_key=True)
        try:
            return margin_account(found)
        except Unreadable as error:
            return ReadFailed(reason=f"margin: {error}")

    async def funding(self, since: datetime) -> tuple[FundingPayment, ...] | ReadFailed:
        """Funding payments from ``since`` on, oldest first."""
        rows = await self._income(_FUNDING, since)
        if isinstance(rows, ReadFailed):
            return rows
        try:
            return tuple(funding_payment(row) for row in rows)
        except Unreadable as error:
            return ReadFailed(reason=f"funding: {error}")

    async def transfers(self, asset: str, since: datetime) -> tuple[Transfer, ...] | ReadFailed:
        """What of an asset moved into (positive) and out of the futures wallet."""
        rows = await self._income(_TRANSFER, since)
        if isinstance(rows, ReadFailed):
            return rows
        try:
            return tuple(
                Transfer(
                    transaction_id=str(row.tran_id),
                    asset=row.asset,
                    amount=finite(row.income),
                    at=moment(row.time),
                )
                for row in rows
                if row.asset == asset
            )
        except Unreadable as error:
            return ReadFailed(reason=f"transfers: {error}")

    async def _income(self, kind: str, since: datetime) -> list[IncomeWire] | ReadFailed:
        """Rows of one kind, oldest first.

        Pages overlap in their last millisecond and rows are told apart by their ``tranId``.
        """
        rows: dict[int, IncomeWire] = {}
        start_ms = epoch_ms(since)
        for _ in range(_INCOME_PAGES):
            params = (
                ("incomeType", kind),
                ("startTime", str(start_ms)),
                ("limit", str(_INCOME_PAGE)),
            )
            found = await self._rest.read("/fapi/v1/income", params, list[IncomeWire], weight=30)
            if isinstance(found, Failure):
                return found.as_read_failed(kind.lower())
            rows |= {row.tran_id: row for row in found if row.income_type == kind}
            if len(found) < _INCOME_PAGE:
                return sorted(rows.values(), key=lambda row: row.time)
            start_ms = max(row.time for row in found)
        return ReadFailed(reason=f"{kind.lower()}: more than {_INCOME_PAGES} pages")

    def forget(self, symbol: str) -> None:
        """Read the filters of a symbol again when they are asked for next."""
        self._instruments.pop(symbol, None)

    async def instrument(self, symbol: str) -> Instrument | ReadFailed:
        """Filters and fees as Binance tells them; kept ten minutes, one while it does not trade."""
        known = self._instruments.get(symbol)
        if known is not None and _loop_time() - known[0] < _kept_s(known[1]):
            return known[1]
        listing = await self._read_listing()
        if isinstance(listing, ReadFailed):
            return listing
        return await self._read_instrument(symbol, listing)

    async def _read_listing(self) -> _Listing | ReadFailed:
        """All contracts: the answer is one, and large, whatever symbol is wanted."""
        info = await self._rest.read(
            "/fapi/v1/exchangeInfo", (), ExchangeInfoWire, weight=1, is_signed=False
        )
        if isinstance(info, Failure):
            return info.as_read_failed("instrument")
        return {row.symbol: row for row in info.symbols}

    async def _read_instrument(self, symbol: str, listing: _Listing) -> Instrument | ReadFailed:
        wire = listing.get(symbol)
        if wire is None:
            return ReadFailed(reason=f"instrument: {symbol} is not listed")
        params = (("symbol", symbol),)
        fees = await self._rest.read("/fapi/v1/commissionRate", params, CommissionWire, weight=20)
        if isinstance(fees, Failure):
            return fees.as_read_failed("commission rate")
        try:
            found = instrument(wire, fees)
        except Unreadable as error:
            return ReadFailed(reason=f"instrument: {error}")
        self._instruments[symbol] = (_loop_time(), found)
        return found

    async def server_time(self) -> datetime | ReadFailed:
        """The exchange's clock."""
        server_ms = await self._rest.server_ms()
        if isinstance(server_ms, Failure):
            return server_ms.as_read_failed("server time")
        return moment(server_ms)

    async def prepare(self, symbols: tuple[str, ...], *, leverage: int) -> ReadFailed | None:
        """Measure the clock, check the position mode, set margin and leverage, read filters."""
        skew = await self._rest.measure_clock()
        if isinstance(skew, Failure):
            return skew.as_read_failed("clock")
        mode = await self._rest.read("/fapi/v1/positionSide/dual", (), PositionModeWire, weight=30)
        if isinstance(mode, Failure):
            return mode.as_read_failed("position mode")
        if mode.dual_side_position:
            return ReadFailed(
                reason=(
                    "the account is in hedge mode; close all positions and orders, then choose"
                    " one-way mode in the futures preferences"
                )
            )
        listing = await self._read_listing()
        if isinstance(listing, ReadFailed):
            return listing
        for symbol in symbols:
            problem = await self._prepare_symbol(symbol, leverage, listing)
            if problem is not None:
                return problem
        return None

    async def _prepare_symbol(
        self, symbol: str, leverage: int, listing: _Listing
    ) -> ReadFailed | None:
        problem = await self._settings.set_symbol(
            symbol, SymbolSettings(margin_type=MarginType.CROSSED, leverage=leverage)
        )
        if problem is not None:
            return problem
        found = await self._read_instrument(symbol, listing)
        return found if isinstance(found, ReadFailed) else None


def _kept_s(known: Instrument) -> float:
    """What waits for a symbol to be traded again should not wait ten minutes more."""
    return INSTRUMENT_AGE_S if known.is_trading else SUSPENDED_AGE_S
