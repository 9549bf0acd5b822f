"""The catalogue is complete: both languages, the same placeholders, nothing that nobody uses."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import trading_platform_order.words as package
from trading_platform_order.cli.console.errors import CODES
from trading_platform_order.notifications.wording.guidance import GUIDANCE
from trading_platform_order.notifications.wording.messages import WORDINGS
from trading_platform_order.notifications.wording.texts import Text as AlertText
from trading_platform_order.words import help as help_texts
from trading_platform_order.words import meanings, sentences
from trading_platform_order.words.sentences import (
    SENTENCES,
    localised,
    machine_faults,
    pattern_of,
)
from trading_platform_order.words.text import Language, Locale, Text, placeholders, using

SOURCE = Path(__file__).parents[3] / "src"
WORDS = f"{package.__name__}."
MODULES = {info.name for info in pkgutil.walk_packages(package.__path__, WORDS)}
LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
SAME_IN_BOTH = {
    *("KRW", "USDT", "USD", "KST", "ID", "API", "IP", "UTF", "HOLD", "bps", "ms", "reduce", "only"),
    *("One", "way", "Single", "Asset"),
    *("CSV", "English"),
}
"""What Korean traders write in Latin letters too."""
MEANINGS = ("meanings.trading", "meanings.limits", "meanings.guards", "meanings.services")


def catalogue() -> Iterator[tuple[str, Text]]:
    """``module.NAME`` and its text; texts in tables under the name of their table."""
    for info in pkgutil.walk_packages(package.__path__, WORDS):
        if info.name in (sentences.__name__, help_texts.__name__, meanings.__name__):
            continue  # they gather what its modules hold
        module = importlib.import_module(info.name)
        for name, value in vars(module).items():
            key = f"{info.name.removeprefix(WORDS)}.{name}"
            if isinstance(value, Text):
                yield key, value
            elif isinstance(value, tuple | dict) and name.isupper():
                texts = value.values() if isinstance(value, dict) else value
                yield from ((key, text) for text in texts if isinstance(text, Text))


@pytest.mark.parametrize(("key", "text"), list(catalogue()))
def test_both_languages_say_the_same(key: str, text: Text) -> None:
    assert text.en.strip(), key
    assert text.ko.strip(), key
    assert placeholders(text.en) == placeholders(text.ko), key
    english, korean = (set(LATIN_WORD.findall(_bare(each))) for each in (text.en, text.ko))
    if english - SAME_IN_BOTH:
        assert text.en != text.ko, f"{key}: not translated: {text.ko!r}"
    assert korean <= english | SAME_IN_BOTH, f"{key}: English in the Korean text: {text.ko!r}"


def _bare(template: str) -> str:
    return re.sub(r"\{.*?\}", " ", template)


def uses() -> Iterator[tuple[str, ast.Call | None, str]]:
    """``module.NAME``, the call if it is called there, and where."""
    for path in SOURCE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if WORDS not in text and f"from {package.__name__} " not in text:
            continue
        tree = ast.parse(text)
        modules, names = _imported(tree)
        calls = {id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
        for node in ast.walk(tree):
            where = f"{path.relative_to(SOURCE)}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                module = modules.get(node.value.id)
                if module is not None:
                    yield f"{module}.{node.attr}", calls.get(id(node)), where
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                key = names.get(node.id)
                if key is not None:
                    yield key, calls.get(id(node)), where


def _imported(tree: ast.Module) -> tuple[dict[str, str], dict[str, str]]:
    modules, names = {}, {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or node.module is None:
            continue
        for alias in node.names:
            key = f"{node.module}.{alias.name}".removeprefix(WORDS)
            if f"{node.module}.{alias.name}" in MODULES:
                modules[alias.asname or alias.name] = key
            elif node.module.startswith(WORDS):
                names[alias.asname or alias.name] = key
    return modules, names


def test_every_call_fills_in_what_its_text_names() -> None:
    texts = dict(catalogue())
    wrong = []
    for key, call, where in uses():
        text = texts.get(key)
        if text is None or call is None or any(word.arg is None for word in call.keywords):
            continue
        if sorted(str(word.arg) for word in call.keywords) != sorted(set(placeholders(text.en))):
            wrong.append(f"{where}: {key}: {text.en!r}")

    assert not wrong


def test_no_text_is_there_for_nobody() -> None:
    used = {key for key, _, _ in uses()} | set(_used_in_tables())
    recognised = ("sentences.", "help.", *MEANINGS)  # by their own text
    unused = {key for key, _ in catalogue() if not key.startswith(recognised)} - used

    assert not unused


def _used_in_tables() -> Iterator[str]:
    """Names that another text's table holds."""
    root = Path(package.__path__[0])
    for path in root.rglob("*.py"):
        module = ".".join(path.relative_to(root).with_suffix("").parts)
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict | ast.Tuple):
                for name in ast.walk(node.value):
                    if isinstance(name, ast.Name):
                        yield f"{module}.{name.id}"


