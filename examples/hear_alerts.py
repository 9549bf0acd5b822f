"""Hear alerts on this machine: a webhook on the loopback that prints what the engine tells.

    .venv/bin/python examples/hear_alerts.py &
    TPORDER_DISCORD_WEBHOOK_URL=http://127.0.0.1:8787/alerts .venv/bin/tporder run

It takes what Discord takes and answers as Discord does, so that alerts can be tried without any
account. Standard library alone; it ends with Ctrl-C.
"""

import argparse
import json
from http.server import BaseHTTPRequestHandler, HTTPServer

PORT = 8787


class Webhook(BaseHTTPRequestHandler):
    """One POST is one alert."""

    def do_POST(self) -> None:
        """Print the titles and answer 204, "No Content"."""
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        self.send_response(204)
        self.end_headers()
        titles = [embed["title"] for embed in body.get("embeds", [])] or [body.get("content", "")]
        for title in titles:
            print(f"alert: {title}", flush=True)

    def log_message(self, *_: object) -> None:
        """The standard line for each request says nothing new."""


def main() -> None:
    """Listen until interrupted."""
    parser = argparse.ArgumentParser(description="a webhook on the loopback that prints alerts")
    parser.add_argument("--port", type=int, default=PORT)
    server = HTTPServer(("127.0.0.1", parser.parse_args().port), Webhook)
    print(f"listening on http://127.0.0.1:{server.server_port}/alerts", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


if __name__ == "__main__":
    main()
