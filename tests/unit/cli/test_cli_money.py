"""Money where a trader looks: figures that follow from the journal, and none without a price."""

import asyncio
import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import reduce
from pathlib import Path

from rich.cells import cell_len

from tests.unit.cli.cli_world import (
    AGAIN,
    CREATED,
    SPOT,
    as_json,
    clean_env,
    eventful_trade,
    fill_of,
    opened,
    signal_of,
    story_db,
    tell_live,
    tporder,
)
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.domain.account.profit.pair_money import realised_by
from trading_platform_order.domain.alert import Alert, AlertKind
from trading_platform_order.domain.order import OrderSide
from trading_platform_order.domain.signal import Action
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.domain.trade.pair_trade import apply
from trading_platform_order.observability.usd_krw import noted, usd_krw_path, write_usd_krw
from trading_platform_order.storage.sqlite.store import SqliteStore
from trading_platform_order.transport.clock import epoch_us

WIDTH = 80


def fits(text: str) -> bool:
    return all(cell_len(line) <= WIDTH for line in text.splitlines())


def test_a_position_is_valued_at_what_the_engine_told_last(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    tell_live(db)

    (row,) = as_json(tporder("positions", "--db", db, "--json"))

    profit = {name: Decimal(text) for name, text in row["profit_krw"].items()}
    # By hand, as domain/account/profit/pnl.py reckons: 0.01 coins, U0 150.0M, B0 108000, r 1390.
    assert profit["premium"] == Decimal("0.01") * (
        (151_000_000 - 108_000 * 1_400) - (150_000_000 - 108_000 * 1_390)
    )
    assert profit["fx"] == Decimal("0.01") * 107_990 * 10
    assert profit["slippage"] == -Decimal("0.01") * (10_000 + 10 * 1_390)
    assert profit["fees"] == -(Decimal("750.05") + Decimal("0.54") * 1_390)
    assert profit["total"] == sum(profit[part] for part in profit if part != "total")
    assert Decimal(row["value_krw"]) == Decimal("0.01") * 108_000 * 1_400
    assert Decimal(row["margin_usdt"]) == Decimal(360)
    assert row["premium_usd_krw"] is None
    assert row["unknown"] is None


def test_without_a_fresh_price_nothing_is_valued(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    never = tporder("positions", "--db", db).stdout
    tell_live(db, age_s=3_600)

    (row,) = as_json(tporder("positions", "--db", db, "--json"))
    old = tporder("positions", "--db", db).stdout

    assert row["profit_krw"] is row["value_krw"] is row["premium_usdt"] is None
    assert row["unknown"] == "no price: the engine has told none"
    assert "not known: no price" in never
    assert "its last figures are 1 h 0 min old" in old


def test_positions_fit_the_terminal(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    tell_live(db)

    text = tporder("positions", "--db", db).stdout

    assert "premium  entry -0.06 %, now -0.13 % against USDT" in text
    assert "against USD/KRW: no such rate is known" in text
    assert fits(text), text


def test_positions_tell_the_premium_against_the_bank_rate_too(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    tell_live(db)
    now = datetime.now(UTC)
    rates = noted(noted(None, Decimal(1_350), CREATED, CREATED), Decimal(1_380), now, now)
    write_usd_krw(usd_krw_path(db), rates)

    (row,) = as_json(tporder("positions", "--db", db, "--json"))
    text = tporder("positions", "--db", db).stdout

    entry = Decimal(150_010_000) / (107_990 * 1_350) - 1
    assert round(Decimal(row["entry_premium_usd_krw"]), 12) == round(entry, 12)
    current = Decimal(151_000_000) / (108_000 * 1_380) - 1
    assert round(Decimal(row["premium_usd_krw"]), 12) == round(current, 12)
    assert row["krw_per_usd"] == "1380"
    assert datetime.fromisoformat(row["krw_per_usd_at"]) == now
    assert "entry +2.90 %, now +1.32 % against USD/KRW" in text
    assert fits(text), text


def test_a_bank_rate_of_yesterday_is_none_of_now(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    tell_live(db)
    write_usd_krw(usd_krw_path(db), noted(None, Decimal(1_350), CREATED, CREATED))

    (row,) = as_json(tporder("positions", "--db", db, "--json"))

    assert row["premium_usd_krw"] is row["krw_per_usd"] is row["krw_per_usd_at"] is None
    assert row["entry_premium_usd_krw"] is not None


def test_status_begins_with_what_the_first_ten_seconds_need(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    tell_live(
        db,
        naked_krw=Decimal(1_500_000),
        naked_s=12.0,
        exit_cost_krw=Decimal(15_700),
        liquidation_rise=Decimal("0.2345"),
        usdt_to_move=Decimal("812.5"),
        day_pnl_krw=Decimal(-1_500),
        day_loss_krw_max=Decimal(1_200_000),
    )

    text = tporder("status", "--db", db).stdout
    now = as_json(tporder("status", "--db", db, "--json"))["now"]

    begins = text.splitlines()[:7]
    assert begins[0] == "account    main, paper mode"
    assert begins[1].startswith("state      ARMED since ")
    assert begins[2:] == [
        "naked      1,500,000 KRW for 12 s under way",
        "exit now   costs 15,700 KRW (spreads, depth and fees of both legs)",
        "margin     liquidation after a rise of +23.45 %; move 812.50 USDT to Binance",
        "today      -1,500 KRW trading profit since 00:00 KST; limit -1,200,000 KRW",
        "open       0 waiting closes, 0 unknown orders, 0 unacknowledged alarms",
    ]
    assert (now["state"], now["exit_cost_krw"], now["naked_s"]) == ("armed", "15700", 12.0)
    assert fits(text), text


def test_status_says_what_it_does_not_know(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    tell_live(db, age_s=120, exit_cost_krw=Decimal(1), day_pnl_krw=Decimal(1))
    tporder("stop", "--db", db, "--reason", "drill")

    text = tporder("status", "--db", db).stdout
    now = as_json(tporder("status", "--db", db, "--json"))["now"]

    assert "state      NOT RUNNING since " in text
    assert ": the emergency stop is set: drill" in " ".join(text.split())
    assert "exit now   not known: the engine's last figures are 2 min old" in text
    assert now["exit_cost_krw"] is now["day_pnl_krw"] is now["naked_krw"] is None
    assert fits(text), text


def test_why_an_engine_is_stopped_or_waits(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    tell_live(db, waits_for="the private stream of upbit")
    waits = tporder("status", "--db", db).stdout
    tporder("stop", "--db", db, "--reason", "drill")
    tell_live(db)

    assert "WAITING since" in waits
    assert ": for the private stream of" in waits
    stopped = as_json(tporder("status", "--db", db, "--json"))["now"]
    assert (stopped["state"], stopped["why"]) == ("stopped", "drill")


def test_a_trade_tells_its_prices_and_what_it_made_final(tmp_path: Path) -> None:
    db = story_db(tmp_path)

    (row,) = as_json(tporder("trades", "--db", db, "--json"))
    text = tporder("trades", "--db", db).stdout

    assert (row["outcome"], row["naked_ms"]) == ("hedged", 12_001)
    assert (row["spot_price_krw"], row["hedge_price_usdt"]) == ("150010000", "107990")
    assert row["premium_out"] is None
    assert round(Decimal(row["premium_in"]), 6) == Decimal("-0.000640")
    fees, slippage = -(Decimal("750.05") + Decimal("0.54") * 1_390), Decimal(-239)
    assert Decimal(row["profit_krw"]["total"]) == fees + slippage
    assert "premium  in -0.06 %; naked 12,001 ms" in text
    assert fits(text), text


def test_an_exit_makes_premium_and_fx_final() -> None:
    signal = signal_of("sig-9", Action.EXIT)
    entry = reduce(apply, eventful_trade(), None)
    assert entry is not None
    sold = replace(SPOT, client_order_id="s", side=OrderSide.SELL)
    bought = replace(AGAIN, client_order_id="b", side=OrderSide.BUY)
    begun = opened(replace(signal, metadata={"reason": "premium closed"}), (sold, bought), CREATED)
    moved = replace(begun.decision, spot_mid_krw=Decimal(151_000_000), krw_per_usdt=Decimal(1_400))
    events: list[te.TradeEvent] = [
        replace(begun, decision=moved),
        te.FillSeen(fill=fill_of(sold, "t-8", "151000000", "0", "KRW"), at=CREATED),
        te.FillSeen(fill=fill_of(bought, "t-9", "108000", "0", "USDT"), at=CREATED),
    ]
    exit_ = reduce(apply, events, None)
    assert exit_ is not None

    final = realised_by([entry, exit_])[exit_.trade_id]

    assert final.premium == Decimal("0.01") * (1_000_000 - 108_000 * 10)
    assert final.fx == Decimal("0.01") * 107_990 * 10
    assert final.fees == final.slippage == Decimal(0)


def test_profit_of_a_day_keeps_idle_fx_apart(tmp_path: Path) -> None:
    db = story_db(tmp_path)

    day = as_json(tporder("pnl", "--db", db, "--day", "2026-11-22", "--json"))
    later = as_json(tporder("pnl", "--db", db, "--day", "2026-11-23", "--json"))
    part = ("--from", "2026-11-22T18:00:13+09:00", "--to", "2026-11-22T19:00:00+09:00")
    text = tporder("pnl", "--db", db, "--day", "2026-11-22").stdout

    assert day["from"] == "2026-11-21T15:00:00Z"
    assert (day["fx_idle_krw"], day["parts_krw"]["fx"]) == ("2", "5")
    assert Decimal(day["trading_krw"]) == Decimal("-1500.5")
    assert Decimal(day["total_krw"]) == Decimal("-1498.5")
    assert (later["known"], later["valued_to"]) == (False, None)
    assert not as_json(tporder("pnl", "--db", db, *part, "--json"))["known"]
    assert "idle FX    2 KRW on the USDT wallet" in text
    assert tporder("pnl", "--db", db, "--day", "yesterday").exit_code == ExitCode.BAD_INPUT
    assert fits(text), text


def closed(since_s: int, reason: str = "maintenance") -> Alert:
    fields = {"exchange": "upbit", "reason": reason, "since": f"{since_s} s"}
    return Alert(kind=AlertKind.EXCHANGE_CLOSED, urgent=True, fields=fields)


async def tell_alerts(db: Path, *alerts: tuple[int, Alert]) -> list[int]:
    """Tell these at their seconds from now on; the ids that a channel would send."""
    store = SqliteStore(db, build="b", durability="normal")
    begin_us = epoch_us(datetime.now(UTC))
    for at_s, alert in alerts:
        await store.append([], at_us=begin_us + at_s * 1_000_000, alerts=[alert])
    waiting = await store.outbox("discord").pending_alerts()
    await store.close()
    return [pending.id for pending in waiting]


def test_an_acknowledged_incident_is_silent_and_no_other(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    [first] = asyncio.run(tell_alerts(db, (0, closed(10))))
    before = as_json(tporder("status", "--db", db, "--json"))["now"]["unacknowledged_alerts"]

    done = tporder("alerts", "ack", str(first), "--db", db)
    waiting = asyncio.run(
        tell_alerts(
            db,
            (60, closed(70)),  # the same one
            (120, closed(130, "a ban")),  # it got worse
            (900, closed(10)),  # another one
        )
    )

    rows = {row["id"]: row for row in as_json(tporder("alerts", "list", "--db", db, "--json"))}
    assert (before, done.exit_code) == (1, ExitCode.OK)
    assert waiting == [first, first + 2, first + 3]
    assert [rows[first + n]["result"] for n in range(4)] == [None, "silenced", None, None]
    assert rows[first]["acknowledged_at_us"] is not None
    assert as_json(tporder("status", "--db", db, "--json"))["now"]["unacknowledged_alerts"] == 2
    assert fits(tporder("alerts", "list", "--db", db).stdout)
    assert tporder("alerts", "ack", "999", "--db", db).exit_code == ExitCode.NOT_FOUND


def test_a_repeat_counts_as_the_alarm_that_it_repeats(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    told = closed(10)
    [first] = asyncio.run(tell_alerts(db, (0, told)))
    again = replace(told, fields={**told.fields, "reminder": "1", "reminder_of": str(first)})
    asyncio.run(tell_alerts(db, (1, again)))

    def unacknowledged() -> int:
        now = as_json(tporder("status", "--db", db, "--json"))["now"]
        return int(now["unacknowledged_alerts"])

    assert unacknowledged() == 1
    tporder("alerts", "ack", str(first + 1), "--db", db)
    assert unacknowledged() == 0


def test_top_fills_a_terminal_until_q_is_pressed(tmp_path: Path) -> None:
    """In a terminal of 80 columns, as a process of its own."""
    db = story_db(tmp_path)
    tell_live(db)
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, WIDTH, 0, 0))
    command = [sys.executable, "-m", "trading_platform_order.cli.main", "top", "--db", str(db)]
    settings = {name: text for name, text in os.environ.items() if name not in clean_env()}
    with subprocess.Popen(  # noqa: S603 - our own command
        command, stdin=theirs, stdout=theirs, stderr=theirs, env={**settings, "TERM": "xterm"}
    ) as process:
        shown = b""
        while b"profit " not in shown and select.select([ours], [], [], 20)[0]:
            shown += os.read(ours, 65_536)
        os.write(ours, b"q")
        code = process.wait(timeout=20)
    os.close(ours)
    os.close(theirs)

    assert code == ExitCode.OK
    assert b"ARMED since" in shown
    assert b"KRW-BTC / BTCUSDT of kimp" in shown


def test_top_without_a_terminal_says_what_to_use(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    result = tporder("top", "--db", db)
    assert result.exit_code == ExitCode.BAD_INPUT
    assert "tporder top --json" in result.stderr
    assert as_json(tporder("top", "--db", db, "--json"))["positions"][0]["symbol"] == "BTC"
