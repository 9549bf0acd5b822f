"""The owner of the account, who deposits, withdraws and trades by hand beside the system.

All of it happens at once, without the network: the owner uses the exchanges' own apps. What moved
is kept, so that the judges know what must be explained as foreign, and what is not ours to count.
"""

import itertools
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from http import HTTPStatus

from exchange_simulator.exchanges import SimulatedWorld, SimulatorKeys
from exchange_simulator.wire import HttpRequest
from trading_platform_order.domain.money import ZERO, plain
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.binance.requests.signing import Signer as BinanceSigner
from trading_platform_order.exchanges.config import Credentials
from trading_platform_order.exchanges.upbit.requests.signing import Signer as UpbitSigner
from trading_platform_order.exchanges.upbit.requests.signing import plain_query
from trading_platform_order.transport.clock import Clock, epoch_ms

Trade = tuple[bool, Decimal, Decimal, Decimal]
"""Whether it buys, quantity, price, commission."""


@dataclass(slots=True, kw_only=True)
class _ByHand:
    """The owner's own part of a position: negative when short."""

    quantity: Decimal = ZERO
    cash_usdt: Decimal = ZERO
    realised_usdt: Decimal = ZERO

    def take(self, trades: Iterable[Trade], realised_usdt: Decimal) -> None:
        self.realised_usdt += realised_usdt
        for is_buy, quantity, price, commission in trades:
            signed = quantity if is_buy else -quantity
            self.quantity += signed
            self.cash_usdt -= signed * price + commission


