"""Where a storage database is, and what of it is refused before anybody connects."""

from pathlib import Path

import pytest

from trading_platform_order.runtime.settings.base import SettingsRefused
from trading_platform_order.runtime.settings.settings import load_settings
from trading_platform_order.storage.postgres.address import Address


def parameters(url: str) -> dict[str, object]:
    return Address(url=url, username="me", password="planted", schema="public").parameters()


@pytest.mark.parametrize(
    ("url", "mode"),
    [
        ("postgresql://db.example:5432/trading", "require"),
        ("postgresql://db.example/trading?sslmode=verify-full", "verify-full"),
        ("postgresql://127.0.0.1:5432/trading", None),
        ("postgresql:///trading?host=/run/postgresql", None),
    ],
)
def test_what_leaves_this_machine_is_encrypted(url: str, mode: str | None) -> None:
    told = parameters(url)
    assert told.get("sslmode") == mode
    assert (told["user"], told["password"]) == ("me", "planted")


@pytest.mark.parametrize(
    ("setting", "value", "named"),
    [
        ("URL", "postgresql://me:planted@db.example/x", "exporter.username"),
        ("URL", "postgresql://db.example/x?password=planted", "exporter.username"),
        ("URL", "http://db.example/x", "postgresql://"),
        ("SCHEMA", "public; DROP TABLE orders", "no name of a schema"),
        ("LAYOUT", "2.0", "exporter.layout"),
    ],
)
def test_a_faulty_setting_is_named(setting: str, value: str, named: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsRefused) as refused:
        load_settings(None, {f"TPORDER_EXPORTER_{setting}": value})
    assert named in str(refused.value)
    assert "planted" not in str(refused.value)
