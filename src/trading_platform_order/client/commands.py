"""Hand a command to the engine through the store's inbox, and wait for the answer."""

import asyncio
from collections.abc import Callable

import msgspec

from trading_platform_order.storage.base import Inbox
from trading_platform_order.transport.clock import SystemClock, epoch_us

WAIT_S = 5.0
LOOK_S = 0.1
WAITING = ("waiting", "no engine answered; it is carried out at its start")

Answer = tuple[str, str]


async def ask(
    inbox: Inbox,
    knock: Callable[[], object],
    kind: str,
    body: msgspec.Struct,
    *,
    wait_s: float = WAIT_S,
) -> Answer:
    """Put the command into the inbox: ``(result, detail)``, :data:`WAITING` if nobody answered."""
    text = msgspec.json.encode(body).decode()
    number = await inbox.put_command(kind, text, at_us=epoch_us(SystemClock().now()))
    knock()
    loop = asyncio.get_running_loop()
    deadline = loop.time() + wait_s
    while True:
        answer = await inbox.command_result(number)
        if answer is not None:
            return answer
        if loop.time() >= deadline:
            return WAITING
        await asyncio.sleep(LOOK_S)