def literals() -> set[str]:
    """Every text in the code, with ``{}`` where a figure is filled in."""
    found = set()
    for path in SOURCE.rglob("*.py"):
        if Path(package.__path__[0]) in path.parents:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                found.add(
                    "".join(
                        str(part.value) if isinstance(part, ast.Constant) else "{}"
                        for part in node.values
                    )
                )
    return found


def test_every_sentence_is_one_that_the_engine_still_writes() -> None:
    """Whole, or as a part of a longer text."""
    written = "\n".join(literals())
    stale = [
        sentence.en
        for sentence in SENTENCES
        if sentence not in machine_faults.SENTENCES  # others write those
        and not all(
            piece in written for piece in re.split(r"\{.*?\}", sentence.en) if len(piece) > 3
        )
    ]

    assert not stale, "\n".join(stale)


def test_no_sentence_is_there_twice() -> None:
    letters = [pattern_of(sentence.en)[0] for sentence in SENTENCES]

    assert len(letters) == len(set(letters))


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda sentence: sentence.en)
def test_a_sentence_is_recognised_by_its_own_text(sentence: Text) -> None:
    figures = {name: f"<{name}>" for name in placeholders(sentence.en)}
    written = sentence.within(Language.EN, **figures)

    assert localised(written, Language.KO) == sentence.within(Language.KO, **figures)
    assert localised(written, Language.EN) == written


def test_what_nobody_translated_is_shown_as_it_stands() -> None:
    with using(Locale(language=Language.KO)):
        assert localised("nobody ever wrote this") == "nobody ever wrote this"


def test_a_figure_that_is_a_sentence_itself_is_translated_too() -> None:
    assert sentences.localised("for the emergency stop is set: drill", Language.KO) == (
        "긴급 정지 설정됨: drill 대기 중"
    )


def test_a_unit_is_not_taken_for_the_end_of_a_sentence() -> None:
    assert localised("60 s", Language.KO) == "60초"
    assert localised("nobody translated these 60 s", Language.KO) == "nobody translated these 60 s"


# -- nothing beside the catalogue ---------------------------------------------------------------

DEVELOPERS = {"simulate", "simulator_commands", "sweep_endpoints", "live_check"}
"""Reports for developers: English."""
NO_TEXTS = {"reference", "exit_codes", "main"}
"""They write documents and ``--help``, which repeat the code's English."""
NOT_SHOWN = {"can't start new thread", "tporder pairs list", "not running"}
"""What Python says, the name of a program, a value for programs that a table has words for."""
NO_OUTPUT = {"option", "argument", "command", "group", "Choice", "Path", "compile"}


def shown_texts(path: Path) -> Iterator[tuple[int, str]]:
    """What a module may print: texts of several words, without docstrings, options and patterns."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    others: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            others.add(id(node.value))
        if isinstance(node, ast.Call):
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else ""
            name = function.id if isinstance(function, ast.Name) else name
            if name in NO_OUTPUT:
                others |= {id(inner) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in others
        ):
            text = node.value.strip()
            if " " in text and LATIN_WORD.search(text):
                yield node.lineno, text


def test_no_command_shows_a_text_that_is_not_in_the_catalogue() -> None:
    known = "\n".join(text.en for _, text in catalogue()) + "\n".join(NOT_SHOWN)
    folder = SOURCE / "trading_platform_order" / "cli"
    beside = [
        f"{path.name}:{line}: {text}"
        for path in sorted(folder.rglob("*.py"))
        if path.stem not in DEVELOPERS | NO_TEXTS
        for line, text in shown_texts(path)
        if text not in known
    ]

    assert not beside, "\n".join(beside)


def is_english(text: str) -> bool:
    """Several English words after another that are no command, setting or name."""
    bare = re.sub(r"`[^`]*`|tporder [a-z ]+|[A-Z_]{3,}", "", text)
    return re.search(r"\b[a-z]{2,} [a-z]{2,} [a-z]{2,}", bare) is not None


def test_every_sentence_of_an_alert_is_translated() -> None:
    texts = [re.sub(r"\{(\w+)\}", r"<\1>", template.value) for template in AlertText]
    for guidance in GUIDANCE.values():
        texts += [text for text in (guidance.doing, guidance.deadline, guidance.action) if text]

    english = [text for text in texts if is_english(localised(text, Language.KO))]

    assert not english, "\n".join(english)
    assert all(wording.title_ko for wording in WORDINGS.values())


def test_every_refusal_of_the_limits_is_translated() -> None:
    lines = (Path(__file__).parents[2] / "data" / "refusals.txt").read_text(encoding="utf-8")
    messages = re.findall(r"^\[.*\] (?!bad_figure).*\n {4}(.*)$", lines, re.MULTILINE)

    english = [text for text in messages if is_english(localised(text, Language.KO))]

    assert len(messages) > 50
    assert not english, "\n".join(english)


BESIDE = {"journal", "testbed"}
"""Folders whose texts are of the code, not of what it trades."""
NOT_TOLD = (
    "application/json; charset=utf-8",
    "the snapshot is not used",  # lines of the log that name a file
    "the snapshot says otherwise",
    " (check the Upbit key",  # the ends of sentences that are in the catalogue
    ", and on until",
)


def said_by(folder: Path) -> Iterator[str]:
    """What the modules of a folder may say, without docstrings, errors and names of tasks."""
    for path in folder.rglob("*.py"):
        if BESIDE & set(path.parts):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        others = set(_not_shown(tree))
        for node in ast.walk(tree):
            if id(node) in others:
                continue
            if isinstance(node, ast.JoinedStr):
                yield "".join(
                    str(part.value) if isinstance(part, ast.Constant) else "<x>"
                    for part in node.values
                )
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def _not_shown(tree: ast.Module) -> Iterator[int]:
    """Ids of the nodes that are docstrings, errors, names of tasks, or parts of a longer text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield from (id(part) for part in node.values)
        elif isinstance(node, ast.Expr):
            yield id(node.value)
        elif isinstance(node, ast.Raise | ast.Assert) or (
            isinstance(node, ast.keyword) and node.arg == "name"
        ):
            yield from (id(part) for part in ast.walk(node))


