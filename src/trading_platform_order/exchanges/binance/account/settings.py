"""How the account must be set, what the key may do: set, read back, and say how to mend it."""

from dataclasses import dataclass
from enum import StrEnum

import msgspec

from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.exchanges.binance.requests.answers import Failure, decode, only, rows_of
from trading_platform_order.exchanges.binance.requests.rest import RestClient
from trading_platform_order.exchanges.binance.requests.wire import (
    BracketsWire,
    BracketWire,
    KeyWire,
    LeverageWire,
    SuccessWire,
    SymbolConfigWire,
)
from trading_platform_order.exchanges.rows import WireRows

_NO_CHANGE = -4046


class MarginType(StrEnum):
    """Whose money a position may use up."""

    CROSSED = "CROSSED"
    ISOLATED = "ISOLATED"


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolSettings:
    """How the account trades a symbol; ``margin_type`` is the exchange's own word."""

    margin_type: str
    leverage: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRights:
    """What the API key may do."""

    may_trade_futures: bool
    may_withdraw: bool
    is_ip_restricted: bool

    @property
    def problem(self) -> str | None:
        """What must be mended before this key is used, and how."""
        if not self.may_trade_futures:
            return "the key may not trade futures; tick 'Enable Futures' in its restrictions"
        if self.may_withdraw:
            return "the key may withdraw; make one without that right, trading does not need it"
        return None


class Settings:
    """Settings of one account."""

    def __init__(self, *, rest: RestClient) -> None:
        self._rest = rest

    async def set_symbol(self, symbol: str, wanted: SymbolSettings) -> ReadFailed | None:
        """Set margin type and leverage where they differ, and read both back."""
        found = await self.of_symbol(symbol)
        if isinstance(found, ReadFailed):
            return found
        problem = None
        if found.margin_type.upper() != wanted.margin_type:
            problem = await self._ask_margin_type(symbol, wanted.margin_type)
        if found.leverage != wanted.leverage:
            problem = problem or await self._ask_leverage(symbol, wanted.leverage)
        if problem is not None:
            return problem
        if (found.margin_type.upper(), found.leverage) == (wanted.margin_type, wanted.leverage):
            return None  # it was read as it should be, and nothing was changed since
        return await self._read_back(symbol, wanted)

    async def set_margin_type(self, symbol: str, wanted: MarginType) -> ReadFailed | None:
        """Set and read back; "no need to change" is what was wanted."""
        problem = await self._ask_margin_type(symbol, wanted)
        if problem is not None:
            return problem
        return await self._read_back(symbol, SymbolSettings(margin_type=wanted, leverage=0))

    async def _ask_margin_type(self, symbol: str, wanted: str) -> ReadFailed | None:
        echo = await self._rest.read(
            "/fapi/v1/marginType",
            (("symbol", symbol), ("marginType", wanted)),
            SuccessWire,
            weight=1,
            method="POST",
        )
        if isinstance(echo, Failure) and (echo.error is None or echo.error.code != _NO_CHANGE):
            return _with_remedy(
                echo.as_read_failed(f"margin type {wanted} of {symbol}"),
                "close the orders and the position of this symbol, then start again",
            )
        return None

    async def _ask_leverage(self, symbol: str, leverage: int) -> ReadFailed | None:
        echo = await self._rest.read(
            "/fapi/v1/leverage",
            (("symbol", symbol), ("leverage", str(leverage))),
            LeverageWire,
            weight=1,
            method="POST",
        )
        remedy = "set it by hand or change the setting"
        if isinstance(echo, Failure):
            return _with_remedy(echo.as_read_failed(f"leverage {leverage} of {symbol}"), remedy)
        if echo.leverage != leverage:
            text = f"leverage of {symbol} is {echo.leverage} after asking for {leverage}"
            return _with_remedy(ReadFailed(reason=text), remedy)
        return None

    async def _read_back(self, symbol: str, wanted: SymbolSettings) -> ReadFailed | None:
        """What the exchange holds now; leverage 0 asks for none."""
        found = await self.of_symbol(symbol)
        if isinstance(found, ReadFailed):
            return found
        if found.margin_type.upper() != wanted.margin_type:
            text = f"margin type of {symbol} is {found.margin_type}, asked for {wanted.margin_type}"
            remedy = "close its orders and position, then set it by hand"
            return _with_remedy(ReadFailed(reason=text), remedy)
        if wanted.leverage and found.leverage != wanted.leverage:
            text = f"leverage of {symbol} is {found.leverage}, asked for {wanted.leverage}"
            return _with_remedy(ReadFailed(reason=text), "set it by hand or change the setting")
        return None

    async def of_symbol(self, symbol: str) -> SymbolSettings | ReadFailed:
        """Leverage and margin type as the exchange holds them."""
        answer = await self._rest.read_rows(
            "/fapi/v1/symbolConfig", (("symbol", symbol),), SymbolConfigWire, key="symbol", weight=5
        )
        found = only(symbol, answer, single=True)
        if isinstance(found, Failure):
            return found.as_read_failed("symbol settings")
        row = next(iter(found.rows), None)
        if row is None:
            return ReadFailed(reason=f"symbol settings: nothing about {symbol}")
        return SymbolSettings(margin_type=row.margin_type, leverage=row.leverage)

    async def brackets(self, symbol: str) -> tuple[BracketWire, ...] | ReadFailed:
        """Leverage brackets, smallest notional first; the answer is an object or an array."""
        raw = await self._rest.read(
            "/fapi/v1/leverageBracket", (("symbol", symbol),), msgspec.Raw, weight=1
        )
        found = raw if isinstance(raw, Failure) else only(symbol, _bracket_rows(raw), single=True)
        if isinstance(found, Failure):
            return found.as_read_failed("leverage brackets")
        row = next(iter(found.rows), None)
        if row is None:
            return ReadFailed(reason=f"leverage brackets: nothing about {symbol}")
        return tuple(sorted(row.brackets, key=lambda bracket: bracket.notional_floor))

    async def key_rights(self, spot_url: str) -> KeyRights | ReadFailed:
        """What the key may do; told only by the spot host, e.g. ``https://api.binance.com``."""
        found = await self._rest.read(
            "/sapi/v1/account/apiRestrictions", (), KeyWire, weight=1, host=spot_url
        )
        if isinstance(found, Failure):
            return found.as_read_failed("key restrictions")
        return KeyRights(
            may_trade_futures=found.enable_futures,
            may_withdraw=found.enable_withdrawals,
            is_ip_restricted=found.ip_restrict,
        )


def _bracket_rows(raw: msgspec.Raw) -> WireRows[BracketsWire] | Failure:
    """The answer is a list, or one object."""
    if bytes(raw).lstrip().startswith(b"["):
        return rows_of(raw, BracketsWire, key="symbol")
    row = decode(bytes(raw), BracketsWire)
    return row if isinstance(row, Failure) else WireRows(rows=[row], total=1)


def _with_remedy(problem: ReadFailed, remedy: str) -> ReadFailed:
    return ReadFailed(reason=f"{problem.reason}; {remedy}")
