"""A document in two languages has the same headings, settings, commands and exit codes in both."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
HEADING = re.compile(r"^(#+) ", re.MULTILINE)
NAMES = re.compile(
    r"TPORDER_[A-Z0-9_]+[A-Z0-9]|tporder [a-z]+(?:-[a-z]+)?(?: [a-z]+)?(?: --[a-z-]+)?"
)
TABLES = re.compile(
    r"<!-- generated: .*?<!-- end -->|^\| `[a-z_]+` \| .*?$", re.MULTILINE | re.DOTALL
)
ONLY_KOREAN = {"TPORDER_LANG", "TPORDER_TIMEZONE"}


def text_of(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def without_alerts(text: str) -> str:
    """Alerts have their Korean table in RISK_MANAGEMENT.ko.md, where a test holds it complete."""
    return TABLES.sub("", text)


@pytest.mark.parametrize("name", ["OPERATIONS"])
def test_both_languages_have_the_same_parts(name: str) -> None:
    english, korean = text_of(f"{name}.md"), text_of(f"{name}.ko.md")

    levels = [
        HEADING.findall(re.sub(r"^    .*$", "", text, flags=re.MULTILINE))
        for text in (english, korean)
    ]
    assert levels[0] == levels[1]


@pytest.mark.parametrize("name", ["OPERATIONS"])
def test_both_languages_name_the_same_settings_and_commands(name: str) -> None:
    english, korean = (
        set(NAMES.findall(without_alerts(text_of(f"{name}{ending}"))))
        for ending in (".md", ".ko.md")
    )

    assert english - korean == set()
    assert korean - english <= ONLY_KOREAN
