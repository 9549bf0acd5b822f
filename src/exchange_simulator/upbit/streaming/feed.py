"""What the streams tell: listens to the matching and publishes to the sessions."""

from collections.abc import Callable, Sequence
from typing import Any

from exchange_simulator.clock import epoch_ms
from exchange_simulator.decimals import ZERO
from exchange_simulator.ports import Deliver
from exchange_simulator.upbit.accounts import Accounts
from exchange_simulator.upbit.market_data.candles import second_candle
from exchange_simulator.upbit.market_data.markets import Market, Markets, orderbook, ticker
from exchange_simulator.upbit.numbers import counted_uuid, number
from exchange_simulator.upbit.requests.limits import MessageLimit, RateLimits
from exchange_simulator.upbit.streaming.streams import Session, Surroundings
from exchange_simulator.upbit.trading.orders import SimulatedOrder, Trade, my_order

_REALTIME = "REALTIME"


class Feed:
    """Implements ``listener.Listener`` and owns the open sessions."""

    def __init__(
        self,
        *,
        around: Surroundings,
        limits: RateLimits,
        accounts: Accounts,
        markets: Markets,
    ) -> None:
        self._around = around
        self._limits = limits
        self._now = around.clock.now
        self._accounts = accounts
        self._markets = markets
        self._sessions: list[Session] = []
        self._hearing: dict[str, tuple[Session, ...]] = {}
        self._asset_uuid = counted_uuid("asset", 0)

    def open(self, deliver: Deliver, *, is_private: bool) -> Session:
        """A new connection; it hears nothing until it subscribes."""
        session = Session(
            around=self._around,
            limit=MessageLimit(self._limits, self._around.clock),
            deliver=deliver,
            is_private=is_private,
            snapshot=self._snapshot,
            subscribed=self._note_who_hears,
            forget=self._forget,
        )
        self._sessions.append(session)
        return session

    def _forget(self, session: Session) -> None:
        # Closing twice is no mistake: the client's and our end may both close.
        self._sessions = [kept for kept in self._sessions if kept is not session]
        self._note_who_hears()

    def _note_who_hears(self) -> None:
        kinds = {kind for session in self._sessions for kind in session.kinds}
        self._hearing = {
            kind: tuple(session for session in self._sessions if kind in session.kinds)
            for kind in kinds
        }

    def order_changed(
        self, order: SimulatedOrder, trade: Trade | None, *, is_prevented: bool = False
    ) -> None:
        """An order was accepted, traded, ended or prevented."""
        event = my_order(order, now=self._now(), trade=trade, is_prevented=is_prevented)
        self._publish("myOrder", order.market, lambda _count: event)

    def assets_changed(self, assets: Sequence[str]) -> None:
        """Balances of these assets changed."""
        if not assets:
            return
        at_ms = epoch_ms(self._now())
        event = {
            "type": "myAsset",
            "asset_uuid": self._asset_uuid,
            "assets": [self._accounts.stream_one(asset) for asset in assets],
            "asset_timestamp": at_ms,
            "timestamp": at_ms,
            "stream_type": _REALTIME,
        }
        self._publish("myAsset", "", lambda _count: event)

    def book_taken(self, market: Market) -> None:
        """Something was taken from the market's book."""
        self._publish(
            "orderbook", market.code, lambda count: self._orderbook(market, count, _REALTIME)
        )

    def market_moved(self, market: Market) -> None:
        """The market has a new price and a new book."""
        self.book_taken(market)
        self._publish("ticker", market.code, lambda _count: self._ticker(market, _REALTIME))

        self.traded(market)

    def traded(self, market: Market) -> None:
        """The market has a new print."""
        self._publish("trade", market.code, lambda _count: self._trade(market, _REALTIME))
        self._publish("candle.1s", market.code, lambda _count: self._candle(market, _REALTIME))

    def _publish(self, kind: str, code: str, make: Callable[[int], dict[str, Any]]) -> None:
        # A delivery may close a session; it hears nothing more then.
        for session in self._hearing.get(kind, ()):
            session.publish(kind, code, make)

    def _snapshot(self, kind: str, code: str, count: int) -> dict[str, Any] | None:
        market = self._markets.get(code)
        if market is None or (kind in {"trade", "candle.1s"} and not market.prints):
            return None
        if kind == "ticker":
            return self._ticker(market, "SNAPSHOT")
        if kind == "trade":
            return self._trade(market, "SNAPSHOT")
        if kind == "candle.1s":
            return self._candle(market, "SNAPSHOT")
        return self._orderbook(market, count, "SNAPSHOT")

    def _orderbook(self, market: Market, count: int, stream_type: str) -> dict[str, Any]:
        image = orderbook(market, now=self._now(), count=count)
        return {"type": "orderbook", "code": market.code, **image, "stream_type": stream_type}

    def _trade(self, market: Market, stream_type: str) -> dict[str, Any]:
        last = market.prints[-1]
        change = last.price - market.day_open
        ask = market.best_ask() or ZERO
        return {
            "type": "trade",
            "code": market.code,
            "trade_price": number(last.price),
            "trade_volume": number(last.volume),
            "ask_bid": "BID" if last.is_bid else "ASK",
            "prev_closing_price": number(market.day_open),
            "change": "EVEN" if change == 0 else "RISE" if change > 0 else "FALL",
            "change_price": number(abs(change)),
            "trade_date": f"{last.at:%Y-%m-%d}",
            "trade_time": f"{last.at:%H:%M:%S}",
            "trade_timestamp": epoch_ms(last.at),
            "sequential_id": last.sequential_id,
            "best_ask_price": number(ask),
            "best_ask_size": number(market.size_at(ask)),
            "best_bid_price": number(market.best_bid()),
            "best_bid_size": number(market.size_at(market.best_bid())),
            "timestamp": epoch_ms(self._now()),
            "stream_type": stream_type,
        }

    def _candle(self, market: Market, stream_type: str) -> dict[str, Any]:
        row = second_candle(market)
        del row["market"]
        event = {"type": "candle.1s", "code": market.code, **row, "stream_type": stream_type}
        return event | {"timestamp": epoch_ms(self._now())}

    def _ticker(self, market: Market, stream_type: str) -> dict[str, Any]:
        return {
            "type": "ticker",
            "code": market.code,
            **ticker(market, now=self._now()),
            "ask_bid": "BID" if market.trend == "up" else "ASK",
            "acc_ask_volume": 0,
            "acc_bid_volume": 0,
            "market_state": "ACTIVE",
            "delisting_date": None,
            "is_trading_suspended": False,
            "market_warning": "NONE",
            "stream_type": stream_type,
        }
