"""What must be set before anything is asked of a real exchange."""

from trading_platform_order.runtime.settings.settings import (
    LIVE_CONFIRMATION,
    Mode,
    Settings,
    SettingsRefused,
)


def check_mode(settings: Settings) -> None:
    """What the mode asks for is there.

    Raises:
        SettingsRefused: naming what is missing.
    """
    mode = settings.engine.mode
    if mode is Mode.LIVE:
        check_live(settings)
    if mode is Mode.TESTNET and not (settings.binance.api_key and settings.binance.secret_key):
        raise SettingsRefused(
            "testnet mode needs the keys of Binance's demo account: set TPORDER_BINANCE_API_KEY "
            "and TPORDER_BINANCE_SECRET_KEY"
        )


def check_live(settings: Settings) -> None:
    """Live mode needs keys and the explicit confirmation.

    Raises:
        SettingsRefused: naming everything that is missing.
    """
    missing = _missing_keys(settings)
    if settings.engine.live_confirmation != LIVE_CONFIRMATION:
        missing.append(f'TPORDER_ENGINE_LIVE_CONFIRMATION="{LIVE_CONFIRMATION}"')
    if missing:
        raise SettingsRefused(
            "live mode trades real money and was not started; set first: " + ", ".join(missing)
        )


def check_keys(settings: Settings) -> None:
    """Real exchanges need keys, also where nothing is traded.

    Raises:
        SettingsRefused: naming those that are missing.
    """
    missing = _missing_keys(settings)
    if missing:
        raise SettingsRefused("keys are missing; set first: " + ", ".join(missing))


def _missing_keys(settings: Settings) -> list[str]:
    return [
        name
        for name, value in (
            ("TPORDER_UPBIT_ACCESS_KEY", settings.upbit.access_key),
            ("TPORDER_UPBIT_SECRET_KEY", settings.upbit.secret_key),
            ("TPORDER_BINANCE_API_KEY", settings.binance.api_key),
            ("TPORDER_BINANCE_SECRET_KEY", settings.binance.secret_key),
        )
        if not value
    ]
