"""One look for all pages that are open: ten of them cost what one costs."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from trading_platform_order.words.text import Language

KEPT_S = 0.8


@dataclass(slots=True)
class Shared:
    """Remembers what was seen for a moment, in each language."""

    look: Callable[[Language], Awaitable[Mapping[str, Any]]]
    _seen: dict[Language, tuple[float, Mapping[str, Any]]] = field(default_factory=dict)
    _one: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def ask(self, language: Language) -> Mapping[str, Any]:
        """As it stands now, or stood a moment ago."""
        loop = asyncio.get_running_loop()
        async with self._one:
            seen = self._seen.get(language)
            if seen is None or loop.time() - seen[0] >= KEPT_S:
                seen = (loop.time(), await self.look(language))
                self._seen[language] = seen
            return seen[1]
