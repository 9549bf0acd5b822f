"""Quotation: markets, tickers, books, trades and candles, for anyone."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from exchange_simulator.clock import Clock, epoch_ms
from exchange_simulator.upbit.endpoints.queries import Query
from exchange_simulator.upbit.endpoints.routing import Handler, Request, Routes, public
from exchange_simulator.upbit.errors import Refusal
from exchange_simulator.upbit.market_data.candles import (
    UNITS_MIN,
    candles,
    daily,
    period_candles,
    periods,
)
from exchange_simulator.upbit.market_data.markets import (
    Market,
    Markets,
    instrument,
    listing,
    need_market,
    orderbook,
    rest_ticker,
)
from exchange_simulator.upbit.numbers import number
from exchange_simulator.upbit.rules import Rules

_BOOK_LEVELS = 30
_TRADES_MAX = 500
_CANDLES_MAX = 200


class Quotation:
    """The public endpoints."""

    def __init__(self, *, clock: Clock, markets: Markets, rules: Rules) -> None:
        self._clock = clock
        self._rules = rules
        self._markets = markets

    def routes(self) -> Routes:
        """By method and path."""
        minutes = {
            ("GET", f"/v1/candles/minutes/{unit}"): public(self._minutes(unit), "candle")
            for unit in UNITS_MIN
        }
        return minutes | {
            ("GET", "/v1/market/all"): public(self._get_listing, "market"),
            ("GET", "/v1/ticker"): public(self._get_ticker, "ticker"),
            ("GET", "/v1/ticker/all"): public(self._get_all_tickers, "ticker"),
            ("GET", "/v1/orderbook"): public(self._get_orderbook, "orderbook"),
            ("GET", "/v1/orderbook/instruments"): public(self._get_instruments, "orderbook"),
            ("GET", "/v1/trades/ticks"): public(self._get_trades, "trade"),
            ("GET", "/v1/candles/seconds"): public(self._get_seconds, "candle"),
            ("GET", "/v1/candles/days"): public(self._get_days, "candle"),
            ("GET", "/v1/candles/weeks"): public(self._get_weeks, "candle"),
            ("GET", "/v1/candles/months"): public(self._periods(is_year=False), "candle"),
            ("GET", "/v1/candles/years"): public(self._periods(is_year=True), "candle"),
        }

    def _get_listing(self, request: Request) -> object:
        is_detailed = request.query.get("is_details") == "true"
        events = self._rules.market_events
        return [
            listing(
                code,
                is_detailed=is_detailed,
                events=events.get(code, ()),
                names=self._rules.names,
            )
            for code in self._markets.codes()
        ]

    def _asked_markets(self, request: Request) -> list[Market]:
        request.query.need("markets")
        return [need_market(self._markets, code) for code in request.query.split("markets")]

    def _get_ticker(self, request: Request) -> object:
        now = self._clock.now()
        return [rest_ticker(market, now=now) for market in self._asked_markets(request)]

    def _get_all_tickers(self, request: Request) -> object:
        now, asked = self._clock.now(), request.query.split("quote_currencies")
        is_krw_asked = not asked or "KRW" in asked
        return [rest_ticker(market, now=now) for market in self._markets.all() if is_krw_asked]

    def _get_orderbook(self, request: Request) -> object:
        now = self._clock.now()
        count = request.query.whole("count", default=_BOOK_LEVELS, largest=_BOOK_LEVELS)
        level = request.query.amount("level")
        return [
            {"market": market.code, **orderbook(market, now=now, count=count, level=level)}
            for market in self._asked_markets(request)
        ]

    def _get_instruments(self, request: Request) -> object:
        return [instrument(market) for market in self._asked_markets(request)]

    # -- trades and candles ---------------------------------------------------------------------

    def _get_trades(self, request: Request) -> object:
        market = need_market(self._markets, request.query.need("market"))
        count = request.query.whole("count", default=1, largest=_TRADES_MAX)
        end = _trade_end(request.query, self._clock.now())
        cursor = request.query.get("cursor")
        prints = [
            one
            for one in reversed(market.prints)
            if (end is None or one.at < end)
            and (cursor is None or one.sequential_id < int(cursor or "0"))
        ]
        return [
            {
                "market": market.code,
                "trade_date_utc": f"{one.at:%Y-%m-%d}",
                "trade_time_utc": f"{one.at:%H:%M:%S}",
                "timestamp": epoch_ms(one.at),
                "trade_price": number(one.price),
                "trade_volume": number(one.volume),
                "prev_closing_price": number(market.day_open),
                "change_price": number(one.price - market.day_open),
                "ask_bid": "BID" if one.is_bid else "ASK",
                "sequential_id": one.sequential_id,
            }
            for one in prints[:count]
        ]

    def _minutes(self, unit: int) -> Handler:
        def get(request: Request) -> object:
            rows = self._candles(request, timedelta(minutes=unit))
            return [{**row, "unit": unit} for row in rows]

        return get

    def _get_seconds(self, request: Request) -> object:
        return self._candles(request, timedelta(seconds=1))

    def _get_days(self, request: Request) -> object:
        return daily(self._candles(request, timedelta(days=1)))

    def _get_weeks(self, request: Request) -> object:
        return periods(self._candles(request, timedelta(days=7)))

    def _periods(self, *, is_year: bool) -> Handler:
        def get(request: Request) -> object:
            market, end, count = self._asked_candles(request)
            return period_candles(market, is_year=is_year, end=end, count=count)

        return get

    def _candles(self, request: Request, interval: timedelta) -> list[dict[str, Any]]:
        market, end, count = self._asked_candles(request)
        return candles(market, interval=interval, end=end, count=count)

    def _asked_candles(self, request: Request) -> tuple[Market, datetime | None, int]:
        market = need_market(self._markets, request.query.need("market"))
        count = request.query.whole("count", default=1, largest=_CANDLES_MAX)
        return market, request.query.moment("to", zone=UTC), count


def _trade_end(query: Query, now: datetime) -> datetime | None:
    """``to`` is a time of day in UTC, ``days_ago`` says of which day."""
    days_ago = query.whole("days_ago", default=0, largest=7) if query.get("days_ago") else 0
    text = query.get("to")
    if text is None:
        return None
    try:
        moment = time.fromisoformat(text)
    except ValueError:
        raise Refusal("invalid_parameter", detail="to") from None
    return datetime.combine(now.astimezone(UTC).date(), moment, UTC) - timedelta(days=days_ago)
