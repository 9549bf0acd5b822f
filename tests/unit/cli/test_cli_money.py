"""Money where a trader looks: figures that follow from the journal, and none without a price."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from tests.unit.cli.cli_world import as_json, story_db, tporder
from trading_platform_order.domain.account.pair_money import PriceNow
from trading_platform_order.observability.live_figures import LiveFigures, live_path, write_live

WIDTH = 80


def tell_live(db: Path, *, age_s: float = 0.0, **figures: object) -> None:
    """What a running engine writes."""
    now = datetime.now(UTC) - timedelta(seconds=age_s)
    price = PriceNow(
        base="BTC",
        spot_krw=Decimal(151_000_000),
        hedge_usdt=Decimal(108_000),
        krw_per_usdt=Decimal(1_400),
    )
    told = {"at": now, "mode": "paper", "since": now, "leverage": 3, "prices": (price,), **figures}
    write_live(live_path(db, "main"), LiveFigures(**told))  # type: ignore[arg-type]


def fits(text: str) -> bool:
    return all(len(line) <= WIDTH for line in text.splitlines())


def test_a_position_is_valued_at_what_the_engine_told_last(tmp_path: Path) -> None:
    db = story_db(tmp_path)
    tell_live(db)

    (row,) = as_json(tporder("positions", "--db", db, "--json"))

    profit = {name: Decimal(text) for name, text in row["profit_krw"].items()}
    # By the formulas of domain/account/pnl.py, by hand: 0.01 coins, U0 150.0M, B0 108000, r 1390.
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

    assert "premium   entry -0.06 %, now -0.13 % against USDT" in text
    assert "against USD/KRW: no such rate is known" in text
    assert fits(text), text


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
        "open       0 waiting closes, 0 unknown orders",
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
