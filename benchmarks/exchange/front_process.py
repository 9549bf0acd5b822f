"""``python -m benchmarks.exchange.front_process``: the front in its own process.

Standard input takes one JSON object a line that changes its behaviour; its end ends the process.
"""

import argparse
import asyncio
import json
import ssl
import sys
from pathlib import Path

import uvloop

from benchmarks.exchange.front import HOST, Behaviour, listen
from benchmarks.exchange.stamps import BINANCE, UPBIT, VENUES, Stamps


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--stamps", type=Path, required=True)
    parser.add_argument("--ready-file", type=Path, required=True)
    parser.add_argument("--behind", type=Path, help="ready file of the simulated exchanges")
    parser.add_argument("--certificate", type=Path)
    parser.add_argument("--key", type=Path)
    uvloop.run(_serve(parser.parse_args()))


async def _serve(options: argparse.Namespace) -> None:
    behaviour = Behaviour()
    with Stamps(options.stamps, create=True) as stamps:
        context = _context(options)
        behind = json.loads(options.behind.read_text()) if options.behind else None
        servers = []
        plain: dict[int, int] = {}
        secure: dict[int, int] = {}
        for venue in VENUES:
            port = None if behind is None else _port(behind, venue)
            for ports, tls in ((plain, None), (secure, context)):
                if ports is secure and tls is None:
                    continue
                server, ports[venue] = await listen(venue, stamps, behaviour, behind=port, tls=tls)
                servers.append(server)
        _announce(options.ready_file, behind, plain, secure)
        await _obey(behaviour)
        for server in servers:
            server.close()


def _context(options: argparse.Namespace) -> ssl.SSLContext | None:
    if options.certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.certificate, options.key)
    return context


def _port(behind: dict[str, dict[str, str]], venue: int) -> int:
    address = behind["upbit" if venue == UPBIT else "binance"]["rest"]
    return int(address.rpartition(":")[2])


def _announce(
    path: Path,
    behind: dict[str, dict[str, str]] | None,
    plain: dict[int, int],
    secure: dict[int, int],
) -> None:
    """Write the ready file in the simulator's own form, once plain and once over TLS."""
    found: dict[str, object] = {"plain": _addresses("", plain)}
    if secure:
        found["tls"] = _addresses("s", secure)
    if behind is not None:
        found["keys"] = behind["keys"]
        found["control"] = behind["control"]
    draft = path.with_suffix(".partial")
    draft.write_text(json.dumps(found))
    draft.replace(path)


def _addresses(s: str, ports: dict[int, int]) -> dict[str, dict[str, str]]:
    upbit, binance = (f"{HOST}:{ports[venue]}" for venue in (UPBIT, BINANCE))
    return {
        "upbit": {"rest": f"http{s}://{upbit}", "ws": f"ws{s}://{upbit}/websocket/v1"},
        "binance": {"rest": f"http{s}://{binance}", "ws": f"ws{s}://{binance}"},
    }


async def _obey(behaviour: Behaviour) -> None:
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        order = json.loads(line)
        behaviour.answer_delay_s = float(order.get("answer_delay_s", behaviour.answer_delay_s))
        sys.stdout.write("done\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
