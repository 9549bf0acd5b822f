"""The kill drill itself, small: real processes, real sockets, real SIGKILL."""

from tests.drills.kill_drill.drill import drill

KILLS = 3


async def test_a_few_kills_double_and_lose_nothing() -> None:
    report = await drill(kills=KILLS, seed=3)
    assert report.violations == []
    assert report.kills == KILLS
    assert report.trades > 0
    assert set(report.per_signal) == {1}
