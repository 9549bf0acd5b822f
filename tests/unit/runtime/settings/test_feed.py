"""Every limit has the value of its setting: none keeps its default in silence."""

import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest

from trading_platform_order.runtime.assembly import (
    binance_config,
    executor_settings,
    heartbeat_settings,
    upbit_config,
)
from trading_platform_order.runtime.settings.base import Secret, Section
from trading_platform_order.runtime.settings.feed import from_section
from trading_platform_order.runtime.settings.settings import Mode, Settings
from trading_platform_order.runtime.watchdog_service import watchdog_settings

KEEPS = {
    *(("BinanceConfig", name) for name in ("absence_reads", "absence_span_s", "stream_idle_s")),
    *(("BinanceConfig", name) for name in ("listen_key_renew_s", "stream_mute_s")),
    *(("UpbitConfig", name) for name in ("quotation_per_s", "consume_timeout_s", "stream_idle_s")),
    *(("ExecutorSettings", name) for name in ("queue_bound", "poll_first_s", "poll_max_s")),
    *(("ExecutorSettings", name) for name in ("equity_interval_s", "command_poll_s", "market")),
    *(("HindranceLimits", name) for name in ("expiry_check_s", "repeat_s", "maintenance_warn_s")),
    ("HeartbeatSettings", "watchdog_silent_s"),
    ("MarginLimits", "maintenance_rate"),
    ("RiskLimits", "maintenance_rate"),
    ("PlausibilityLimits", "price_age_s_max"),
    *(("MonitorLimits", name) for name in ("look_s", "account_poll_s", "warn_again_s")),
    *(("MonitorLimits", name) for name in ("exit_retry_s", "exit_attempts")),
    *(("MonitorLimits", name) for name in ("exit_slow_s", "exit_slow_attempts")),
    *(("TradePolicy", name) for name in ("walk_widens", "gives_way", "ahead", "walked_s")),
    *(("WatchdogSettings", name) for name in ("tick_s", "remind_s", "idle_s")),
    *(("WatchdogSettings", name) for name in ("retry_first_s", "retry_max_s")),
}
"""Figures that no setting reaches, on purpose."""
ALTERED: Mapping[str, object] = {
    "mode": Mode.LIVE,
    "symbols": ("XRP",),
    "style": "limit_ioc",
    "stop_loss_by_symbol": "BTC=0.04",
    "exposure_krw": Decimal(7),
    "extra": ("FLOKI|플로키|Floki|1000FLOKIUSDT|1000|1",),
}


def altered(section: Section) -> Any:  # noqa: ANN401 - of the section's own type
    """The same settings, each with another value than its default."""
    return type(section)(
        **{name: _other(name, getattr(section, name)) for name in section.__struct_fields__}
    )


def _other(name: str, value: object) -> object:
    if name in ALTERED:
        return ALTERED[name]
    return next(other(value) for kind, other in OTHER.items() if isinstance(value, kind))


# A flag is a whole number as well, and a choice is a text: the narrower kind stands first.
OTHER: Mapping[type[Any], Callable[[Any], object]] = {
    Section: altered,
    Secret: lambda _: Secret("altered"),
    bool: lambda flag: not flag,
    StrEnum: lambda choice: next(one for one in type(choice) if one is not choice),
    str: lambda text: f"{text}altered",
    tuple: lambda items: items[:1],
    int: lambda count: count + 1,
    float: lambda seconds: seconds + 1,
    Decimal: lambda figure: figure * Decimal("0.9"),
}


def everything() -> Iterator[tuple[Any, Field[Any], object]]:
    """All dataclasses that are made from settings, field by field."""
    settings: Settings = altered(Settings())
    todo: list[Any] = [
        executor_settings(settings),
        heartbeat_settings(settings),
        upbit_config(settings),
        binance_config(settings),
        watchdog_settings(settings, symbols=("XRP",), boot="b"),
    ]
    while todo:
        one = todo.pop()
        for field in fields(one):
            value = getattr(one, field.name)
            yield one, field, value
            if is_dataclass(value):
                todo.append(value)


def test_every_limit_is_fed() -> None:
    kept = set()
    for one, field, value in everything():
        made = field.default_factory
        default = field.default if made is MISSING else made()
        if not is_dataclass(value) and value == default:
            kept.add((type(one).__name__, field.name))
    assert kept == KEEPS


def test_every_limit_has_a_value_of_its_type() -> None:
    """What goes by name is seen by no type checker."""
    for one, field, value in everything():
        hint = get_type_hints(type(one))[field.name]
        assert _fits(value, hint), f"{type(one).__name__}.{field.name}: {value!r} is no {hint}"


def _fits(value: object, hint: Any) -> bool:  # noqa: ANN401 - any type form
    if get_origin(hint) in {Union, types.UnionType}:
        return any(_fits(value, one) for one in get_args(hint))
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, get_origin(hint) or hint)


def test_limits_whose_settings_have_other_names() -> None:
    settings: Settings = altered(Settings())
    engine, risk = executor_settings(settings), settings.risk
    watchdog = watchdog_settings(settings, symbols=("XRP",), boot="b")
    limits, monitors = engine.limits, engine.monitors

    assert limits.api_errors_max == risk.entry_api_errors_max != risk.api_errors_max
    assert monitors.stop.api_errors_max == risk.api_errors_max
    assert monitors.stop_loss.book_age_s_max == risk.book_age_s_max
    assert watchdog.book_age_s_max == risk.stale_s_max
    assert engine.hindrances.frozen_book.unchanged_s == settings.hindrances.frozen_book_s
    assert limits.plausibility.lasting_s == settings.pairs.gap_lasting_s


class _Few(Section, frozen=True, kw_only=True):
    near_s: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Limits:
    near_s: float = 5.0
    far_s: float = 50.0


def test_a_limit_without_a_setting_is_an_error_until_it_is_named() -> None:
    with pytest.raises(TypeError, match="far_s has no setting: far_s"):
        from_section(_Limits, _Few())
    assert from_section(_Limits, _Few(), keeps=("far_s",)) == _Limits(near_s=1.0)
    assert from_section(_Limits, _Few(), far_s=2.0) == _Limits(near_s=1.0, far_s=2.0)


def test_a_setting_is_not_kept_back_and_no_name_stands_for_nothing() -> None:
    with pytest.raises(TypeError, match="near_s is a setting"):
        from_section(_Limits, _Few(), keeps=("near_s", "far_s"))
    with pytest.raises(TypeError, match=r"no such field: \['farther_s'\]"):
        from_section(_Limits, _Few(), keeps=("far_s", "farther_s"))
