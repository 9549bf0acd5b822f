"""The watchdog's settings, and the signs of life to the outside."""

from decimal import Decimal
from typing import Annotated

from trading_platform_order.runtime.settings.base import Secret, Section
from trading_platform_order.runtime.settings.base import about as _about


class WatchdogSection(Section, frozen=True, kw_only=True):
    """The second pair of eyes (`tporder watchdog`), and how the engine lives with it."""

    upbit_access_key: Annotated[
        Secret, _about("its own Upbit access key; live needs it", secret=True)
    ] = Secret()
    upbit_secret_key: Annotated[Secret, _about("its own Upbit secret key", secret=True)] = Secret()
    binance_api_key: Annotated[
        Secret, _about("its own Binance API key; live needs it", secret=True)
    ] = Secret()
    binance_secret_key: Annotated[Secret, _about("its own Binance secret key", secret=True)] = (
        Secret()
    )
    webhook_url: Annotated[
        Secret, _about("its Discord webhook; empty: discord.webhook_url", secret=True)
    ] = Secret()
    expected: Annotated[bool, _about("the engine alerts when no watchdog gives a sign of life")] = (
        False
    )
    beat_s: Annotated[float, _about("pause between signs of life", ge=0.1, le=1)] = 0.5
    lease_s: Annotated[
        float, _about("the engine sends nothing once its last sign of life is older", ge=1, le=30)
    ] = 3.0
    lapse_s: Annotated[
        float,
        _about(
            "a standby takes the account over once its holder has not renewed its lease for so "
            "long, and kills it; at least watchdog.lease_s + 1",
            ge=2,
            le=600,
        ),
    ] = 6.0
    engine_gone_s: Annotated[
        float,
        _about("exposed and the engine's process gone for so long: act", ge=0.1, le=3600),
    ] = 5.0
    engine_silent_s: Annotated[
        float,
        _about(
            "exposed and the engine's process there but silent for so long: act; at least "
            "watchdog.lease_s + binance.recv_window_ms + binance.horizon_margin_s",
            ge=1,
            le=3600,
        ),
    ] = 10.0
    clean_stop_s: Annotated[
        float,
        _about(
            "the same after the engine was stopped on purpose, no trade under way",
            ge=0.1,
            le=86_400,
        ),
    ] = 300.0
    hedged_hold_s: Annotated[
        float,
        _about(
            "what is even, under its stop on Binance and with margin to spare is held for so long "
            "beside a dead engine, and paged; 0: closed like anything else",
            ge=0,
            le=86_400,
        ),
    ] = 900.0
    exit_wait_s: Annotated[
        float,
        _about(
            "an EXIT or a flatten waits so long for a living engine; then its pair is closed",
            ge=5,
            le=3600,
        ),
    ] = 35.0
    start_s: Annotated[
        float,
        _about(
            "a starting engine may take so long to its first sign of life, and so long to get "
            "ready while legs are uneven or orders unknown",
            ge=5,
            le=3600,
        ),
    ] = 30.0
    start_patience_s: Annotated[
        float,
        _about(
            "a starting engine that gives signs of life may take so long to get ready; then it is "
            "paged, and an EXIT counts as waiting without an engine",
            ge=10,
            le=3600,
        ),
    ] = 120.0
    loss_fraction: Annotated[
        Decimal,
        _about(
            "act when the day's loss, as the watchdog itself computes it from the balances and "
            "from the trades, exceeds this part of capital"
        ),
    ] = Decimal("0.04")
    loss_persist_s: Annotated[
        float,
        _about("and does so for this long; above 60 s the engine has explained transfers", ge=0),
    ] = 90.0
    unknown_order_s: Annotated[
        float,
        _about("act when an order under our prefix is in no journal for so long", ge=0.5, le=600),
    ] = 3.0
    look_s: Annotated[float, _about("pause between looks at both exchanges", ge=0.2, le=60)] = 5.0
    reduce: Annotated[bool, _about("close what is held; false: only stop, cancel and alert")] = True
    flat_budget_s: Annotated[
        float, _about("how long closing may take before operators are called again", gt=0, le=3600)
    ] = 30.0
    last_resort_upbit_access_key: Annotated[
        Secret,
        _about(
            "the last resort's own Upbit access key; without all four of its keys the watchdog "
            "never starts deploy/last_resort.py, a person does",
            secret=True,
        ),
    ] = Secret()
    last_resort_upbit_secret_key: Annotated[
        Secret, _about("the last resort's own Upbit secret key", secret=True)
    ] = Secret()
    last_resort_binance_api_key: Annotated[
        Secret, _about("the last resort's own Binance API key", secret=True)
    ] = Secret()
    last_resort_binance_secret_key: Annotated[
        Secret, _about("the last resort's own Binance secret key", secret=True)
    ] = Secret()
    last_resort_script: Annotated[
        str,
        _about(
            "the last resort's file; empty: deploy/last_resort.py beside the virtual environment"
        ),
    ] = ""
    last_resort_after_s: Annotated[
        float,
        _about(
            "two engines that close have failed and legs have differed for so long: start it",
            ge=10,
            le=86_400,
        ),
    ] = 120.0
    last_resort_distance: Annotated[
        Decimal,
        _about(
            "the same without waiting, when a rise of the coin by less than this part liquidates "
            "the short; 0: never for that"
        ),
    ] = Decimal("0.10")
    takeover_wait_s: Annotated[
        float, _about("how long a starting engine lets a watchdog at work finish", ge=0, le=600)
    ] = 60.0


class HeartbeatSection(Section, frozen=True, kw_only=True):
    """Signs of life to the outside: whoever receives them calls operators when they stop."""

    engine_url: Annotated[
        Secret, _about("asked with GET by a healthy engine; empty for none", secret=True)
    ] = Secret()
    watchdog_url: Annotated[
        Secret, _about("the same for the watchdog; another address", secret=True)
    ] = Secret()
    interval_s: Annotated[float, _about("pause between them", ge=0.1, le=3600)] = 30.0
