"""``tporder export``: tables that add up to the ledger, and values that name their source."""

import asyncio
import csv
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest

from tests.unit.cli.cli_world import CREATED, append, as_json, story_db, tporder
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.domain.account import account_events as ae
from trading_platform_order.domain.venue import Venue
from trading_platform_order.operations.demo.replay_bed import OPENING_KRW, OPENING_USDT
from trading_platform_order.storage.sqlite.store import SqliteStore

pytestmark = pytest.mark.xdist_group("export")
NAMES = ("acquisitions", "disposals", "fees", "funding", "transfers", "holdings")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run")
    as_json(tporder("backtest", "--bars", "1500", "--interval", "300", "--out", out, "--json"))
    return out / "backtest.db"


def export(database: Path, folder: Path, *arguments: str) -> dict[str, list[dict[str, str]]]:
    result = tporder("export", "--db", database, "--ledger", folder, *arguments)
    assert result.exit_code == 0, result.output
    return {name: rows_of(folder / f"{name}.csv") for name in NAMES}


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def total(rows: list[dict[str, str]], column: str, **where: str) -> Decimal:
    chosen = [row for row in rows if all(row[name] == value for name, value in where.items())]
    return sum((Decimal(row[column]) for row in chosen), Decimal(0))


def test_what_moved_is_what_is_held(database: Path, tmp_path: Path) -> None:
    """Two ways to each balance: the movements added up, and the ledger itself."""
    tables = export(database, tmp_path / "led")
    bought, sold = tables["acquisitions"], tables["disposals"]
    assert len(sold) > 2
    krw = (
        OPENING_KRW
        + total(sold, "value", kind="sale")
        - total(bought, "value", kind="purchase")
        - total(tables["fees"], "amount", fee_asset="KRW")
    )
    usdt = (
        OPENING_USDT
        + total(sold, "gain", kind="short_closed")
        + total(tables["funding"], "amount")
        - total(tables["fees"], "amount", fee_asset="USDT")
    )
    held = {row["asset"]: Decimal(row["quantity"]) for row in tables["holdings"]}
    assert held["KRW"] == krw
    assert abs(held["USDT"] - usdt) < Decimal("1e-12")  # averages end at 18 decimals
    assert total(bought, "quantity", kind="purchase") == total(sold, "quantity", kind="sale")


def test_every_value_in_krw_is_its_price_and_names_its_source(
    database: Path, tmp_path: Path
) -> None:
    tables = export(database, tmp_path / "led")
    for row in [row for name in NAMES for row in tables[name]]:
        assert row["krw_source"]
        asset = row.get("quote_asset") or row.get("fee_asset") or row["asset"]
        if asset == "KRW":
            assert row["krw_source"] == "KRW itself"
        else:
            assert datetime.fromisoformat(row["krw_told_at"]) <= datetime.fromisoformat(row["at"])
    for row in tables["funding"]:
        value = Decimal(row["amount"]) * Decimal(row["krw_per_unit"])
        assert Decimal(row["value_krw"]) == value


def test_a_pair_that_is_open_is_held_at_that_instant(database: Path, tmp_path: Path) -> None:
    whole = export(database, tmp_path / "whole")
    opened = datetime.fromisoformat(whole["acquisitions"][0]["at"])
    at = (opened + timedelta(minutes=1)).isoformat()
    held = export(database, tmp_path / "led", "--at", at)["holdings"]
    by_kind = {(row["asset"], row["kind"]): row for row in held}
    coins, short = by_kind["BTC", "balance"], by_kind["BTC", "short"]
    assert Decimal(coins["quantity"]) > 0
    assert coins["bought_here"] == coins["quantity"]
    assert Decimal(short["quantity"]) < 0
    assert Decimal(short["average_entry"]) > 0
    assert "middle of Upbit's KRW-BTC book" in coins["krw_source"]


def test_a_period_keeps_the_cost_of_before(database: Path, tmp_path: Path) -> None:
    whole = export(database, tmp_path / "whole")
    last = whole["disposals"][-1]
    late = export(database, tmp_path / "late", "--from", last["at"])
    assert last in late["disposals"]
    assert late["acquisitions"] == []
    early = export(database, tmp_path / "early", "--to", last["at"])
    assert early["disposals"] + late["disposals"] == whole["disposals"]


def test_parquet_holds_the_same_as_csv(database: Path, tmp_path: Path) -> None:
    folder = tmp_path / "led"
    tables = export(database, folder, "--parquet")
    for name in NAMES:
        table = pq.read_table(folder / f"{name}.parquet")
        assert table.num_rows == len(tables[name])
        assert table.column_names == [] or "at" in table.column_names
    fees = pq.read_table(folder / "fees.parquet").to_pylist()
    assert sum(row["amount"] for row in fees) == total(tables["fees"], "amount")


def test_the_page_beside_the_tables_says_what_it_is_not(database: Path, tmp_path: Path) -> None:
    export(database, tmp_path / "led")
    about = (tmp_path / "led" / "README.md").read_text(encoding="utf-8")
    assert "no tax advice" in about
    assert "`average_entry`" in about


def test_a_coin_without_a_price_has_no_value(tmp_path: Path) -> None:
    """A deposit of a coin that was never traded: told, and not valued at anything."""
    db = story_db(tmp_path)

    async def deposit() -> None:
        store = SqliteStore(db, build="tporder-test", durability="normal")
        for asset, exchange in (("DOGE", Venue.UPBIT), ("USDT", Venue.BINANCE)):
            await append(
                store,
                ae.ForeignMovement(
                    exchange=exchange,
                    asset=asset,
                    amount=Decimal(5),
                    reason="=deposit",
                    at=CREATED + timedelta(hours=1),
                ),
            )
        await store.close()

    asyncio.run(deposit())
    doge, usdt = export(db, tmp_path / "led")["transfers"]
    assert doge["value_krw"] == ""
    assert doge["krw_source"].startswith("not known")
    assert Decimal(usdt["value_krw"]) == 5 * 1_390
    assert doge["reason"] == "'=deposit"  # no formula for a spreadsheet


def test_a_folder_with_something_in_it_is_refused(database: Path, tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_text("kept")
    result = tporder("export", "--db", database, "--ledger", tmp_path)
    assert result.exit_code == ExitCode.BAD_INPUT
    assert [path.name for path in tmp_path.iterdir()] == ["old.csv"]
