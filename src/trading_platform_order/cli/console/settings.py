"""The settings of a command, and how its operator reads."""

import os
from pathlib import Path

import click

from trading_platform_order.runtime.settings.settings import (
    CONFIG_VARIABLE,
    Settings,
    load_settings,
)
from trading_platform_order.words.text import use

config_option = click.option(
    "--config",
    envvar=CONFIG_VARIABLE,
    type=click.Path(path_type=Path),
    help=f"Settings, a TOML file (else {CONFIG_VARIABLE}).",
)


def read_settings(config: Path | None) -> Settings:
    """Defaults, the file, the environment; from now on texts are as they say.

    Raises:
        SettingsRefused: one is faulty.
    """
    settings = load_settings(config, os.environ)
    use(settings.locale.chosen(os.environ))
    return settings
