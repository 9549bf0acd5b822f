"""Every other service as a channel, through apprise: Telegram, Slack, mail, webhooks, paging.

One alert becomes one call of the library in a thread of its own, with a limit: its plugins block,
and a service that hangs must hold up neither the engine's loop nor another channel. Apprise is
loaded when the first address is opened, and never otherwise (it costs some 45 MB). Addresses hold
passwords, and the library writes them into its log: of what it says only an HTTP status is kept.
"""

import asyncio
import logging
import re
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Protocol

from trading_platform_order.notifications.channel import Channel, Delivery, Message, Verdict
from trading_platform_order.notifications.wording.messages import plain_parts_of

LIBRARY = "apprise"
_STATUS = re.compile(r"\berror=(\d{3})\b")
_NOT_REACHED = "connection error"
_TOO_MANY = 429
_MISFITS = frozenset({400, 413, 422})
_TITLE_MAX = 250


class AddressRefused(Exception):  # noqa: N818 - the text is for the operator
    """An address cannot be used; the text says why and never shows it."""


class Service(Protocol):
    """What this module uses of one of the library's plugins."""

    def notify(
        self, *, body: str, title: str, notify_type: str, attach: object = None
    ) -> bool | None:
        """Send; whether it was taken. Blocks. What cannot be attached there is left out."""
        ...


class _Library(Protocol):
    def instantiate(self, url: str) -> Service | None: ...


def open_service(address: str) -> Service:
    """The service behind an address; asks nobody.

    Raises:
        AddressRefused: the library is missing, or does not know or does not take the address.
    """
    try:
        # Heavy, and absent where only Discord is told.
        from apprise import Apprise  # noqa: PLC0415
    except ModuleNotFoundError as missing:
        raise AddressRefused(
            f"the package {missing.name} is missing: make notify, or "
            "pip install 'trading-platform-order[notify]'"
        ) from None
    _keep_quiet()
    library: _Library = Apprise
    service = library.instantiate(address)
    if service is None:
        kind = address.partition("://")[0]
        raise AddressRefused(
            f"apprise does not take it as an address of {kind}:// (a wrong beginning, or a part "
            "of it is missing)"
        )
    return service


def _attached(picture: bytes) -> object:
    """As the library's plugins take it."""
    from apprise import AppriseAttachment  # noqa: PLC0415 - as above
    from apprise.attachment.memory import AttachMemory  # noqa: PLC0415

    untyped: Callable[..., AttachMemory] = AttachMemory
    found = AppriseAttachment()
    found.add(untyped(content=picture, name="report.png", mimetype="image/png"))
    return found


class AppriseChannel(Channel):
    """One service under the name that an operator gave it.

    Args:
        name: lasting; the key of its deliveries.
        address: as apprise writes them; a secret.
        is_paging: it calls an operator who may sleep: only what lasts and is not acknowledged.
        timeout_s: how long one message may take.

    Raises:
        AddressRefused: it cannot be used.
    """

    burst = 5
    burst_window_s = 5.0

    def __init__(
        self,
        *,
        name: str,
        address: str,
        is_paging: bool = False,
        timeout_s: float = 30.0,
        busy_s: float = 60.0,
        open_address: Callable[[str], Service] = open_service,
    ) -> None:
        self.name = name
        self.title = name
        self.is_paging = is_paging
        self._service = open_address(address)
        self._timeout_s = timeout_s
        self._busy_s = busy_s
        self._last: Future[_Outcome] | None = None

    def __repr__(self) -> str:
        """Without the address."""
        return f"AppriseChannel(name={self.name!r})"

    async def send(self, message: Message) -> Delivery:
        """One call, in a thread; see :class:`Channel`."""
        if self._last is not None and not self._last.done():
            # A thread cannot be ended from outside: never a second one beside one that hangs.
            reason = "the message before has not come to an end"
            return Delivery(verdict=Verdict.BUSY, reason=reason, pause_s=self._busy_s)
        title, body = plain_parts_of(message)
        notify_type = "failure" if message.pending.alert.urgent else "info"
        self._last = _in_thread(lambda: self._notify(title, body, notify_type, message.picture))
        answer = asyncio.wrap_future(self._last)
        try:
            await asyncio.wait((answer,), timeout=self._timeout_s)
            if not answer.done():
                reason = f"no answer within {self._timeout_s:g} s"
                return Delivery(verdict=Verdict.FAILED, reason=reason)
            problem = answer.exception()
            if problem is not None:
                # A plugin's own fault; its text may hold the address.
                return Delivery(verdict=Verdict.FAILED, reason=type(problem).__name__)
            return self._delivery(answer.result())
        finally:
            answer.cancel()

    def _notify(self, title: str, body: str, notify_type: str, picture: bytes) -> "_Outcome":
        _heard.texts = []
        attached = _attached(picture) if picture else None
        taken = self._service.notify(
            body=body, title=title, notify_type=notify_type, attach=attached
        )
        return _Outcome(taken=taken is True, texts=tuple(_heard.texts))

    def _delivery(self, outcome: "_Outcome") -> Delivery:
        if outcome.taken:
            return Delivery(verdict=Verdict.TAKEN)
        status = outcome.status
        if status is None:
            reason = "it cannot be reached" if outcome.is_unreached else "it did not take the alert"
            return Delivery(verdict=Verdict.FAILED, reason=reason)
        reason = f"HTTP {status}"
        if status == _TOO_MANY:
            return Delivery(verdict=Verdict.BUSY, reason=reason, pause_s=self._busy_s)
        verdict = Verdict.MISFIT if status in _MISFITS else Verdict.FAILED
        return Delivery(verdict=verdict, reason=reason)


class _Outcome:
    """What one call came to; ``texts``: what the library wrote into its log meanwhile."""

    def __init__(self, *, taken: bool, texts: tuple[str, ...]) -> None:
        self.taken = taken
        found = [match for text in texts if (match := _STATUS.search(text))]
        self.status = int(found[-1][1]) if found else None
        self.is_unreached = any(_NOT_REACHED in text.lower() for text in texts)


class _Heard(threading.local):
    """The library's log lines of this thread's call."""

    texts: list[str]


_heard = _Heard()


class _Listener(logging.Handler):
    """Takes the library's log, so that no address in it reaches standard error."""

    def emit(self, record: logging.LogRecord) -> None:
        texts = getattr(_heard, "texts", None)
        if texts is not None:
            texts.append(record.getMessage())


_listener = _Listener(level=logging.WARNING)


def _keep_quiet() -> None:
    """Neither the library nor the HTTP client below it writes anywhere."""
    for name in (LIBRARY, "urllib3", "requests"):
        logger = logging.getLogger(name)
        logger.propagate = False
        if _listener not in logger.handlers:
            logger.addHandler(_listener)


def _in_thread(work: Callable[[], _Outcome]) -> Future[_Outcome]:
    """In a daemon thread: one that hangs does not keep the process from ending."""
    future: Future[_Outcome] = Future()

    def run() -> None:
        try:
            result = work()
        except BaseException as problem:  # noqa: BLE001 - a hundred plugins; told, not raised
            future.set_exception(problem)
        else:
            future.set_result(result)

    future.set_running_or_notify_cancel()
    threading.Thread(target=run, name="alert", daemon=True).start()
    return future
