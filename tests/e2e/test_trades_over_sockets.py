"""What goes wrong around a pair trade, over real sockets and in real processes.

Judged from the exchanges' own state: nothing placed twice, and hedged or flat at the end.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.fixture import SocketFixture, open_fixture, wait_until

ORDER = {"is_order": True}
ORDER_NEWS = {"upbit": "myOrder", "binance": "ORDER_TRADE_UPDATE"}


@pytest.fixture
def fixture(tmp_path: Path) -> Iterator[SocketFixture]:
    with open_fixture(tmp_path) as running:
        yield running


def enter(fixture: SocketFixture, name: str = "in-1") -> None:
    assert fixture.send(name, "ENTER", notional_krw="1500000").returncode == 0


def leave(fixture: SocketFixture, name: str = "out-1") -> None:
    assert fixture.send(name, "EXIT").returncode == 0
    fixture.wait_settled(name)
    fixture.assert_flat()


def test_a_signal_becomes_a_hedged_pair_and_an_exit_flattens_it(fixture: SocketFixture) -> None:
    enter(fixture)
    fixture.wait_settled("in-1")
    fixture.assert_hedged()
    leave(fixture)
    fixture.assert_nothing_twice()
    assert len([name for name, q in fixture.executed().items() if sum(q) > 0]) == 4


@pytest.mark.parametrize("venue", ["upbit", "binance"])
def test_one_leg_refused_is_taken_back(fixture: SocketFixture, venue: str) -> None:
    fixture.arm(venue=venue, kind="refuse_order")
    enter(fixture)
    fixture.wait_settled("in-1")
    assert fixture.struck() == 1
    fixture.assert_flat()
    fixture.assert_nothing_twice()


@pytest.mark.parametrize("venue", ["upbit", "binance"])
def test_a_leg_lost_in_a_time_out_though_executed_is_found(
    fixture: SocketFixture, venue: str
) -> None:
    fixture.arm(venue=venue, kind="drop_response", match=ORDER)
    news = {"contains": ORDER_NEWS[venue]}  # the books go on: an entry wants young ones
    fixture.arm(venue=venue, kind="lose_message", count=20, match=news)
    enter(fixture)
    fixture.wait_settled("in-1")
    assert fixture.struck() >= 2
    fixture.assert_hedged()
    fixture.assert_nothing_twice()
    leave(fixture)


@pytest.mark.parametrize("venue", ["upbit", "binance"])
def test_a_leg_lost_in_a_time_out_and_never_executed(fixture: SocketFixture, venue: str) -> None:
    fixture.arm(venue=venue, kind="drop_request", match=ORDER)
    enter(fixture)
    fixture.wait_settled("in-1")
    assert fixture.struck() == 1
    coins, short = fixture.holdings()
    if short > 0:
        fixture.assert_hedged()
        leave(fixture)
    else:
        fixture.assert_flat()
    assert coins >= 0
    fixture.assert_nothing_twice()


def test_a_duplicate_signal_trades_once(fixture: SocketFixture) -> None:
    enter(fixture)
    fixture.wait_settled("in-1")
    before = fixture.executed()
    repeated = fixture.send("in-1", "ENTER", notional_krw="1500000")
    assert repeated.returncode != 0
    leave(fixture)
    entered = {name: q for name, q in fixture.executed().items() if name in before}
    assert entered == before
    fixture.assert_nothing_twice()


def test_the_same_text_sent_twice_trades_once(fixture: SocketFixture) -> None:
    text = (
        '{"id":"twice","strategy":"kimchi","action":"ENTER","symbol":"BTC",'
        f'"created_at":"{time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}",'
        '"notional_krw":"1500000"}'
    )
    first, second = fixture.send_text(text), fixture.send_text(text)
    assert first.returncode == 0
    assert "duplicate" in second.stdout
    fixture.wait_settled("twice")
    assert sum(len(q) for q in fixture.executed().values()) == 2


def test_killed_between_the_two_fills_and_restarted(fixture: SocketFixture) -> None:
    # The hedge order is on its way for two seconds; the engine dies after the spot fill.
    fixture.arm(venue="binance", kind="delay_request", match=ORDER, delay_s=2.0)
    enter(fixture)
    wait_until("the spot leg is filled", lambda: fixture.holdings()[0] > 0)
    assert fixture.holdings()[1] == 0
    fixture.kill_engine()
    fixture.start_engine()
    fixture.wait_settled("in-1")
    fixture.assert_nothing_twice()
    if fixture.holdings()[1] > 0:
        fixture.assert_hedged()
        leave(fixture)
    else:
        fixture.assert_flat()
    fixture.assert_nothing_twice()


def test_killed_after_one_fill_when_the_other_order_never_arrived(fixture: SocketFixture) -> None:
    fixture.arm(venue="binance", kind="drop_request", match=ORDER)
    enter(fixture)
    wait_until("the spot leg is filled", lambda: fixture.holdings()[0] > 0)
    fixture.kill_engine()
    fixture.start_engine()
    fixture.wait_settled("in-1")
    fixture.assert_nothing_twice()
    if fixture.holdings()[1] > 0:
        fixture.assert_hedged()
    else:
        fixture.assert_flat()


@pytest.mark.parametrize("venue", ["upbit", "binance"])
def test_a_stream_cut_during_the_fill(fixture: SocketFixture, venue: str) -> None:
    fixture.arm(venue=venue, kind="cut_stream", when="next_order", refuse_s=1.0)
    enter(fixture)
    fixture.wait_settled("in-1")
    assert fixture.struck() >= 1
    fixture.assert_hedged()
    fixture.assert_nothing_twice()
    leave(fixture)
