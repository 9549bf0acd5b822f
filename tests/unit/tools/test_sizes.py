"""A file is read in one sitting, and a folder taken in at one look."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
CODE = ("src", "tests", "tools", "benchmarks", "examples", "deploy", "strategies")
FILE_LINES_MAX = 450
FOLDER_FILES_MAX = 15


def _files(*folders: str) -> Iterator[Path]:
    return (path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def test_no_file_is_longer_than_can_be_read_at_once() -> None:
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in _files(*CODE)}
    assert len(lines) > 1_000
    long = {str(p.relative_to(ROOT)): n for p, n in lines.items() if n > FILE_LINES_MAX}
    assert long == {}, "split it by what it answers for"


def test_no_folder_of_the_source_has_more_files_than_can_be_seen_at_once() -> None:
    files = Counter(path.parent for path in _files("src") if path.name != "__init__.py")
    assert len(files) > 50
    full = {str(p.relative_to(ROOT)): n for p, n in files.items() if n > FOLDER_FILES_MAX}
    assert full == {}, "make rooms in it, each with its reason"
