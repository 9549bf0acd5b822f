import gzip
import string
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trading_platform_order.market.candles import Bar, with_last
from trading_platform_order.market.files.candle_fault import CandleFileError
from trading_platform_order.market.files.candle_file import read_candles
from trading_platform_order.market.files.candle_symbol import named_symbol

HEADER = (
    "time_utc,ts_ms,up_open,up_high,up_low,up_close,up_volume,"
    "bn_open,bn_high,bn_low,bn_close,bn_volume,usdkrw,krw_usdt,premium"
)
START_MS = 1_756_684_800_000


def line(index: int = 0, **changes: str) -> str:
    values = {
        "time_utc": "2025-09-01T00:00:00Z",
        "ts_ms": str(START_MS + index * 300_000),
        "up_open": "150700000.0",
        "up_high": "150838000.0",
        "up_low": "150640000.0",
        "up_close": "150661000.0",
        "up_volume": "4.95214729",
        "bn_open": "108208.4",
        "bn_high": "108295.8",
        "bn_low": "108056.9",
        "bn_close": "108056.9",
        "bn_volume": "475.249",
        "usdkrw": "1391.54",
        "krw_usdt": "1393.0",
        "premium": "0.0019652",
    }
    return ",".join((values | changes)[name] for name in (values | changes))


Write = Callable[..., Path]


def read_bars(path: Path) -> list[Bar]:
    """The bars alone, whose ever they are."""
    return read_candles(path, symbol="BTC").bars


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def _write(*lines: str, header: str = HEADER, name: str = "candles.csv") -> Path:
        path = tmp_path / name
        path.write_text("\n".join((header, *lines)) + "\n", encoding="utf-8")
        return path

    return _write


def test_reads_exact_numbers_and_infers_the_interval(write: Write) -> None:
    first, second = read_bars(write(line(0), line(1)))
    assert first.at == datetime(2025, 9, 1, tzinfo=UTC)
    assert first.closes_at == second.at == datetime(2025, 9, 1, 0, 5, tzinfo=UTC)
    assert first.interval_s == 300
    assert first.up_volume == Decimal("4.95214729")
    assert first.bn_close == Decimal("108056.9")
    assert (first.krw_usdt, first.fx_source, first.block) == (Decimal(1393), "krw_usdt", 0)


def test_the_bank_rate_serves_rows_without_krw_usdt(write: Write) -> None:
    first, second = read_bars(write(line(0, krw_usdt=""), line(1)))
    assert (first.krw_usdt, first.fx_source) == (Decimal("1391.54"), "usdkrw")
    assert (second.krw_usdt, second.fx_source) == (Decimal(1393), "krw_usdt")


def test_the_bank_rate_serves_files_without_the_column(write: Write) -> None:
    header = HEADER.replace(",krw_usdt", "")
    bars = read_bars(write(*(cut_krw_usdt(line(i)) for i in range(2)), header=header))
    assert {bar.fx_source for bar in bars} == {"usdkrw"}


def cut_krw_usdt(text: str) -> str:
    return text.replace(",1393.0,", ",")


def test_gzip_a_byte_order_mark_and_blank_lines_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "candles.csv.gz"
    text = "\ufeff" + "\r\n".join((HEADER, line(0), "", line(1))) + "\r\n"
    path.write_bytes(gzip.compress(text.encode()))
    assert len(read_bars(path)) == 2


def test_a_gap_keeps_the_smallest_interval(write: Write) -> None:
    bars = read_bars(write(line(0), line(5), line(6)))
    assert [bar.interval_s for bar in bars] == [300, 300, 300]


def test_blocks_end_where_the_next_begins_and_at_the_end(write: Write) -> None:
    path = write(
        *(line(index, block=str(block)) for index, block in enumerate((7, 7, 8, 8))),
        header=HEADER + ",block",
    )
    assert [(bar.block, last) for bar, last in with_last(read_bars(path))] == [
        (7, False),
        (7, True),
        (8, False),
        (8, True),
    ]


