"""From wire messages to the system's values. Non-finite numbers stop here."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime

from trading_platform_order.domain.market import Book, Instrument, Level
from trading_platform_order.domain.money import ZERO, are_prices, is_plausible
from trading_platform_order.domain.order import (
    Balance,
    Fill,
    OrderReport,
    OrderSide,
    OrderType,
    Position,
)
from trading_platform_order.domain.outcome import FundingPayment
from trading_platform_order.domain.pairs.pair import Listing
from trading_platform_order.domain.rows import NAMELESS
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.base import MarginAccount
from trading_platform_order.exchanges.binance.requests.wire import (
    AccountWire,
    BalanceWire,
    CommissionWire,
    DepthWire,
    FilterWire,
    IncomeWire,
    OrderEventBody,
    OrderWire,
    PositionWire,
    SymbolWire,
    TradeWire,
    WalletEvent,
)
from trading_platform_order.exchanges.rows import WireRows, decode_rows

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Everything else counts as open, statuses we do not know included: what may still fill is watched.
_ENDED = {"FILLED", "CANCELED", "REJECTED", "EXPIRED", "EXPIRED_IN_MATCH"}
_NEW = "NEW"
TRADING = "TRADING"
# A perpetual contract is told to end on 2100-12-25: an earlier date means that it will be delisted.
_PERPETUAL_FROM_MS = 4_102_444_800_000


SPECIAL_FUNDING = "SPECIAL_FUNDING_FEE"


class Unreadable(ValueError):  # noqa: N818 - named by what the message is
    """A message that decodes but makes no sense."""


def moment(ms: int) -> datetime:
    """Epoch milliseconds as aware UTC.

    Raises:
        Unreadable: no time a calendar knows.
    """
    try:
        return _EPOCH + timedelta(milliseconds=ms)
    except OverflowError:
        raise Unreadable("a time no calendar knows") from None


def header_time(date: str | None) -> datetime | None:
    """The ``Date`` header of an answer, whole seconds."""
    if date is None:
        return None
    try:
        return parsedate_to_datetime(date).astimezone(UTC)
    except ValueError:
        return None


def finite(value: Decimal) -> Decimal:
    """The value, if it is a number that money could be.

    Raises:
        Unreadable: NaN, infinite, or of an absurd size.
    """
    if not is_plausible(value):
        raise Unreadable(f"not a plausible number: {value:.20}")
    return value


def order_report(wire: OrderWire, trades: Iterable[TradeWire] = ()) -> OrderReport:
    """An order of a REST answer.

    Raises:
        Unreadable: a side we do not know, or a number that is none.
    """
    order_type = _order_type(wire.type)
    return OrderReport(
        exchange=Venue.BINANCE,
        symbol=wire.symbol,
        client_order_id=wire.client_order_id,
        exchange_order_id=str(wire.order_id),
        side=order_side(wire.side),
        type=order_type,
        quantity=None if wire.orig_qty is None else finite(wire.orig_qty),
        price=_price(order_type, wire.price),
        executed_quantity=finite(wire.executed_qty),
        is_open=wire.status not in _ENDED,
        fills=tuple(fill(trade, wire.client_order_id) for trade in trades),
        created_at=None if wire.time is None else moment(wire.time),
    )


def fill(wire: TradeWire, client_order_id: str) -> Fill:
    """One trade of an order whose client id is known."""
    return Fill(
        exchange=Venue.BINANCE,
        symbol=wire.symbol,
        client_order_id=client_order_id,
        trade_id=str(wire.id),
        side=order_side(wire.side),
        quantity=finite(wire.qty),
        price=finite(wire.price),
        fee=finite(wire.commission),
        fee_asset=wire.commission_asset,
        at=moment(wire.time),
    )


def event_report(body: OrderEventBody) -> OrderReport:
    """An order as ORDER_TRADE_UPDATE tells it, with its one fill if it tells of a trade."""
    order_type = _order_type(body.type)
    return OrderReport(
        exchange=Venue.BINANCE,
        symbol=body.symbol,
        client_order_id=body.client_order_id,
        exchange_order_id=str(body.order_id),
        side=order_side(body.side),
        type=order_type,
        quantity=None if body.quantity is None else finite(body.quantity),
        price=_price(order_type, body.price),
        executed_quantity=finite(body.executed),
        is_open=body.status not in _ENDED,
        fills=_event_fills(body),
        # Only the first event of an order carries the time of its creation.
        created_at=moment(body.at) if body.execution == _NEW and body.at else None,
    )


def _event_fills(body: OrderEventBody) -> tuple[Fill, ...]:
    # A liquidation fills with execution type CALCULATED, so the trade itself is what counts.
    if body.trade_id == 0 or finite(body.last_quantity) <= 0:
        return ()
    return (
        Fill(
            exchange=Venue.BINANCE,
            symbol=body.symbol,
            client_order_id=body.client_order_id,
            trade_id=str(body.trade_id),
            side=order_side(body.side),
            quantity=body.last_quantity,
            price=finite(body.last_price),
            fee=finite(body.fee or ZERO),
            fee_asset=body.fee_asset or "USDT",
            at=moment(body.at),
        ),
    )


def balance(wire: BalanceWire) -> Balance:
    """An asset; the total is the wallet balance, so ``locked`` is what of it is in use.

    With an unrealised profit more than the wallet may be available; ``locked`` is then negative.
    """
    available = finite(wire.available_balance)
    return Balance(asset=wire.asset, available=available, locked=finite(wire.balance) - available)


def wallet(wire: WalletEvent) -> Balance:
    """An asset of ACCOUNT_UPDATE: the total is the wallet; margin in use is not told here."""
    cross = finite(wire.wallet if wire.cross_wallet is None else wire.cross_wallet)
    return Balance(asset=wire.asset, available=cross, locked=finite(wire.wallet) - cross)


def position(symbol: str, rows: WireRows[PositionWire]) -> Position:
    """The one-way position of a symbol; no row means flat.

    Raises:
        Unreadable: the account is in hedge mode and holds a position, or the row is unreadable. A
            row that names nobody is in doubt for symbols without a row of their own.
    """
    found = [row for row in rows.rows if row.symbol == symbol]
    if symbol in rows.unread or (NAMELESS in rows.unread and not found):
        raise Unreadable(rows.why_unread((symbol,)))
    if any(row.position_side != "BOTH" and finite(row.position_amt) != 0 for row in found):
        raise Unreadable(f"{symbol}: position in hedge mode; set the account to one-way mode")
    row = next((row for row in found if row.position_side == "BOTH"), None)
    if row is None:
        row = PositionWire(symbol=symbol, position_amt=ZERO)
    return Position(
        exchange=Venue.BINANCE,
        symbol=symbol,
        quantity=finite(row.position_amt),
        entry_price=finite(row.entry_price),
        mark_price=finite(row.mark_price),
        liquidation_price=finite(row.liquidation_price),
    )


def margin_account(wire: AccountWire) -> MarginAccount:
    """The totals of the account, USDT."""
    return MarginAccount(
        wallet_usdt=finite(wire.total_wallet_balance),
        unrealised_usdt=finite(wire.total_unrealized_profit),
        margin_balance_usdt=finite(wire.total_margin_balance),
        maintenance_usdt=finite(wire.total_maint_margin),
        available_usdt=finite(wire.available_balance),
    )


def funding_payment(wire: IncomeWire) -> FundingPayment:
    """One funding settlement; negative is paid. Ids are unique only within one income type."""
    special = f"{SPECIAL_FUNDING}/" if wire.income_type == SPECIAL_FUNDING else ""
    return FundingPayment(
        symbol=wire.symbol,
        transaction_id=f"{special}{wire.tran_id}",
        amount_usdt=finite(wire.income),
        at=moment(wire.time),
    )


def instrument(wire: SymbolWire, commission: CommissionWire) -> Instrument:
    """The filters that hold for market and limit orders alike: the stricter of each.

    Raises:
        Unreadable: a filter we need is missing, or cannot be read.
        ValueError: the filters are no list; or another of ``UNREADABLE``.
    """
    rows = decode_rows(wire.filters, FilterWire, key="filterType", strict=False)
    if "MARKET_LOT_SIZE" in rows.unread:
        raise Unreadable(rows.why_unread(("MARKET_LOT_SIZE",)))
    filters = {row.filter_type: row for row in rows.rows}
    price, lot = _need(filters, "PRICE_FILTER", rows), _need(filters, "LOT_SIZE", rows)
    market_lot = filters.get("MARKET_LOT_SIZE", lot)
    ends_at = _ending(wire.delivery_date)
    maxima = [size for size in (lot.max_qty, market_lot.max_qty) if finite(size) > 0]
    return Instrument(
        venue=Venue.BINANCE,
        symbol=wire.symbol,
        price_tick=finite(price.tick_size),
        quantity_step=max(finite(lot.step_size), finite(market_lot.step_size)),
        min_quantity=max(finite(lot.min_qty), finite(market_lot.min_qty)),
        max_quantity=min(maxima, default=ZERO),
        min_notional=finite(_need(filters, "MIN_NOTIONAL", rows).notional),
        max_notional=ZERO,
        taker_fee_rate=finite(commission.taker_commission_rate),
        is_trading=wire.status == TRADING,
        warning="" if ends_at is None else f"it will be delisted on {ends_at:%Y-%m-%d}",
        ends_at=ends_at,
        listing=Listing(
            code=wire.symbol,
            names=(wire.base_asset, wire.contract_type),
            onboard_ms=wire.onboard_date or 0,
        ),
    )


def _ending(delivery_ms: int) -> datetime | None:
    return moment(delivery_ms) if 0 < delivery_ms < _PERPETUAL_FROM_MS else None


def book(wire: DepthWire) -> Book | None:
    """A book image, or ``None`` if a side is empty."""
    bids, asks = _levels(wire.bids), _levels(wire.asks)
    if not bids or not asks:
        return None
    at = moment(wire.event_at if wire.at is None else wire.at)
    return Book(symbol=wire.symbol, bids=bids, asks=asks, at=at)


def _levels(rows: Iterable[Level]) -> tuple[Level, ...]:
    levels = tuple([row for row in rows if row.quantity > 0])
    for figures in zip(*levels, strict=True):
        if not are_prices(figures):
            raise Unreadable("a book of figures that cannot be")
    return levels


def _need(filters: dict[str, FilterWire], name: str, rows: WireRows[FilterWire]) -> FilterWire:
    found = filters.get(name)
    if found is None:
        raise Unreadable(rows.why_unread((name,)) or f"filter {name} is missing")
    return found


def order_side(text: str) -> OrderSide:
    """BUY or SELL; anything else is :class:`Unreadable`."""
    try:
        return OrderSide(text)
    except ValueError:
        raise Unreadable(f"unknown side {text!r}") from None


def _order_type(text: str) -> OrderType:
    # Foreign orders may be of any type (STOP_MARKET, LIQUIDATION); what matters is the pricing.
    return OrderType.LIMIT if text in {"LIMIT", "STOP", "TAKE_PROFIT"} else OrderType.MARKET


def _price(order_type: OrderType, price: Decimal | None) -> Decimal | None:
    return None if order_type is OrderType.MARKET or price is None else finite(price)
