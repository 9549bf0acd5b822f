"""Named sets of settings, for strategies that the specification's limits would hold back.

A profile stands between the defaults and the settings file: whatever an operator sets outranks it.
It may touch how much is entered, how often, and what follows a losing pair; never how a close is
carried out, when trading stops, how margin is defended or how old a price may be (``MAY_SET``).
Which of the specification's limits are loosened is judged by the settings in force, whoever set
them (``specification``), so a profile cannot loosen one in silence.
"""

from collections.abc import Mapping, MutableMapping
from types import MappingProxyType
from typing import Any

from trading_platform_order.runtime.settings.base import SettingsRefused
from trading_platform_order.runtime.settings.faults import nearest

Place = tuple[str, str]

STRATEGY_3_0: Mapping[Place, Any] = MappingProxyType(
    {
        # Level 1 is 40 %, level 2 60 % of 38,000,000 KRW, or all of it at once: half on each leg.
        ("research", "level_krw"): "1=7600000,2=11400000,combined=19000000",
        ("trade", "add_to_open"): True,
        # A pair counts once here: 19,000,000 are 47.5 % of the 40,000,000 of which the strategy
        # uses 95 %. The rest is for a coin that rises between the two levels.
        ("risk", "position_fraction"): "0.6",
        ("risk", "symbol_fraction"): "0.6",
        # It holds a losing pair until its target; operators are told instead.
        ("risk", "stop_loss_action"): "alert",
        # Caps of ours, at the size of the whole entry; five round trips a day.
        ("risk", "order_krw_max"): "20000000",
        ("risk", "trade_krw_max"): "40000000",
        ("risk", "daily_turnover_krw_max"): "400000000",
        # Half of what a day may lose: level 2 is entered after the premium has gone on falling.
        ("risk", "hourly_loss_krw_max"): "600000",
    }
)

PROFILES: Mapping[str, Mapping[Place, Any]] = MappingProxyType({"strategy-3.0": STRATEGY_3_0})

MAY_SET = frozenset(
    {
        ("research", "level_krw"),
        ("research", "strategy"),
        ("research", "timezone"),
        ("trade", "add_to_open"),
        ("trade", "default_capital_fraction"),
        *(
            ("risk", name)
            for name in (
                *("position_fraction", "symbol_fraction", "stop_loss_action"),
                *("order_krw_max", "trade_krw_max", "daily_turnover_krw_max"),
                *("hourly_loss_krw_max", "entries_per_minute_max", "repeat_max"),
            )
        ),
    }
)
"""All that a profile may set: sizes and limits of entries, and whether the stop-loss closes."""


def profile_of(tree: Mapping[str, Any]) -> Mapping[Place, Any]:
    """What the profile sets that the settings name; nothing without one.

    Raises:
        SettingsRefused: there is no such profile.
    """
    engine = tree.get("engine")
    name = engine.get("profile", "") if isinstance(engine, Mapping) else ""
    if not name:
        return {}
    found = PROFILES.get(name) if isinstance(name, str) else None
    if found is None:
        known = ", ".join(sorted(PROFILES))
        hint = nearest(str(name), sorted(PROFILES))
        raise SettingsRefused(f"engine.profile: there is no profile {name!r}, only {known}{hint}")
    return found


def lay_under(tree: MutableMapping[str, Any]) -> None:
    """Fill what the file and the environment leave open from the profile they name.

    Raises:
        SettingsRefused: there is no such profile.
    """
    for (section, item), value in profile_of(tree).items():
        inner = tree.setdefault(section, {})
        if isinstance(inner, MutableMapping):  # else the decoder names the fault
            inner.setdefault(item, value)
