"""From Upbit's shapes to domain values, and from intents to request bodies.

Never judges whether an order failed: a market buy ends in state ``cancel`` although filled, so
only executed quantity and trades count (docs list-closed-orders @2026-07-29).
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from trading_platform_order.domain.market import Book, FxRate, Level
from trading_platform_order.domain.money import ZERO, are_prices, is_plausible, plain
from trading_platform_order.domain.order import (
    Balance,
    ExecutedTotals,
    Fill,
    Order,
    OrderReport,
    OrderSide,
    OrderType,
    TimeInForce,
)
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.upbit.requests import trade_fees, wire

FX_MARKET = "KRW-USDT"
FX_SOURCE = "upbit:KRW-USDT"
POST_ONLY = "post_only"
#: our newer order wins over our own resting one
SMP_TYPE = "cancel_maker"
_ORDER_TYPES = {
    "limit": OrderType.LIMIT,
    "price": OrderType.MARKET,
    "market": OrderType.MARKET,
    "best": OrderType.BEST,
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_wire(symbol: str) -> str:
    """``BTC-KRW`` -> ``KRW-BTC``."""
    base, _, quote = symbol.partition("-")
    return f"{quote}-{base}"


def from_wire(market: str) -> str:
    """``KRW-BTC`` -> ``BTC-KRW``; nothing stays nothing."""
    if not market:
        return ""
    quote, _, base = market.partition("-")
    return f"{base}-{quote}"


_TIMES_IN_FORCE = {
    None: None,
    TimeInForce.GTC: None,
    TimeInForce.IOC: "ioc",
    TimeInForce.FOK: "fok",
    TimeInForce.POST_ONLY: POST_ONLY,
}
_BEST_TIMES_IN_FORCE = frozenset({TimeInForce.IOC, TimeInForce.FOK})


def order_body(order: Order) -> dict[str, str]:
    """The body of POST /v1/orders for an intent, in the order it is hashed.

    ``smp_type`` is sent for limit and best orders: Upbit's default changes with 2026-11-09. It is
    refused beside ``post_only``; a market order, for which it may be sent (docs new-order v1.6.4),
    leaves it to that default, which is the same.

    Raises:
        ValueError: the intent lacks what its type needs.
    """
    body = {"market": to_wire(order.symbol), "side": _side(order.side)}
    match order.type:
        case OrderType.LIMIT:
            body |= _limit_fields(order)
        case OrderType.BEST:
            body |= _best_fields(order)
        case OrderType.MARKET:
            is_buy = order.side is OrderSide.BUY
            body |= {"ord_type": "price" if is_buy else "market", **_taken(order)}
    body["identifier"] = order.client_order_id
    return body


def _limit_fields(order: Order) -> dict[str, str]:
    if order.price is None:
        raise ValueError(f"{order.client_order_id}: a limit order needs a price")
    fields = {"ord_type": "limit", "volume": plain(order.quantity), "price": plain(order.price)}
    time_in_force = _TIMES_IN_FORCE[order.time_in_force]
    if time_in_force is not None:
        fields["time_in_force"] = time_in_force
    if time_in_force != POST_ONLY:
        fields["smp_type"] = SMP_TYPE
    return fields


def _best_fields(order: Order) -> dict[str, str]:
    time_in_force = _TIMES_IN_FORCE[order.time_in_force]
    if time_in_force is None or order.time_in_force not in _BEST_TIMES_IN_FORCE:
        raise ValueError(f"{order.client_order_id}: a best order is ioc or fok")
    return {
        "ord_type": "best",
        **_taken(order),
        "time_in_force": time_in_force,
        "smp_type": SMP_TYPE,
    }


def _taken(order: Order) -> dict[str, str]:
    """What an order without a price of its own takes: KRW when it buys, coins when it sells."""
    if order.side is OrderSide.SELL:
        return {"volume": plain(order.quantity)}
    if order.quote_amount is None:
        raise ValueError(f"{order.client_order_id}: a market or best buy needs quote_amount")
    return {"price": plain(order.quote_amount)}


def consuming_body(
    *, market: str, identifier: str, price: Decimal, volume: Decimal
) -> dict[str, str]:
    """A post-only bid whose only purpose is to use up an identifier.

    No ``smp_type``: Upbit refuses it beside ``post_only``.
    """
    return {
        "market": market,
        "side": "bid",
        "ord_type": "limit",
        "volume": plain(volume),
        "price": plain(price),
        "time_in_force": POST_ONLY,
        "identifier": identifier,
    }


def is_consuming(found: wire.Order, intent: Order) -> bool:
    """Whether this is an order made by :func:`consuming_body` and not the intent itself.

    Only a post-only bid can be either; then price and volume tell them apart.
    """
    if not may_consume(found.time_in_force, found.side) or found.ord_type != "limit":
        return False
    is_intent = (
        intent.time_in_force is TimeInForce.POST_ONLY
        and intent.side is OrderSide.BUY
        and found.price == intent.price
        and found.volume == intent.quantity
    )
    return not is_intent


def may_consume(time_in_force: str | None, side: str) -> bool:
    """Whether such an order may have been made by :func:`consuming_body`."""
    return time_in_force == POST_ONLY and side == "bid"


def _side(side: OrderSide) -> str:
    return "bid" if side is OrderSide.BUY else "ask"


def order_report(order: wire.Order, *, fee_rate: Decimal = ZERO) -> OrderReport:
    """A REST order with its fills.

    While the answer lists too few trades, fills are told only where the order has ended and the
    rate of its fee is known: else a part of the trades would get the fee of the whole.

    Args:
        order: as Upbit told it.
        fee_rate: of the market, for an order that does not show its own; 0: not known.

    Raises:
        ValueError: an amount is not finite, or a value is none Upbit documents.
    """
    takes_quote, is_limit = _takes_quote(order.ord_type, order.side), order.ord_type == "limit"
    identifier = own_identifier(order.identifier, order.time_in_force, order.side)
    fees, totals = _fees(order, fee_rate)
    return OrderReport(
        exchange=Venue.UPBIT,
        symbol=from_wire(order.market),
        client_order_id=identifier,
        exchange_order_id=order.uuid,
        side=_domain_side(order.side),
        type=_ORDER_TYPES.get(order.ord_type, OrderType.MARKET),
        quantity=None if takes_quote else _plausible_or_none(order.volume),
        price=_plausible_or_none(order.price) if is_limit else None,
        quote_amount=_plausible_or_none(order.price) if takes_quote else None,
        executed_quantity=_executed(order.executed_volume, order.volume),
        is_open=order.state not in wire.ENDED,
        fills=_fills(order, identifier, fees),
        created_at=moment(order.created_at),
        totals=totals,
    )


def own_identifier(identifier: str | None, time_in_force: str | None, side: str) -> str:
    """The client order id, blank where an order may only consume the identifier of an intent.

    Otherwise the consuming order would be taken for the intent itself. A post-only bid that is an
    intent is found by looking it up, where :func:`is_consuming` can tell the two apart.
    """
    return "" if may_consume(time_in_force, side) else identifier or ""


def _takes_quote(order_type: str, side: str) -> bool:
    return order_type == "price" or (order_type == "best" and side == "bid")


def _fees(
    order: wire.Order, fee_rate: Decimal
) -> tuple[list[Decimal] | None, ExecutedTotals | None]:
    """The fee of each listed trade, if it is known; the totals, where some are not listed."""
    traded = sum((not_negative(trade.volume) for trade in order.trades), ZERO)
    paid, funds = plausible(order.paid_fee), [_funds(trade) for trade in order.trades]
    if traded == order.executed_volume:
        return trade_fees.share_fee(paid, funds), None
    if not trade_fees.is_cut(order):
        return None, None
    total = trade_fees.funds_of(order, funds, trade_fees.rate_of(order, fee_rate))
    if total is None:
        return None, None
    *shares, _ = trade_fees.share_fee(paid, [*funds, total - sum(funds, ZERO)])
    return shares, ExecutedTotals(quote=total, fee=paid, fee_asset="KRW")


def _fills(order: wire.Order, identifier: str, fees: list[Decimal] | None) -> tuple[Fill, ...]:
    if fees is None:
        return ()
    return tuple(
        Fill(
            exchange=Venue.UPBIT,
            symbol=from_wire(order.market),
            client_order_id=identifier,
            trade_id=trade.uuid,
            side=_domain_side(order.side),
            quantity=trade.volume,
            price=not_negative(trade.price),
            fee=fee,
            fee_asset="KRW",
            at=moment(trade.created_at),
        )
        for trade, fee in zip(order.trades, fees, strict=True)
    )


def _funds(trade: wire.Trade) -> Decimal:
    return plausible(trade.price * trade.volume if trade.funds is None else trade.funds)


def stream_order(event: wire.MyOrder) -> OrderReport:
    """One ``myOrder`` event; a fill in state ``trade``.

    Raises:
        ValueError: as :func:`order_report`, or a trade without its id, price or volume.
    """
    side = event.ask_bid.lower()
    identifier = own_identifier(event.identifier, event.time_in_force, side)
    is_trade = event.state == "trade"
    takes_quote = _takes_quote(event.order_type, side)
    is_limit = event.order_type == "limit"
    price, volume = _plausible_or_none(event.price), _plausible_or_none(event.volume)
    known = not is_trade
    return OrderReport(
        exchange=Venue.UPBIT,
        symbol=from_wire(event.code),
        client_order_id=identifier,
        exchange_order_id=event.uuid,
        side=_domain_side(side),
        type=_ORDER_TYPES.get(event.order_type, OrderType.MARKET),
        quantity=volume if known and not takes_quote else None,
        price=price if known and is_limit else None,
        quote_amount=price if known and takes_quote else None,
        executed_quantity=not_negative(event.executed_volume),
        is_open=event.state not in wire.ENDED,
        fills=(_stream_fill(event, identifier, price, volume),) if is_trade else (),
        created_at=None if event.order_timestamp is None else from_ms(event.order_timestamp),
    )


def _stream_fill(
    event: wire.MyOrder, identifier: str, price: Decimal | None, volume: Decimal | None
) -> Fill:
    fee = _plausible_or_none(event.trade_fee)
    if (
        event.trade_uuid is None
        or event.trade_timestamp is None
        or price is None
        or volume is None
        or fee is None
    ):
        raise ValueError("a trade event without its id, time, price, volume or fee")
    return Fill(
        exchange=Venue.UPBIT,
        symbol=from_wire(event.code),
        client_order_id=identifier,
        trade_id=event.trade_uuid,
        side=_domain_side(event.ask_bid.lower()),
        quantity=not_negative(volume),
        price=not_negative(price),
        fee=fee,
        fee_asset="KRW",
        at=from_ms(event.trade_timestamp),
    )


def balance(row: wire.Account | wire.Asset) -> Balance:
    """One asset."""
    return Balance(
        asset=row.currency, available=plausible(row.balance), locked=plausible(row.locked)
    )


def stream_book(event: wire.StreamBook) -> Book | None:
    """A book image; ``None`` if a side is empty.

    Raises:
        ValueError: a figure is no price or quantity that could be.
    """
    rows = event.orderbook_units
    bids = tuple([Level(r.bid_price, r.bid_size) for r in rows if r.bid_size > 0])
    asks = tuple([Level(r.ask_price, r.ask_size) for r in rows if r.ask_size > 0])
    if not bids or not asks:
        return None
    for figures in (*zip(*bids, strict=True), *zip(*asks, strict=True)):
        if not are_prices(figures):
            raise ValueError("a book of figures that cannot be")
    market = event.code.partition(".")[0]
    return Book(symbol=from_wire(market), bids=bids, asks=asks, at=from_ms(event.timestamp))


def rest_book(row: wire.RestBook) -> Book | None:
    """The same, asked for. Raises as :func:`stream_book`."""
    return stream_book(
        wire.StreamBook(
            code=row.market, timestamp=row.timestamp, orderbook_units=row.orderbook_units
        )
    )


def fx_rate(book: Book) -> FxRate:
    """KRW for one USDT: the middle of Upbit's own KRW-USDT book."""
    return FxRate(krw_per_usdt=book.mid, at=book.at, source=FX_SOURCE)


