import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strategies.kimchi_premium import BarPrices, KimchiPremium, Parameters, State, decide
from trading_platform_order.market.candles import Bar, with_last
from trading_platform_order.market.files.candle_file import read_candles
from trading_platform_order.market.generated import generate_bars

START = datetime(2026, 1, 5, 0, 5, tzinfo=UTC)
SMALL = Parameters(symbol="ETH", band=Decimal("0.002"), window_bars=5, bars_min=3)

Signal = dict[str, object]


def prices(ratios: Iterable[str], *, block: int = 0, first: int = 0) -> Iterator[BarPrices]:
    for index, ratio in enumerate(ratios, start=first):
        yield BarPrices(
            at=START + timedelta(minutes=5 * index),
            spot_krw=Decimal(ratio) * 2,
            hedge_usdt=Decimal(2),
            block=block,
        )


def run(fed: Iterable[BarPrices], parameters: Parameters = SMALL) -> list[Signal]:
    strategy = KimchiPremium(parameters)
    return [signal for price in fed for signal in strategy.on_bar(price)]


def actions(signals: Iterable[Signal]) -> list[tuple[object, int]]:
    """What was signalled, and at which bar."""
    return [
        (
            signal["action"],
            int((datetime.fromisoformat(str(signal["created_at"])) - START).total_seconds()) // 300,
        )
        for signal in signals
    ]


def metadata(signal: Signal) -> dict[str, object]:
    value = signal["metadata"]
    assert isinstance(value, dict)
    return value


# Of a range 1000 to 1002 the middle is 1001; the thresholds are 1001 -+ 1.001.
HIGH, LOW, NEARLY_LOW = "1002.002", "999.999", "1000.001"


def test_enters_low_and_exits_high() -> None:
    assert actions(run(prices([HIGH, HIGH, LOW, LOW, "1001", HIGH, LOW]))) == [
        ("ENTER", 2),
        ("EXIT", 5),
        ("ENTER", 6),
    ]


def test_the_threshold_itself_counts_and_a_hair_less_does_not() -> None:
    parameters = replace(SMALL, band=Decimal("0.5"))
    # range 60 to 100: middle 80, thresholds 60 and 100
    assert actions(run(prices(["100", "90", "60", "90", "100"]), parameters)) == [
        ("ENTER", 2),
        ("EXIT", 4),
    ]
    assert run(prices(["100", "90", "60.01", "90", "99.99"]), parameters) == []


def test_a_quiet_market_gives_nothing() -> None:
    assert run(prices([HIGH, "1001", NEARLY_LOW] * 20)) == []


def test_no_signal_before_there_is_a_history() -> None:
    assert run(prices([HIGH, LOW])) == []
    assert actions(run(prices([HIGH, LOW, LOW]))) == [("ENTER", 2)]


def test_only_the_window_counts() -> None:
    full = replace(SMALL, bars_min=SMALL.window_bars)
    assert actions(run(prices(["1003", "1001", "1001", "1001", "1000"]), full)) == [("ENTER", 4)]
    assert run(prices(["1003", "1001", "1001", "1001", "1001", "1000"]), full) == []


def test_the_last_bar_forces_an_exit_and_allows_no_enter() -> None:
    *body, last = prices([HIGH, HIGH, LOW, LOW])
    signals = run([*body, replace(last, is_last=True)])
    assert actions(signals) == [("ENTER", 2), ("EXIT", 3)]
    assert metadata(signals[1])["forced"] is True

    *body, last = prices([HIGH, HIGH, LOW])
    assert run([*body, replace(last, is_last=True)]) == []


def test_an_exit_the_rule_wanted_is_not_forced() -> None:
    signals = run(prices([HIGH, HIGH, LOW, HIGH]))
    assert metadata(signals[1])["forced"] is False
    assert metadata(signals[1])["entry_ratio"] == "999.999000"


def test_a_new_block_begins_with_an_empty_history() -> None:
    *body, last = prices([HIGH, HIGH, HIGH])
    first_block = [*body, replace(last, is_last=True)]
    assert run([*first_block, *prices([LOW, LOW], block=1, first=3)]) == []
    assert actions(run([*first_block, *prices([HIGH, LOW, LOW], block=1, first=3)])) == [
        ("ENTER", 5)
    ]


def test_a_block_that_ends_unannounced_still_ends_the_trade() -> None:
    signals = run([*prices([HIGH, HIGH, LOW]), *prices([LOW], block=1, first=3)])
    assert actions(signals) == [("ENTER", 2), ("EXIT", 3)]
    assert metadata(signals[1])["forced"] is True


def test_a_signal_is_a_plain_value_of_the_schema() -> None:
    seoul = timezone(timedelta(hours=9))
    fed = [replace(price, at=price.at.astimezone(seoul)) for price in prices([HIGH, HIGH, LOW])]
    (signal,) = run(fed)
    assert json.loads(json.dumps(signal)) == {
        "id": "kimchi-ETH-20260105T001500Z-enter",
        "strategy": "kimchi_premium",
        "action": "ENTER",
        "symbol": "ETH",
        "created_at": "2026-01-05T00:15:00+00:00",
        "spot_price_krw": "1999.998",
        "hedge_price_usdt": "2",
        "metadata": {"ratio": "999.999000", "middle": "1001.000500"},
        "schema_version": 1,
    }


