"""What is no setting is refused: beyond its bound, no number, or a contradiction to another."""

from decimal import Decimal

import msgspec
import pytest

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
        ({"protect_stop_way_fraction": "0"}, "above 0 and below 1"),
        ({"protect_stop_way_fraction": "1"}, "above 0 and below 1"),
        ({"protect_stop_farthest_fraction": "0"}, "must be above 0"),
        ({"trade_call_after_s": "nan"}, "growing seconds"),
        ({"trade_call_after_s": "60,inf"}, "growing seconds"),
        ({"trade_call_after_s": "60,60"}, "growing seconds"),
        ({"trade_call_after_s": "300,60"}, "growing seconds"),
        ({"trade_call_after_s": "0"}, "growing seconds"),
        ({"trade_style": "limit"}, "market or limit_ioc"),
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
