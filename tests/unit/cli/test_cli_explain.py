"""``explain`` tells every decision and fact of one signal, in order, with figures."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.cli.cli_world import (
    CREATED,
    LOST,
    SPOT,
    TRADE,
    after,
    append,
    as_json,
    claim_of,
    eventful_trade,
    opened,
    refused_of,
    signal_of,
    story_db,
    tporder,
)
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.cli.history.event_text import Teller
from trading_platform_order.domain.account import account_events as ae
from trading_platform_order.domain.order_identity.client_order_id import trade_key
from trading_platform_order.domain.signal import Action, Signal
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.storage.base import Entry
from trading_platform_order.storage.sqlite.store import SqliteStore

STORY = """\
2026-11-22 09:00:00.000 UTC  +0.000 ms
  signal created by kimp
  {"schema_version": 1, "id": "sig-1", "strategy": "kimp", "action": "ENTER",
    "symbol": "BTC", "created_at": "2026-11-22T09:00:00Z", "quantity_base":
    "0.01"}
2026-11-22 09:00:00.002 UTC  +2.000 ms
  pair trade r2joytsdej4k75ngykre opened: ENTER KRW-BTC / BTCUSDT, from spot 0
    / short 0 BTC to spot 0.01 / short 0.01 BTC
  decided at Upbit 150,000,000 KRW, Binance 108,000 USDT, 1,390 KRW per USDT
    (upbit:KRW-USDT)
  order planned: spot buy 0.01 BTC on Upbit, at market for 1,500,000 KRW (open
    1) [tp-r2joytsdej4k75ngykre-so1]
  order planned: hedge sell 0.01 BTC on Binance, at market (open 1)
    [tp-r2joytsdej4k75ngykre-ho1]
2026-11-22 09:00:00.006 UTC  +6.000 ms
  accepted: spot buy on Upbit [tp-r2joytsdej4k75ngykre-so1] as u-1, 0 of 0.01
    BTC filled so far
2026-11-22 09:00:00.007 UTC  +7.500 ms
  fill: spot buy on Upbit [tp-r2joytsdej4k75ngykre-so1]: 0.01 BTC @
    150,010,000, fee 750.05 KRW (trade t-1, by the exchange's clock
    09:00:00.000)
2026-11-22 09:00:00.008 UTC  +8.000 ms
  ended: spot buy on Upbit [tp-r2joytsdej4k75ngykre-so1]: 0.01 of 0.01 BTC
    filled
2026-11-22 09:00:10.004 UTC  +10,004.000 ms
  unanswered: hedge sell on Binance [tp-r2joytsdej4k75ngykre-ho1]: no answer
    in 10 s; outcome unknown, being looked up
2026-11-22 09:00:12.000 UTC  +12,000.000 ms
  proven absent: hedge sell on Binance [tp-r2joytsdej4k75ngykre-ho1]: 3 reads,
    position explained
2026-11-22 09:00:12.001 UTC  +12,001.000 ms
  correction decided: legs differ by 0.01 BTC
  order planned: hedge sell 0.01 BTC on Binance, at market (complete 1)
    [tp-r2joytsdej4k75ngykre-hm1]