def test_the_state_is_a_value_and_a_run_can_go_on_from_it() -> None:
    fed = list(prices([HIGH, HIGH, LOW, "1001", LOW, HIGH, LOW, HIGH]))
    whole = run(fed)
    first = KimchiPremium(SMALL)
    head = [signal for price in fed[:4] for signal in first.on_bar(price)]
    second = KimchiPremium(SMALL, first.state)
    tail = [signal for price in fed[4:] for signal in second.on_bar(price)]
    assert head + tail == whole
    assert decide(SMALL, first.state, fed[4]) == decide(SMALL, first.state, fed[4])


def test_bars_out_of_order_are_refused() -> None:
    price = next(prices([HIGH]))
    state, _ = decide(SMALL, State(), price)
    with pytest.raises(ValueError, match="time order"):
        decide(SMALL, state, price)


@settings(deadline=None)
@given(
    blocks=st.lists(
        st.lists(st.integers(900, 1_100), min_size=1, max_size=30), min_size=1, max_size=4
    )
)
def test_on_any_market_trips_alternate_and_end_with_their_block(blocks: list[list[int]]) -> None:
    strategy = KimchiPremium(SMALL)
    signals: list[Signal] = []
    index = 0
    for number, ratios in enumerate(blocks):
        *body, last = prices([str(ratio) for ratio in ratios], block=number, first=index)
        for price in (*body, replace(last, is_last=True)):
            made = strategy.on_bar(price)
            assert not (price.is_last and [s for s in made if s["action"] == "ENTER"])
            signals += made
        index += len(ratios)
        assert strategy.state.entry_ratio is None
    assert [s["action"] for s in signals] == ["ENTER", "EXIT"] * (len(signals) // 2)
    assert len({str(s["id"]) for s in signals}) == len(signals)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"band": Decimal(0)}, "band"),
        ({"band": Decimal(1)}, "band"),
        ({"bars_min": 1}, "bars_min"),
        ({"bars_min": 6}, "bars_min"),
    ],
)
def test_parameters_that_cannot_work_are_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        replace(SMALL, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [
        {"at": datetime(2026, 1, 1)},  # noqa: DTZ001 - naive on purpose
        {"spot_krw": Decimal(0)},
        {"hedge_usdt": Decimal(-1)},
    ],
)
def test_prices_that_cannot_be_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="must"):
        replace(next(prices([HIGH])), **changes)  # type: ignore[arg-type]


# -- on whole markets, with the default parameters ----------------------------------------------


def bar_prices(bars: list[Bar]) -> Iterator[BarPrices]:
    for bar, is_last in with_last(bars):
        yield BarPrices(
            at=bar.closes_at,
            spot_krw=bar.up_close,
            hedge_usdt=bar.bn_close,
            block=bar.block,
            is_last=is_last,
        )


def signals_of(bars: list[Bar], symbol: str) -> list[Signal]:
    return run(bar_prices(bars), Parameters(symbol=symbol))


def trips(signals: list[Signal]) -> tuple[int, int]:
    """Round trips that the rule ended, and those that the end of the data or a block ended."""
    assert [signal["action"] for signal in signals] == ["ENTER", "EXIT"] * (len(signals) // 2)
    forced = sum(metadata(signal)["forced"] is True for signal in signals[1::2])
    return len(signals) // 2 - forced, forced


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("joint_5m_BTC_20250901_20250914.csv.gz", (11, 0)),
        ("joint_5m_ETH_20250901_20250907.csv.gz", (8, 1)),
        ("joint_5m_XRP_20250901_20250907.csv.gz", (7, 1)),
        ("joint_1m_blocks_BTC_202505.csv.gz", (9, 21)),
    ],
)
def test_round_trips_on_the_real_files(
    shared_data: Path, name: str, expected: tuple[int, int]
) -> None:
    candles = read_candles(shared_data / name)
    signals = signals_of(candles.bars, candles.symbol)
    assert trips(signals) == expected
    assert len({str(signal["id"]) for signal in signals}) == len(signals)


@pytest.mark.parametrize("seed", range(5))
def test_round_trips_on_generated_markets(seed: int) -> None:
    made, forced = trips(signals_of(generate_bars(seed=seed, bars=2_016), "BTC"))
    assert 3 <= made <= 12
    assert forced <= 1


def test_steps_of_the_daily_rate_change_nothing() -> None:
    bars = generate_bars(seed=1, bars=1_500)
    stepped = [replace(bar, krw_usdt=bar.krw_usdt * (1 + bar.at.day % 3)) for bar in bars]
    assert signals_of(stepped, "BTC") == signals_of(bars, "BTC") != []
