"""The takeover drill itself, small: real processes, sockets and locks, SIGKILL and SIGSTOP."""

from tests.drills.takeover_drill.drill import drill

FAULTS = 3


async def test_a_few_takeovers_double_and_lose_nothing() -> None:
    report, times = await drill(faults=FAULTS, seed=3)
    assert report.violations == []
    assert report.kills == FAULTS
    assert report.trades > 0
    assert set(report.per_signal) == {1}
    assert sum(len(seconds) for seconds in times.to_holder_s.values()) == FAULTS
    corrected = times.first_correction_s
    found = (corrected.nothing, corrected.resolved, corrected.unresolved)
    assert 0 < sum(map(len, found)) <= FAULTS
