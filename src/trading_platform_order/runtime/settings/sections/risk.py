"""The limits as settings. What each compares, with examples, is in ``docs/RISK_MANAGEMENT.md``."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from trading_platform_order.runtime.settings.base import Section, SettingsRefused
from trading_platform_order.runtime.settings.base import about as _about


class StopLossAction(StrEnum):
    """What follows when a pair has lost its limit."""

    CLOSE = "close"
    ALERT = "alert"


class RiskSection(Section, frozen=True, kw_only=True):
    """Limits for entries; exits are never held back."""

    position_fraction: Annotated[Decimal, _about("open pairs over total capital")] = Decimal("0.5")
    symbol_fraction: Annotated[Decimal, _about("open pairs of one symbol over total capital")] = (
        Decimal("0.5")
    )
    leverage_max: Annotated[Decimal, _about("hedge notional over margin balance")] = Decimal(2)
    daily_loss_fraction: Annotated[Decimal, _about("trading loss since 00:00 KST over capital")] = (
        Decimal("0.03")
    )
    margin_ratio_max: Annotated[Decimal, _about("maintenance over margin balance")] = Decimal("0.5")
    runway_fraction: Annotated[
        Decimal, _about("rise of the coin that the margin must survive without a transfer")
    ] = Decimal("0.3")
    order_krw_max: Annotated[Decimal, _about("absolute cap of one order, KRW")] = Decimal(1_000_000)
    trade_krw_max: Annotated[Decimal, _about("absolute cap of both legs together, KRW")] = Decimal(
        2_000_000
    )
    daily_turnover_krw_max: Annotated[
        Decimal, _about("absolute cap of the value traded in a day, both legs, KRW")
    ] = Decimal(20_000_000)
    hourly_loss_krw_max: Annotated[Decimal, _about("absolute cap of the loss of one hour, KRW")] = (
        Decimal(100_000)
    )
    entries_per_minute_max: Annotated[int, _about("entries begun in any 60 s", ge=1, le=1000)] = 6
    repeat_max: Annotated[
        int, _about("same strategy, symbol, action and size within the window", ge=1, le=1000)
    ] = 3
    repeat_window_s: Annotated[float, _about("that window", gt=0, le=3600)] = 60.0
    dust_krw_max: Annotated[
        Decimal, _about("unmatched remains of a symbol above which no entry is begun, KRW")
    ] = Decimal(20_000)
    book_age_s_max: Annotated[
        float, _about("how old a book may be; a close asks for another one then", gt=0, le=60)
    ] = 5.0
    entry_book_age_s_max: Annotated[
        float, _about("how old a book may be for an entry", gt=0, le=60)
    ] = 1.0
    books_apart_s_max: Annotated[
        float, _about("how much older one book may be than the other for an entry", gt=0, le=60)
    ] = 0.5
    fx_age_s_max: Annotated[float, _about("how old the KRW-USDT rate may be", gt=0, le=600)] = 60.0
    capital_age_s_max: Annotated[
        float, _about("how old the prices of held assets may be", gt=0, le=600)
    ] = 60.0
    ahead_s_max: Annotated[
        float,
        _about(
            "how far a stamp may be ahead of its exchange's time, a signal of our clock",
            gt=0,
            le=60,
        ),
    ] = 5.0
    clock_off_s_max: Annotated[
        float, _about("how far our clock may be off an exchange's, as last measured", gt=0, le=60)
    ] = 1.0
    slippage_bps_max: Annotated[Decimal, _about("expected price against the mid, per leg")] = (
        Decimal(20)
    )
    collar_bps: Annotated[
        Decimal, _about("how far a reference or touched price may be from the mid")
    ] = Decimal(100)
    stop_loss_fraction: Annotated[
        Decimal, _about("loss of a pair over its entry notional at which it is closed")
    ] = Decimal("0.05")
    stop_loss_by_symbol: Annotated[str, _about("other fractions, e.g. BTC=0.04,XRP=0.08")] = ""
    stop_loss_persist_s: Annotated[float, _about("how long that loss must last", ge=0, le=600)] = (
        3.0
    )
    stop_loss_action: Annotated[
        StopLossAction, _about("close the pair then, or alert: tell operators again and again")
    ] = StopLossAction.CLOSE
    margin_warn_distance: Annotated[
        Decimal, _about("rise of the coin to liquidation below which you are told")
    ] = Decimal("0.25")
    margin_reduce_distance: Annotated[
        Decimal, _about("the same, below which both legs are reduced")
    ] = Decimal("0.12")
    margin_warn_ratio: Annotated[
        Decimal, _about("maintenance over margin balance from which you are told")
    ] = Decimal("0.2")
    margin_reduce_ratio: Annotated[
        Decimal, _about("the same, from which both legs are reduced")
    ] = Decimal("0.4")
    margin_alone: Annotated[
        bool,
        _about(
            "while Upbit takes no orders and no stop stands on Binance: reduce the hedge alone "
            "before it is liquidated"
        ),
    ] = True
    margin_alone_distance: Annotated[
        Decimal, _about("rise of the coin to liquidation below which that is done")
    ] = Decimal("0.05")
    margin_alone_target: Annotated[Decimal, _about("the distance that it restores")] = Decimal(
        "0.12"
    )
    api_errors_max: Annotated[
        int, _about("private calls of one exchange that may fail in a row", ge=1, le=1000)
    ] = 10
    entry_api_errors_max: Annotated[
        int, _about("so many failed in a row: no entry is begun", ge=1, le=1000)
    ] = 3
    rate_room_min: Annotated[
        float,
        _about("part of each exchange's request budget that must be free", ge=0, le=0.9),
    ] = 0.3
    cautions_allowed: Annotated[
        tuple[str, ...], _about("Upbit's cautions that do not hold an entry back")
    ] = ("GLOBAL_PRICE_DIFFERENCES", "TRADING_VOLUME_SOARING")
    unresolved_s_max: Annotated[
        float, _about("how long an order may have no known end", gt=0, le=86_400)
    ] = 120.0
    stale_s_max: Annotated[
        float, _about("how old the prices of what is held may be", gt=0, le=3600)
    ] = 30.0
    gap_s: Annotated[
        float,
        _about("our process stood still for longer: that time counts for nothing", gt=0, le=60),
    ] = 3.0
    after_gap_s: Annotated[
        float, _about("so long after such a gap prices are not called stale", ge=0, le=600)
    ] = 15.0
    mismatch_persist_s: Annotated[
        float, _about("how long a position must differ from ours", ge=1, le=3600)
    ] = 15.0
    flatten_on_stop: Annotated[bool, _about("every emergency stop also closes what is held")] = (
        False
    )
    stop_file: Annotated[
        str, _about("a file that stops trading while it exists; empty: <database>.<account>.stop")
    ] = ""


def stop_losses(text: str) -> dict[str, Decimal]:
    """Fractions by base asset, from ``BTC=0.04,XRP=0.08``.

    Raises:
        SettingsRefused: not of that shape.
    """
    found: dict[str, Decimal] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        base, _, number = part.partition("=")
        try:
            fraction = Decimal(number)
        except ArithmeticError:
            fraction = Decimal(0)
        if not base or not fraction.is_finite() or not 0 < fraction <= 1:
            raise SettingsRefused(
                f"risk.stop_loss_by_symbol: {part!r} is not like BTC=0.04 (above 0, at most 1)"
            )
        found[base.strip()] = fraction
    return found


def check_risk(risk: RiskSection) -> None:
    """What no single bound can say.

    Raises:
        SettingsRefused: two limits contradict each other, or one cannot be read.
    """
    stop_losses(risk.stop_loss_by_symbol)
    if risk.margin_reduce_distance >= risk.margin_warn_distance:
        raise SettingsRefused(
            "risk.margin_reduce_distance must be below risk.margin_warn_distance: first the "
            "warning, then the reduction"
        )
    if not 0 < risk.margin_alone_distance < risk.margin_alone_target < 1:
        raise SettingsRefused(
            "risk.margin_alone_distance must be below risk.margin_alone_target, both between 0 "
            "and 1: a reduction must bring liquidation farther away"
        )
    if risk.margin_alone_distance > risk.margin_reduce_distance:
        raise SettingsRefused(
            "risk.margin_alone_distance must not be above risk.margin_reduce_distance: the hedge "
            "alone is the last resort"
        )
    if risk.margin_warn_ratio >= risk.margin_reduce_ratio:
        raise SettingsRefused(
            "risk.margin_warn_ratio must be below risk.margin_reduce_ratio: first the warning, "
            "then the reduction"
        )
    if not 0 < risk.stop_loss_fraction <= 1:
        raise SettingsRefused(
            f"risk.stop_loss_fraction must be above 0 and at most 1: {risk.stop_loss_fraction}"
        )
    if risk.entry_api_errors_max > risk.api_errors_max:
        raise SettingsRefused(
            "risk.entry_api_errors_max must not be above risk.api_errors_max: entries cease "
            "before the emergency stop"
        )
