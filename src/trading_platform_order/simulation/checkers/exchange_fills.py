"""Every fill as the exchanges themselves remember it, in the order they happened."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from trading_platform_order.domain.venue import Venue

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeFill:
    """One execution; price in the exchange's own quote asset.

    Attributes:
        fee: what was taken for it, in its asset.
    """

    venue: Venue
    client_order_id: str
    base: str
    trade_id: str
    is_buy: bool
    quantity: Decimal
    price: Decimal
    at: datetime
    fee: tuple[Decimal, str] | None = None

    @property
    def coins(self) -> Decimal:
        """What it changed of the coins on Upbit, or of the position on Binance."""
        return self.quantity if self.is_buy else -self.quantity


def own_fills(state: Mapping[str, Any], foreign_ids: Collection[str]) -> list[ExchangeFill]:
    """All fills of both exchanges but those of orders that are not ours, oldest first."""
    fills = [
        ExchangeFill(
            venue=Venue.UPBIT,
            client_order_id=order["identifier"] or "",
            base=order["market"].removeprefix("KRW-"),
            trade_id=trade["uuid"],
            is_buy=order["side"] == "bid",
            quantity=Decimal(trade["volume"]),
            price=Decimal(trade["price"]),
            at=datetime.fromisoformat(trade["at"]),
            fee=(Decimal(trade["fee"]), "KRW"),
        )
        for order in state["upbit"]["orders"]
        if order["identifier"] not in foreign_ids
        for trade in order["trades"]
    ]
    fills += [
        ExchangeFill(
            venue=Venue.BINANCE,
            client_order_id=order["clientOrderId"],
            base=order["symbol"].removesuffix("USDT"),
            trade_id=str(trade["id"]),
            is_buy=order["side"] == "BUY",
            quantity=Decimal(trade["qty"]),
            price=Decimal(trade["price"]),
            at=_EPOCH + timedelta(milliseconds=trade["time"]),
            fee=(Decimal(trade["commission"]), trade["commissionAsset"]),
        )
        for order in state["binance"]["orders"]
        if order["clientOrderId"] not in foreign_ids
        for trade in order["trades"]
    ]
    return sorted(fills, key=lambda fill: fill.at)


def naked_fills(state: Mapping[str, Any], foreign_ids: Collection[str]) -> list[ExchangeFill]:
    """Our fills, and whatever else moved the short: that contract is ours alone."""
    ours = own_fills(state, foreign_ids)
    hedge = [fill for fill in own_fills(state, ()) if fill.venue is Venue.BINANCE]
    spot = [fill for fill in ours if fill.venue is Venue.UPBIT]
    return sorted([*spot, *hedge], key=lambda fill: fill.at)