def from_ms(milliseconds: int) -> datetime:
    """Epoch milliseconds -> aware UTC."""
    return _EPOCH + timedelta(milliseconds=milliseconds)


def moment(text: str) -> datetime:
    """Upbit's time with its zone -> aware UTC.

    Raises:
        ValueError: no time, or one without a zone.
    """
    told = datetime.fromisoformat(text)
    if told.tzinfo is None:
        raise ValueError(f"a time without zone: {text!r}")
    return told.astimezone(UTC)


def _domain_side(side: str) -> OrderSide:
    if side not in {"bid", "ask"}:
        raise ValueError(f"not a side: {side!r}")
    return OrderSide.BUY if side == "bid" else OrderSide.SELL


def plausible(value: Decimal) -> Decimal:
    """The value, if it is a number that money could be.

    Raises:
        ValueError: infinite, no number, or of an absurd size.
    """
    if not is_plausible(value):
        raise ValueError(f"not a plausible number: {value:.20}")
    return value


def not_negative(value: Decimal) -> Decimal:
    """An amount.

    Raises:
        ValueError: negative, or not plausible.
    """
    if plausible(value) < 0:
        raise ValueError(f"not an amount: {value}")
    return value


def _executed(executed: Decimal, asked: Decimal | None) -> Decimal:
    if asked is not None and plausible(asked) < executed:
        raise ValueError(f"not possible: executed {executed} of {asked}")
    return not_negative(executed)


def _plausible_or_none(value: Decimal | None) -> Decimal | None:
    return None if value is None else plausible(value)
