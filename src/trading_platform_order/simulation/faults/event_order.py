"""In which order Binance tells of a fill: drawn from the seed, and no fault of anybody."""

from random import Random

from exchange_simulator.exchanges import SimulatedWorld

GAPS_S = (0.0, 0.0, 0.02, 0.3)
"""So much later the order's event may come; mostly both come at once."""


def play_event_order(world: SimulatedWorld, seed: str) -> None:
    """Two worlds in three as captures have it: the account's event first, one with a gap or not."""
    random = Random(f"{seed} order of events")  # noqa: S311 - a reproducible run, not a secret
    order_first = random.random() < 1 / 3
    gap_s = 0.0 if order_first else random.choice(GAPS_S)
    world.binance.order_of_events(order_first=order_first, gap_s=gap_s)
