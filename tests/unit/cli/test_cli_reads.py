"""The reading commands: tables for operators, JSON for programs, and what is missing is named."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.cli.cli_world import (
    AGAIN,
    LOST,
    SPOT,
    STARTED,
    TRADE,
    append,
    as_json,
    claim_of,
    eventful_trade,
    signal_of,
    story_db,
    tell_live,
    tporder,
)
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.domain.alert import Alert
from trading_platform_order.domain.trade import trade_events as te
from trading_platform_order.observability.loosened import Loosened
from trading_platform_order.storage.base import Entry
from trading_platform_order.storage.lease import Holder
from trading_platform_order.storage.packed_body import unpack_body
from trading_platform_order.storage.relational.epochs import Taking
from trading_platform_order.storage.sqlite.database import Database
from trading_platform_order.storage.sqlite.store import SqliteStore, open_inbox

READS = (
    ("status",),
    ("positions",),
    ("trades",),
    ("alerts", "list"),
    ("top", "--json"),
    ("pnl",),
    ("orders",),
    ("fills",),
    ("explain", "sig-1"),
    ("stop", "--reason", "drill"),
    ("resume", "--reason", "drill over"),
)


@pytest.mark.parametrize("command", READS)
def test_a_missing_database_is_named_and_not_made(command: tuple[str, ...], tmp_path: Path) -> None:
    result = tporder(*command, "--db", tmp_path / "none.db")

    assert result.exit_code == ExitCode.NO_DATABASE
    assert result.stderr.startswith(f"Error: no database at {tmp_path}/none.db\nCure: ")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", [*READS, ("signal", "send", "-")])
def test_a_newer_database_is_left_alone(command: tuple[str, ...], tmp_path: Path) -> None:
    db = story_db(tmp_path)
    connection = Database.open(db)
    connection.execute("INSERT INTO schema_version VALUES (999, 'from the future')")
    connection.close()

    result = tporder(*command, "--db", db, stdin=b"{}")

    assert result.exit_code == ExitCode.DATABASE_VERSION
    assert "schema version 999" in result.stderr


@pytest.mark.parametrize("command", [*READS, ("signal", "send", "-")])
def test_what_is_no_database_is_named(command: tuple[str, ...], tmp_path: Path) -> None:
    db = tmp_path / "notes.txt"
    db.write_text("not a database\n" * 100)

    result = tporder(*command, "--db", db, stdin=b"{}")

    assert result.exit_code == ExitCode.DATABASE_PROBLEM
    assert "file is not a database" in result.stderr
    assert db.read_text() == "not a database\n" * 100


def test_another_programs_database_gets_no_tables(tmp_path: Path) -> None:
    db = tmp_path / "theirs.db"
    connection = Database.open(db)
    connection.execute("CREATE TABLE theirs (a)")

    result = tporder("signal", "send", "-", "--db", db, stdin=b"{}")

    assert result.exit_code == ExitCode.DATABASE_VERSION
    assert "another program's database (it has a table 'theirs')" in result.stderr
    assert connection.execute("SELECT name FROM sqlite_master") == [("theirs",)]
    connection.close()


def test_the_database_and_account_come_from_the_settings(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    config = tmp_path / "settings.toml"
    config.write_text(f'[store]\npath = "{db}"\n[engine]\naccount = "second"\n')

    by_file = as_json(tporder("status", "--json", "--config", config))
    by_environment = as_json(tporder("status", "--json", env={"TPORDER_STORE_PATH": str(db)}))
    by_option = as_json(tporder("status", "--json", "--config", config, "--account", "main"))

    assert (by_file["database"], by_file["account"]) == (str(db), "second")
    assert (by_environment["database"], by_environment["account"]) == (str(db), "main")
    assert by_option["account"] == "main"


@pytest.mark.parametrize(
    ("options", "env", "text"),
    [
        ((), {"TPORDER_STORE_PATHS": "x"}, "unknown setting in the environment"),
        (("--config", "missing.toml"), {}, "cannot read missing.toml"),
        (("--account", "../../main"), {}, "account name '../../main'"),
    ],
)
def test_faulty_settings_are_named(
    options: tuple[str, ...], env: dict[str, str], text: str
) -> None:
    result = tporder("status", *options, env=env)

    assert result.exit_code == ExitCode.SETTINGS_REFUSED
    assert text in result.stderr


def test_orders_for_operators_and_as_json(tmp_path: Path) -> None:
    db = story_db(tmp_path)

    lines = tporder("orders", "--db", db).stdout.splitlines()
    rows = as_json(tporder("orders", "--db", db, "--json"))

    absent = lines.index("2026-11-22 09:00:00.000 UTC  BTCUSDT sell: ABSENT")
    assert lines[absent + 1 : absent + 5] == [
        "  asked    0.01, at market (open 1)",
        "  executed 0",
        f"  signal   sig-1, order {LOST.client_order_id}",
        "  detail   3 reads, position explained",
    ]
    assert "2026-11-22 09:00:00.000 UTC  KRW-BTC buy: FILLED" in lines
    status = {row["client_order_id"]: row["status"] for row in rows}
    assert status == {
        SPOT.client_order_id: "FILLED",
        LOST.client_order_id: "ABSENT",
        AGAIN.client_order_id: "FILLED",
    }
    assert {type(row["executed_quantity"]) for row in rows} == {str}


def test_orders_of_one_signal_and_at_most_so_many(tmp_path: Path) -> None:
    db = story_db(tmp_path)

    assert len(as_json(tporder("orders", "--db", db, "--signal", "sig-1", "--json"))) == 3
    assert as_json(tporder("orders", "--db", db, "--signal", "sig-2", "--json")) == []
    assert len(as_json(tporder("orders", "--db", db, "--limit", "1", "--json"))) == 1
    assert tporder("orders", "--db", db, "--signal", "sig-2").stdout == "no orders\n"
    assert tporder("orders", "--db", db, "--limit", "0").exit_code == ExitCode.USAGE


def test_fills_with_exact_fees(tmp_path: Path) -> None:
    db = story_db(tmp_path)

    lines = tporder("fills", "--db", db).stdout.splitlines()
    rows = as_json(tporder("fills", "--db", db, "--json"))

    assert lines[:3] == [
        "2026-11-22 09:00:00.000 UTC  BTCUSDT sell",
        "  filled   0.01 at 107,990 USDT, fee 0.54 USDT",
        "  signal   sig-1, trade t-2",
    ]
    assert [(row["price"], row["fee"]) for row in rows] == [
        ("107990", "0.54"),
        ("150010000", "750.05"),
    ]


async def _close_position(db: Path) -> None:
    store = SqliteStore(db, build="b", durability="normal")
    body = '{"strategy":"old","symbol":"ETH","spot_base":"0","short_base":"0.0"}'
    await store.append([Entry(trade_id="", kind="position_changed", version=1, body=body)], at_us=1)
    await store.project()
    await store.close()


def test_positions_that_hold_something(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    asyncio.run(_close_position(db))

    rows = as_json(tporder("positions", "--db", db, "--json"))

    assert [(row["strategy"], row["spot_base"], row["short_base"]) for row in rows] == [
        ("kimp", "0.01", "0.01")
    ]
    assert len(as_json(tporder("positions", "--db", db, "--all", "--json"))) == 2
    assert "0.01 coins on Upbit, 0.01 short on Binance" in tporder("positions", "--db", db).stdout


def test_status_for_programs(tmp_path: Path) -> None:
    answer = as_json(tporder("status", "--db", story_db(tmp_path), "--json"))

    assert answer["engine"] == {
        "listens": False,
        "mode": "paper",
        "market": "",
        "build": "tporder-test",
        "started_at": "2026-11-22T08:59:00Z",
        "predecessor_closed_clean": False,
    }
    assert answer["stop"] == {"set": False, "reason": None, "since": None}
    assert answer["journal"] == {"last_seq": 14, "projected_seq": 14, "chain": "verified"}
    assert answer["equity"]["equity_krw"] == "40000000.5"
    assert answer["equity"]["pnl_krw"] == {
        "total": "-1498.5",
        "trading": "-1500",
        "premium": "-10",
        "funding": "5",
        "fees": "-1500",
        "fx": "7",
        "slippage": "-0.5",
    }
    assert answer["trades"] == []
    assert [row["symbol"] for row in answer["positions"]] == ["BTC"]


def test_status_for_operators(tmp_path: Path) -> None:
    text = " ".join(tporder("status", "--db", story_db(tmp_path)).stdout.split())

    assert "no running engine answered; last start 2026-11-22 08:59:00 UTC, mode paper" in text
    assert "the one before it had not closed properly" in text
    assert "stop not set: entries are admitted" in text
    assert "equity 40,000,000 KRW at 1,390 KRW per USDT (2026-11-22 09:00:12 UTC)" in text
    assert "-1,498 KRW since the account was opened: premium -10 KRW" in text
    assert "last row 14, hash chain: verified" in text
    assert "no unresolved trades" in text


def test_status_says_that_the_specifications_limits_hold(tmp_path: Path) -> None:
    db = story_db(tmp_path)

    assert "limits     as the specification has them" in tporder("status", "--db", db).stdout
    limits = as_json(tporder("status", "--db", db, "--json"))["limits"]
    assert limits == {"profile": None, "loosened": []}


def test_status_names_each_limit_that_a_profile_loosens(tmp_path: Path) -> None:
    db, env = story_db(tmp_path), {"TPORDER_ENGINE_PROFILE": "strategy-3.0"}

    text = " ".join(tporder("status", "--db", db, env=env).stdout.split())
    korean = tporder("status", "--db", db, env=env | {"TPORDER_LANG": "ko"}).stdout
    limits = as_json(tporder("status", "--db", db, "--json", env=env))["limits"]

    assert "limits profile strategy-3.0 open pairs up to 60% of capital" in text
    assert "is not closed, you are told (the specification: closed at 5%)" in text
    assert "한도       프로필 strategy-3.0" in korean
    assert "보유 페어 한도 60%(총 자본 대비, 기획서: 50%)" in korean
    assert limits["profile"] == "strategy-3.0"
    assert [one["name"] for one in limits["loosened"]] == ["position_fraction", "stop_loss_action"]


def test_status_tells_the_running_engines_limits_and_not_this_shells(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    one = Loosened(name="daily_loss_fraction", specified="3%", here="9%", text="up to 9%")
    tell_live(db, profile="", loosened=(one,))

    env = {"TPORDER_ENGINE_PROFILE": "strategy-3.0"}
    limits = as_json(tporder("status", "--db", db, "--json", env=env))["limits"]

    assert limits["profile"] is None
    assert [told["name"] for told in limits["loosened"]] == ["daily_loss_fraction"]


def test_status_tells_who_holds_the_account_since_when_and_why(tmp_path: Path) -> None:
    db = tmp_path / "t.db"
    taking = Taking(
        holder=Holder(machine="m", pid=4711), reason="process 9 (epoch 1) is gone", at_us=1_000_000
    )
    store = SqliteStore(db, build="b", durability="normal", taking=taking)

    text = tporder("status", "--db", db).stdout
    answer = as_json(tporder("status", "--db", db, "--json"))

    assert "held by    process 4711, since 1970-01-01" in text
    assert "epoch 1; taken because process 9 (epoch 1) is gone" in " ".join(text.split())
    assert answer["held_by"] == {
        "epoch": 1,
        "process": 4711,
        "machine": "m",
        "since": "1970-01-01T00:00:01Z",
        "why": "process 9 (epoch 1) is gone",
        "let_go": False,
    }
    asyncio.run(store.close())
    assert "nobody: let go by process 4711" in tporder("status", "--db", db).stdout


async def _leave_open(db: Path) -> None:
    store = SqliteStore(db, build="b", durability="normal")
    await append(store, STARTED)
    first, halted = eventful_trade()[0], te.TradeHalted(reason="108 orders", at=STARTED.at)
    await append(store, first, TRADE, claim_of(signal_of()))
    await append(store, halted, TRADE)
    await store.project()
    alerts = [Alert(kind="entry", urgent=False), Alert(kind="trade_halted", urgent=True)]
    await store.append([], at_us=1, alerts=alerts)
    await store.put_signal("x", at_us=1)
    await store.put_command("flatten", "{}", at_us=1)
    await store.set_latch("stop", "drill", at_us=1)
    await store.set_latch("restored_backup", "unknown orders", at_us=1)
    await append(store, STARTED)  # not projected
    await store.close()


def test_status_shows_what_needs_an_operator(tmp_path: Path) -> None:
    asyncio.run(_leave_open(tmp_path / "t.db"))

    text = tporder("status", "--db", tmp_path / "t.db")
    answer = as_json(tporder("status", "--db", tmp_path / "t.db", "--json"))

    assert "stop       SET since 1970-01-01 00:00:00 UTC: drill" in text.stdout
    assert "latch      restored_backup: unknown orders" in text.stdout
    assert "halted" in text.stdout
    assert "money      no valuation yet" in text.stdout
    assert "1 journal rows are not in these tables yet" in text.stderr
    assert [row["state"] for row in answer["trades"]] == ["halted"]
    assert answer["waiting"] == {"signals": 1, "commands": 1, "alerts": 2, "urgent_alerts": 1}


def changed_row(tmp_path: Path, change: Callable[[str], str | bytes]) -> Path:
    """A store whose fourth row was changed by hand."""
    db = story_db(tmp_path)
    connection = Database.open(db)
    connection.execute("DROP TRIGGER journal_no_update")
    [(stored,)] = connection.execute("SELECT body FROM journal WHERE seq = 4")
    body = change(unpack_body(stored))
    connection.execute("UPDATE journal SET body = ? WHERE seq = 4", (body,))
    connection.close()
    return db


def test_a_changed_journal_is_told_and_has_its_own_code(tmp_path: Path) -> None:
    db = changed_row(tmp_path, lambda body: body.replace("750.05", "1.05"))

    result = tporder("status", "--db", db, "--json")

    assert result.exit_code == ExitCode.JOURNAL_BROKEN
    assert "journal row 4: its content was changed" in json.loads(result.stdout)["journal"]["chain"]
    unchecked = as_json(tporder("status", "--db", db, "--json", "--no-verify"))
    assert unchecked["journal"]["chain"] == "not checked"


def test_a_row_that_cannot_be_read_is_named_and_has_the_same_code(tmp_path: Path) -> None:
    result = tporder("status", "--db", changed_row(tmp_path, lambda _: b"\x01\xff"))

    assert result.exit_code == ExitCode.JOURNAL_BROKEN
    assert "journal row 4: a packed body cannot be read" in result.stderr


def test_an_account_nobody_ran_is_pointed_out(tmp_path: Path) -> None:
    result = tporder("status", "--db", story_db(tmp_path), env={"TPORDER_ENGINE_ACCOUNT": "second"})

    assert result.exit_code == ExitCode.OK
    assert "no engine ever ran on account 'second' here (known: main)" in result.stderr


def test_a_database_that_holds_only_signals_can_be_read(tmp_path: Path) -> None:
    db = tmp_path / "t.db"
    asyncio.run(open_inbox(db).close())

    answer = as_json(tporder("status", "--db", db, "--json"))

    assert answer["engine"]["mode"] is None
    assert answer["equity"] is None
