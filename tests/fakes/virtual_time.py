"""Run one async test in virtual time: no wait is real, every time is exact."""

import functools
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec

from trading_platform_order.transport.virtual_loop import run_virtual

_Arguments = ParamSpec("_Arguments")


def in_virtual_time(
    test: Callable[_Arguments, Coroutine[Any, Any, None]],
) -> Callable[_Arguments, None]:
    @functools.wraps(test)
    def run(*arguments: _Arguments.args, **named: _Arguments.kwargs) -> None:
        run_virtual(test(*arguments, **named))

    return run
