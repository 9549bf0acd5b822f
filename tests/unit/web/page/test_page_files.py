"""What the wheel carries of the page: pinned modules, nothing from elsewhere, no own words."""

import hashlib
import re
from importlib.resources import files
from pathlib import Path

import pytest

from tools.page_modules import FILES, pinned
from trading_platform_order.runtime.settings.shown.origins import Origin
from trading_platform_order.web.page.assets import POLICY, assets
from trading_platform_order.web.page.texts import TABLES, texts

STATIC = Path(str(files("trading_platform_order.web.page") / "static"))
VENDOR = STATIC / "vendor"
MODULES = sorted(path for path in STATIC.rglob("*.mjs") if VENDOR not in path.parents)
SCRIPTS = {path.name: path.read_text(encoding="utf-8") for path in MODULES}
CODE = "\n".join(SCRIPTS.values())


def test_every_pinned_file_is_what_it_was_when_it_was_pinned() -> None:
    lines = (VENDOR / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    told = {name: digest for digest, name in (line.split("  ") for line in lines)}

    there = {path.name for path in VENDOR.iterdir()} - {"SHA256SUMS"}
    assert there == set(told) == set(FILES)
    for name, digest in told.items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest, name


def test_pinning_makes_paths_of_names_and_refuses_what_is_not_shipped() -> None:
    module = 'import{h}from"preact";import x from "htm";\n//# sourceMappingURL=a.map\n'

    assert pinned(module) == 'import{h}from"./preact.mjs";import x from "./htm.mjs";\n'
    with pytest.raises(KeyError):
        pinned('import a from"lodash";')


def test_every_import_is_a_file_beside_the_module() -> None:
    for path in STATIC.rglob("*.mjs"):
        text = path.read_text(encoding="utf-8")
        for name in re.findall(r"""(?:^|[;}\s])(?:import|from)\s*\(?["']([^"']+)["']""", text):
            assert name.startswith("."), f"{path.name}: {name}"
            assert (path.parent / name).is_file(), f"{path.name}: {name}"


def test_nothing_is_loaded_from_elsewhere_or_made_of_text() -> None:
    for name, asset in assets().items():
        if name.startswith("vendor/LICENSE"):
            continue
        text = asset.content.decode()
        addresses = set(re.findall(r"https?://[^\s\"'`)]+", text)) - {"http://www.w3.org/2000/svg"}
        addresses = {one for one in addresses if not one.startswith("http://www.w3.org")}
        assert name.startswith("vendor/") or not addresses, f"{name}: {addresses}"
        assert not re.search(r"\beval\(|new Function|innerHTML|dangerouslySet", text) or (
            name == "vendor/preact.mjs"
        ), name
    assert "unsafe" not in POLICY
    page = assets()["index.html"].content.decode()
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\son\w+=", page)


def keys_in(text: str, function: str) -> set[str]:
    return set(re.findall(rf"""\b{function}\(\s*["'](\w+)["']""", text))


def test_the_page_names_only_texts_of_the_catalogue_and_all_of_them() -> None:
    words = set(TABLES["page"])
    named = keys_in(CODE, "t")

    assert named <= words, named - words
    # What is chosen by a value stands in the code as a text of its own.
    literals = set(re.findall(r"""["'](\w+)["']|\b(\w+):""", CODE))
    written = {name for pair in literals for name in pair if name} | set(Origin)
    assert words <= written, words - written
    tables = keys_in(CODE, "word") - {"column"}
    assert tables <= set(TABLES), tables


def test_every_column_and_gauge_has_a_heading() -> None:
    columns = set(re.findall(r"""\[\s*"(\w+)", (?:\(row\) =>|link|verdict)""", CODE))

    assert columns <= set(TABLES["column"]), columns - set(TABLES["column"])
    assert set(TABLES["column"]) <= columns, set(TABLES["column"]) - columns


def test_no_screen_has_words_of_its_own() -> None:
    for name, text in SCRIPTS.items():
        bare = re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE)
        shown = re.findall(r">\s*([A-Za-z][A-Za-z ]{3,})\s*<", bare)
        assert not [one for one in shown if one.strip() != "tporder"], f"{name}: {shown}"
        assert not re.search("[가-힣]", bare), name


def test_both_languages_have_every_text() -> None:
    told = texts()

    assert set(told) == {"en", "ko"}
    assert set(told["en"]) == set(told["ko"])
    assert all(text.strip() for text in told["ko"].values())
    assert told["en"]["page.since"] == "since {at}"
    assert told["ko"]["state.armed"] == "진입 가능"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_a_module_is_small_and_says_what_it_is_for(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()

    assert lines[0].startswith("// ")
    assert len(lines) <= 200
    assert all(len(line) <= 180 for line in lines)