@pytest.mark.parametrize(
    ("changes", "column", "words"),
    [
        ({"up_close": "abc"}, "up_close", "not a number: 'abc'"),
        ({"up_close": ""}, "up_close", "not a number: ''"),
        ({"bn_open": "NaN"}, "bn_open", "not a number"),
        ({"bn_open": "Infinity"}, "bn_open", "not a number"),
        ({"bn_open": "1_000"}, "bn_open", "not a number"),
        ({"bn_open": "１２"}, "bn_open", "not a number"),  # noqa: RUF001 - full-width on purpose
        ({"bn_low": "0"}, "bn_low", "not positive"),
        ({"up_low": "-1"}, "up_low", "not positive"),
        ({"krw_usdt": "0"}, "krw_usdt", "not positive"),
        ({"krw_usdt": "", "usdkrw": "x"}, "usdkrw", "not a number"),
        ({"krw_usdt": "", "usdkrw": ""}, "krw_usdt", "neither krw_usdt nor usdkrw"),
        ({"up_volume": "-0.1"}, "up_volume", "negative"),
        ({"up_high": "150639999", "up_low": "150640000"}, "up_high", "below low"),
        ({"bn_close": "108300"}, "bn_close", "outside low"),
        ({"up_open": "150640000", "up_low": "150650000"}, "up_open", "outside low"),
        ({"ts_ms": "soon"}, "ts_ms", "not a whole number"),
        ({"ts_ms": "1756684800"}, "ts_ms", "outside the years"),
        ({"ts_ms": "1756684800000000"}, "ts_ms", "outside the years"),
    ],
)
def test_a_wrong_value_is_named_with_its_place(
    write: Write, changes: dict[str, str], column: str, words: str
) -> None:
    path = write(line(-1), line(0, **changes), line(1))
    with pytest.raises(CandleFileError) as caught:
        read_bars(path)
    assert (caught.value.line, caught.value.column) == (3, column)
    assert words in caught.value.problem
    assert caught.value.remedy
    assert str(caught.value).startswith(f"{path}, line 3, column {column}: ")


@pytest.mark.parametrize("index", [0, -1])
def test_time_must_increase(write: Write, index: int) -> None:
    with pytest.raises(CandleFileError, match=r"line 3, column ts_ms.*does not come after"):
        read_bars(write(line(0), line(index)))


def test_a_block_must_not_begin_twice(write: Write) -> None:
    lines = (line(index, block=block) for index, block in enumerate("112"))
    path = write(*lines, line(3, block="1"), header=HEADER + ",block")
    with pytest.raises(CandleFileError, match=r"line 5, column block.*second time"):
        read_bars(path)


def test_a_block_must_be_a_number(write: Write) -> None:
    path = write(line(0, block="a"), line(1, block="a"), header=HEADER + ",block")
    with pytest.raises(CandleFileError, match="line 2, column block: not a whole number"):
        read_bars(path)


@pytest.mark.parametrize("column", ["ts_ms", "up_open", "bn_close", "up_volume"])
def test_a_missing_column_is_named(write: Write, column: str) -> None:
    path = write(line(0), line(1), header=HEADER.replace(column, "other"))
    with pytest.raises(CandleFileError, match=f"line 1, column {column}: missing"):
        read_bars(path)


def test_some_rate_is_needed(write: Write) -> None:
    header = HEADER.replace("usdkrw", "a").replace("krw_usdt", "b")
    with pytest.raises(CandleFileError, match="neither krw_usdt nor usdkrw in the header"):
        read_bars(write(line(0), line(1), header=header))


def test_a_column_twice_is_named(write: Write) -> None:
    with pytest.raises(CandleFileError, match="column up_open: stands twice"):
        read_bars(write(line(0), header=HEADER.replace("bn_open", "up_open")))


def test_a_line_cut_off_is_named(write: Write) -> None:
    with pytest.raises(CandleFileError, match="line 3: 2 values for 15 columns"):
        read_bars(write(line(0), "2025-09-01T00:05:00Z,1756685100000"))


def test_an_open_quote_is_not_csv(write: Write) -> None:
    with pytest.raises(CandleFileError, match="not CSV"):
        read_bars(write(line(0), '"open'))


