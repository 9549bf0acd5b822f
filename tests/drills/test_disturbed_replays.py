"""A replay that is stopped and continued at random decides what an undisturbed one decides."""

from tests.drills.disturbed_replays import play

#: this market makes two round trips within its first hours
ARGUMENTS = ("--seed", "14", "--bars", "80")


async def test_a_replay_does_not_depend_on_the_machine() -> None:
    played = await play("generated", ARGUMENTS, runs=2, seed=1)
    assert played.faults == []
    assert played.results[0]["round_trips"] == 1
    assert played.results[0]["forced_exits"] == 1
    assert played.stops > 0
