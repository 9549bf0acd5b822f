"""Settings as the page tells them: whose, where each comes from, what for; and no secret."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.cli_world import story_db
from tests.unit.web.page.page_browser import page
from tests.unit.web.web_fixture import SECRETS
from trading_platform_order.runtime.settings.settings import env_name, load_settings
from trading_platform_order.runtime.settings.shown.masking import MASK
from trading_platform_order.runtime.settings.shown.origins import (
    Origin,
    ToldSetting,
    told_settings,
    with_meanings,
)
from trading_platform_order.runtime.settings.shown.published import (
    PublishedSettings,
    publish,
    published_path,
)
from trading_platform_order.words.text import Language


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return story_db(tmp_path)


def test_every_setting_says_where_it_comes_from(tmp_path: Path) -> None:
    config = tmp_path / "settings.toml"
    config.write_text('[engine]\nsymbols = ["ETH", "BTC"]\n[risk]\norder_krw_max = 5\n')
    environment = {"TPORDER_RISK_ORDER_KRW_MAX": "7", "TPORDER_UPBIT_SECRET_KEY": "planted-key"}
    settings = told_settings(load_settings(config, environment), config, environment)
    rows = with_meanings(settings, Language.EN)
    told = {row["name"]: row for row in rows}

    assert (told["engine.symbols"]["value"], told["engine.symbols"]["origin"]) == (
        "ETH, BTC",
        "file",
    )
    assert (told["risk.order_krw_max"]["value"], told["risk.order_krw_max"]["origin"]) == (
        "7",
        "environment",
    )
    assert told["upbit.secret_key"]["value"] == MASK
    assert told["upbit.access_key"]["value"] == ""
    assert told["store.path"]["origin"] == "default"
    assert all(row["about"] for row in rows)
    assert "planted" not in str(rows)


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        (
            "web.usd_krw_url",
            "https://a.example/rate?key=planted-0123456789",
            f"https://a.example/rate?key={MASK}",
        ),
        ("web.usd_krw_url", "https://me:planted@a.example/rate", f"https://{MASK}@a.example/rate"),
        ("web.usd_krw_url", "https://a.example/v1/recent?codes=FRX.KRWUSD", None),
        ("upbit.ws_url", "wss://api.upbit.com/websocket/v1", None),
        ("redis.url", "unix:///var/run/redis/redis-server.sock", None),
        ("redis.stream", "of planted-upbit-secret", f"of {MASK}"),
        ("engine.symbols", "BTC,ETH", "BTC, ETH"),
    ],
)
def test_a_secret_in_another_setting_is_masked_too(
    name: str, value: str, shown: str | None
) -> None:
    section, _, key = name.partition(".")
    environment = {
        "TPORDER_UPBIT_SECRET_KEY": "planted-upbit-secret",
        env_name(section, key): value,
    }
    rows = told_settings(load_settings(None, environment), None, environment)

    assert next(row.value for row in rows if row.name == name) == (shown or value)
    assert "planted" not in str(rows)


async def test_the_engines_own_settings_are_told_beside_the_servers(db: Path) -> None:
    """A look at the store does: no engine is asked, and none needs to run."""
    planted = {
        "TPORDER_RISK_ORDER_KRW_MAX": "7000",
        "TPORDER_UPBIT_SECRET_KEY": "planted-upbit-secret",
        "TPORDER_WEB_USD_KRW_URL": "https://rates.example/v6/planted-0123456789ab/latest",
    }
    rows = told_settings(load_settings(None, planted), None, planted)
    newer = ToldSetting(name="new.one", value="1", origin=Origin.FILE, variable="TPORDER_NEW_ONE")
    at = datetime(2026, 11, 30, 9, tzinfo=UTC)
    path = published_path(db, "main")
    found: dict[int, Any] = {}
    async with page(db) as browser:
        await browser.log_in(SECRETS["reader"])
        for epoch in (0, 1, 2):
            told = PublishedSettings(
                epoch=epoch, started_at=at, build="tporder-test", settings=(*rows, newer)
            )
            publish(path, told)
            found[epoch] = (await browser.get("/page/settings?lang=ko"))[1]
        path.write_text("{", encoding="utf-8")
        damaged = (await browser.get("/page/settings"))[1]

    engine = found[1]["engine"]
    shown = {row["name"]: row for row in engine["rows"]}
    limit = {"value": "7000", "origin": "environment", "about": "주문 한 건의 절대 한도, KRW"}
    assert (engine["started_at"], engine["build"]) == ("2026-11-30T09:00:00Z", "tporder-test")
    assert shown["risk.order_krw_max"] == shown["risk.order_krw_max"] | limit
    assert shown["upbit.secret_key"]["value"] == MASK
    assert shown["web.usd_krw_url"]["value"] == f"https://rates.example/v6/{MASK}/latest"
    assert (shown["new.one"]["value"], shown["new.one"]["about"]) == ("1", "")
    ours = {row["name"]: row for row in found[1]["server"]}
    assert ours["risk.order_krw_max"]["value"] == "1000000"
    # The journal's last start is the store's first writer's.
    assert [found[epoch]["engine"]["is_of_last_start"] for epoch in (0, 1, 2)] == [
        False,
        True,
        True,
    ]
    assert damaged["engine"] is None
    assert "planted" not in json.dumps(found)
