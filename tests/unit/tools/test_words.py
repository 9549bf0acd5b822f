"""The words of this house: what stands for a thing everywhere stands for it in every name.

Names are parsed, so prose stays free. A word of the left column was private to this project; the
one beside it is the field's, or plain English.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "src" / "trading_platform_order"
WHOLE = {
    "one_leg": "leg_loss",
    "Lane": "SymbolQueue",
    "Work": "TaskTracker",
    "Rounds": "PeriodicTasks",
    "PrivateNews": "UserStreamRouter",
    "AccountKeeper": "AccountService",
    "AccountWatch": "PositionMonitor",
    "StopBoard": "EmergencyStopStatus",
    "StopBook": "ProtectiveStopBook",
    "StopOrder": "ProtectiveStopOrder",
    "StopState": "ProtectiveStopState",
    "OneLeg": "LegLoss",
    "Strays": "OrphanOrders, UnjournalledOrders",
    "Protector": "ProtectiveStops",
    "Countdown": "CancelCountdown",
    "Pulse": "EngineHeartbeat",
    "Twist": "FaultCombination",
    "Combined": "CombinedFaults",
    "Deeds": "OrderTriggeredFaults",
    "Life": "CrashPoint, ProcessState",
    "Stage": "TestBed",
    "Desk": "ExecutorFixture",
    "Told": "ReportedFigures",
    "Eyes": "ExchangeSnapshot",
    "Seen": "ExchangeSnapshot",
    "Books": "JournalSnapshot",
    "Watch": "LivenessStore, LimitChecker",
    "CommitWatch": "CommitChecker",
    "Meter": "LimitOracle",
    "Fate": "Outcome",
}
"""Whole names, and what they are called now."""

WORDS = {
    "lane": "queue",
    "stray": "orphan",
    "strays": "orphans",
    "ordeal": "stress",
    "deed": "order-triggered fault",
    "deeds": "order-triggered faults",
    "twist": "fault combination",
    "twists": "fault combinations",
    "mortal": "crashable",
    "fate": "outcome",
    "fates": "outcomes",
    "untold": "awaiting_fills",
    "told_margin": "on_margin_report",
    "look_between": "request_position_check",
    "needs_care": "is_active",
    "cure": "remedy",
    "cures": "remedies",
    "by_others": "external activity",
    "another_hand": "external activity",
    "eyes": "snapshot",
    "first_contact": "live_check",
    "person": "operator",
    "people": "operators",
    "human": "operator",
    "humans": "operators",
    "stage": "testbed",
    "desk": "fixture",
    "seat": "what is handed over",
}
"""Words within names, in snake case."""

DURABLE = {"stray_order"}
"""Refusal codes, outcomes and kinds of alerts stand in journals and tables: they stay."""


def names_of(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every name that is defined or used, with its line."""
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                yield name, line
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                yield name, line
            case ast.AsyncFunctionDef(name=name):
                yield name, line
            case ast.keyword(arg=str(name)):
                yield name, getattr(node.value, "lineno", 0)
            case ast.alias(name=name, asname=other):
                yield from ((part, line) for part in (*name.split("."), other or ""))


def snake(name: str) -> str:
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower().strip("_")


def faults_in(name: str) -> list[str]:
    bare = name.lstrip("_")
    whole = name if name in WHOLE else bare
    found = [f"{name}: say {WHOLE[whole]}"] if whole in WHOLE else []
    spelled = snake(name)
    if spelled in DURABLE:
        return found
    return found + [
        f"{name}: say {better}"
        for word, better in WORDS.items()
        if re.search(rf"(?:^|_){word}(?:_|$)", spelled)
    ]


def files() -> list[Path]:
    return sorted([*PACKAGE.rglob("*.py"), *(ROOT / "tests").rglob("*.py")])


def test_no_private_word_stands_in_a_name() -> None:
    faults = [
        f"{path.relative_to(ROOT)}:{line}: {fault}"
        for path in files()
        for name, line in names_of(ast.parse(path.read_text(encoding="utf-8")))
        for fault in faults_in(name)
    ]
    assert faults == []


@pytest.mark.parametrize("name", ["Lane", "_Stage", "MortalHttp", "a_person_stops", "by_others"])
def test_the_judge_finds_them(name: str) -> None:
    assert faults_in(name)


@pytest.mark.parametrize("name", ["planes", "StageSets", "STRAY_ORDER", "persons", "workers"])
def test_the_judge_reads_whole_words(name: str) -> None:
    found = faults_in(name)
    assert bool(found) == (name == "StageSets")


CORE = ("domain", "executor", "risk", "signals", "storage", "market", "transport", "notifications")
LABELS = {
    "domain/venue.py": "where the labels are",
    "risk/entry_rules/identity_rules.py": "names of figures that stand in journals",
}


def test_no_exchange_has_a_name_in_the_core() -> None:
    found = [
        f"{path.relative_to(PACKAGE)}:{line}: {name}"
        for room in CORE
        for path in sorted((PACKAGE / room).rglob("*.py"))
        if str(path.relative_to(PACKAGE)) not in LABELS
        for name, line in names_of(ast.parse(path.read_text(encoding="utf-8")))
        if re.search("upbit|binance", name, re.IGNORECASE)
    ]
    assert found == []


def test_nothing_hands_itself_to_its_parts() -> None:
    found = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}: {keyword.arg}=self"
        for path in sorted((PACKAGE / "executor").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if isinstance(keyword.value, ast.Name) and keyword.value.id == "self"
    ]
    assert found == []
