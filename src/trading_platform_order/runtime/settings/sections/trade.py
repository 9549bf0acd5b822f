"""How a pair trade is executed, as settings. What each does is in ``docs/RISK_MANAGEMENT.md``."""

import math
from decimal import Decimal
from typing import Annotated

from trading_platform_order.runtime.settings.base import Section, SettingsRefused
from trading_platform_order.runtime.settings.base import about as _about

EXIT_WALK_BPS = (10, 2_000)
"""Below the first no book of a large coin is reached at once; beyond the other it is no limit."""


class TradeSection(Section, frozen=True, kw_only=True):
    """How a pair trade is executed."""

    style: Annotated[str, _about("market, or limit_ioc at the price collar")] = "market"
    collar_bps: Annotated[Decimal, _about("how far beyond the mid limit_ioc may reach")] = Decimal(
        15
    )
    default_capital_fraction: Annotated[
        Decimal, _about("entry size where the signal names none, as part of total capital")
    ] = Decimal("0.1")
    add_to_open: Annotated[bool, _about("whether a second ENTER adds to an open pair")] = False
    exposure_time_s: Annotated[
        float, _about("how long legs may differ while completion is tried", gt=0, le=120)
    ] = 10.0
    exposure_krw: Annotated[
        Decimal | None,
        _about(
            "unmatched KRW up to which completion is tried; above it, unwind; from 0; empty: twice "
            "risk.order_krw_max"
        ),
    ] = None
    completion_slippage_bps: Annotated[
        Decimal, _about("how much worse than the decision a completion may be")
    ] = Decimal(20)
    working_limit_s: Annotated[
        float, _about("a market order still open after this is cancelled", gt=0, le=60)
    ] = 3.0
    look_up_after_s: Annotated[
        float, _about("an unanswered order is looked up after this", gt=0, le=10)
    ] = 0.5
    fast_attempts: Annotated[int, _about("corrective orders in quick succession", ge=1, le=20)] = 8
    slow_attempts: Annotated[
        int, _about("further corrective orders after an operator was called", ge=0, le=500)
    ] = 100
    slow_retry_s: Annotated[float, _about("pause between those", gt=0, le=600)] = 30.0
    call_after_s: Annotated[
        tuple[float, ...],
        _about("ages of an unresolved order at which an operator is called; the last one repeats"),
    ] = (60.0, 300.0, 900.0, 3_600.0)
    retry_first_s: Annotated[
        float, _about("back-off while the legs agree: this, then x2, then x4", gt=0, le=60)
    ] = 1.0
    uneven_retry_first_s: Annotated[
        float, _about("the same while the legs differ", gt=0, le=10)
    ] = 0.2
    exit_walk_bps: Annotated[
        Decimal,
        _about(
            "how far from the mid a closing order may reach into the book at first; doubles every "
            "10 s, but not for a stop-loss while the legs agree; from 10, up to 2000"
        ),
    ] = Decimal(100)
    settle_s: Annotated[
        float,
        _about(
            "how long both books must be fresh after an exchange takes orders again, before an "
            "even pair is closed",
            ge=0,
            le=600,
        ),
    ] = 5.0


def check_trade(trade: TradeSection) -> None:
    """What no single bound can say.

    Raises:
        SettingsRefused: a word is unknown, or a number out of its bounds.
    """
    if trade.style not in {"market", "limit_ioc"}:
        raise SettingsRefused(f"trade.style must be market or limit_ioc: {trade.style!r}")
    least, most = EXIT_WALK_BPS
    if not least <= trade.exit_walk_bps <= most:
        raise SettingsRefused(
            f"trade.exit_walk_bps must be {least} to {most}: {trade.exit_walk_bps}"
        )
    _check_calls(trade.call_after_s)


def _check_calls(calls: tuple[float, ...]) -> None:
    if (
        not all(math.isfinite(call) and call > 0 for call in calls)
        or not calls
        or list(calls) != sorted(set(calls))
    ):
        raise SettingsRefused(
            f"trade.call_after_s must name growing seconds, e.g. 60,300,900,3600: {calls}"
        )