class Owner:
    """One person with the account's passwords.

    Attributes:
        moved: what the owner changed by (venue, asset): deposits, withdrawals and manual trades.
        order_ids: client order ids of the owner's own orders.
        closing_ids: those of them that closed what is the system's.
        meddled_s: since when (monotonic) the owner holds or has taken what is the system's; whose
            part is whose, the exchanges do not tell from then on.
    """

    def __init__(
        self,
        world: SimulatedWorld,
        clock: Clock,
        keys: SimulatorKeys,
        began_with: Mapping[str, Decimal],
    ) -> None:
        """``began_with``: coins that are the owner's from the beginning, by asset."""
        self._world = world
        self._began_with = dict(began_with)
        self._numbers = itertools.count(1)
        self.moved: dict[tuple[Venue, str], Decimal] = defaultdict(lambda: ZERO)
        self.order_ids: set[str] = set()
        self.closing_ids: set[str] = set()
        self.meddled_s: float | None = None
        self._by_hand: dict[str, _ByHand] = defaultdict(_ByHand)
        self._upbit = UpbitSigner(
            Credentials(key=keys.upbit_access_key, secret=keys.upbit_secret_key),
            lambda: f"owner-{next(self._numbers)}",
        )
        self._binance = BinanceSigner(
            credentials=Credentials(key=keys.binance_api_key, secret=keys.binance_secret_key),
            clock=clock,
            recv_window_ms=5_000,
        )

    @property
    def coins(self) -> dict[str, Decimal]:
        """The owner's own coins on Upbit, by asset."""
        coins = defaultdict(lambda: ZERO, self._began_with)
        for (venue, asset), amount in self.moved.items():
            if venue is Venue.UPBIT and asset != "KRW":
                coins[asset] += amount
        return coins

    def transfer(self, venue: Venue, asset: str, amount: Decimal) -> None:
        """Deposit (positive) or withdraw (negative)."""
        self._world.transfer(venue, asset, amount)
        self.moved[venue, asset] += amount

    def sell_our_coins(self, base: str, quantity: Decimal) -> None:
        """A market sell in the app, of coins that the system bought."""
        self._meddle()
        self.sell_coins(base, quantity)
        self.moved[Venue.UPBIT, base] += quantity

    def close_our_short(self, symbol: str, quantity: Decimal) -> None:
        """A reduce-only market order in the app, against the system's position."""
        name = self._place(symbol, "BUY", quantity, {"reduceOnly": "true"})
        self.closing_ids.add(name)

    def _meddle(self) -> None:
        if self.meddled_s is None:
            self.meddled_s = self._world.clock.monotonic()

    def buy_coins(self, base: str, amount_krw: Decimal) -> None:
        """A market buy in the app."""
        body = {"side": "bid", "ord_type": "price", "price": plain(amount_krw)}
        self._trade_on_upbit(base, body)

    def sell_coins(self, base: str, quantity: Decimal) -> None:
        """A market sell in the app."""
        self._trade_on_upbit(base, {"side": "ask", "ord_type": "market", "volume": plain(quantity)})

    def rest_ask(self, base: str, *, price_krw: Decimal, quantity: Decimal) -> str:
        """A limit sell in the app, which may rest and locks coins; returns its identifier."""
        prices = {"price": plain(price_krw), "volume": plain(quantity)}
        return self._trade_on_upbit(base, {"side": "ask", "ord_type": "limit", **prices})

    def cancel_on_upbit(self, identifier: str) -> None:
        """Cancel one of these orders.

        Raises:
            ValueError: Upbit does not know it any more.
        """
        query = plain_query({"identifier": identifier}.items())
        request = HttpRequest(
            method="DELETE",
            url=f"https://owner.invalid/v1/order?{query}",
            headers={"authorization": self._upbit.authorization(query)},
        )
        with self._world.upbit.undisturbed():
            answer = self._world.upbit.handle(request)
        if answer.status != HTTPStatus.OK:
            raise ValueError(f"Upbit cancels nothing: {answer.body.decode()}")

    def trade_futures(self, symbol: str, side: str, quantity: Decimal, **more: str) -> None:
        """An order in the app, a market order unless told otherwise; ``more`` as Binance names it.

        Raises:
            ValueError: Binance refuses it.
        """
        self._meddle()
        before = self._wallet()
        name = self._place(symbol, side, quantity, more)
        self._book_by_hand(symbol, name, self._wallet() - before)

    def _place(self, symbol: str, side: str, quantity: Decimal, more: Mapping[str, str]) -> str:
        params = {
            "symbol": symbol,
            "side": side,
            "type": "MARKET",
            "quantity": plain(quantity),
            "newClientOrderId": f"web_{next(self._numbers)}",
            **more,
        }
        self.order_ids.add(params["newClientOrderId"])
        self._ask_binance("POST", params)
        return params["newClientOrderId"]

    def _book_by_hand(self, symbol: str, name: str, realised_usdt: Decimal) -> None:
        """Binance averages all of a position; once the owner is out, the own prices count."""
        by_hand = self._by_hand[symbol]
        by_hand.take(self._trades(name), realised_usdt)
        self.moved[Venue.BINANCE, "USDT"] += realised_usdt
        if not by_hand.quantity:
            self.moved[Venue.BINANCE, "USDT"] += by_hand.cash_usdt - by_hand.realised_usdt
            del self._by_hand[symbol]

    def _trades(self, name: str) -> Iterable[Trade]:
        return (
            (
                order["side"] == "BUY",
                *(Decimal(trade[key]) for key in ("qty", "price", "commission")),
            )
            for order in self._world.accounts()["binance"]["orders"]
            if order["clientOrderId"] == name
            for trade in order["trades"]
        )

    def cancel_futures(self, symbol: str, client_order_id: str) -> None:
        """Cancel one of these orders.

        Raises:
            ValueError: Binance does not know it any more.
        """
        self._ask_binance("DELETE", {"symbol": symbol, "origClientOrderId": client_order_id})

    def _ask_binance(self, method: str, params: dict[str, str]) -> None:
        now_ms = epoch_ms(self._world.clock.now())
        query = self._binance.sign(params.items(), timestamp_ms=now_ms)
        request = HttpRequest(
            method=method,
            url=f"https://owner.invalid/fapi/v1/order?{query}",
            headers=self._binance.headers,
        )
        with self._world.binance.undisturbed():
            answer = self._world.binance.handle(request)
        if answer.status != HTTPStatus.OK:
            raise ValueError(f"Binance refused the owner's order: {answer.body.decode()}")

    def _wallet(self) -> Decimal:
        return self._world.binance.wallet_usdt

    def _trade_on_upbit(self, base: str, more: dict[str, str]) -> str:
        name = f"owner-{next(self._numbers)}"
        self.order_ids.add(name)
        body = {"market": f"KRW-{base}", **more, "identifier": name}
        before = self._world.upbit.totals
        authorization = self._upbit.authorization(plain_query(body.items()))
        request = HttpRequest(
            method="POST",
            url="https://owner.invalid/v1/orders",
            headers={
                "authorization": authorization,
                "content-type": "application/json; charset=utf-8",
            },
            body=json.dumps(body).encode(),
        )
        with self._world.upbit.undisturbed():
            answer = self._world.upbit.handle(request)
        if answer.status != HTTPStatus.CREATED:
            raise ValueError(f"Upbit refused the owner's order: {answer.body.decode()}")
        after = self._world.upbit.totals
        for asset in {*before, *after}:
            change = after.get(asset, ZERO) - before.get(asset, ZERO)
            if change:
                self.moved[Venue.UPBIT, asset] += change
        return name
