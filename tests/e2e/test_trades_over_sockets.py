"""What goes wrong around a pair trade, over real sockets and in real processes.

Judged from the exchanges' own state: nothing placed twice, and hedged or flat at the end.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.desk import Desk, open_desk, wait_until

ORDER = {"is_order": True}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path) as running:
        yield running


def enter(desk: Desk, name: str = "in-1") -> None:
    assert desk.send(name, "ENTER", notional_krw="1500000").returncode == 0


def leave(desk: Desk, name: str = "out-1") -> None:
    assert desk.send(name, "EXIT").returncode == 0
    desk.wait_settled(name)
    desk.assert_flat()


def test_a_signal_becomes_a_hedged_pair_and_an_exit_flattens_it(desk: Desk) -> None:
    enter(desk)
    desk.wait_settled("in-1")
    desk.assert_hedged()
    leave(desk)
    desk.assert_nothing_twice()
    assert len([name for name, q in desk.executed().items() if sum(q) > 0]) == 4


@pytest.mark.parametrize("venue", ["upbit", "binance"])
def test_one_leg_refused_is_taken_back(desk: Desk, venue: str) -> None:
    desk.arm(venue=venue, kind="refuse_order")
    enter(desk)
    desk.wait_settled("in-1")
    assert desk.struck() == 1
    desk.assert_flat()
    desk.assert_nothing_twice()


@pytest.mark.parametrize("venue", ["upbit", "binance"])
def test_a_leg_lost_in_a_time_out_though_executed_is_found(desk: Desk, venue: str) -> None:
    desk.arm(venue=venue, kind="drop_response", match=ORDER)
    desk.arm(venue=venue, kind="lose_message", count=20)
    enter(desk)
    desk.wait_settled("in-1")
    assert desk.struck() >= 2
    desk.assert_hedged()
    desk.assert_nothing_twice()
    leave(desk)


@pytest.mark.parametrize("venue", ["upbit", "binance"])
def test_a_leg_lost_in_a_time_out_and_never_executed(desk: Desk, venue: str) -> None:
    desk.arm(venue=venue, kind="drop_request", match=ORDER)
    enter(desk)
    desk.wait_settled("in-1")
    assert desk.struck() == 1
    coins, short = desk.holdings()
    if short > 0:
        desk.assert_hedged()
        leave(desk)
    else:
        desk.assert_flat()
    assert coins >= 0
    desk.assert_nothing_twice()


def test_a_duplicate_signal_trades_once(desk: Desk) -> None:
    enter(desk)
    desk.wait_settled("in-1")
    before = desk.executed()
    repeated = desk.send("in-1", "ENTER", notional_krw="1500000")
    assert repeated.returncode != 0
    leave(desk)
    entered = {name: q for name, q in desk.executed().items() if name in before}
    assert entered == before
    desk.assert_nothing_twice()


def test_the_same_text_sent_twice_trades_once(desk: Desk) -> None:
    text = (
        '{"id":"twice","strategy":"kimchi","action":"ENTER","symbol":"BTC",'
        f'"created_at":"{time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}",'
        '"notional_krw":"1500000"}'
    )
    first, second = desk.send_text(text), desk.send_text(text)
    assert first.returncode == 0
    assert "duplicate" in second.stdout
    desk.wait_settled("twice")
    assert sum(len(q) for q in desk.executed().values()) == 2


def test_killed_between_the_two_fills_and_restarted(desk: Desk) -> None:
    # The hedge order is on its way for two seconds; the engine dies after the spot fill.
    desk.arm(venue="binance", kind="delay_request", match=ORDER, delay_s=2.0)
    enter(desk)
    wait_until("the spot leg is filled", lambda: desk.holdings()[0] > 0)
    assert desk.holdings()[1] == 0
    desk.kill_engine()
    desk.start_engine()
    desk.wait_settled("in-1")
    desk.assert_nothing_twice()
    if desk.holdings()[1] > 0:
        desk.assert_hedged()
        leave(desk)
    else:
        desk.assert_flat()
    desk.assert_nothing_twice()


def test_killed_after_one_fill_when_the_other_order_never_arrived(desk: Desk) -> None:
    desk.arm(venue="binance", kind="drop_request", match=ORDER)
    enter(desk)
    wait_until("the spot leg is filled", lambda: desk.holdings()[0] > 0)
    desk.kill_engine()
    desk.start_engine()
    desk.wait_settled("in-1")
    desk.assert_nothing_twice()
    if desk.holdings()[1] > 0:
        desk.assert_hedged()
    else:
        desk.assert_flat()


@pytest.mark.parametrize("venue", ["upbit", "binance"])
def test_a_stream_cut_during_the_fill(desk: Desk, venue: str) -> None:
    desk.arm(venue=venue, kind="cut_stream", when="next_order", refuse_s=1.0)
    enter(desk)
    desk.wait_settled("in-1")
    assert desk.struck() >= 1
    desk.assert_hedged()
    desk.assert_nothing_twice()
    leave(desk)