def test_a_single_bar_has_no_length(write: Write) -> None:
    with pytest.raises(CandleFileError, match="length of a bar is unknown"):
        read_bars(write(line(0)))


def test_bars_last_whole_seconds(write: Write) -> None:
    with pytest.raises(CandleFileError, match="1500 ms apart"):
        read_bars(write(line(0), line(0, ts_ms=str(START_MS + 1_500))))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.csv", b"", "the file is empty"),
        ("header.csv", HEADER.encode(), "a header but no candles"),
        ("plain.csv.gz", HEADER.encode(), "not gzip"),
        ("cut.csv.gz", gzip.compress(HEADER.encode() * 50, mtime=0)[:-12], "ends too early"),
        ("broken.csv.gz", gzip.compress(HEADER.encode(), mtime=0)[:10] + b"\xff" * 90, "not gzip"),
        ("packed.csv", gzip.compress(HEADER.encode(), mtime=0), "not UTF-8 text"),
    ],
)
def test_a_file_that_is_no_candle_file(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(CandleFileError, match=words) as caught:
        read_bars(path)
    assert caught.value.path == path


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(CandleFileError, match="check the name"):
            read_bars(path)


GARBAGE = st.one_of(
    st.binary(max_size=300),
    st.text(alphabet=string.printable, max_size=300).map(str.encode),
    st.lists(st.text(alphabet='0123456789.-eE,"\n ', max_size=200), max_size=3).map(
        lambda lines: "\n".join((HEADER, line(0), *lines)).encode()
    ),
)


@settings(deadline=None)
@given(content=GARBAGE, name=st.sampled_from(["a.csv", "a.csv.gz"]), packed=st.booleans())
def test_whatever_stands_in_a_file_gives_bars_or_one_named_fault(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str, packed: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / name
    path.write_bytes(gzip.compress(content) if packed else content)
    fault = ""
    bars = []
    try:
        bars = read_bars(path)
    except CandleFileError as error:
        fault = str(error)
    assert bars or fault.startswith(str(path))
    assert all(bar.up_low <= bar.up_close <= bar.up_high for bar in bars)


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("joint_5m_BTC_20250901_20250914.csv.gz", "BTC"),
        ("/data/joint_1m_blocks_eth.csv", "ETH"),
        ("KRW-XRP.csv", "XRP"),
        ("candles_SOL_400.csv.gz", "SOL"),
        ("BTC_1h_2020crash_288.csv.gz", "BTC"),
        ("1000SHIB-usdt.csv", "1000SHIB"),
        ("BTCUSDT.csv", "BTC"),
        ("BTC_ETH.csv", None),
        ("candles.csv", None),
        ("2025-09.csv", None),
        ("/BTC/candles.csv", None),
    ],
)
def test_the_name_of_a_file_says_whose_candles_it_holds(name: str, symbol: str | None) -> None:
    assert named_symbol(name) == symbol


WITH_SYMBOL = HEADER + ",symbol"


@pytest.mark.parametrize("told", ["SOL", "SOLUSDT", "KRW-SOL", "SOL/USDT"])
def test_a_column_says_whose_candles_a_file_holds(write: Write, told: str) -> None:
    lines = (line(0, symbol=told), line(1, symbol="SOL"))
    assert read_candles(write(*lines, header=WITH_SYMBOL, name="BTC.csv")).symbol == "SOL"


def test_the_caller_says_whose_candles_a_file_holds(write: Write) -> None:
    path = write(line(0), line(1))
    assert read_candles(path, symbol="SOL").symbol == "SOL"
    with pytest.raises(CandleFileError, match="neither a column symbol nor its name"):
        read_candles(path)


