"""What the last resort needs to be started by the watchdog, and whether all of it is there."""

import sys
from dataclasses import dataclass
from pathlib import Path

from trading_platform_order.exchanges.base import Finding, Level
from trading_platform_order.runtime.followers.owned_file import owned_path
from trading_platform_order.runtime.settings.settings import Secret, Settings
from trading_platform_order.runtime.startup.owned_state import OwnedState, owned_state

SUBJECT = "last resort"
_NAMES = ("UPBIT_ACCESS_KEY", "UPBIT_SECRET_KEY", "BINANCE_API_KEY", "BINANCE_SECRET_KEY")
_OURS, _THEIRS = "TPORDER_WATCHDOG_LAST_RESORT_", "LAST_RESORT_"


@dataclass(frozen=True, slots=True, kw_only=True)
class LastResortSetup:
    """Where everything is.

    Attributes:
        script: ``last_resort.py``.
        owned: what the engine writes; beside it what an earlier run of it has taken.
        log: what it says, appended.
        keys: by the names of its own variables; empty where they are not set.
    """

    script: Path
    owned: Path
    log: Path
    keys: dict[str, Secret]

    @property
    def is_wanted(self) -> bool:
        """Some key of its own is set."""
        return any(self.keys.values())

    def environment(self) -> dict[str, str]:
        """Its keys, by which alone they reach it."""
        return {name: key.reveal() for name, key in self.keys.items()}

    def missing(self) -> list[str]:
        """Settings that are not set."""
        names = (name.removeprefix(_THEIRS) for name, key in self.keys.items() if not key)
        return [f"{_OURS}{name}" for name in names]

    def fault(self) -> str:
        """Why it could not be started now, with the cure; empty if it could."""
        if missing := self.missing():
            return f"set {', '.join(missing)}"
        if not self.script.is_file():
            return f"{self.script} is not there; set TPORDER_WATCHDOG_LAST_RESORT_SCRIPT"
        taken = Path(f"{self.owned}.taken")  # an earlier run goes on by what it began with
        source = taken if taken.exists() else self.owned
        state = owned_state(source)
        if not isinstance(state, OwnedState):
            return f"{source.name}: {state or 'there is none'}; a running engine writes it"
        return ""


def last_resort_setup(settings: Settings, path: Path) -> LastResortSetup:
    """Of these settings; ``path``: of the store."""
    account, own = settings.engine.account, settings.watchdog
    owned = owned_path(path, account)
    beside_us = Path(sys.prefix).parent / "deploy" / "last_resort.py"
    return LastResortSetup(
        script=Path(own.last_resort_script) if own.last_resort_script else beside_us,
        owned=owned.resolve(),
        log=path.with_name(f"{path.name}.{account}.last_resort.log").resolve(),
        keys={
            f"{_THEIRS}{name}": key
            for name, key in zip(
                _NAMES,
                (
                    own.last_resort_upbit_access_key,
                    own.last_resort_upbit_secret_key,
                    own.last_resort_binance_api_key,
                    own.last_resort_binance_secret_key,
                ),
                strict=True,
            )
        },
    )


def last_resort_finding(settings: Settings, path: Path) -> Finding:
    """Whether the watchdog could start it, as far as this process sees its settings."""
    setup = last_resort_setup(settings, path)
    if not setup.is_wanted:
        text = "no keys of its own are set here: the watchdog does not start it, a person does"
        return Finding(level=Level.OK, subject=SUBJECT, text=text)
    if fault := setup.fault():
        return Finding(
            level=Level.WARNING,
            subject=SUBJECT,
            text="the watchdog could not start it",
            remedy=fault,
        )
    if shared := _shared(settings):
        return Finding(
            level=Level.WARNING,
            subject=SUBJECT,
            text=f"its keys are also those of {shared}: what revokes one revokes both",
            remedy="make keys of its own, with the right to read and to order",
        )
    text = f"the watchdog can start {setup.script}"
    return Finding(level=Level.OK, subject=SUBJECT, text=text)


def _shared(settings: Settings) -> str:
    own = settings.watchdog
    mine = {own.last_resort_upbit_access_key, own.last_resort_binance_api_key}
    found = []
    if mine & {settings.upbit.access_key, settings.binance.api_key}:
        found.append("the engine")
    if mine & {own.upbit_access_key, own.binance_api_key}:
        found.append("the watchdog")
    return " and ".join(found)
