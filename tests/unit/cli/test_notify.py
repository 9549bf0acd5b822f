"""``tporder notify test``: every channel by itself, what it answered, and no address."""

import http.server
import json
import threading
from collections.abc import Iterator
from typing import ClassVar

import pytest

from tests.unit.cli.cli_world import as_json, tporder
from trading_platform_order.cli.console.exit_codes import ExitCode


class Receiver(http.server.BaseHTTPRequestHandler):
    bodies: ClassVar[list[dict[str, object]]] = []

    def do_POST(self) -> None:  # the library's name
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.bodies.append(json.loads(body))
        self.send_response(404 if "gone" in self.path else 204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    Receiver.bodies.clear()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def channels(port: int) -> dict[str, str]:
    return {
        "TPORDER_DISCORD_WEBHOOK_URL": f"http://127.0.0.1:{port}/hook-secret",
        "TPORDER_NOTIFY_URLS": f"team=json://127.0.0.1:{port}/team-secret",
        "TPORDER_NOTIFY_PAGING_URLS": f"pager=json://127.0.0.1:{port}/gone-secret "
        "typo=bogus://very-secret",
    }


def test_each_channel_tells_what_it_answered(port: int) -> None:
    result = tporder("notify", "test", env=channels(port))

    assert result.exit_code == ExitCode.NOT_TOLD
    told = dict(line.split(maxsplit=1) for line in result.stdout.splitlines())
    assert told["discord"] == told["team"] == "taken"
    assert told["pager"] == "NOT taken: HTTP 404"
    assert told["typo"].startswith("cannot be used: apprise does not take it")
    assert "secret" not in result.output
    assert len(Receiver.bodies) == 3


def test_one_channel_alone(port: int) -> None:
    rows = as_json(tporder("notify", "test", "--channel", "team", "--json", env=channels(port)))

    assert rows == {"channels": [{"channel": "team", "taken": True, "text": "taken"}]}
    assert len(Receiver.bodies) == 1


@pytest.mark.parametrize("args", [(), ("--channel", "nobody")])
def test_no_such_channel(args: tuple[str, ...]) -> None:
    result = tporder("notify", "test", *args)

    assert result.exit_code == ExitCode.NOT_FOUND
    assert "no channel is" in result.stderr
