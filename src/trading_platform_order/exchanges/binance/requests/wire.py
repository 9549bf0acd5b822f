"""The exchange's messages as they are on the wire; they never leave this folder.

Lenient on purpose: fields we do not use are ignored, fields that vanished before (``avgPrice`` in
2026-06) or are absent in captured samples are optional, and enumerations are plain text, because
the exchange adds to them without notice.
"""

from decimal import Decimal

import msgspec

from trading_platform_order.domain.market import Level
from trading_platform_order.exchanges import rows

ZERO = Decimal(0)

#: whatever reading or turning an answer may raise
UNREADABLE = rows.UNREADABLE


class _Camel(msgspec.Struct, rename="camel", kw_only=True):
    """REST names."""


class ErrorWire(_Camel):
    """``{"code":-1121,"msg":"Invalid symbol."}``."""

    code: int | None = None
    msg: str = ""


class ServerTimeWire(_Camel):
    """GET /fapi/v1/time."""

    server_time: int


class OrderWire(_Camel):
    """An order in an answer to POST, GET or DELETE; ``time`` only in GET."""

    symbol: str
    order_id: int
    client_order_id: str
    side: str
    type: str
    status: str
    executed_qty: Decimal
    orig_qty: Decimal | None = None
    price: Decimal | None = None
    time: int | None = None


class TradeWire(_Camel):
    """A row of GET /fapi/v1/userTrades; it carries no client order id."""

    id: int
    order_id: int
    symbol: str
    side: str
    price: Decimal
    qty: Decimal
    time: int
    commission: Decimal = ZERO
    commission_asset: str = "USDT"


class BalanceWire(_Camel):
    """A row of GET /fapi/v3/balance."""

    asset: str
    balance: Decimal
    available_balance: Decimal


class PositionWire(_Camel):
    """A row of GET /fapi/v3/positionRisk; ``position_amt`` is negative for a short."""

    symbol: str
    position_amt: Decimal
    position_side: str = "BOTH"
    entry_price: Decimal = ZERO
    mark_price: Decimal = ZERO
    liquidation_price: Decimal = ZERO


class AccountWire(_Camel):
    """The totals of GET /fapi/v3/account."""

    total_wallet_balance: Decimal
    total_unrealized_profit: Decimal
    total_margin_balance: Decimal
    total_maint_margin: Decimal
    available_balance: Decimal


class IncomeWire(_Camel):
    """A row of GET /fapi/v1/income."""

    symbol: str
    income_type: str
    income: Decimal
    asset: str
    time: int
    tran_id: int


class AccountConfigWire(_Camel):
    """GET /fapi/v1/accountConfig."""

    dual_side_position: bool
    multi_assets_margin: bool
    can_trade: bool = True


class FeeBurnWire(_Camel):
    """GET /fapi/v1/feeBurn: whether fees are paid in BNB."""

    fee_burn: bool


class PriceWire(_Camel):
    """GET /fapi/v1/ticker/price of one symbol."""

    price: Decimal
    time: int


class PositionModeWire(_Camel):
    """GET /fapi/v1/positionSide/dual."""

    dual_side_position: bool


class LeverageWire(_Camel):
    """POST /fapi/v1/leverage."""

    leverage: int


class CommissionWire(_Camel):
    """GET /fapi/v1/commissionRate."""

    taker_commission_rate: Decimal


class FilterWire(_Camel):
    """One filter of a symbol; which fields are there depends on ``filter_type``."""

    filter_type: str
    tick_size: Decimal = ZERO
    step_size: Decimal = ZERO
    min_qty: Decimal = ZERO
    max_qty: Decimal = ZERO
    notional: Decimal = ZERO


class SymbolWire(_Camel):
    """A symbol of GET /fapi/v1/exchangeInfo; its filters are read one by one."""

    symbol: str
    status: str = ""
    base_asset: str = ""
    contract_type: str = ""
    onboard_date: int | None = None
    delivery_date: int = 0
    filters: msgspec.Raw = msgspec.Raw(b"[]")


class ExchangeInfoWire(_Camel):
    """GET /fapi/v1/exchangeInfo; its :class:`SymbolWire` are read one by one."""

    symbols: msgspec.Raw


class CountdownWire(_Camel):
    """POST /fapi/v1/countdownCancelAll; the time comes back as text."""

    countdown_time: int


class SuccessWire(_Camel):
    """``{"code":200,"msg":"success"}``."""

    code: int


class AlgoWire(_Camel):
    """A conditional order; the link to its child only in GET answers."""

    algo_id: int
    client_algo_id: str
    symbol: str
    side: str
    order_type: str
    algo_status: str
    quantity: Decimal | None = None
    trigger_price: str | None = None
    actual_order_id: str | None = None


class SymbolConfigWire(_Camel):
    """A row of GET /fapi/v1/symbolConfig."""

    symbol: str
    margin_type: str
    leverage: int


class PremiumIndexWire(_Camel):
    """GET /fapi/v1/premiumIndex of one symbol."""

    symbol: str
    last_funding_rate: Decimal
    next_funding_time: int


class LastPriceWire(_Camel):
    """GET /fapi/v2/ticker/price of one symbol."""

    symbol: str
    time: int


class FundingInfoWire(_Camel):
    """A row of GET /fapi/v1/fundingInfo, which lists only symbols of an unusual interval."""

    symbol: str
    funding_interval_hours: Decimal


