"""Recordings: whole pieces, torn ends, the hours' files, and the candles that are made of them."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from trading_platform_order.market.candles import Bar
from trading_platform_order.market.files.candle_fault import CandleFileError
from trading_platform_order.market.files.candle_file import read_candles
from trading_platform_order.market.files.recording import (
    Torn,
    lines_of,
    recorded_bars,
    recorded_files,
)
from trading_platform_order.market.generated import generate_bars
from trading_platform_order.operations.backtest.backtest import BacktestOptions, run_backtest
from trading_platform_order.operations.record.files import RecordingFiles
from trading_platform_order.operations.record.recorder import RecordedMarket, torn_ends

BEGIN = datetime(2026, 11, 2, 9, 59, 30, tzinfo=UTC)
BTC = {"base": "BTC", "spot": "KRW-BTC", "contract": "BTCUSDT", "unit": "1"}
SHIB = {"base": "SHIB", "spot": "KRW-SHIB", "contract": "1000SHIBUSDT", "unit": "1000"}


class Recording:
    """A recorder whose clock a test moves."""

    def __init__(self, folder: Path, *pairs: dict[str, str]) -> None:
        self.now = BEGIN
        self.files = RecordingFiles(
            folder, pairs=pairs or (BTC,), now_us=lambda: round(self.now.timestamp() * 1_000_000)
        )
        self.market = RecordedMarket(self.files, levels=2)

    def at(self, seconds: float) -> "Recording":
        self.now = BEGIN + timedelta(seconds=seconds)
        return self

    def book(self, venue: str, symbol: str, bid: str) -> None:
        price = Decimal(bid)
        bids = [(price - n, Decimal(1)) for n in range(3)]
        asks = [(price + 1 + n, Decimal(1)) for n in range(3)]
        self.market.book(venue, symbol, bids, asks, at=self.now)

    def trade(self, venue: str, symbol: str, price: str, quantity: str = "0.5") -> None:
        self.market.trade(venue, symbol, Decimal(price), Decimal(quantity), is_buy=True)

    def books(self, krw: str, usdt: str, rate: str = "1390") -> None:
        self.book("upbit", "KRW-BTC", krw)
        self.book("binance", "BTCUSDT", usdt)
        self.book("upbit", "KRW-USDT", rate)


def written(folder: Path) -> list[dict[str, object]]:
    torn: list[Torn] = []
    lines = [line for path in recorded_files(folder) for line in lines_of(path, torn)]
    assert torn == []
    return [line for line in lines if "format" not in line]


def test_what_came_in_is_read_back(tmp_path: Path) -> None:
    recording = Recording(tmp_path)
    recording.books("150000000", "108000")
    recording.at(1).trade("upbit", "KRW-BTC", "150000001")
    recording.market.mark("BTCUSDT", Decimal(108_001), Decimal("0.0001"))
    recording.files.flush()
    book, *_, trade, mark = written(tmp_path)
    assert book["bids"] == [["150000000", "1"], ["149999999", "1"]]  # two levels, as asked
    assert (trade["kind"], trade["price"], trade["is_buy"]) == ("trade", "150000001", True)
    assert (mark["price"], mark["funding_rate"]) == ("108001", "0.0001")


def test_a_book_that_shows_nothing_new_is_left_out(tmp_path: Path) -> None:
    recording = Recording(tmp_path)
    for seconds in range(3):
        recording.at(seconds).book("upbit", "KRW-BTC", "150000000")
    recording.at(4).book("upbit", "KRW-BTC", "150000001")
    recording.at(15).book("upbit", "KRW-BTC", "150000001")
    recording.files.flush()
    # The last one is not new, but it was heard: a silence would look the same without it.
    assert len(written(tmp_path)) == 3


def test_every_hour_has_a_file_that_can_be_read_alone(tmp_path: Path) -> None:
    recording = Recording(tmp_path)
    recording.books("150000000", "108000")
    recording.at(31).trade("upbit", "KRW-BTC", "150000000")
    recording.files.flush()
    first, second = recorded_files(tmp_path)
    assert first.name.startswith("market-20261102T095930")
    assert second.name.startswith("market-20261102T100001")
    for path in (first, second):
        assert next(iter(lines_of(path, [])))["pairs"] == [BTC]


@pytest.fixture
def two_pieces(tmp_path: Path) -> tuple[Path, int]:
    """A file of two pieces, and how long the first is."""
    recording = Recording(tmp_path)
    recording.trade("upbit", "KRW-BTC", "1")
    recording.files.flush()
    (path,) = recorded_files(tmp_path)
    size = path.stat().st_size
    recording.trade("upbit", "KRW-BTC", "2")
    recording.files.flush()
    return path, size


def test_an_end_that_was_torn_is_left_out_and_told(two_pieces: tuple[Path, int]) -> None:
    """Wherever it is torn: the piece before is whole, the torn one is not half read."""
    path, first = two_pieces
    whole = path.read_bytes()
    for length in range(first + 1, len(whole)):
        path.write_bytes(whole[:length])
        torn: list[Torn] = []
        prices = [line["price"] for line in lines_of(path, torn) if "price" in line]
        assert prices == ["1"]
        assert torn == [Torn(path=path, dropped_bytes=length - first)]
    assert torn_ends(path.parent) == torn


def test_zeros_after_a_power_cut_are_a_torn_end(two_pieces: tuple[Path, int]) -> None:
    path, first = two_pieces
    whole = path.read_bytes()
    path.write_bytes(whole[:first] + bytes(len(whole) - first))
    torn: list[Torn] = []
    assert [line["price"] for line in lines_of(path, torn) if "price" in line] == ["1"]
    assert len(torn) == 1


def test_a_bar_is_made_of_prints_or_of_the_best_bid(tmp_path: Path) -> None:
    recording = Recording(tmp_path)
    recording.books("150000000", "108000")
    recording.at(31).books("150000001", "108001")
    recording.at(40).trade("upbit", "KRW-BTC", "150100000")
    recording.at(50).trade("upbit", "KRW-BTC", "149900000")
    recording.at(91).books("150000002", "108002")
    recording.at(151).books("150000003", "108003")
    recording.files.flush()
    symbol, bars = recorded_bars(tmp_path, symbol=None)
    assert symbol == "BTC"
    first, second = bars  # 09:59 began before anybody listened; 10:02 is not over
    assert first.at == datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
    assert first.up_open == first.up_high == 150_100_000
    assert first.up_close == first.up_low == 149_900_000
    assert first.up_volume == 1
    assert first.bn_open == first.bn_close == 108_000  # nobody traded: the first best bid
    assert first.bn_volume == 0
    assert first.krw_usdt == 1_390
    assert second.up_close == 149_900_000
    assert first.block == second.block


def test_a_silence_ends_a_block(tmp_path: Path) -> None:
    recording = Recording(tmp_path)
    for minute in (0, 1, 2, 3, 20, 21, 22, 23):
        recording.at(60 * minute).books(str(150_000_000 + minute), str(108_000 + minute))
    recording.files.flush()
    _, bars = recorded_bars(tmp_path, symbol="BTC")
    assert [bar.at.minute for bar in bars] == [0, 1, 2, 20, 21]
    assert bars[0].block == bars[2].block != bars[3].block == bars[4].block


def test_a_contract_of_a_thousand_coins_is_priced_by_the_coin(tmp_path: Path) -> None:
    recording = Recording(tmp_path, BTC, SHIB)
    for minute in range(4):
        recording.at(60 * minute).book("upbit", "KRW-SHIB", f"{15 + minute}")
        recording.book("binance", "1000SHIBUSDT", f"{11 + minute}")
        recording.book("upbit", "KRW-USDT", f"{1_390 + minute}")
        if minute == 1:
            recording.at(70).trade("binance", "1000SHIBUSDT", "12.5", "3")
    recording.files.flush()
    _, bars = recorded_bars(tmp_path, symbol="SHIB")
    traded = next(bar for bar in bars if bar.bn_volume)
    assert traded.bn_close == Decimal("0.0125")
    assert traded.bn_volume == 3_000
    with pytest.raises(CandleFileError, match="BTC, SHIB"):
        recorded_bars(tmp_path, symbol=None)


def test_what_is_no_recording_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CandleFileError, match="check the name"):
        read_candles(tmp_path)


def test_a_backtest_trades_a_recorded_market(tmp_path: Path) -> None:
    """The same minutes as candles and as a recording: the same trades."""
    bars = generate_bars(seed=3, bars=900, symbol="BTC", interval_s=60, start=BEGIN)
    recording = Recording(tmp_path)
    for seconds, krw, usdt, rate in _prints(bars):
        recording.at(seconds)
        recording.book("upbit", "KRW-BTC", krw)
        recording.book("binance", "BTCUSDT", usdt)
        recording.trade("upbit", "KRW-BTC", krw)
        recording.trade("binance", "BTCUSDT", usdt)
        recording.trade("upbit", "KRW-USDT", rate)
    recording.files.flush()
    told = run_backtest(BacktestOptions(data=tmp_path))
    assert told.bars == 898  # the first minute and the last are not whole
    assert told.report.signals > 0
    assert told.report.differences == ()
    made = read_candles(tmp_path).bars
    assert [bar.up_close for bar in made] == [bar.up_close for bar in bars[1:-1]]
    assert [bar.bn_close for bar in made] == [bar.bn_close for bar in bars[1:-1]]


def _prints(bars: Sequence[Bar]) -> Iterator[tuple[float, str, str, str]]:
    for number, bar in enumerate(bars):
        # Half a minute behind the full one, as the recorder's clock begins.
        yield 60.0 * number, str(bar.up_close), str(bar.bn_close), str(bar.krw_usdt)
