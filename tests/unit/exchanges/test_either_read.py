"""Whichever of two endpoints answers first is believed."""

import asyncio

import pytest

from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.exchanges.either_read import either
from trading_platform_order.transport.virtual_loop import run_virtual

FAILED = ReadFailed(reason="no answer")


class Endpoint:
    """Answers after a while; remembers whether it was asked, and whether it was heard out."""

    def __init__(self, answer: str | ReadFailed, after_s: float) -> None:
        self.answer, self.after_s = answer, after_s
        self.asked = self.was_given_up = False

    async def read(self) -> str | ReadFailed:
        self.asked = True
        try:
            await asyncio.sleep(self.after_s)
        except asyncio.CancelledError:
            self.was_given_up = True
            raise
        return self.answer


@pytest.mark.parametrize(
    ("first", "second", "answer", "took_s", "second_is_asked"),
    [
        (("a", 0.1), ("b", 0.1), "a", 0.1, False),
        ((FAILED, 0.1), ("b", 0.1), "b", 0.2, True),
        (("a", 60.0), ("b", 0.1), "b", 0.6, True),
        (("a", 0.7), ("b", 60.0), "a", 0.7, True),
        ((FAILED, 0.7), ("b", 1.0), "b", 1.5, True),
        ((FAILED, 0.1), (FAILED, 0.1), FAILED, 0.2, True),
    ],
)
def test_the_first_answer_counts(
    first: tuple[str | ReadFailed, float],
    second: tuple[str | ReadFailed, float],
    answer: str | ReadFailed,
    took_s: float,
    *,
    second_is_asked: bool,
) -> None:
    endpoints = [Endpoint(*first), Endpoint(*second)]

    async def main() -> float:
        found = await either(*(endpoint.read for endpoint in endpoints), patience_s=0.5)
        assert found == answer
        return asyncio.get_running_loop().time()

    assert run_virtual(main()) == pytest.approx(took_s)
    assert endpoints[1].asked is second_is_asked


def test_nothing_is_left_running() -> None:
    slow, quick = Endpoint("a", 60.0), Endpoint("b", 0.1)
    run_virtual(either(slow.read, quick.read, patience_s=0.5))
    assert slow.was_given_up