2026-11-22 09:00:12.009 UTC  +12,009.000 ms
  fill: hedge sell on Binance [tp-r2joytsdej4k75ngykre-hm1]: 0.01 BTC @
    107,990, fee 0.54 USDT (trade t-2, by the exchange's clock 09:00:00.000)
  ended: hedge sell on Binance [tp-r2joytsdej4k75ngykre-hm1]: 0.01 of 0.01 BTC
    filled
  settled HEDGED: spot 0.01 / short 0.01; naked 12001 ms between the answers
    (at most 1,500,000 KRW), signal to wire 312 µs
"""


def test_a_whole_story(tmp_path: Path) -> None:
    result = tporder("explain", "sig-1", "--db", story_db(tmp_path))

    assert result.exit_code == ExitCode.OK
    assert result.stdout == STORY


def test_for_programs_with_the_journals_own_bodies(tmp_path: Path) -> None:
    story = as_json(tporder("explain", "sig-1", "--db", story_db(tmp_path), "--json"))

    assert story["trade_id"] == TRADE
    assert story["signal"]["quantity_base"] == "0.01"
    assert len(story["steps"]) == len(eventful_trade())
    fill = story["steps"][2]
    assert (fill["kind"], fill["offset_ms"], fill["seq"]) == ("fill_seen", 7.5, 4)
    assert fill["body"]["fill"]["fee"] == "750.05"


def test_the_reason_of_an_exit_is_told(tmp_path: Path) -> None:
    signal = replace(signal_of("out", Action.EXIT), metadata={"exit_reason": "Target"})
    db = tmp_path / "t.db"
    asyncio.run(_open(db, signal))

    told = tporder("explain", "out", "--db", db)
    korean = tporder("explain", "out", "--db", db, env={"TPORDER_LANG": "ko"})

    assert "  signal created by kimp\n  its reason: Target\n" in told.stdout
    assert "신호 사유: Target" in korean.stdout
    assert as_json(tporder("explain", "out", "--db", db, "--json"))["reason"] == "Target"


async def _open(db: Path, signal: Signal) -> None:
    store = SqliteStore(db, build="b", durability="normal")
    trade_id = trade_key(strategy=signal.strategy, signal_id=signal.id, symbol=signal.symbol)
    await append(store, opened(signal, (), CREATED), trade_id, claim_of(signal))
    await store.close()


def test_a_refused_signal_with_its_figures(tmp_path: Path) -> None:
    result = tporder("explain", "sig-2", "--db", story_db(tmp_path))

    assert result.exit_code == ExitCode.OK
    assert result.stdout.splitlines() == [
        "2026-11-22 09:00:20.000 UTC  ?",
        "  refused: order_cap: one order of 2,000,000 KRW",
        "  order_krw 2000000, order_krw_max 1000000",
    ]


def test_an_unknown_signal_is_not_found(tmp_path: Path) -> None:
    result = tporder("explain", "sig-9", "--db", story_db(tmp_path))

    assert result.exit_code == ExitCode.NOT_FOUND
    assert "no signal 'sig-9' in the journal of account main" in result.stderr


async def _write_claimed_and_newer(db: Path) -> None:
    store = SqliteStore(db, build="b", durability="normal")
    signal = signal_of("sig-3", Action.EXIT)
    await append(store, ae.SignalClaimed(signal=signal, at=after(1)), claim=claim_of(signal))
    await append(store, refused_of("sig-3", "signal_conflict", "other content"))
    await append(store, refused_of("other", "expired", "too old"))
    newer = Entry(trade_id="", kind="signal_claimed", version=9, body='{"signal":{"id":"sig-3"}}')
    await store.append([newer], at_us=0)
    await store.close()


def test_what_a_newer_program_wrote_hides_nothing(tmp_path: Path) -> None:
    asyncio.run(_write_claimed_and_newer(tmp_path / "t.db"))

    lines = tporder("explain", "sig-3", "--db", tmp_path / "t.db").stdout.splitlines()

    assert lines[4].endswith("+1.000 ms")
    assert lines[5] == "  claimed: the engine will execute it once; it waits for its turn"
    assert lines[7] == "  refused: signal_conflict: other content"
    assert lines[-1] == '  signal_claimed (unknown here): {"signal":{"id":"sig-3"}}'


async def _write_claimed_late(db: Path) -> None:
    store = SqliteStore(db, build="b", durability="normal")
    signal = signal_of("sig-4", Action.EXIT)
    late_ms = (333 * 24 + 1) * 3_600_000
    await append(store, ae.SignalClaimed(signal=signal, at=after(late_ms)), claim=claim_of(signal))
    refused = replace(refused_of("sig-4", "expired", "too old"), at=after(late_ms + 12.5))
    await append(store, refused)
    await store.close()


def test_times_of_a_signal_that_was_old_when_it_came_count_from_there(tmp_path: Path) -> None:
    asyncio.run(_write_claimed_late(tmp_path / "t.db"))

    lines = tporder("explain", "sig-4", "--db", tmp_path / "t.db").stdout.splitlines()

    heads = [line for line in lines if not line.startswith(" ")]
    assert [head.split("UTC")[1].strip() for head in heads] == [
        "+0.000 ms",
        "+0.000 ms",
        "+12.500 ms",
    ]
    assert "  the engine took it 333 d 1 h after that; the times below count from there" in lines
    told = as_json(tporder("explain", "sig-4", "--db", tmp_path / "t.db", "--json"))
    assert told["steps"][0]["offset_ms"] == (333 * 24 + 1) * 3_600_000.0, "for programs: created_at"


RARE: list[tuple[te.TradeEvent, str]] = [
    (
        te.OrderRefused(
            client_order_id=LOST.client_order_id,
            code="-2019",
            message="margin is insufficient",
            retryable=False,
            retry_after_s=None,
            at=CREATED,
        ),
        f"refused: {LOST.client_order_id}: -2019: margin is insufficient (final)",
    ),
    (
        te.CancelSent(client_order_id="x", reason="open after 3 s", at=CREATED),
        "cancel sent: x: open after 3 s",
    ),
    (
        te.OrderEnded(
            client_order_id="x", exchange_order_id="1", executed_quantity=SPOT.quantity, at=CREATED
        ),
        "ended: x: 0.01 filled",
    ),
    (
        te.CompletionStopped(reason="EXIT e arrived", at=CREATED),
        "completion stopped: EXIT e arrived",
    ),
    (te.OperatorCalled(reason="8 orders", at=CREATED), "an operator was called: 8 orders"),
    (te.TradeHalted(reason="108 orders", at=CREATED), "HALTED, an operator decides: 108 orders"),
    (
        te.HedgePositionRead(short_before=SPOT.quantity, short_now=SPOT.quantity * 0, at=CREATED),
        "position read: the short is 0, the ledger held 0.01: closed by somebody else",
    ),
    (
        te.HedgePositionRead(short_before=SPOT.quantity, short_now=SPOT.quantity, at=CREATED),
        "position read: the short is 0.01, as in the ledger",
    ),
    (
        te.CoinsRead(coins_before=SPOT.quantity, coins_now=SPOT.quantity * 0, at=CREATED),
        "balance read: 0 coins are ours, the ledger held 0.01: sold or moved by somebody else",
    ),
    (
        te.CoinsRead(coins_before=SPOT.quantity, coins_now=SPOT.quantity, at=CREATED),
        "balance read: 0.01 coins are ours, as in the ledger",
    ),
]


@pytest.mark.parametrize(("event", "text"), RARE)
def test_rare_events_have_words_too(event: te.TradeEvent, text: str) -> None:
    assert Teller().tell(event) == [text]