class BracketWire(_Camel):
    """One bracket: leverage and maintenance rate between two notionals in USDT."""

    initial_leverage: int
    notional_cap: Decimal
    notional_floor: Decimal
    maint_margin_ratio: Decimal
    cum: Decimal = ZERO


class BracketsWire(_Camel):
    """A row of GET /fapi/v1/leverageBracket."""

    symbol: str
    brackets: list[BracketWire]


class KeyWire(_Camel):
    """GET /sapi/v1/account/apiRestrictions."""

    enable_futures: bool
    enable_withdrawals: bool
    ip_restrict: bool = False


class ListenKeyWire(_Camel):
    """POST and PUT /fapi/v1/listenKey."""

    listen_key: str = ""


class EventWire(msgspec.Struct, kw_only=True):
    """What every stream event tells first."""

    kind: str = msgspec.field(name="e", default="")


class OrderEventBody(msgspec.Struct, kw_only=True):
    """``o`` of ORDER_TRADE_UPDATE."""

    symbol: str = msgspec.field(name="s")
    client_order_id: str = msgspec.field(name="c")
    side: str = msgspec.field(name="S")
    type: str = msgspec.field(name="o")
    execution: str = msgspec.field(name="x")
    status: str = msgspec.field(name="X")
    order_id: int = msgspec.field(name="i")
    executed: Decimal = msgspec.field(name="z")
    quantity: Decimal | None = msgspec.field(name="q", default=None)
    price: Decimal | None = msgspec.field(name="p", default=None)
    last_quantity: Decimal = msgspec.field(name="l", default=ZERO)
    last_price: Decimal = msgspec.field(name="L", default=ZERO)
    fee: Decimal | None = msgspec.field(name="n", default=None)
    fee_asset: str | None = msgspec.field(name="N", default=None)
    trade_id: int = msgspec.field(name="t", default=0)
    at: int = msgspec.field(name="T", default=0)


class OrderEvent(msgspec.Struct, kw_only=True):
    """ORDER_TRADE_UPDATE."""

    order: OrderEventBody = msgspec.field(name="o")


class AlgoEventBody(msgspec.Struct, kw_only=True):
    """``o`` of ALGO_UPDATE."""

    client_algo_id: str = msgspec.field(name="caid")
    algo_id: int = msgspec.field(name="aid")
    order_type: str = msgspec.field(name="o")
    symbol: str = msgspec.field(name="s")
    side: str = msgspec.field(name="S")
    status: str = msgspec.field(name="X")
    quantity: Decimal | None = msgspec.field(name="q", default=None)
    trigger_price: str | None = msgspec.field(name="tp", default=None)
    child_id: str | None = msgspec.field(name="ai", default=None)
    reject_reason: str | None = msgspec.field(name="rm", default=None)


class AlgoEvent(msgspec.Struct, kw_only=True):
    """ALGO_UPDATE."""

    order: AlgoEventBody = msgspec.field(name="o")


class WalletEvent(msgspec.Struct, kw_only=True):
    """A balance of ACCOUNT_UPDATE."""

    asset: str = msgspec.field(name="a")
    wallet: Decimal = msgspec.field(name="wb")
    cross_wallet: Decimal | None = msgspec.field(name="cw", default=None)


class PositionEvent(msgspec.Struct, kw_only=True):
    """A position of ACCOUNT_UPDATE."""

    symbol: str = msgspec.field(name="s")
    quantity: Decimal = msgspec.field(name="pa")
    side: str = msgspec.field(name="ps", default="BOTH")


class AccountEventBody(msgspec.Struct, kw_only=True):
    """``a`` of ACCOUNT_UPDATE; only what changed, as rows that are read one by one."""

    wallets: msgspec.Raw = msgspec.field(name="B", default=msgspec.Raw(b"[]"))
    positions: msgspec.Raw = msgspec.field(name="P", default=msgspec.Raw(b"[]"))


class AccountEvent(msgspec.Struct, kw_only=True):
    """ACCOUNT_UPDATE."""

    account: AccountEventBody = msgspec.field(name="a")


class TimedEvent(msgspec.Struct, kw_only=True):
    """When the exchange says that it happened, epoch milliseconds."""

    at: int = msgspec.field(name="T", default=0)


class DepthWire(msgspec.Struct, kw_only=True):
    """A partial book image; rows are price and quantity."""

    symbol: str = msgspec.field(name="s")
    bids: list[Level] = msgspec.field(name="b")
    asks: list[Level] = msgspec.field(name="a")
    event_at: int = msgspec.field(name="E", default=0)
    at: int | None = msgspec.field(name="T", default=None)


class RestDepthWire(msgspec.Struct, kw_only=True):
    """GET /fapi/v1/depth; rows are price and quantity."""

    bids: list[Level]
    asks: list[Level]
    event_at: int = msgspec.field(name="E", default=0)
    at: int | None = msgspec.field(name="T", default=None)


class CombinedWire(msgspec.Struct, kw_only=True):
    """The envelope of a combined stream."""

    stream: str = ""
    data: msgspec.Raw = msgspec.Raw()


def unwrapped(raw: bytes) -> bytes:
    """The event itself; a combined stream puts it into an envelope.

    Raises:
        msgspec.MsgspecError: it is no JSON object.
    """
    text = rows.json_of(raw)
    data = bytes(rows.decoder(CombinedWire).decode(text).data)
    return data if data.startswith(b"{") else text
