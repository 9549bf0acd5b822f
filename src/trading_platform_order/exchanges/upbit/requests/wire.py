"""Upbit's own shapes, read leniently: unknown fields are ignored, missing ones have defaults.

Numbers arrive as text (exchange REST) or as JSON numbers (quotation and streams); both become
``Decimal`` without passing through a float. Nothing of this leaves the folder.
"""

from datetime import datetime
from decimal import Decimal

import msgspec

from trading_platform_order.exchanges import rows

ZERO = Decimal(0)
#: states of an order that cannot fill any more
ENDED = frozenset({"done", "cancel"})

#: whatever reading or turning an answer may raise
UNREADABLE = rows.UNREADABLE


class Trade(msgspec.Struct):
    """One trade within GET /v1/order; Upbit tells no fee here."""

    uuid: str
    price: Decimal
    volume: Decimal
    created_at: str
    funds: Decimal | None = None


class Order(msgspec.Struct):
    """An order as REST tells it (docs new-order @2026-08-21, list-closed-orders @2026-07-29)."""

    market: str
    uuid: str
    side: str
    ord_type: str
    state: str
    created_at: str
    executed_volume: Decimal = ZERO
    paid_fee: Decimal = ZERO
    price: Decimal | None = None
    volume: Decimal | None = None
    time_in_force: str | None = None
    identifier: str | None = None
    reserved_fee: Decimal = ZERO
    trades: list[Trade] = []


class Account(msgspec.Struct):
    """One row of GET /v1/accounts."""

    currency: str
    balance: Decimal
    locked: Decimal = ZERO
    avg_buy_price: Decimal = ZERO
    unit_currency: str = "KRW"


class ApiKey(msgspec.Struct):
    """One row of GET /v1/api_keys."""

    access_key: str
    expire_at: datetime


class Wallet(msgspec.Struct):
    """One row of GET /v1/status/wallet: a coin on one network."""

    currency: str
    wallet_state: str


class ChanceSide(msgspec.Struct):
    """Limits of one side of a market."""

    min_total: Decimal


class ChanceMarket(msgspec.Struct):
    """The market part of GET /v1/orders/chance."""

    bid: ChanceSide
    ask: ChanceSide
    max_total: Decimal | None = None
    state: str | None = None


class Chance(msgspec.Struct):
    """GET /v1/orders/chance."""

    bid_fee: Decimal
    ask_fee: Decimal
    market: ChanceMarket


class ChanceAccount(msgspec.Struct):
    """The part of GET /v1/orders/chance that says what is held of the coin."""

    ask_account: Account


class Tick(msgspec.Struct):
    """One row of GET /v1/orderbook/instruments."""

    market: str
    tick_size: Decimal


class LastPrice(msgspec.Struct):
    """One row of GET /v1/ticker: the price of the last trade."""

    market: str
    trade_price: Decimal


class ErrorDetail(msgspec.Struct):
    """``name`` is text on the exchange endpoints and a number on the quotation ones."""

    name: str | int = ""
    message: str = ""


class MarketEvent(msgspec.Struct):
    """What Upbit warns of in one market: ``warning`` (its trading may end), and lesser alerts."""

    warning: bool
    caution: dict[str, bool] = {}


class ListedMarket(msgspec.Struct):
    """One row of GET /v1/market/all with ``is_details=true``."""

    market: str
    market_event: MarketEvent | None = None
    korean_name: str = ""
    english_name: str = ""


class ErrorBody(msgspec.Struct):
    """What every refusal carries."""

    error: ErrorDetail


class BookUnit(msgspec.Struct):
    """One level of both sides."""

    ask_price: Decimal
    bid_price: Decimal
    ask_size: Decimal
    bid_size: Decimal


class RestBook(msgspec.Struct):
    """One row of GET /v1/orderbook."""

    market: str
    timestamp: int = 0
    orderbook_units: list[BookUnit] = []


class StreamHead(msgspec.Struct):
    """What tells stream messages apart; the answer to a ping has neither."""

    type: str = ""
    error: ErrorDetail | None = None


class StreamBook(msgspec.Struct):
    """``orderbook`` of the public stream; always a full image."""

    code: str
    timestamp: int
    orderbook_units: list[BookUnit] = []


class MyOrder(msgspec.Struct):
    """``myOrder`` of the private stream (docs websocket-myorder @2026-09-09).

    In state ``trade`` ``price`` and ``volume`` are those of the fill, else those of the order.
    """

    code: str
    uuid: str
    ask_bid: str
    order_type: str
    state: str
    executed_volume: Decimal = ZERO
    price: Decimal | None = None
    volume: Decimal | None = None
    trade_uuid: str | None = None
    trade_fee: Decimal | None = None
    trade_timestamp: int | None = None
    order_timestamp: int | None = None
    identifier: str | None = None
    time_in_force: str | None = None


class Asset(msgspec.Struct):
    """One asset within ``myAsset``."""

    currency: str
    balance: Decimal
    locked: Decimal = ZERO


class MyAsset(msgspec.Struct):
    """``myAsset`` of the private stream: only the assets that changed, read one by one."""

    assets: msgspec.Raw = msgspec.Raw(b"[]")
