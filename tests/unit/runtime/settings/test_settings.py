"""What is no setting is refused: beyond its bound, no number, or a contradiction to another."""

from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from trading_platform_order.runtime.assembly import executor_settings
from trading_platform_order.runtime.settings.base import SettingsRefused
from trading_platform_order.runtime.settings.settings import Settings, env_names, load_settings


def load(**changed: str) -> Settings:
    return load_settings(None, {f"TPORDER_{name.upper()}": text for name, text in changed.items()})


def names_of(kind: type) -> list[str]:
    """Environment names, without their beginning, of all settings of a type."""
    return [
        name.removeprefix("TPORDER_")
        for name, (section, item) in env_names().items()
        if type(getattr(getattr(Settings(), section), item)) is kind
    ]


@pytest.mark.parametrize("text", ["NaN", "sNaN", "Infinity", "-Infinity", "-1", "much"])
@pytest.mark.parametrize("name", names_of(Decimal))
def test_no_limit_may_be_no_number_or_below_zero(name: str, text: str) -> None:
    with pytest.raises(SettingsRefused):
        load(**{name: text})


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "-1", "soon"])
@pytest.mark.parametrize("name", names_of(float))
def test_no_time_may_be_no_number_or_below_zero(name: str, text: str) -> None:
    with pytest.raises(SettingsRefused):
        load(**{name: text})


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"risk_entry_api_errors_max": "11"}, "entries cease before the emergency stop"),
        ({"risk_api_errors_max": "2"}, "entries cease before the emergency stop"),
        ({"risk_margin_reduce_distance": "0.25"}, "first the warning"),
        ({"risk_margin_warn_ratio": "0.4"}, "first the warning"),
        ({"risk_stop_loss_fraction": "0"}, "above 0 and at most 1"),
        ({"risk_stop_loss_fraction": "1.01"}, "above 0 and at most 1"),
        ({"risk_stop_loss_by_symbol": "BTC=0"}, "BTC=0"),
        ({"risk_stop_loss_by_symbol": "BTC=1.1"}, "BTC=1.1"),
        ({"risk_stop_loss_by_symbol": "BTC=NaN"}, "BTC=NaN"),
        ({"risk_stop_loss_by_symbol": "BTC"}, "is not like BTC=0.04"),
        ({"risk_stop_loss_by_symbol": "=0.04"}, "is not like BTC=0.04"),
        ({"research_timezone": "Asia/Soul"}, "Asia/Seoul or UTC"),
        ({"research_strategy": "My strategy"}, "research.strategy must be"),
        ({"web_signals_secret": "x" * 31}, "shorter than 32 characters"),
        (
            {"web_signals_secret": "x" * 32, "web_operator_secret": "x" * 32},
            "must differ",
        ),
        ({"protect_stop_way_fraction": "0"}, "above 0 and below 1"),
        ({"protect_stop_way_fraction": "1"}, "above 0 and below 1"),
        ({"protect_stop_farthest_fraction": "0"}, "must be above 0"),
        ({"trade_call_after_s": "nan"}, "growing seconds"),
        ({"trade_call_after_s": "60,inf"}, "growing seconds"),
        ({"trade_call_after_s": "60,60"}, "growing seconds"),
        ({"trade_call_after_s": "300,60"}, "growing seconds"),
        ({"trade_call_after_s": "0"}, "growing seconds"),
        ({"trade_style": "limit"}, "market or limit_ioc"),
        ({"trade_exposure_krw": "NaN"}, "trade.exposure_krw must be a finite number"),
        ({"trade_exposure_krw": "-1"}, "trade.exposure_krw must be a finite number"),
        ({"trade_exit_walk_bps": "9.9"}, "trade.exit_walk_bps must be 10 to 2000"),
        ({"trade_exit_walk_bps": "2001"}, "trade.exit_walk_bps must be 10 to 2000"),
        ({"trade_settle_s": "601"}, "trade.settle_s"),
        ({"risk_stop_loss_action": "sell"}, "risk.stop_loss_action"),
        ({"store_durability": "none"}, "auto, normal or full"),
        ({"watchdog_engine_silent_s": "7.9"}, "at least watchdog.lease_s"),
        ({"engine_symbols": "BTC,"}, "at least one base asset"),
        ({"risk_order_krw_maxx": "1"}, "did you mean TPORDER_RISK_ORDER_KRW_MAX"),
        ({"risk_rate_room_min": "0.91"}, "risk.rate_room_min"),
        ({"risk_entry_api_errors_max": "0"}, "risk.entry_api_errors_max"),
    ],
)
def test_what_is_refused_says_why(changed: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsRefused) as refused:
        load(**changed)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    "changed",
    [
        {"risk_entry_api_errors_max": "10"},
        {"risk_margin_reduce_distance": "0.24"},
        {"risk_margin_warn_ratio": "0.39"},
        {"risk_stop_loss_fraction": "1"},
        {"risk_stop_loss_by_symbol": "BTC=1, XRP=0.001"},
        {"protect_stop_way_fraction": "0.999"},
        {"trade_call_after_s": "60"},
        {"risk_cautions_allowed": ""},
        {"risk_cautions_allowed": "PRICE_FLUCTUATIONS"},
        {"risk_rate_room_min": "0.9"},
    ],
)
def test_just_inside_is_taken(changed: dict[str, str]) -> None:
    assert msgspec.structs.asdict(load(**changed)) != msgspec.structs.asdict(Settings())


def test_the_legs_may_differ_by_two_orders_unless_a_number_is_set() -> None:
    assert load().exposure_krw == 2_000_000
    assert load(risk_order_krw_max="300000").exposure_krw == 600_000
    assert (
        load(trade_exposure_krw="50000000", risk_order_krw_max="300000").exposure_krw == 50_000_000
    )
    assert load(trade_exposure_krw="0").exposure_krw == 0
    assert load(trade_exposure_krw="").exposure_krw == 2_000_000


def test_an_empty_text_takes_back_what_the_file_says(tmp_path: Path) -> None:
    config = tmp_path / "engine.toml"
    config.write_text('[trade]\nexposure_krw = "7000000"\n')
    assert load_settings(config, {}).exposure_krw == 7_000_000
    assert load_settings(config, {"TPORDER_TRADE_EXPOSURE_KRW": ""}).exposure_krw == 2_000_000


def test_what_an_operator_sets_about_closes_reaches_the_engine() -> None:
    engine = executor_settings(load())
    assert engine.policy.exposure_krw == 2_000_000
    assert (engine.policy.exit_walk_bps, engine.settle_s) == (Decimal(100), 5.0)
    assert engine.monitors.stop_loss.closes
    engine = executor_settings(
        load(
            trade_exposure_krw="4000000",
            trade_exit_walk_bps="250",
            trade_settle_s="12",
            risk_stop_loss_action="alert",
        )
    )
    assert engine.policy.exposure_krw == 4_000_000
    assert (engine.policy.exit_walk_bps, engine.settle_s) == (Decimal(250), 12.0)
    assert not engine.monitors.stop_loss.closes