ROOMS = (
    "domain/account",
    "domain/hindrances",
    "domain/protection",
    "domain/trade",
    "exchanges",
    "executor",
    "watchdog",
)


@pytest.mark.parametrize("room", ROOMS)
def test_what_the_engine_and_the_watchdog_say_is_translated(room: str) -> None:
    texts = [
        text
        for text in said_by(SOURCE / "trading_platform_order" / room)
        if not any(part in text for part in NOT_TOLD)
    ]
    english = [text for text in texts if is_english(localised(text, Language.KO))]

    assert len(texts) > 20
    assert not english, "\n".join(english)


def _faults() -> Iterator[tuple[str, str]]:
    """Every text with which code raises what a command tells, with ``<n>`` for its figures."""
    kinds = set(foreseen_kinds())
    for path in SOURCE.rglob("*.py"):
        if "live_check" in path.parts:
            continue  # it reports to developers: English
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                text = _written(node.args[0]) if node.func.id in kinds else ""
                if text:
                    yield f"{path.relative_to(SOURCE)}:{node.lineno}", text


def foreseen_kinds() -> Iterator[str]:
    """Names of the errors that a command tells in its user's language, and of their kinds."""
    waiting = list(CODES)
    while waiting:
        kind = waiting.pop()
        yield kind.__name__
        waiting += kind.__subclasses__()


def _written(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if not isinstance(node, ast.JoinedStr):
        return ""
    return "".join(
        str(part.value) if isinstance(part, ast.Constant) else f"<{number}>"
        for number, part in enumerate(node.values)
    )


def test_every_fault_that_a_command_tells_is_translated() -> None:
    faults = list(_faults())
    english = [
        f"{where}: {text}" for where, text in faults if is_english(localised(text, Language.KO))
    ]

    assert len(faults) > 50
    assert not english, "\n".join(english)


ANNOUNCE = {"announce", "_announce", "warn", "_warn", "_on_problem"}
FINDINGS = {"Finding", "_warning", "_fault"}
BESIDE_OPERATORS = {"simulation", "operations", "words"}
"""Folders of developers' reports, and the catalogue itself."""
BOTH_WAYS = {"this machine is <1> s <3>"}
"""Its last figure is one of two words, and the catalogue has a sentence for each."""


def _announced() -> Iterator[tuple[str, str]]:
    """What a running process announces, and what `doctor` finds."""
    folder = SOURCE / "trading_platform_order"
    for path in folder.rglob("*.py"):
        if BESIDE_OPERATORS & set(path.parts) or path.stem in DEVELOPERS:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else ""
            name = function.id if isinstance(function, ast.Name) else name
            told = list(node.args[:1]) if name in ANNOUNCE else []
            if name in FINDINGS:
                told = [*node.args, *(word.value for word in node.keywords)]
            for each in told:
                yield f"{path.relative_to(folder)}:{node.lineno}", _written(each)


def test_every_announcement_and_finding_is_translated() -> None:
    announced = [(where, text.removeprefix("warning: ")) for where, text in _announced() if text]
    english = [
        f"{where}: {text}"
        for where, text in announced
        if text not in BOTH_WAYS and is_english(localised(text, Language.KO))
    ]

    assert len(announced) > 80
    assert not english, "\n".join(english)
