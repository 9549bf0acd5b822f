"""``python -m benchmarks.exchange.front_process``: the front in its own process.

It takes what ``native/front.c`` takes and stands in for it where no compiler is. It repeats no
market frames.
"""

import asyncio
import ssl
import sys
from pathlib import Path

import uvloop

from benchmarks.clients.serving import say
from benchmarks.exchange.front import Behaviour, listen
from benchmarks.exchange.stamps import VENUES, Stamps


async def _serve(stamps: Stamps, behind: list[int], context: ssl.SSLContext | None) -> None:
    behaviour = Behaviour()
    servers = []
    ports: dict[str, list[int]] = {}
    for kind, tls in (("plain", None), ("tls", context)):
        if kind == "tls" and tls is None:
            continue
        ports[kind] = []
        for venue in VENUES:
            server, port = await listen(
                venue, stamps, behaviour, behind=behind[venue] or None, tls=tls
            )
            servers.append(server)
            ports[kind].append(port)
    say(ports)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        delay_us, frames_per_s = map(float, line.split())
        behaviour.answer_delay_s = delay_us / 1_000_000
        say(0 if frames_per_s else 1)
    for server in servers:
        server.close()


def main() -> None:
    """Serve until standard input ends."""
    stamps, upbit, binance, *more = sys.argv[1:]
    context = None
    if more:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*more)
    with Stamps(Path(stamps)) as ring:
        uvloop.run(_serve(ring, [int(upbit), int(binance)], context))


if __name__ == "__main__":
    main()
