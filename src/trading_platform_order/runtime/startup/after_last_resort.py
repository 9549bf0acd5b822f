"""An engine that starts after the last resort was at work trades nothing until a person has looked.

``deploy/last_resort.py`` closes beside the journal: the ledger still holds what was sold. An exit
by that ledger, or an order of before that is posted once more, would sell the owner's own coins. So
the last resort leaves what it went by beside the store, and an engine that finds it sets every coin
aside: it opens nothing, closes nothing, and calls an operator, who compares and deletes the file.
"""

from pathlib import Path

from trading_platform_order.executor.set_aside import ALL_COINS, Culprit, SetAside
from trading_platform_order.runtime.startup.death_notes import Deaths

UNFINISHED, DONE = ".taken", ".closed"
"""What follows the name of ``owned.json``."""


class AfterLastResort:
    """Deaths, and every coin besides while the last resort's file is there.

    Args:
        inner: where engines note what ended them.
        owned: the path of ``owned.json``.
        ends: which of its files count.
    """

    def __init__(
        self, inner: Deaths, owned: Path, *, ends: tuple[str, ...] = (UNFINISHED, DONE)
    ) -> None:
        self._inner = inner
        self._marks = [owned.with_name(owned.name + end) for end in ends]

    def set_aside(self) -> SetAside:
        """What ended two engines, and what the last resort may have closed."""
        aside = self._inner.set_aside()
        found = next((mark for mark in self._marks if mark.exists()), None)
        if found is None:
            return aside
        why = f"compare both accounts with the journal, then delete {found.name}"
        return SetAside({**aside.errors, Culprit(base=ALL_COINS): why})

    def note(self, culprit: Culprit, error: str) -> None:
        """One more engine was ended by it."""
        self._inner.note(culprit, error)
