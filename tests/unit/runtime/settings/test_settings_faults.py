"""Every fault names the key, the value and the cure, whoever reads the settings."""

from pathlib import Path

import pytest

from trading_platform_order.runtime.settings.settings import SettingsRefused, load_settings


def refused_by(environment: dict[str, str]) -> str:
    """The text of the refusal."""
    return refused(**environment)  # type: ignore[arg-type]


def refused(*, toml: str = "", folder: Path | None = None, **environment: str) -> str:
    """The same, of a file or of single names."""
    config = None
    if folder is not None:
        config = folder / "settings.toml"
        config.write_text(toml, encoding="utf-8")
    with pytest.raises(SettingsRefused) as fault:
        load_settings(config, environment)
    return str(fault.value)


@pytest.mark.parametrize(
    ("symbol", "remedy"),
    [
        ("btc", "write BTC"),
        (" BTC", "write BTC"),
        ("BTC ", "write BTC"),
        ("BTC;DROP", "A to Z"),
        ("../x", "A to Z"),
        ("BTC-KRW", "write BTC"),
        ("BTCUSDT", "write BTC"),
        ("KRW-BTC", "write BTC"),
        ("B" * 21, "A to Z"),
    ],
)
def test_a_symbol_that_cannot_be_one_is_refused_with_its_remedy(symbol: str, remedy: str) -> None:
    told = refused(TPORDER_ENGINE_SYMBOLS=f"ETH,{symbol}")
    assert "engine.symbols" in told
    assert repr(symbol) in told
    assert remedy in told


def test_a_symbol_stands_once() -> None:
    told = refused(TPORDER_ENGINE_SYMBOLS="BTC,ETH,BTC")
    assert "engine.symbols" in told
    assert "BTC" in told


@pytest.mark.parametrize(
    "name",
    [
        "TPORDER_DISCORD_WEBHOOK_URL",
        "TPORDER_WATCHDOG_WEBHOOK_URL",
        "TPORDER_HEARTBEAT_ENGINE_URL",
        "TPORDER_HEARTBEAT_WATCHDOG_URL",
    ],
)
@pytest.mark.parametrize("url", ["http://example.org/secret", "example.org/secret", "https://"])
def test_addresses_that_operators_are_told_by_are_https_and_never_shown(
    name: str, url: str
) -> None:
    told = refused_by({name: url})
    assert name.removeprefix("TPORDER_").lower().replace("_", ".", 1) in told
    assert "https://" in told
    assert "secret" not in told


@pytest.mark.parametrize("name", ["UPBIT_REST_URL", "UPBIT_WS_URL", "BINANCE_REST_URL"])
def test_addresses_of_exchanges_are_encrypted(name: str) -> None:
    told = refused_by({f"TPORDER_{name}": "ftp://example.org"})
    assert name.lower().replace("_", ".", 1) in told
    assert "ftp://example.org" in told


def test_loopback_needs_no_encryption() -> None:
    made = load_settings(
        None,
        {
            "TPORDER_HEARTBEAT_ENGINE_URL": "http://127.0.0.1:9/x",
            "TPORDER_UPBIT_WS_URL": "ws://localhost:9/x",
        },
    )
    assert made.heartbeat.engine_url.reveal() == "http://127.0.0.1:9/x"


@pytest.mark.parametrize("name", ["TPORDER_NOTIFY_URLS", "TPORDER_NOTIFY_PAGING_URLS"])
@pytest.mark.parametrize(
    ("urls", "remedy"),
    [
        ("tgram://secret/1", "NAME=ADDRESS"),
        ("json://host/?to=secret", "NAME=ADDRESS"),
        ("Desk=json://secret", "a name of a-z"),
        ("team=secret", "an address with ://"),
        ("team=json://a team=json://secret", "another channel is named team"),
        ("discord=discord://secret/1", "another channel is named discord"),
    ],
)
def test_every_channel_has_a_name_of_its_own_and_its_address_is_never_shown(
    name: str, urls: str, remedy: str
) -> None:
    told = refused_by({name: urls})
    assert remedy in told
    assert "secret" not in told


def test_a_name_stands_once_in_both_lists() -> None:
    both = {"TPORDER_NOTIFY_URLS": "a=json://x", "TPORDER_NOTIFY_PAGING_URLS": "a=json://y"}
    assert "another channel is named a" in refused_by(both)


def test_a_time_zone_that_nobody_knows_is_refused() -> None:
    assert "Asia/Seoul" in refused_by({"TPORDER_NOTIFY_REPORT_ZONE": "Mars/Olympus"})


def test_an_account_that_could_leave_the_folder_is_refused() -> None:
    told = refused(TPORDER_ENGINE_ACCOUNT="../main")
    assert "engine.account" in told
    assert "'../main'" in told


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    config = tmp_path / "settings.toml"
    config.write_bytes(b'\xef\xbb\xbf[engine]\nsymbols = ["ETH"]\n')
    assert load_settings(config, {}).engine.symbols == ("ETH",)


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ('[engine]\nmode = "lve"', ("engine.mode", "'lve'", "paper, testnet, live", "mean live")),
        ("[engine]\nsymbol = []", ("engine.symbol", "unknown setting", "mean engine.symbols")),
        ("[engin]\nmode = 1", ("[engin]", "unknown section", "mean [engine]")),
        ("[binance]\nleverage = 5", ("binance.leverage", "5", "<= 2", "leverage setting per")),
        ('[binance]\nleverage = "x"', ("binance.leverage", "'x'", "int")),
        ("engine = 3", ("engine", "3", "[engine]")),
        ('[paper]\nkrw = "x"', ("paper.krw", "'x'", "opening KRW")),
        ("[engine]\nsymbols = [3]", ("engine.symbols", "3")),
        ("[upbit]\naccess_key = 5", ("upbit.access_key", "text")),
    ],
)
def test_each_fault_names_key_value_and_remedy(
    tmp_path: Path, toml: str, words: tuple[str, ...]
) -> None:
    told = refused(toml=toml, folder=tmp_path)
    for word in words:
        assert word in told, told
    assert "Invalid enum" not in told
    assert "$" not in told


def test_a_secret_is_in_no_refusal(tmp_path: Path) -> None:
    assert "123456" not in refused(toml="[upbit]\nsecret_key = 123456", folder=tmp_path)


def test_a_file_that_is_a_folder_or_missing_is_named(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.toml"):
        with pytest.raises(SettingsRefused, match="cannot read") as fault:
            load_settings(path, {})
        assert str(path) in str(fault.value)
