"""What a scenario is, the list of all of them, and how one is played.

    @scenario(field(2), field(4))
    async def time_out_then_live_order(scene: Scene) -> None:
        \"\"\"The exchange takes the order and the answer is lost: found, not sent again.\"\"\"

The function's name is the scenario's, its docstring the one sentence of the list.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from importlib import import_module

from trading_platform_order.simulation.checkers.commits import CommitChecker
from trading_platform_order.simulation.checkers.figures.kept_figures import KeptFigures
from trading_platform_order.simulation.checkers.limits import LimitChecker
from trading_platform_order.simulation.checkers.timeliness.liveness import LivenessChecker
from trading_platform_order.simulation.report import RunReport
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.testbed.testbed import TestBed, TestBedSetup

Play = Callable[[Scene], Awaitable[None]]

CHAPTERS = {
    "orders.duplicates": "Sent once",
    "orders.unknown_outcome": "Unknown outcomes",
    "orders.unknown_together": "Several unknowns of one coin",
    "orders.streams": "Fills and streams",
    "held_pairs.one_leg_filled": "One leg alone",
    "process.restarts": "Crash and restart",
    "orders.partial_fills": "Parts and remainders",
    "orders.many_trades": "Orders of many trades",
    "orders.price_ticks": "Steps of prices",
    "held_pairs.leg_loss": "A leg taken away",
    "held_pairs.leg_loss_untold": "A leg taken away, and nobody tells",
    "process.limits_and_clock": "Limits and clocks",
    "process.clocks_and_freezes": "Wrong clocks and a process that stood still",
    "held_pairs.emergency_stop": "Stopping",
    "held_pairs.monitors": "Guards of what is held",
    "held_pairs.silent_streams": "A stream of prices that is silent",
    "held_pairs.margin": "Margin and the stop on the hedge",
    "held_pairs.margin_alone": "Margin in danger while Upbit is closed",
    "entries.hindrances": "Knowing that one cannot trade",
    "process.isolation": "One symbol or one row in trouble",
    "held_pairs.deadlines": "A coin that ends",
    "held_pairs.market_crash": "A market that breaks",
    "entries.right_asset": "The right coin at a price that can be",
    "orders.contract_units": "A contract of a thousand coins",
    "orders.edges": "At the edge of a rule",
    "process.watchdog_beside": "A watchdog beside the engine",
    "process.only_closes": "An engine that only closes",
    "process.poison": "What ends engine and successor alike",
    "closes.close_without_reads": "Closes while an exchange does not tell",
    "entries.signals": "Signals",
    "entries.signal_stream": "Signals from a stream",
    "entries.research_signals": "Signals of research's own",
    "entries.scale_in": "A pair that is added to",
    "reporting.money": "Money and other hands",
    "reporting.true_figures": "What is told is so",
    "closes.exit_gets_through": "An exit gets through",
    "closes.one_close_rule": "One rule for every close",
    "closes.doubtful_exchanges": "Exchanges in doubt",
    "closes.close_rule_edges": "At the edges of the rule for closes",
    "closes.waiting_as_one": "Closes that wait at the same time",
    "closes.by_hand": "What an operator orders",
    "reporting.alarms": "What operators are told",
}
"""Room and module to heading, in the order of the list."""

PACKAGE = __name__.rpartition(".")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One scenario.

    Attributes:
        name: with hyphens.
        chapter: of the list.
        about: one sentence: what happens, and what must be.
        failures: numbers of the field failures it comes from.
        rule: the exchange rule (or our own design) that makes it possible, if that is the source.
        setup: what the world begins with.
        stopped: part of the reason for which the stop must be latched in the end, if it must.
        hands_over: in the end the journal cannot know all, and an operator has to decide.
        on_testbed: plays it on a stage of another kind.
    """

    name: str
    chapter: str
    about: str
    failures: tuple[int, ...]
    rule: str
    play: Play = field(repr=False)
    setup: TestBedSetup = field(repr=False)
    stopped: str | None = None
    hands_over: bool = False
    on_testbed: "Callable[[Scenario, RunReport], Awaitable[None]] | None" = field(
        default=None, repr=False
    )


_ALL: dict[str, Scenario] = {}


def scenario(
    *failures: int,
    rule: str = "",
    setup: TestBedSetup | None = None,
    stopped: str | None = None,
    hands_over: bool = False,
    on_testbed: Callable[[Scenario, RunReport], Awaitable[None]] | None = None,
) -> Callable[[Play], Play]:
    """Put a function into the list.

    Args:
        failures: numbers of the field failures it comes from.
        rule: the exchange's rule, where that is the source.
        setup: another world than the usual one.
        stopped: part of the reason for which the stop must be latched in the end.
        hands_over: the journal cannot know all in the end; see
            ``simulation/checkers/manual_recovery.py``.
        on_testbed: plays it, where it needs another stage than the usual one.
    """

    def add(play: Play) -> Play:
        name = play.__name__.replace("_", "-")
        if name in _ALL:
            raise ValueError(f"two scenarios are called {name}")
        if not failures and not rule:
            raise ValueError(f"scenario {name} names no source")
        _ALL[name] = Scenario(
            name=name,
            chapter=play.__module__.removeprefix(f"{PACKAGE}."),
            about=" ".join((play.__doc__ or "").split()),
            failures=failures,
            rule=rule,
            play=play,
            setup=setup or TestBedSetup(),
            stopped=stopped,
            hands_over=hands_over,
            on_testbed=on_testbed,
        )
        return play

    return add


def all_scenarios() -> list[Scenario]:
    """Every scenario, chapter by chapter."""
    for chapter in CHAPTERS:
        import_module(f"{PACKAGE}.{chapter}")
    order = list(CHAPTERS)
    return sorted(_ALL.values(), key=lambda scenario: order.index(scenario.chapter))


async def play_scenario(scenario: Scenario, report: RunReport) -> None:
    """Play one on a stage of its own; the report says what was violated."""
    if scenario.on_testbed is not None:
        await scenario.on_testbed(scenario, report)
        return
    testbed = TestBed(report, scenario.setup)
    testbed.open()
    scene = Scene(testbed)
    try:
        await testbed.start()
        LimitChecker(testbed)
        CommitChecker(testbed)
        KeptFigures(testbed)
        liveness = LivenessChecker(testbed)
        await scenario.play(scene)
        if scenario.hands_over:
            await scene.hand_over(stopped=scenario.stopped or "")
        else:
            await scene.close(stopped=scenario.stopped)
            await liveness.run_checkers()
    finally:
        await testbed.close()
