"""Pins the JavaScript modules of the page: from unpacked npm packages into the wheel.

    npm pack preact@11.2.0 htm@3.1.1 uplot@1.6.32        # then unpack each into FOLDER/NAME
    python -m tools.page_modules FOLDER

The page has no build step and loads nothing from elsewhere, so each module is one file beside the
page. Two things are changed in it, and nothing else: imports by a bare name become paths (an
import map would need an inline script, which the page's policy forbids), and the comment that
names a source map goes, because none is shipped. ``SHA256SUMS`` holds what results; a test
compares.
"""

import hashlib
import re
import sys
from pathlib import Path

VENDOR = Path(__file__).parents[1] / "src/trading_platform_order/web/page/static/vendor"
SUMS = "SHA256SUMS"
FILES = {
    "preact.mjs": "preact/dist/preact.mjs",
    "hooks.mjs": "preact/hooks/dist/hooks.mjs",
    "htm.mjs": "htm/dist/htm.mjs",
    "htm-preact.mjs": "htm/preact/index.mjs",
    "uplot.mjs": "uplot/dist/uPlot.esm.js",
    "uplot.css": "uplot/dist/uPlot.min.css",
    "LICENSE-preact": "preact/LICENSE",
    "LICENSE-htm": "htm/LICENSE",
    "LICENSE-uplot": "uplot/LICENSE",
}
BARE = {"preact": "./preact.mjs", "preact/hooks": "./hooks.mjs", "htm": "./htm.mjs"}
_FROM = re.compile(r"""(from\s*)(["'])([a-z/]+)\2""")


def pinned(text: str) -> str:
    """A module as it is shipped.

    Raises:
        KeyError: it imports a module that is not shipped.
    """
    with_paths = _FROM.sub(lambda found: f'{found[1]}"{BARE[found[3]]}"', text)
    lines = with_paths.splitlines()
    kept = [line for line in lines if not line.startswith("//# sourceMappingURL=")]
    return "\n".join(kept) + "\n"


def sums(folder: Path) -> str:
    """A line for each file: its SHA-256 and its name."""
    return "".join(
        f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in FILES
    )


def main() -> None:
    """Write them all."""
    source = Path(sys.argv[1])
    for name, origin in FILES.items():
        text = (source / origin).read_text(encoding="utf-8")
        is_code = name.endswith(".mjs")
        (VENDOR / name).write_text(pinned(text) if is_code else text, encoding="utf-8")
    (VENDOR / SUMS).write_text(sums(VENDOR), encoding="utf-8")


if __name__ == "__main__":
    main()
