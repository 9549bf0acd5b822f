"""The settings of a command, and how its operator reads."""

import os
from pathlib import Path

from trading_platform_order.runtime.settings.settings import Settings, load_settings
from trading_platform_order.words.text import use


def read_settings(config: Path | None) -> Settings:
    """Defaults, the file, the environment; from now on texts are as they say.

    Raises:
        SettingsRefused: one is faulty.
    """
    settings = load_settings(config, os.environ)
    use(settings.locale.chosen(os.environ))
    return settings
