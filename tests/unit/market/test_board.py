import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from trading_platform_order.domain.market import (
    ANY_SOURCE,
    Ages,
    Book,
    ExchangeTime,
    FxRate,
    Instrument,
    Level,
    PairView,
    Source,
    Sources,
)
from trading_platform_order.domain.order import Leg
from trading_platform_order.domain.venue import Venue
from trading_platform_order.market.board import MarketBoard, MissingData

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def book(symbol: str = "BTC-KRW", *, price: int = 100, when: datetime = NOW) -> Book:
    one = Decimal(1)
    return Book(
        symbol=symbol,
        bids=(Level(Decimal(price), one),),
        asks=(Level(Decimal(price + 1), one),),
        at=when,
    )


def rate(krw: int = 1_393, *, when: datetime = NOW) -> FxRate:
    return FxRate(krw_per_usdt=Decimal(krw), at=when, source="upbit KRW-USDT")


def instrument(venue: Venue, symbol: str) -> Instrument:
    one = Decimal(1)
    return Instrument(
        venue=venue,
        symbol=symbol,
        price_tick=one,
        quantity_step=one,
        min_quantity=one,
        max_quantity=one,
        min_notional=one,
        max_notional=one,
        taker_fee_rate=one,
    )


SPOT = instrument(Venue.UPBIT, "BTC-KRW")
HEDGE = instrument(Venue.BINANCE, "BTCUSDT")


class Board(MarketBoard):
    """A board with clocks to set: seconds since boot, and the exchanges' times as measured."""

    def __init__(self) -> None:
        self.now_s = 1_000.0
        self.times: dict[Venue, ExchangeTime] = {}
        super().__init__(boottime=lambda: self.now_s, time_of=self.times.get)

    def take(self, event: Book | FxRate, source: Source = Source.STREAM) -> bool:
        is_binance = isinstance(event, Book) and event.symbol.endswith("USDT")
        return self.update(event, Venue.BINANCE if is_binance else Venue.UPBIT, source)

    def measured(self, venue: Venue, told: datetime = NOW, *, slack_s: float = 0.0) -> None:
        self.times[venue] = ExchangeTime(
            at=told, asked_s=self.now_s, answered_s=self.now_s, slack_s=slack_s
        )

    def ages(self, now: datetime = NOW) -> Ages:
        view = self.view("BTC", now, SPOT, HEDGE)
        assert isinstance(view, PairView)
        return view.ages


def full_board() -> Board:
    board = Board()
    board.take(book("BTC-KRW", when=at(-1)))
    board.take(book("BTCUSDT", when=at(-2)))
    board.take(rate(when=at(-30)))
    return board


def test_a_view_joins_the_newest_of_all_parts() -> None:
    board = full_board()
    newer = book("BTC-KRW", price=200)
    assert board.take(newer)
    view = board.view("BTC", NOW, SPOT, HEDGE)
    assert isinstance(view, PairView)
    assert view.spot_book is newer
    assert view.hedge_book == board.book("BTCUSDT")
    assert (view.fx, view.spot, view.hedge, view.now) == (board.fx, SPOT, HEDGE, NOW)


def test_a_view_is_of_its_moment_and_of_the_newest_image() -> None:
    board = full_board()
    first = board.view("BTC", NOW, SPOT, HEDGE)
    later = board.view("BTC", at(1), SPOT, HEDGE)
    board.take(book("BTCUSDT", price=300))
    newest = board.view("BTC", at(1), SPOT, HEDGE)
    other = board.view("BTC", at(1), replace(SPOT, is_trading=False), HEDGE)
    assert isinstance(first, PairView)
    assert isinstance(later, PairView)
    assert isinstance(newest, PairView)
    assert isinstance(other, PairView)
    assert (first.now, later.now) == (NOW, at(1))
    assert later.hedge_book.bids[0].price == 100
    assert newest.hedge_book.bids[0].price == 300
    assert not other.spot.is_trading


