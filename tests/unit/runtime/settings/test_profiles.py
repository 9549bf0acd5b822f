"""Profiles: below what an operator sets, never about closes, and told where they loosen a limit."""

from decimal import Decimal
from pathlib import Path

import pytest

from trading_platform_order.exchanges.base import Level
from trading_platform_order.runtime.assembly import executor_settings
from trading_platform_order.runtime.settings.profiles import MAY_SET, PROFILES
from trading_platform_order.runtime.settings.settings import (
    Settings,
    SettingsRefused,
    load_settings,
)
from trading_platform_order.runtime.settings.shown.described import described_sections
from trading_platform_order.runtime.settings.shown.origins import Origin, told_settings
from trading_platform_order.runtime.settings.specification import loosened_limits
from trading_platform_order.runtime.startup.doctor import specification_finding
from trading_platform_order.words.sentences import localised
from trading_platform_order.words.text import Language

STRATEGY = {"TPORDER_ENGINE_PROFILE": "strategy-3.0"}


def loosened(**changed: str) -> dict[str, tuple[str, str]]:
    named = {f"TPORDER_{name.upper()}": text for name, text in changed.items()}
    found = loosened_limits(load_settings(None, named))
    return {one.name: (one.specified, one.here) for one in found}


def test_without_a_profile_the_specification_holds() -> None:
    assert load_settings(None, {}) == Settings()
    assert loosened() == {}


def test_the_strategys_profile_loosens_two_limits_and_no_more() -> None:
    assert loosened(engine_profile="strategy-3.0") == {
        "position_fraction": ("50%", "60%"),
        "stop_loss_action": ("close", "alert"),
    }


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_sets_nothing_that_closes_or_stops(name: str) -> None:
    known = {
        (section.name, each.key) for section in described_sections() for each in section.settings
    }

    assert set(PROFILES[name]) <= MAY_SET <= known


@pytest.mark.parametrize("name", PROFILES)
def test_a_close_is_carried_out_the_same_under_every_profile(name: str) -> None:
    plain = executor_settings(Settings())
    under = executor_settings(load_settings(None, {"TPORDER_ENGINE_PROFILE": name}))

    assert under.monitors.stop == plain.monitors.stop
    assert under.monitors.margin == plain.monitors.margin
    assert under.protect == plain.protect
    walks = ("exit_walk_bps", "fast_attempts", "slow_attempts", "slow_retry_s", "call_after_s")
    assert [getattr(under.policy, each) for each in walks] == [
        getattr(plain.policy, each) for each in walks
    ]


def test_what_an_operator_sets_outranks_the_profile(tmp_path: Path) -> None:
    config = tmp_path / "tporder.toml"
    config.write_text(
        '[engine]\nprofile = "strategy-3.0"\n[risk]\nposition_fraction = "0.4"\n', encoding="utf-8"
    )
    environment = {"TPORDER_RISK_STOP_LOSS_ACTION": "close"}

    settings = load_settings(config, environment)
    origins = {row.name: row.origin for row in told_settings(settings, config, environment)}

    assert settings.risk.position_fraction == Decimal("0.4")
    assert settings.trade.add_to_open
    assert loosened_limits(settings) == ()
    assert origins["risk.position_fraction"] == Origin.FILE
    assert origins["risk.stop_loss_action"] == Origin.ENVIRONMENT
    assert origins["trade.add_to_open"] == Origin.PROFILE
    assert origins["risk.leverage_max"] == Origin.DEFAULT


def test_an_unknown_profile_is_refused_by_its_name() -> None:
    with pytest.raises(
        SettingsRefused, match=r"no profile 'strategy-3'.*did you mean strategy-3.0"
    ):
        load_settings(None, {"TPORDER_ENGINE_PROFILE": "strategy-3"})


@pytest.mark.parametrize(
    ("setting", "value", "name", "here"),
    [
        ("risk_stop_loss_fraction", "0.08", "stop_loss_fraction", "8%"),
        ("risk_stop_loss_by_symbol", "BTC=0.04,XRP=0.075", "stop_loss_by_symbol", "7.5%"),
        ("risk_daily_loss_fraction", "0.1", "daily_loss_fraction", "10%"),
        ("risk_api_errors_max", "50", "api_errors_max", "50"),
        ("risk_position_fraction", "1", "position_fraction", "100%"),
    ],
)
def test_a_limit_that_is_loosened_by_hand_is_told_too(
    setting: str, value: str, name: str, here: str
) -> None:
    assert {key: told[1] for key, told in loosened(**{setting: value}).items()} == {name: here}


def test_a_tighter_limit_is_no_finding() -> None:
    tight = {"risk_position_fraction": "0.1", "risk_stop_loss_fraction": "0.02"}

    assert loosened(**tight, risk_leverage_max="1") == {}
    assert loosened(risk_leverage_max="9") == {}  # Binance's own setting holds it at 2


def test_doctor_names_each_loosened_limit_in_both_languages() -> None:
    finding = specification_finding(load_settings(None, STRATEGY))

    assert finding.level is Level.WARNING
    for part in ("strategy-3.0", "60%", "(the specification: 50%)", "closed at 5%"):
        assert part in finding.text
    told = localised(finding.text, Language.KO)
    for part in ("프로필 strategy-3.0", "60%", "기획서: 50%", "알림만"):
        assert part in told
    assert specification_finding(Settings()).level is Level.OK


@pytest.mark.parametrize("text", ["1", "1=", "1=0", "=5", "1=5,Level 1=6", "1=NaN"])
def test_levels_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(SettingsRefused, match=r"research\.level_krw"):
        load_settings(None, {"TPORDER_RESEARCH_LEVEL_KRW": text})
