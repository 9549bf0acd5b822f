"""What a new installation begins with says the truth about every setting."""

import re
from pathlib import Path

import msgspec
import pytest

from trading_platform_order.runtime.settings.settings import (
    Mode,
    PaperMarket,
    Settings,
    load_settings,
)
from trading_platform_order.runtime.settings.shown.described import described_sections
from trading_platform_order.runtime.settings.shown.starter import Starter, starter_files
from trading_platform_order.words.text import Language

ALL_MODES = pytest.mark.parametrize("mode", list(Mode))


IN_BOTH = pytest.mark.parametrize("language", list(Language))


def starter_of(mode: Mode, language: Language = Language.EN) -> Starter:
    return Starter(
        mode=mode,
        account="desk",
        symbols=("BTC", "XRP"),
        store=Path("/somewhere/a store.db"),
        market=PaperMarket.GENERATED,
        language=language,
    )


def texts(mode: Mode, language: Language = Language.EN) -> dict[str, str]:
    return {file.name: file.text for file in starter_files(starter_of(mode, language))}


def loaded(text: str, folder: Path) -> Settings:
    file = folder / "tporder.toml"
    file.write_text(text, encoding="utf-8")
    return load_settings(file, {})


def variables(text: str) -> dict[str, str]:
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def expected(mode: Mode) -> Settings:
    plain = Settings()
    return msgspec.structs.replace(
        plain,
        engine=msgspec.structs.replace(
            plain.engine, mode=mode, account="desk", symbols=("BTC", "XRP")
        ),
        store=msgspec.structs.replace(plain.store, path="/somewhere/a store.db"),
        paper=msgspec.structs.replace(
            plain.paper,
            market=PaperMarket.GENERATED if mode is Mode.PAPER else plain.paper.market,
        ),
        watchdog=msgspec.structs.replace(plain.watchdog, expected=mode is Mode.LIVE),
    )


@IN_BOTH
@ALL_MODES
def test_it_is_read_as_it_was_asked_for(mode: Mode, language: Language, tmp_path: Path) -> None:
    assert loaded(texts(mode, language)["tporder.toml"], tmp_path) == expected(mode)


@IN_BOTH
@ALL_MODES
def test_every_default_it_shows_may_be_uncommented(
    mode: Mode, language: Language, tmp_path: Path
) -> None:
    text = texts(mode, language)["tporder.toml"]
    uncommented, lines = re.subn(r"(?m)^#(\w+ = )", r"\1", text)
    assert lines > 100
    assert loaded(uncommented, tmp_path) == expected(mode)


@IN_BOTH
@ALL_MODES
def test_it_explains_every_setting(mode: Mode, language: Language) -> None:
    text = texts(mode, language)["tporder.toml"]
    for section in described_sections(language=language):
        part = text.split(f"[{section.name}]\n", 1)[1].split("\n\n", 1)[0]
        for setting in section.settings:
            assert setting.meaning in part
            assert re.search(rf"(?m)^#? ?{setting.key}\b", part), setting.key


def test_secrets_stand_where_the_process_that_needs_them_reads() -> None:
    found = texts(Mode.LIVE)
    held = {name: set(variables(text)) for name, text in found.items() if name.endswith(".env")}
    secret = {each.variable for s in described_sections() for each in s.settings if each.is_secret}

    assert set().union(*held.values()) == secret
    assert not any("WATCHDOG" in name for name in held["engine.env"] | held["web.env"])
    upbits = {name for name in held["watchdog.env"] if "_UPBIT_" in name}
    assert {name.rpartition("_UPBIT_")[0] for name in upbits} == {
        "TPORDER_WATCHDOG",
        "TPORDER_WATCHDOG_LAST_RESORT",
    }
    assert not any("KEY" in name for name in held["web.env"])
    for name in held:
        assert set(variables(found[name]).values()) == {""}


def test_paper_needs_no_key_and_testnet_no_watchdog() -> None:
    assert list(texts(Mode.PAPER)) == ["tporder.toml", "web.env", "exporter.env"]
    assert list(texts(Mode.TESTNET)) == ["tporder.toml", "engine.env", "web.env", "exporter.env"]


def test_live_is_not_confirmed_for_its_user(tmp_path: Path) -> None:
    assert loaded(texts(Mode.LIVE)["tporder.toml"], tmp_path).engine.live_confirmation == ""