def test_an_older_image_is_ignored_and_one_of_the_same_time_is_taken() -> None:
    board = full_board()
    assert not board.take(book("BTC-KRW", price=1, when=at(-1.001)))
    assert not board.take(rate(1, when=at(-30.001)))
    assert board.take(book("BTC-KRW", price=300, when=at(-1)))
    assert board.take(rate(1_400, when=at(-30)))
    held, fx = board.book("BTC-KRW"), board.fx
    assert held is not None
    assert fx is not None
    assert (held.bids[0].price, fx.krw_per_usdt) == (Decimal(300), Decimal(1_400))


def test_an_age_is_the_time_since_arrival_before_an_exchange_was_measured() -> None:
    board = full_board()
    board.now_s += 4
    board.take(book("BTCUSDT"))
    board.now_s += 3
    assert board.ages() == Ages(spot_s=7, hedge_s=3, fx_s=7)


@pytest.mark.parametrize("off_s", [-3_600, -10, 10, 3_600])
def test_our_calendar_makes_nothing_old_or_young(off_s: float) -> None:
    board = full_board()
    board.measured(Venue.UPBIT)
    board.measured(Venue.BINANCE)
    assert board.ages(at(off_s)) == board.ages(NOW)


def test_an_age_counts_what_was_old_when_it_arrived() -> None:
    board = full_board()
    board.measured(Venue.UPBIT)
    board.measured(Venue.BINANCE)
    assert board.ages()[:3] == (1, 2, 30)
    board.now_s += 5
    board.take(book("BTCUSDT", when=at(-1)))  # six seconds on the way
    assert board.ages(at(5))[:3] == (6, 6, 35)


def test_a_stamp_ahead_makes_nothing_young() -> None:
    board = full_board()
    board.measured(Venue.BINANCE)
    assert board.take(book("BTCUSDT", when=at(86_400)))
    board.now_s += 20
    ages = board.ages(at(20))
    assert ages.hedge_s == 20
    assert ages.hedge_ahead_s == 86_380


@pytest.mark.parametrize("is_measured_later", [False, True])
def test_a_stamp_ahead_holds_no_later_image_back(is_measured_later: bool) -> None:
    board = full_board()
    for venue in Venue:
        board.measured(venue)
    if is_measured_later:
        board.times.clear()
    assert board.take(book("BTCUSDT", when=at(86_400)))
    assert board.take(rate(1, when=at(86_400)))
    for venue in Venue:
        board.measured(venue)
    board.now_s += 0.1
    assert board.take(book("BTCUSDT", price=300, when=at(0.1)))
    assert board.take(rate(1_400, when=at(0.1)))
    held, fx = board.book("BTCUSDT"), board.fx
    assert held is not None
    assert fx is not None
    assert (held.bids[0].price, fx.krw_per_usdt) == (Decimal(300), Decimal(1_400))
    assert not board.take(book("BTCUSDT", when=NOW))


def test_a_stamp_a_little_ahead_is_believed() -> None:
    board = full_board()
    board.measured(Venue.BINANCE, slack_s=1.0)
    assert board.take(book("BTCUSDT", when=at(6)))
    assert not board.take(book("BTCUSDT", when=at(5.9)))
    assert board.take(book("BTCUSDT", when=at(6.1)))
    assert board.take(book("BTCUSDT", when=at(5)))


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        ([], "no book of BTC-KRW yet"),
        ([book("BTC-KRW"), rate()], "no book of BTCUSDT yet"),
        ([book("BTC-KRW"), book("BTCUSDT")], "no KRW-USDT rate yet"),
        ([book("ETH-KRW"), book("BTCUSDT"), rate()], "no book of BTC-KRW yet"),
    ],
)
def test_what_is_missing_is_named(events: list[Book | FxRate], reason: str) -> None:
    board = Board()
    for event in events:
        board.take(event)
    assert board.view("BTC", NOW, SPOT, HEDGE) == MissingData(reason=reason)


@pytest.mark.parametrize("side", ["bids", "asks"])
def test_a_book_without_a_side_is_no_market(side: str) -> None:
    board = full_board()
    sides = {"bids": book().bids, "asks": book().asks} | {side: ()}
    board.take(Book(symbol="BTCUSDT", at=NOW, **sides))
    expected = MissingData(reason="the book of BTCUSDT has an empty side")
    assert board.view("BTC", NOW, SPOT, HEDGE) == expected


