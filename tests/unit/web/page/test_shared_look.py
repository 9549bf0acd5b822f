"""One look for all pages that are open: the first one is a look whatever the clock says."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from trading_platform_order.web.page.shared import KEPT_S, Shared
from trading_platform_order.words.text import Language


class Clocked(asyncio.SelectorEventLoop):
    """A loop that begins at a time of one's own choice."""

    begins_s = 0.0

    def time(self) -> float:
        return self.begins_s


@pytest.mark.parametrize("begins_s", [0.1 * step for step in range(3, 400)])
def test_the_first_look_is_never_left_out(begins_s: float) -> None:
    looks: list[Language] = []

    async def look(language: Language) -> Mapping[str, Any]:
        looks.append(language)
        return {"seen": len(looks)}

    async def asked(loop: Clocked) -> None:
        shared = Shared(look)
        assert await shared.ask(Language.EN) == {"seen": 1}
        assert await shared.ask(Language.EN) == {"seen": 1}
        loop.begins_s += 2 * KEPT_S
        assert await shared.ask(Language.EN) == {"seen": 2}

    loop = Clocked()
    loop.begins_s = begins_s
    try:
        loop.run_until_complete(asked(loop))
    finally:
        loop.close()
