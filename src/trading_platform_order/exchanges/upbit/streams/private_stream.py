"""Our own orders and balances as they change, over one private connection.

One connection carries both types: Upbit may refuse new private connections when many are kept
open. Nothing is replayed after a gap, hence :class:`StreamUp` asks for a resync by REST.
"""

from typing import Any

import msgspec

from trading_platform_order.domain.order import base_asset
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.port.stream_events import (
    BalancesChanged,
    OrderUpdate,
    PrivateEvent,
    PrivateSink,
    StreamDown,
    StreamUp,
)
from trading_platform_order.exchanges.rows import OurSymbols, decode_rows, name_in
from trading_platform_order.exchanges.upbit.requests import parse, wire
from trading_platform_order.exchanges.upbit.requests.signing import Signer
from trading_platform_order.exchanges.upbit.streams.stream import Subscription

KRW = "KRW"


def private_subscription(
    *,
    ws_url: str,
    signer: Signer,
    ticket: str,
    sink: PrivateSink,
    ours: OurSymbols,
) -> Subscription[PrivateEvent]:
    """All our orders (of every market) and all our assets; ``ours``: those that matter."""

    def request() -> list[dict[str, Any]]:
        return [
            {"ticket": ticket},
            {"type": "myOrder"},
            {"type": "myAsset"},
            {"format": "DEFAULT"},
        ]

    def read(kind: str, message: bytes) -> tuple[PrivateEvent, ...]:
        if kind == "myOrder":
            event = msgspec.json.decode(message, type=wire.MyOrder)
            return (OrderUpdate(report=parse.stream_order(event)),)
        if kind == "myAsset":
            raw = msgspec.json.decode(message, type=wire.MyAsset).assets
            assets = decode_rows(raw, wire.Asset, key="currency")
            balances = assets.made(parse.balance, lambda asset: asset.currency)
            if unread := balances.why_unread(_assets(ours)):
                raise ValueError(f"assets: {unread}")
            return (BalancesChanged(exchange=Venue.UPBIT, balances=tuple(balances)),)
        return ()

    def matters(kind: str, message: bytes) -> bool:
        return kind != "myOrder" or ours.may_concern(parse.from_wire(name_in(message, "code")))

    return Subscription(
        url=f"{ws_url}/private",
        headers=lambda: {"Authorization": signer.authorization()},
        request=request,
        on_up=lambda: sink(StreamUp(exchange=Venue.UPBIT)),
        read=read,
        sink=sink,
        on_down=lambda reason: sink(StreamDown(exchange=Venue.UPBIT, reason=reason)),
        matters=matters,
    )


def _assets(ours: OurSymbols) -> set[str]:
    return {KRW, *map(base_asset, ours.all())}
