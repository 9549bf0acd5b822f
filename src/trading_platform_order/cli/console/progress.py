"""A progress bar on stderr; nothing where nobody watches."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

REFRESH_S = 0.1


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """Gives a function to tell (done, all) to."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _done, _total: None
        return
    # No refreshing thread: whoever reports may fork processes.
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        auto_refresh=False,
    )
    task = bar.add_task(label, total=None)
    last_s = 0.0

    def tell(done: int, total: int) -> None:
        nonlocal last_s
        now_s = time.monotonic()
        bar.update(task, completed=done, total=total)
        if done >= total or now_s - last_s >= REFRESH_S:
            last_s = now_s
            bar.refresh()

    with bar:
        try:
            yield tell
        except BaseException:
            bar.live.transient = True  # a bar that will not move says nothing beside the fault
            raise
