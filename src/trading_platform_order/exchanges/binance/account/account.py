"""Reading the account, the instruments and the funding, and preparing the account for trading."""

import asyncio
import math
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from trading_platform_order.domain.market import Instrument
from trading_platform_order.domain.order import Balance, Position
from trading_platform_order.domain.outcome import FundingPayment, ReadFailed, Transfer
from trading_platform_order.domain.rows import Rows
from trading_platform_order.exchanges.base import MarginAccount
from trading_platform_order.exchanges.binance.account.settings import (
    MarginType,
    Settings,
    SymbolSettings,
)
from trading_platform_order.exchanges.binance.requests.answers import Failure, rows_of
from trading_platform_order.exchanges.binance.requests.parse import (
    SPECIAL_FUNDING,
    TRADING,
    Unreadable,
    balance,
    finite,
    funding_payment,
    instrument,
    margin_account,
    moment,
    position,
)
from trading_platform_order.exchanges.binance.requests.rest import RestClient
from trading_platform_order.exchanges.binance.requests.signing import Params
from trading_platform_order.exchanges.binance.requests.wire import (
    AccountWire,
    BalanceWire,
    CommissionWire,
    ExchangeInfoWire,
    IncomeWire,
    PositionModeWire,
    PositionWire,
    SymbolWire,
)
from trading_platform_order.exchanges.rows import UNREADABLE, WireRows
from trading_platform_order.transport.clock import epoch_ms

_INCOME_PAGE = 1_000
_INCOME_PAGES = 20
_FUNDING, _TRANSFER = "FUNDING_FEE", "TRANSFER"


INSTRUMENT_AGE_S = 599.0
SUSPENDED_AGE_S = 59.0
LISTING_AGE_S = 30.0
_Listing = WireRows[SymbolWire]


def _loop_time() -> float:
    return asyncio.get_running_loop().time()


