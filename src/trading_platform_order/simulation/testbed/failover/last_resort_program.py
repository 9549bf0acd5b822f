"""``deploy/last_resort.py`` in virtual time: the file as it is, with another world beneath it.

It is a program of threads that wait. Here each of its threads works only while the loop stands
still for it, and hands every request and every pause to the loop: a seed plays the same run again.
What it imports of Python that reaches the world (requests, clock, environment, output) is replaced;
its lock and the copy that it takes are real files.
"""

import argparse
import asyncio
import fcntl
import io
import os
import threading
import time
import urllib.parse
from collections.abc import Awaitable, Callable, Mapping
from email.message import Message
from functools import lru_cache, partial
from pathlib import Path
from queue import SimpleQueue
from types import CodeType, SimpleNamespace
from typing import Any, Self
from urllib.error import HTTPError

from trading_platform_order.transport.clock import Clock
from trading_platform_order.transport.http import HttpRequest, HttpResponse, HttpTransport

SCRIPT = Path(__file__).resolve().parents[5] / "deploy" / "last_resort.py"
"""In a source tree; an installed package has none."""
_FAILED = 400
Code = Callable[[], Any]
Wait = Callable[[], Awaitable[Any]]


class Ended(BaseException):
    """The program's process is gone: none of its threads does anything more."""


class _Thread:
    """One thread of it, in step with a task of the loop."""

    def __init__(self, code: Code) -> None:
        self._code = code
        self._asked: SimpleQueue[Wait | None] = SimpleQueue()
        self._answers: SimpleQueue[Any] = SimpleQueue()
        self._result: Any = None
        self._error: BaseException | None = None

    async def run(self) -> Any:  # noqa: ANN401 - whatever the program returns
        """Until it returns; cancelled, it is ended at its next wait."""
        thread = threading.Thread(target=self._begin, daemon=True)
        thread.start()
        try:
            while (wait := self._asked.get()) is not None:
                self._answers.put(await wait())
        except BaseException:
            self._answers.put(Ended())
            while self._asked.get() is not None:
                self._answers.put(Ended())
            raise
        finally:
            thread.join()
        if self._error is not None:
            raise self._error
        return self._result

    def _begin(self) -> None:
        _current.thread = self
        try:
            self._result = self._code()
        except BaseException as error:  # noqa: BLE001 - handed on to whoever runs it
            self._error = error
        self._asked.put(None)

    def wait(self, wait: Wait) -> Any:  # noqa: ANN401 - as above
        """Have the loop do something, and wait for its result."""
        self._asked.put(wait)
        answer = self._answers.get()
        if isinstance(answer, Ended):
            raise answer
        return answer


_current = threading.local()


def _wait(wait: Wait) -> Any:  # noqa: ANN401 - as above
    here: _Thread = _current.thread
    return here.wait(wait)


class LastResortProgram:
    """One start of it.

    Args:
        words: its command line.
        environment: its keys.
        http: reaches both exchanges; never raises.
        say: told each line that it prints.
    """

    def __init__(
        self,
        words: list[str],
        *,
        environment: Mapping[str, str],
        http: HttpTransport,
        clock: Clock,
        say: Callable[[str], None],
    ) -> None:
        self._words = words
        self._environment = environment
        self._http = http
        self._clock = clock
        self._say = say
        self._opened: list[int] = []
        self._tasks: list[asyncio.Task[Any]] = []

    async def run(self) -> str:
        """Play it to its end; why it gave up, empty if it did not."""
        program: dict[str, Any] = {"__name__": "last_resort"}
        exec(_compiled(), program)  # noqa: S102 - our own program
        program |= {
            "print": lambda *words, **_: self._say(" ".join(map(str, words))),
            "argparse": SimpleNamespace(ArgumentParser=partial(_Parser, self._words)),
            "os": SimpleNamespace(
                open=self._open, O_CREAT=os.O_CREAT, O_RDWR=os.O_RDWR, environ=self._environment
            ),
            "fcntl": fcntl,
            "time": SimpleNamespace(
                time=lambda: self._clock.now().timestamp(),
                monotonic=self._clock.monotonic,
                sleep=lambda seconds: _wait(partial(asyncio.sleep, seconds)),
                gmtime=time.gmtime,
                strftime=lambda form, _: self._clock.now().strftime(form),
            ),
            "urllib": SimpleNamespace(
                parse=urllib.parse,
                request=SimpleNamespace(
                    Request=_Request, urlopen=self._urlopen, HTTPError=HTTPError
                ),
            ),
            "ThreadPoolExecutor": partial(_Pool, self._tasks),
        }
        try:
            await _Thread(program["main"]).run()
        except SystemExit as end:
            return str(end.code)
        finally:
            for task in self._tasks:
                task.cancel()
            if self._tasks:
                await asyncio.wait(self._tasks)
            for descriptor in self._opened:
                os.close(descriptor)
        return ""

    def _open(self, path: str, flags: int, mode: int) -> int:
        self._opened.append(os.open(path, flags, mode))
        return self._opened[-1]

    def _urlopen(self, request: "_Request", timeout: float) -> "_Answer":
        sent = HttpRequest(
            method=request.method,
            url=request.url,
            headers=request.headers,
            body=request.body or b"",
            timeout_s=timeout,
        )
        result = _wait(lambda: self._http.send(sent))
        if not isinstance(result, HttpResponse):
            raise ConnectionError(result.reason)
        if result.status >= _FAILED:
            headers = Message()
            for name, value in result.headers.items():
                headers[name] = value
            raise HTTPError(request.url, result.status, "", headers, io.BytesIO(result.body))
        return _Answer(result.body)


class _Request:
    def __init__(
        self, url: str, body: bytes | None, headers: Mapping[str, str], *, method: str
    ) -> None:
        self.url, self.body, self.headers, self.method = url, body, headers, method


class _Answer:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is held."""

    def read(self) -> bytes:
        return self._body


class _Parser(argparse.ArgumentParser):
    """With a command line of its own."""

    def __init__(self, words: list[str], **more: Any) -> None:  # noqa: ANN401 - as argparse's
        super().__init__(**more)
        self._words = words

    def parse_args(self, *_: Any) -> argparse.Namespace:  # type: ignore[override] # noqa: ANN401 - as above
        return super().parse_args(self._words)


class _Pool:
    """Threads that it starts and waits for."""

    def __init__(self, tasks: list[asyncio.Task[Any]]) -> None:
        self._tasks = tasks
        self._jobs: list[_Job] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None or not issubclass(kind, Ended):
            for job in self._jobs:
                job.settle()

    def submit(self, work: Callable[..., Any], *words: Any) -> "_Job":  # noqa: ANN401 - as its own
        async def begin() -> asyncio.Task[Any]:
            return asyncio.ensure_future(_Thread(partial(work, *words)).run())

        task = _wait(begin)
        self._tasks.append(task)
        self._jobs.append(_Job(task))
        return self._jobs[-1]


class _Job:
    def __init__(self, task: asyncio.Task[Any]) -> None:
        self._task = task

    def settle(self) -> None:
        _wait(lambda: asyncio.wait([self._task]))

    def result(self) -> Any:  # noqa: ANN401 - as above
        self.settle()
        return self._task.result()


@lru_cache(maxsize=1)
def _compiled() -> CodeType:
    return compile(SCRIPT.read_bytes(), str(SCRIPT), "exec")