async def test_waiting_ends_when_the_last_part_has_arrived() -> None:
    board = full_board()
    waiting = asyncio.ensure_future(board.wait_for(at(5), "BTC-KRW", "BTCUSDT", timeout_s=1))
    for event in (
        book("BTC-KRW", when=at(5)),
        rate(when=at(6)),
        book("ETHUSDT", when=at(9)),
        book("BTCUSDT", when=at(4.999)),
    ):
        board.take(event)
        await asyncio.sleep(0)
        assert not waiting.done()
    board.take(book("BTCUSDT", when=at(5)))
    await waiting


async def test_nothing_to_wait_for() -> None:
    await full_board().wait_for(at(-30), "BTC-KRW", timeout_s=0)


async def test_waiting_is_bounded_and_says_what_is_missing() -> None:
    board = full_board()
    board.take(book("BTC-KRW"))
    with pytest.raises(
        TimeoutError, match=r"from 2026-01-05T12:00:00\+00:00 for BTCUSDT, KRW-USDT"
    ):
        await board.wait_for(NOW, "BTC-KRW", "BTCUSDT", timeout_s=0.001)
    assert board.take(book("BTCUSDT"))


async def test_a_cancelled_wait_leaves_nothing_behind() -> None:
    board = full_board()
    waiting = asyncio.ensure_future(board.wait_for(NOW, "BTCUSDT", timeout_s=1))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert board._waiters == []


def any_source(board: Board) -> PairView:
    view = board.view("BTC", NOW, SPOT, HEDGE, ANY_SOURCE)
    assert isinstance(view, PairView)
    return view


def test_what_was_asked_for_counts_only_for_those_who_take_it() -> None:
    board = full_board()
    streamed = board.view("BTC", NOW, SPOT, HEDGE)
    board.now_s += 20.0
    asked = book("BTCUSDT", price=90, when=at(18))
    assert board.take(asked, Source.ASKED)
    board.take(rate(1_400, when=at(19)), Source.ASKED)
    still = board.view("BTC", NOW, SPOT, HEDGE)
    assert isinstance(still, PairView)
    assert isinstance(streamed, PairView)
    assert (still.hedge_book, still.fx) == (streamed.hedge_book, streamed.fx)
    assert still.age_s(Leg.HEDGE) == 20.0
    assert still.sources == Sources()
    closing = any_source(board)
    assert closing.hedge_book is asked
    assert closing.spot_book is still.spot_book
    assert closing.fx.krw_per_usdt == 1_400
    assert closing.age_s(Leg.HEDGE) == 0.0
    assert closing.sources == Sources(Source.STREAM, Source.ASKED, Source.ASKED)


def test_a_stream_that_tells_something_as_new_takes_its_place_back() -> None:
    board = full_board()
    board.measured(Venue.BINANCE)
    board.now_s += 20.0
    board.take(book("BTCUSDT", price=90, when=at(18)), Source.ASKED)
    board.take(book("BTCUSDT", price=80, when=at(-1)))  # half a minute late
    assert any_source(board).hedge_book.bids[0].price == 90
    board.take(book("BTCUSDT", price=70, when=at(18)))
    board.now_s += 1.0
    assert any_source(board).hedge_book.bids[0].price == 70
    assert any_source(board).sources == Sources()


def test_of_two_sources_the_younger_one_counts() -> None:
    board = full_board()
    board.measured(Venue.BINANCE)
    board.now_s += 20.0
    board.take(book("BTCUSDT", price=90, when=at(-1)), Source.ASKED)
    board.take(book("BTCUSDT", price=80, when=at(-2)))
    assert any_source(board).hedge_book.bids[0].price == 90
    board.take(book("BTC-KRW", price=60, when=at(-5)), Source.ASKED)
    board.now_s += 100.0
    board.measured(Venue.UPBIT, at(120))
    assert any_source(board).spot_book.bids[0].price == 100  # what was asked for is older still


def test_what_was_never_streamed_may_be_asked_for() -> None:
    board = Board()
    board.take(book("BTC-KRW"))
    board.take(rate())
    board.take(book("BTCUSDT"), Source.ASKED)
    assert board.view("BTC", NOW, SPOT, HEDGE) == MissingData(reason="no book of BTCUSDT yet")
    assert any_source(board).sources.hedge is Source.ASKED