class Account:
    """The account's reads. Instruments are read once and again by :meth:`prepare`."""

    def __init__(self, *, rest: RestClient, settings: Settings) -> None:
        self._rest = rest
        self._settings = settings
        self._instruments: dict[str, tuple[float, Instrument]] = {}
        self._listing: tuple[float, _Listing] | None = None
        self._fees: dict[str, tuple[float, CommissionWire]] = {}
        self._reading_fees: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def balances(self) -> Rows[Balance] | ReadFailed:
        """All non-zero assets."""
        found = await self._rest.read_rows(
            "/fapi/v3/balance", (), BalanceWire, key="asset", weight=5
        )
        if isinstance(found, Failure):
            return found.as_read_failed("balances", tells_key=True)
        made = found.made(balance, lambda row: row.asset)
        held = (row for row in made if row.total != 0 or row.available != 0)
        return Rows(held, made.unread)

    async def position(self, symbol: str) -> Position | ReadFailed:
        """The position; quantity negative for a short, zero when flat."""
        found = await self._position_rows((("symbol", symbol),))
        return found if isinstance(found, ReadFailed) else _position(symbol, found)

    async def positions(
        self, symbols: Sequence[str]
    ) -> tuple[Position | ReadFailed, ...] | ReadFailed:
        """As :meth:`position`, of several at once: it costs no more than one."""
        found = await self._position_rows(())
        if isinstance(found, ReadFailed):
            return found
        return tuple([_position(symbol, found) for symbol in symbols])

    async def _position_rows(self, params: Params) -> WireRows[PositionWire] | ReadFailed:
        found = await self._rest.read_rows(
            "/fapi/v3/positionRisk", params, PositionWire, key="symbol", weight=5, is_urgent=True
        )
        if isinstance(found, Failure):
            return found.as_read_failed("positions", tells_key=True)
        return found

    async def margin(self) -> MarginAccount | ReadFailed:
        """The margin account's totals. Urgent: liquidation and proofs of absence hang on them."""
        found = await self._rest.read("/fapi/v3/account", (), AccountWire, weight=5, is_urgent=True)
        if isinstance(found, Failure):
            return found.as_read_failed("margin", tells_key=True)
        try:
            return margin_account(found)
        except Unreadable as error:
            return ReadFailed(reason=f"margin: {error}")

    async def funding(self, since: datetime) -> Rows[FundingPayment] | ReadFailed:
        """Funding payments from ``since`` on, ordinary and special ones, oldest first."""
        usual = await self._income(_FUNDING, since, key="symbol")
        if isinstance(usual, ReadFailed):
            return usual
        special = await self._income(SPECIAL_FUNDING, since, key="symbol")
        if isinstance(special, ReadFailed):
            return special
        both = sorted((*usual.rows, *special.rows), key=lambda row: row.time)
        found = WireRows(rows=both, unread={**usual.unread, **special.unread}, total=len(both))
        return found.made(funding_payment, lambda row: row.symbol)

    async def transfers(self, asset: str, since: datetime) -> tuple[Transfer, ...] | ReadFailed:
        """What of an asset moved into (positive) and out of the futures wallet."""
        rows = await self._income(_TRANSFER, since, key="asset")
        if isinstance(rows, ReadFailed):
            return rows
        moved = rows.made(_transfer, lambda row: row.asset)
        if unread := moved.why_unread((asset,)):
            return ReadFailed(reason=f"transfers: {next(iter(unread.values()))}")
        return tuple(transfer for transfer in moved if transfer.asset == asset)

    async def _income(
        self, kind: str, since: datetime, *, key: str
    ) -> WireRows[IncomeWire] | ReadFailed:
        """Rows of one kind, oldest first.

        Pages overlap in their last millisecond. Rows are told apart by symbol and ``tranId``,
        which is unique only among rows of one kind.
        """
        rows: dict[tuple[str, int], IncomeWire] = {}
        unread: dict[str, str] = {}
        start_ms = epoch_ms(since)
        for _ in range(_INCOME_PAGES):
            params = (
                ("incomeType", kind),
                ("startTime", str(start_ms)),
                ("limit", str(_INCOME_PAGE)),
            )
            found = await self._rest.read_rows(
                "/fapi/v1/income", params, IncomeWire, key=key, weight=30
            )
            if isinstance(found, Failure):
                return found.as_read_failed(kind.lower())
            fresh = {
                (row.symbol, row.tran_id): row for row in found.rows if row.income_type == kind
            }
            is_over = found.total < _INCOME_PAGE
            if not is_over and fresh.keys() <= rows.keys():
                return ReadFailed(reason=f"{kind.lower()}: over {_INCOME_PAGE} rows in one moment")
            rows |= fresh
            unread |= found.unread
            if is_over:
                oldest_first = sorted(rows.values(), key=lambda row: row.time)
                return WireRows(rows=oldest_first, unread=unread, total=len(oldest_first))
            start_ms = max((row.time for row in found.rows), default=start_ms)
        return ReadFailed(reason=f"{kind.lower()}: more than {_INCOME_PAGES} pages")

    def forget(self, symbol: str) -> None:
        """Read the filters of a symbol again when they are asked for next."""
        self._instruments.pop(symbol, None)
        self._fees.pop(symbol, None)

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
        rows = rows_of(info.symbols, SymbolWire, key="symbol")
        return rows.as_read_failed("instrument") if isinstance(rows, Failure) else rows

    async def _recent_listing(self) -> _Listing | ReadFailed:
        """Shared by symbols that are prepared one after the other."""
        known = self._listing
        if known is not None and _loop_time() - known[0] < LISTING_AGE_S:
            return known[1]
        listing = await self._read_listing()
        if not isinstance(listing, ReadFailed):
            self._listing = (_loop_time(), listing)
        return listing

    async def _read_instrument(self, symbol: str, listing: _Listing) -> Instrument | ReadFailed:
        wire = next((row for row in listing.rows if row.symbol == symbol), None)
        if wire is None:
            why = listing.why_unread((symbol,)) or f"{symbol} is not listed"
            return ReadFailed(reason=f"instrument: {why}")
        fees = await self._fees_of(symbol)
        if isinstance(fees, ReadFailed):
            return fees
        try:
            found = instrument(wire, fees)
        except UNREADABLE as error:
            return ReadFailed(reason=f"instrument: {symbol}: {error}")
        self._instruments[symbol] = (_loop_time(), found)
        return found

    async def _fees_of(self, symbol: str) -> CommissionWire | ReadFailed:
        """Shared by who prepares a symbol and who reads its filters; at a start both do at once."""
        async with self._reading_fees[symbol]:
            read_at, known = self._fees.get(symbol, (-math.inf, None))
            if known is not None and _loop_time() - read_at < LISTING_AGE_S:
                return known
            params = (("symbol", symbol),)
            fees = await self._rest.read(
                "/fapi/v1/commissionRate", params, CommissionWire, weight=20
            )
            if isinstance(fees, Failure):
                return fees.as_read_failed("commission rate")
            self._fees[symbol] = (_loop_time(), fees)
            return fees

    async def server_time(self) -> datetime | ReadFailed:
        """The exchange's clock."""
        server_ms = await self._rest.server_ms()
        if isinstance(server_ms, Failure):
            return server_ms.as_read_failed("server time")
        return moment(server_ms)

    async def prepare(self) -> ReadFailed | None:
        """Measure the clock, check the position mode."""
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
        return None

    async def prepare_symbol(self, symbol: str, *, leverage: int) -> ReadFailed | None:
        """Set margin type and leverage, read the filters.

        A contract that is in the list and does not trade can be neither set nor traded.
        """
        listing = await self._recent_listing()
        if isinstance(listing, ReadFailed):
            return listing
        row = next((row for row in listing.rows if row.symbol == symbol), None)
        if row is None:
            why = listing.why_unread((symbol,)) or "it is not listed; take it out of the settings"
            return ReadFailed(reason=f"binance {symbol}: {why}")
        if row.status != TRADING:
            return ReadFailed(
                reason=f"binance {symbol}: its status is {row.status or 'not told'} (wait for the "
                "end of the suspension or take the symbol out of the settings)"
            )
        problem = await self._settings.set_symbol(
            symbol, SymbolSettings(margin_type=MarginType.CROSSED, leverage=leverage)
        )
        if problem is not None:
            return problem
        found = await self._read_instrument(symbol, listing)
        return found if isinstance(found, ReadFailed) else None


def _position(symbol: str, rows: WireRows[PositionWire]) -> Position | ReadFailed:
    try:
        return position(symbol, rows)
    except Unreadable as error:
        return ReadFailed(reason=f"position of {symbol}: {error}")


def _transfer(row: IncomeWire) -> Transfer:
    return Transfer(
        transaction_id=str(row.tran_id),
        asset=row.asset,
        amount=finite(row.income),
        at=moment(row.time),
    )


def _kept_s(known: Instrument) -> float:
    """What waits for a symbol to be traded again should not wait ten minutes more."""
    return INSTRUMENT_AGE_S if known.is_trading else SUSPENDED_AGE_S
