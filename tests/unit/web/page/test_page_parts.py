"""The parts behind the page: history of premiums, shared looks, passwords."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from click.testing import CliRunner

from tests.unit.cli.cli_world import clean_env
from trading_platform_order.cli.main import main
from trading_platform_order.domain.account.profit.pair_money import PriceNow
from trading_platform_order.executor.journal.event_codec import event_kinds
from trading_platform_order.observability.live_figures import LiveFigures
from trading_platform_order.runtime.settings.settings import load_settings
from trading_platform_order.web.page.premium_history import HOUR_POINTS, PremiumHistory
from trading_platform_order.web.page.shared import Shared
from trading_platform_order.web.page.told_figures import told_figures
from trading_platform_order.web.page.typed import fits, value_krw
from trading_platform_order.words import page_figures
from trading_platform_order.words.text import Language

AT = datetime(2026, 11, 30, tzinfo=UTC)
PRICE = PriceNow(
    base="BTC", spot_krw=Decimal(141), hedge_usdt=Decimal("0.1"), krw_per_usdt=Decimal(1_400)
)
FIGURES = LiveFigures(at=AT, mode="paper", since=AT, prices=(PRICE,))


class Clock:
    now = AT

    def __call__(self) -> datetime:
        return self.now


def test_history_keeps_an_hour_close_and_a_day_coarse(tmp_path: Path) -> None:
    clock = Clock()
    history = PremiumHistory(tmp_path / "none", clock)
    for step in range(HOUR_POINTS + 10):
        clock.now = AT + timedelta(seconds=5 * step)
        history.note(replace(FIGURES, at=clock.now))
        history.note(replace(FIGURES, at=clock.now))  # the same moment is one point

    assert history.bases == ["BTC"]
    assert len(history.hour("BTC")) == HOUR_POINTS
    day = history.day("BTC")
    assert len(day) == 62
    assert {point[0] % 60 for point in day[:-1]} == {0}
    assert day[-1] == history.hour("BTC")[-1], "both end with the premium of now"
    assert history.hour("BTC")[-1] == (
        int(clock.now.timestamp()),
        Decimal(141) / Decimal(140) - 1,
        Decimal(1_400),
        None,
    )
    clock.now += timedelta(seconds=5)
    history.note(replace(FIGURES, at=clock.now), Decimal(1_380))
    assert history.hour("BTC")[-1][3] == Decimal(141) * 1_400 / 140 / 1_380 - 1


def test_old_figures_are_no_news(tmp_path: Path) -> None:
    clock = Clock()
    history = PremiumHistory(tmp_path / "none", clock)
    clock.now = AT + timedelta(seconds=6)
    history.note(FIGURES)
    history.note(None)
    assert history.bases == []
    assert history.hour("BTC") == []


async def test_many_pages_cost_one_look() -> None:
    looks: list[Language] = []

    async def look(language: Language) -> Mapping[str, Any]:
        looks.append(language)
        await asyncio.sleep(0)
        return {"number": len(looks)}

    shared = Shared(look)
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(shared.ask(Language.EN)) for _ in range(10)]
    assert {task.result()["number"] for task in asked} == {1}
    assert (await shared.ask(Language.KO))["number"] == 2
    assert looks == [Language.EN, Language.KO]


def test_figures_are_told_with_names_digits_and_units() -> None:
    fields = {
        "symbol": "BTC",
        "outcome": "hedged",
        "spot_base": "0.003",
        "naked_ms": "1200",
        "spot_average_price": "153152000",
        "hedge_average_price": "107894.4",
        "turnover_max_krw": "20000000",
        "call": "3",
        "client_order_id": "123456789",
        "held": "nothing",
        "held_base": "1.5",
        "somebodys_own": "9",
    }
    english, korean = (told_figures(fields, language) for language in (Language.EN, Language.KO))

    assert english == {
        "symbol": "BTC",
        "outcome": "hedged",
        "held on Upbit": "0.003 BTC",
        "time without the other leg": "1,200 ms",
        "average price on Upbit": "153,152,000 KRW",
        "average price on Binance": "107,894.4 USDT",
        "turnover limit": "20,000,000 KRW",
        "call": "3",
        "order": "123456789",
        "held": "nothing",
        "held (held_base)": "1.5 BTC",
        "somebodys own": "9",
    }
    assert korean["거래 대금 한도"] == "20,000,000 KRW"
    assert korean["결과"] == "헤지됨"
    assert (korean["보유"], korean["보유 (held_base)"]) == ("없음", "1.5 BTC")
    assert len(korean) == len(fields)


def test_every_kind_of_row_has_a_name() -> None:
    assert set(page_figures.KINDS) == set(event_kinds())


def test_the_typed_amount_is_that_of_the_pairs_meant() -> None:
    rows: list[dict[str, str | None]] = [
        {"symbol": "BTC", "strategy": "a", "value_krw": "1000.4"},
        {"symbol": "BTC", "strategy": "b", "value_krw": "500"},
        {"symbol": "ETH", "strategy": "a", "value_krw": None},
    ]
    assert value_krw(rows, "BTC") == 1_500
    assert value_krw(rows, "BTC", "a") == 1_000
    assert value_krw(rows) == 0, "a price is missing: nobody can read it"
    assert fits(Decimal(1_050), Decimal(1_000))
    assert not fits(Decimal(1_051), Decimal(1_000))
    assert not fits(Decimal(1), Decimal(0))
    assert fits(Decimal(0), Decimal(0))


def hashing(*typed: str, args: tuple[str, ...] = ()) -> tuple[int, str]:
    runner = CliRunner(env=clean_env())
    result = runner.invoke(main, ["password", *args], input="\n".join(typed) + "\n")
    return result.exit_code, result.stdout


def test_a_password_is_printed_as_its_hash_alone() -> None:
    secret = "a long enough one"
    code, out = hashing(secret, secret, args=("--reader",))
    name, _, value = out.strip().partition("=")
    assert code == 0
    assert name == "TPORDER_WEB_READER_PASSWORD"
    assert PasswordHasher().verify(value.strip("'"), secret)
    assert secret not in out
    assert hashing("short", "short")[0] != 0
    settings = load_settings(None, {"TPORDER_WEB_READER_PASSWORD": value.strip("'")})
    assert settings.web.reader_password
