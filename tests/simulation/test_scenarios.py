"""Every named scenario passes, names where it comes from, and is on the page."""

from pathlib import Path

import pytest

from trading_platform_order.simulation.report import RunReport
from trading_platform_order.simulation.runner import play_scenarios
from trading_platform_order.simulation.scenarios import docs_page
from trading_platform_order.simulation.scenarios.catalogue import all_scenarios
from trading_platform_order.simulation.scenarios.field_failures import FIELD_FAILURES, NOT_OURS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "SCENARIOS.md"


@pytest.mark.parametrize("name", [scenario.name for scenario in all_scenarios()])
def test_scenario(name: str) -> None:
    report: RunReport = next(iter(play_scenarios([name])))
    assert report.violations == [], "\n".join(report.timeline)


def test_every_scenario_says_what_it_is_in_one_line() -> None:
    for scenario in all_scenarios():
        assert scenario.about, scenario.name
        assert scenario.about.endswith("."), scenario.name
        assert set(scenario.failures) <= set(FIELD_FAILURES), scenario.name


def test_every_field_failure_that_can_be_ours_has_a_scenario() -> None:
    covered = {number for scenario in all_scenarios() for number in scenario.failures}
    assert set(FIELD_FAILURES) - covered == set(NOT_OURS)


def test_the_page_says_what_the_scenarios_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == docs_page.page(), "run make generated"
