"""Discord as a channel: one alert becomes one request to a webhook, its answer one verdict.

The webhook's address is its password: it is in no text that leaves here.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from trading_platform_order.notifications.channel import Channel, Delivery, Message, Verdict
from trading_platform_order.notifications.wording.messages import clip, embed_of, plain_text_of
from trading_platform_order.transport.http import HttpRequest, HttpResponse, HttpTransport

SENDER_MAX = 80
"""Characters of a webhook's name (Discord docs, usernames @2026-11)."""
PICTURE = "report.png"
_SUCCESS = range(200, 300)
_BAD_REQUEST = 400
_TOO_MANY = 429
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscordLimits:
    """How fast and how long.

    Attributes:
        burst: at most so many requests in ``burst_window_s`` (5 per 2 s, as Discord's headers
            tell for webhooks); what the headers say rules besides.
        timeout_s: of one request.
        busy_s: the wait after a 429 that names none.
        retry_after_max_s: the longest 429 wait that is believed.
    """

    burst: int = 5
    burst_window_s: float = 2.0
    timeout_s: float = 10.0
    busy_s: float = 60.0
    retry_after_max_s: float = 3_600.0


class DiscordChannel(Channel):
    """A webhook of Discord; ``sender`` is shown as who writes: the mode, and whose prices.

    Raises:
        ValueError: the address is not https (http is taken on loopback only); it is not shown.
    """

    name = "discord"
    title = "Discord"
    is_paging = False

    def __init__(
        self,
        *,
        http: HttpTransport,
        webhook_url: str,
        limits: DiscordLimits | None = None,
        sender: str = "",
    ) -> None:
        parts = urlsplit(webhook_url)
        safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
        if not safe or not parts.hostname:
            raise ValueError("the Discord webhook address must begin with https://")
        self._http = http
        self._url = webhook_url
        self._secrets = (webhook_url, parts.path.rstrip("/"))
        self._sender = clip(sender, SENDER_MAX) if sender else ""
        self._limits = limits or DiscordLimits()
        self.burst = self._limits.burst
        self.burst_window_s = self._limits.burst_window_s

    def __repr__(self) -> str:
        """Without the address."""
        return "DiscordChannel()"

    async def send(self, message: Message) -> Delivery:
        """One request; see :class:`Channel`."""
        answer = await self._http.send(self._request(message))
        if not isinstance(answer, HttpResponse):
            return Delivery(verdict=Verdict.FAILED, reason=self._clean(answer.reason))
        pause_s = self._window_s(answer.headers)
        if answer.status in _SUCCESS:
            return Delivery(verdict=Verdict.TAKEN, pause_s=pause_s)
        reason = f"HTTP {answer.status}"
        if answer.status == _TOO_MANY:
            # Not the alert's fault and not the webhook's end: wait as told, count no failure.
            wait_s = max(pause_s, self._retry_after_s(answer))
            return Delivery(verdict=Verdict.BUSY, reason=reason, pause_s=wait_s)
        verdict = Verdict.MISFIT if answer.status == _BAD_REQUEST else Verdict.FAILED
        return Delivery(verdict=verdict, reason=reason, pause_s=pause_s)

    def _request(self, message: Message) -> HttpRequest:
        if message.is_plain:
            shown: Mapping[str, object] = {"content": plain_text_of(message)}
        else:
            embed = embed_of(message).to_wire()
            if message.picture:
                embed["image"] = {"url": f"attachment://{PICTURE}"}
            shown = {"embeds": [embed]}
        # No text of ours may ping anyone, whatever a signal's metadata holds.
        if self._sender:
            shown = {"username": self._sender, **shown}
        shown = {**shown, "allowed_mentions": {"parse": []}}
        kind, body = "application/json", _json(shown)
        if message.picture and not message.is_plain:
            kind, body = _with_picture(shown, message.picture)
        return HttpRequest(
            method="POST",
            url=self._url,
            headers={"Content-Type": kind},
            body=body,
            timeout_s=self._limits.timeout_s,
        )

    def _window_s(self, headers: Mapping[str, str]) -> float:
        """``X-RateLimit-*``: with nothing left, wait for the window's end (Discord docs)."""
        remaining = _seconds(headers.get("x-ratelimit-remaining"))
        reset_s = _seconds(headers.get("x-ratelimit-reset-after"))
        if remaining != 0 or reset_s is None:
            return 0.0
        return min(reset_s, self._limits.retry_after_max_s)

    def _retry_after_s(self, response: HttpResponse) -> float:
        """The body's ``retry_after`` (seconds), else the header's, else ``busy_s``.

        Before Discord stands a proxy that answers 429 without JSON.
        """
        told: float | None = None
        try:
            document = json.loads(response.body)
        except ValueError:
            document = None
        if isinstance(document, dict):
            told = _seconds(document.get("retry_after"))
        if told is None:
            told = _seconds(response.headers.get("retry-after"))
        if told is None:
            told = self._limits.busy_s
        return min(told, self._limits.retry_after_max_s)

    def _clean(self, text: str) -> str:
        for secret in self._secrets:
            if secret:
                text = text.replace(secret, "<webhook>")
        return text


def _json(shown: Mapping[str, object]) -> bytes:
    return json.dumps(shown, ensure_ascii=False).encode(errors="replace")


def _with_picture(shown: Mapping[str, object], picture: bytes) -> tuple[str, bytes]:
    """Content type and body of a form: the JSON, and the file that it shows (Discord docs)."""
    boundary = secrets.token_hex(16)  # in neither part: 128 random bits
    disposition = "Content-Disposition: form-data; name="
    heads = (
        f'{disposition}"payload_json"\r\nContent-Type: application/json',
        f'{disposition}"files[0]"; filename="{PICTURE}"\r\nContent-Type: image/png',
    )
    parts = [
        f"--{boundary}\r\n{head}\r\n\r\n".encode() + part + b"\r\n"
        for head, part in zip(heads, (_json(shown), picture), strict=True)
    ]
    body = b"".join(parts) + f"--{boundary}--\r\n".encode()
    return f"multipart/form-data; boundary={boundary}", body


def _seconds(value: object) -> float | None:
    """A duration from a header or JSON; not money, so a float is right."""
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return None
    try:
        seconds = float(value)
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None
