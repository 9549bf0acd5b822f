"""The rate limiter, under a hand-moved stopwatch and (for waiting) the loop's own time."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.virtual_time import in_virtual_time
from trading_platform_order.transport.limiter import Budget, Limiter, RateLimiter, TooManyWaiting


class Stopwatch:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def limiter_of(watch: Stopwatch, limit: int = 4, reserved: int = 1) -> RateLimiter:
    return RateLimiter(
        {
            "order": Budget(limit=limit, window_s=1.0, reserved=reserved),
            "weight": Budget(limit=100, window_s=60.0),
        },
        watch,
    )


def test_is_a_limiter() -> None:
    limiter: Limiter = limiter_of(Stopwatch())
    assert limiter.take("order") == 0.0


def test_the_window_slides() -> None:
    watch = Stopwatch()
    limiter = limiter_of(watch, limit=2, reserved=0)
    assert limiter.take("order") == 0.0
    watch.seconds += 0.6
    assert limiter.take("order") == 0.0
    assert limiter.take("order") == pytest.approx(0.4)
    watch.seconds += 0.4
    assert limiter.take("order") == 0.0
    assert limiter.take("order") == pytest.approx(0.6)


def test_room_is_what_is_free_and_nothing_once_a_caller_would_wait() -> None:
    watch = Stopwatch()
    limiter = limiter_of(watch)
    rooms = [limiter.room("order")]
    for _ in range(3):
        limiter.take("order")
        rooms.append(limiter.room("order"))
    assert rooms == [1.0, 0.75, 0.5, 0.0]  # the last quarter is reserved
    watch.seconds += 1.0
    assert limiter.room("order") == 1.0
    limiter.observe_used("weight", 60)
    assert limiter.room("weight") == pytest.approx(0.4)
    limiter.block("weight", 5.0)
    assert (limiter.room("weight"), limiter.room("order")) == (0.0, 1.0)
    limiter.block(None, 2.0)
    assert limiter.room("order") == 0.0
    watch.seconds += 2.0
    assert (limiter.room("order"), limiter.room("weight")) == (1.0, 0.0)


async def test_there_is_no_room_behind_those_who_wait() -> None:
    watch = Stopwatch()
    limiter = limiter_of(watch)
    for _ in range(3):
        limiter.take("order")
    waiting = asyncio.ensure_future(limiter.acquire("order"))
    await asyncio.sleep(0)
    watch.seconds += 10.0
    assert limiter.room("order") == 0.0
    waiting.cancel()
    await asyncio.wait([waiting])
    assert limiter.room("order") == 1.0


def test_the_reserved_part_is_for_urgent_requests() -> None:
    limiter = limiter_of(Stopwatch())
    for _ in range(3):
        assert limiter.take("order") == 0.0
    assert limiter.take("order") > 0
    assert limiter.take("order", urgent=True) == 0.0
    assert limiter.take("order", urgent=True) == pytest.approx(1.0)


def test_weights_wait_for_enough_units() -> None:
    watch = Stopwatch()
    limiter = limiter_of(watch)
    limiter.take("weight", weight=40)
    watch.seconds += 10
    limiter.take("weight", weight=50)
    assert limiter.take("weight", weight=10) == 0.0
    assert limiter.take("weight", weight=30) == pytest.approx(50.0)
    assert limiter.take("weight", weight=60) == pytest.approx(60.0)


@pytest.mark.parametrize("weight", [0, 101])
def test_a_weight_that_never_fits_is_a_bug(weight: int) -> None:
    with pytest.raises(ValueError, match="never fit"):
        limiter_of(Stopwatch()).take("weight", weight=weight)


def test_a_budget_that_makes_no_sense_is_a_bug() -> None:
    with pytest.raises(ValueError, match="order"):
        RateLimiter({"order": Budget(limit=4, window_s=1.0, reserved=4)}, Stopwatch())


def test_an_unknown_group_is_a_bug() -> None:
    with pytest.raises(KeyError):
        limiter_of(Stopwatch()).take("withdraw")


def test_the_exchange_can_lower_what_is_left_but_not_raise_it() -> None:
    watch = Stopwatch()
    limiter = limiter_of(watch, reserved=0)
    limiter.observe_remaining("order", 11)
    for _ in range(4):
        assert limiter.take("order") == 0.0
    assert limiter.take("order") > 0
    watch.seconds += 1
    limiter.observe_remaining("order", 1)
    assert limiter.take("order") == 0.0
    assert limiter.take("order") == pytest.approx(1.0)
    watch.seconds += 1
    assert limiter.take("order") == 0.0


def test_a_late_answer_does_not_lift_a_correction() -> None:
    limiter = limiter_of(Stopwatch(), reserved=0)
    limiter.observe_remaining("order", 1)
    limiter.observe_remaining("order", 4)
    assert limiter.take("order") == 0.0
    assert limiter.take("order") > 0


def test_none_left_waits_for_the_next_window_urgent_or_not() -> None:
    watch = Stopwatch()
    limiter = limiter_of(watch)
    limiter.observe_remaining("order", 0)
    assert limiter.take("order", urgent=True) == pytest.approx(1.0)
    watch.seconds += 1
    assert limiter.take("order") == 0.0


def test_what_others_used_counts_until_the_exchange_says_otherwise() -> None:
    watch = Stopwatch()
    limiter = limiter_of(watch)
    limiter.take("weight", weight=10)
    limiter.observe_used("weight", 95)
    assert limiter.take("weight", weight=10) > 0
    assert limiter.take("weight", weight=5) == 0.0
    limiter.observe_used("weight", 3)
    assert limiter.take("weight", weight=85) == 0.0
    assert limiter.take("weight", weight=1) == pytest.approx(60.0)


def test_a_block_holds_one_group_or_all() -> None:
    watch = Stopwatch()
    limiter = limiter_of(watch)
    limiter.block("order", 5.0)
    assert limiter.take("order", urgent=True) == pytest.approx(5.0)
    assert limiter.take("weight") == 0.0
    limiter.block(None, 2.0)
    assert limiter.take("weight") == pytest.approx(2.0)
    assert limiter.take("order") == pytest.approx(5.0), "a shorter block lifts nothing"
    watch.seconds += 5.0
    assert limiter.take("order") == 0.0


@given(
    st.lists(
        st.tuples(
            st.integers(0, 40),  # hundredths of a second that pass
            st.integers(1, 3),
            st.booleans(),
            st.none() | st.tuples(st.sampled_from(["remaining", "used"]), st.integers(0, 9)),
        ),
        max_size=80,
    )
)
def test_no_window_ever_holds_more_than_the_budget(
    moves: list[tuple[int, int, bool, tuple[str, int] | None]],
) -> None:
    watch = Stopwatch()
    limiter = limiter_of(watch, limit=5, reserved=2)
    taken: list[tuple[float, int]] = []
    for hundredths, weight, urgent, said in moves:
        watch.seconds += hundredths / 100
        if said is not None:
            kind, number = said
            observe = limiter.observe_remaining if kind == "remaining" else limiter.observe_used
            observe("order", number)
        in_window = sum(units for at, units in taken if at + 1.0 > watch.seconds)
        wait_s = limiter.take("order", weight=weight, urgent=urgent)
        assert wait_s >= 0
        if wait_s == 0:
            taken.append((watch.seconds, weight))
            assert in_window + weight <= (5 if urgent else 3)


@given(st.integers(0, 9), st.booleans())
def test_waiting_as_long_as_told_is_enough(used: int, urgent: bool) -> None:
    watch = Stopwatch()
    limiter = limiter_of(watch, limit=5, reserved=2)
    limiter.take("order", weight=3)
    watch.seconds += 0.5
    limiter.observe_used("order", used)
    while (wait_s := limiter.take("order", weight=2, urgent=urgent)) > 0:
        watch.seconds += wait_s
    assert watch.seconds <= 101.5


def loop_limiter(waiting_max: int = 10) -> RateLimiter:
    loop = asyncio.get_running_loop()
    budget = Budget(limit=2, window_s=0.01, reserved=1)
    return RateLimiter({"order": budget}, loop.time, waiting_max=waiting_max)


@in_virtual_time
async def test_waiting_is_first_come_first_served_with_urgent_ahead() -> None:
    limiter = loop_limiter()
    served: list[str] = []

    async def ask(name: str, *, urgent: bool) -> None:
        await limiter.acquire("order", urgent=urgent)
        served.append(name)

    async with asyncio.timeout(1), asyncio.TaskGroup() as tasks:
        for name in ("a", "b", "c"):
            tasks.create_task(ask(name, urgent=False))
        for name in ("u1", "u2"):
            tasks.create_task(ask(name, urgent=True))
    assert served[:2] == ["a", "u1"]
    assert served.index("u2") < served.index("b") < served.index("c")


@in_virtual_time
async def test_nobody_overtakes_the_line() -> None:
    limiter = loop_limiter()
    await limiter.acquire("order")
    async with asyncio.timeout(1), asyncio.TaskGroup() as tasks:
        tasks.create_task(limiter.acquire("order"))
        await asyncio.sleep(0)
        assert limiter.take("order") > 0
        assert limiter.take("order", urgent=True) == 0.0


@in_virtual_time
async def test_a_cancelled_waiter_leaves_the_line() -> None:
    limiter = loop_limiter()
    await limiter.acquire("order")
    async with asyncio.timeout(1), asyncio.TaskGroup() as tasks:
        gone = tasks.create_task(limiter.acquire("order"))
        last = tasks.create_task(limiter.acquire("order"))
        await asyncio.sleep(0)
        gone.cancel()
    assert gone.cancelled()
    assert last.exception() is None


@in_virtual_time
async def test_the_line_is_bounded() -> None:
    limiter = loop_limiter(waiting_max=1)
    await limiter.acquire("order")
    async with asyncio.timeout(1), asyncio.TaskGroup() as tasks:
        tasks.create_task(limiter.acquire("order"))
        await asyncio.sleep(0)
        with pytest.raises(TooManyWaiting):
            await limiter.acquire("order")
