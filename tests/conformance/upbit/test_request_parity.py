"""Our signed requests and other people's for the same order agree, but for what is listed."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace

import pytest
import upbit
from ccxt import OrderNotFound

from tests.conformance.counting import no_difference
from tests.conformance.upbit.adapter_fixture import an_order, our_adapter
from tests.conformance.upbit.card import holds
from tests.conformance.upbit.fixture import Ccxt, Setting, UpbitFixture, open_fixture
from tests.conformance.upbit.parity import (
    DIFFERENCES,
    Parts,
    RecordingVenue,
    different_parts,
    taken_apart,
)
from trading_platform_order.domain.money import plain
from trading_platform_order.domain.order import Order, OrderSide, OrderType, TimeInForce
from trading_platform_order.domain.outcome import Accepted
from trading_platform_order.exchanges.upbit import UpbitExchange

MARKET, SYMBOL = "KRW-BTC", "BTC/KRW"
GTC, IOC, FOK = TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK
POST_ONLY = TimeInForce.POST_ONLY
BUY, SELL = OrderSide.BUY, OrderSide.SELL

INTENTS: dict[str, Order] = {
    "market buy": an_order("x", side=BUY, quote="10000"),
    "market sell": an_order("x", side=SELL, quantity="0.00123456"),
    **{
        f"limit {side} {force}".lower(): an_order(
            "x",
            side=side,
            kind=OrderType.LIMIT,
            quantity="0.00123456",
            price="140008000",
            time_in_force=force,
        )
        for side in (BUY, SELL)
        for force in (GTC, IOC, FOK)
    },
    **{
        f"post-only {side}".lower(): an_order(
            "x",
            side=side,
            kind=OrderType.LIMIT,
            price="140000000" if side is BUY else "150000000",
            time_in_force=POST_ONLY,
        )
        for side in (BUY, SELL)
    },
    **{
        f"best {side} {force}".lower(): an_order(
            "x",
            side=side,
            kind=OrderType.BEST,
            quantity="0.002",
            quote="20000" if side is BUY else None,
            time_in_force=force,
        )
        for side in (BUY, SELL)
        for force in (IOC, FOK)
    },
}


def name_of(client: str, case: str) -> str:
    return f"{client}-{case}".replace(" ", "-").replace("_", "-")


async def by_ccxt(ccxt: Ccxt, case: str, intent: Order) -> None:
    params: dict[str, object] = {"clientOrderId": name_of("ccxt", case)}
    kind = "limit" if intent.type is OrderType.LIMIT else "market"
    if intent.type is OrderType.BEST:
        params["ordType"] = "best"
    if intent.time_in_force is POST_ONLY:
        params["postOnly"] = True
    elif intent.time_in_force not in {None, GTC}:
        params["timeInForce"] = str(intent.time_in_force)
    if intent.quote_amount is not None:
        params["cost"] = plain(intent.quote_amount)
    amount = None if intent.quote_amount is not None else float(intent.quantity)
    price = None if intent.price is None else float(intent.price)
    await ccxt.create_order(SYMBOL, kind, intent.side.lower(), amount, price, params)


async def by_sdk(sdk: upbit.AsyncUpbit, case: str, intent: Order) -> None:
    fields: dict[str, Setting] = {"side": "bid" if intent.side is BUY else "ask"}
    match intent.type:
        case OrderType.LIMIT:
            fields |= {"ord_type": "limit", "price": plain(intent.price or intent.quantity)}
        case OrderType.BEST:
            fields["ord_type"] = "best"
        case OrderType.MARKET:
            fields["ord_type"] = "price" if intent.side is BUY else "market"
    if intent.quote_amount is None:
        fields["volume"] = plain(intent.quantity)
    else:
        fields["price"] = plain(intent.quote_amount)
    if intent.time_in_force not in {None, GTC}:
        fields["time_in_force"] = str(intent.time_in_force).lower()
    if intent.type is not OrderType.MARKET and intent.time_in_force is not POST_ONLY:
        fields["smp_type"] = "cancel_maker"
    await sdk.orders.create(market=MARKET, identifier=name_of("sdk", case), **fields)


async def by_us(ours: UpbitExchange, case: str, intent: Order) -> None:
    outcome = await ours.send(replace(intent, client_order_id=name_of("ours", case)))
    assert isinstance(outcome, Accepted), outcome


@dataclass(kw_only=True)
class Room:
    """Everyone around one exchange that remembers requests with their headers."""

    recorder: RecordingVenue
    ccxt: Ccxt
    sdk: upbit.AsyncUpbit
    ours: UpbitExchange

    async def asked(self, call: Callable[[], Awaitable[object]]) -> Parts:
        """The request that this call makes; what it asks for may be gone already."""
        self.recorder.requests.clear()
        with suppress(OrderNotFound, upbit.NotFoundError):
            await call()
        (request,) = self.recorder.requests
        return taken_apart(request)


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    async with open_fixture() as fixture, fixture.sdk() as sdk, our_adapter(fixture) as ours:
        recorder = _record(fixture)
        ccxt = fixture.ccxt()
        try:
            await ccxt.load_markets()
            yield Room(recorder=recorder, ccxt=ccxt, sdk=sdk, ours=ours)
        finally:
            await ccxt.close()


def _record(fixture: UpbitFixture) -> RecordingVenue:
    recorder = RecordingVenue(fixture.venue)
    fixture.gateway.venue = recorder
    return recorder


def unlisted(client: str, case: str, ours: Parts, theirs: Parts) -> list[str]:
    return [
        f"{client}, {case}: {part}: ours {ours.get(part)}, theirs {theirs.get(part)}"
        for part in different_parts(ours, theirs)
        if not any(one.covers(client, part, case) for one in DIFFERENCES)
    ]


@holds("U-038")
@pytest.mark.parametrize("case", INTENTS)
async def test_orders_are_asked_for_in_the_same_way(room: Room, case: str) -> None:
    intent = INTENTS[case]
    ours = await room.asked(lambda: by_us(room.ours, case, intent))
    ccxt = await room.asked(lambda: by_ccxt(room.ccxt, case, intent))
    sdk = await room.asked(lambda: by_sdk(room.sdk, case, intent))
    found = unlisted("ccxt", case, ours, ccxt) + unlisted("upbit-sdk", case, ours, sdk)
    no_difference("upbit", found)


async def test_every_listed_difference_is_still_one(room: Room) -> None:
    seen: set[int] = set()
    for case in ("market sell", "limit buy gtc"):
        intent = INTENTS[case]
        ours = await room.asked(lambda c=case, i=intent: by_us(room.ours, c, i))  # type: ignore[misc]
        ccxt = await room.asked(lambda c=case, i=intent: by_ccxt(room.ccxt, c, i))  # type: ignore[misc]
        sdk = await room.asked(lambda c=case, i=intent: by_sdk(room.sdk, c, i))  # type: ignore[misc]
        for client, theirs in (("ccxt", ccxt), ("upbit-sdk", sdk)):
            for part in different_parts(ours, theirs):
                seen |= {
                    index for index, one in enumerate(DIFFERENCES) if one.covers(client, part, case)
                }
    stale = [one for index, one in enumerate(DIFFERENCES) if index not in seen]
    assert not stale


async def test_an_unlisted_difference_is_told(room: Room) -> None:
    intent = INTENTS["market sell"]
    ours = await room.asked(lambda: by_us(room.ours, "one", intent))
    other = replace(intent, quantity=intent.quantity * 2)
    theirs = await room.asked(lambda: by_sdk(room.sdk, "one", other))
    assert len(unlisted("upbit-sdk", "one", ours, theirs)) == 1


@holds("U-039")
async def test_queries_and_cancels_are_asked_for_in_the_same_way(room: Room) -> None:
    name = "by-identifier"
    outcome = await room.ours.send(
        replace(INTENTS["post-only sell"], client_order_id=name, time_in_force=GTC)
    )
    assert isinstance(outcome, Accepted)
    intent = replace(INTENTS["post-only sell"], client_order_id=name, time_in_force=GTC)
    found: list[str] = []
    for case, by_ours, by_theirs in (
        ("query", lambda: room.ours.look_up(intent), room.sdk.orders.retrieve),
        ("cancel", lambda: room.ours.cancel(intent), room.sdk.orders.cancel),
    ):
        ours = await room.asked(by_ours)
        theirs = await room.asked(lambda call=by_theirs: call(identifier=name))  # type: ignore[misc]
        found += unlisted("upbit-sdk", case, ours, theirs)
    uuid = outcome.report.exchange_order_id
    for case, by_ours_again, by_ccxt_again in (
        ("query", lambda: room.ours.order_by_uuid(uuid), lambda: room.ccxt.fetch_order(uuid)),
        ("accounts", room.ours.balances, room.ccxt.fetch_balance),
    ):
        ours = await room.asked(by_ours_again)
        theirs = await room.asked(by_ccxt_again)
        found += unlisted("ccxt", case, ours, theirs)
    no_difference("upbit", found)