@pytest.mark.parametrize(
    ("rows", "asked", "words"),
    [
        (("SOL", "SOL"), "BTC", "these are candles of SOL, not of BTC"),
        (("SOL", "BTC"), None, "line 3, column symbol: BTC after SOL"),
        (("SOL", "?"), None, "line 3, column symbol: '?' is no base asset"),
        (("", ""), "btc", "'btc' is no base asset"),
        (("", ""), "BTC;DROP", "'BTC;DROP' is no base asset"),
    ],
)
def test_nobody_trades_the_wrong_coins_candles(
    write: Write, rows: tuple[str, str], asked: str | None, words: str
) -> None:
    lines = (line(index, symbol=told) for index, told in enumerate(rows))
    with pytest.raises(CandleFileError) as caught:
        read_candles(write(*lines, header=WITH_SYMBOL), symbol=asked)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "column", "words"),
    [
        ({"krw_usdt": "1e30"}, "krw_usdt", "1E+30 KRW for one USDT"),
        ({"krw_usdt": "13930"}, "krw_usdt", "13930 KRW for one USDT"),
        ({"krw_usdt": "139.3"}, "up_close", "150661000.0 KRW is 10.0 times"),
        ({"up_high": "1e30", "bn_high": "1e30"}, "up_high", "1E+30 is no price"),
        ({"up_high": "1506610000"}, "up_high", "high 1506610000 above open and close"),
        ({"bn_low": "10805"}, "bn_low", "low 10805 below open and close"),
        (
            dict.fromkeys(("up_open", "up_high", "up_low", "up_close"), "1506610000"),
            "up_close",
            "1506610000 KRW is 10.0 times",
        ),
        (
            dict.fromkeys(("up_open", "up_high", "up_low", "up_close"), "1506610000")
            | dict.fromkeys(("bn_open", "bn_high", "bn_low", "bn_close"), "1080569"),
            "up_close",
            "1506610000 after 150661000.0",
        ),
    ],
)
def test_what_no_market_does_is_named(
    write: Write, changes: dict[str, str], column: str, words: str
) -> None:
    with pytest.raises(CandleFileError) as caught:
        read_bars(write(line(0), line(1, **changes), line(2)))
    assert (caught.value.line, caught.value.column) == (3, column)
    assert words in caught.value.problem


def test_a_premium_of_a_suspended_coin_is_a_market(write: Write) -> None:
    prices = ("up_open", "up_high", "up_low", "up_close")
    doubled = dict.fromkeys(prices, "301322000")
    assert len(read_bars(write(line(0), line(1, **doubled), line(2)))) == 3


def test_a_bar_between_the_times_of_the_others_is_named(write: Write) -> None:
    lines = (line(0), line(1), line(2, ts_ms=str(START_MS + 660_000)), line(3))
    with pytest.raises(CandleFileError) as caught:
        read_bars(write(*lines))
    assert (caught.value.line, caught.value.column) == (4, "ts_ms")
    assert "between the times of 300-second bars" in caught.value.problem


def test_a_long_file_is_read_as_far_as_it_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "BTC.csv"
    rows = [line(index) for index in range(2_000)]
    path.write_text("\n".join((HEADER, *rows, "not a candle")), encoding="utf-8")
    assert len(read_candles(path, bars=7).bars) == 7
    with pytest.raises(CandleFileError, match="line 2002"):
        read_candles(path)


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("joint_5m_BTC_20250901_20250914.csv.gz", (4_032, 300, 1, "krw_usdt")),
        ("joint_5m_ETH_20250901_20250907.csv.gz", (2_016, 300, 1, "krw_usdt")),
        ("joint_5m_XRP_20250901_20250907.csv.gz", (2_016, 300, 1, "krw_usdt")),
        ("joint_1m_blocks_BTC_202505.csv.gz", (7_928, 60, 40, "krw_usdt")),
        ("joint_1h_BTC_20240215_20240430.csv.gz", (1_821, 3_600, 1, "usdkrw")),
    ],
)
def test_the_real_files(shared_data: Path, name: str, shape: tuple[int, int, int, str]) -> None:
    bars = read_bars(shared_data / name)
    blocks = sum(last for _, last in with_last(bars))
    assert (len(bars), bars[0].interval_s, blocks, bars[0].fx_source) == shape
    assert len({(bar.interval_s, bar.fx_source) for bar in bars}) == 1
    assert read_candles(shared_data / name).symbol in {"BTC", "ETH", "XRP"}
