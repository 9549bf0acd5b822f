"""The benchmark's pieces in their own processes: an engine's rounds, with both legs stamped."""

from benchmarks.measure.endurance import engine_in
from benchmarks.measure.world import open_world


def test_an_engine_trades_rounds_and_every_pair_is_seen_on_the_wire() -> None:
    with open_world(simulated=True) as world, engine_in(world, durability="full") as engine:
        found = engine.ask("2 0")
        stand = engine.ask("stand")
    for action in ("enter", "exit"):
        samples = found[action]
        assert samples["missed"] == 0
        assert len(samples["wire_us"]) == len(samples["skew_us"]) == 2
        assert all(0 < us < 10_000_000 for us in samples["wire_us"])
    assert stand["trades"] == 4
    assert stand["rows"] > 20
