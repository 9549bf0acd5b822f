"""A client's door over HTTP: every request signed, repeated while it is not known to have arrived.

Repeating is safe for what is sent here: a signal's id makes it one trade, and a stop that is set
twice is set.
"""

import asyncio
import secrets
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import quote

import aiohttp
import msgspec
from yarl import URL

from trading_platform_order.client.answers import Position, positions_of
from trading_platform_order.client.faults import ClientFault, NotAuthorised, Unanswered, Unavailable
from trading_platform_order.client.handing_in import SendOutcome, Sent
from trading_platform_order.client.signing import signed
from trading_platform_order.transport.clock import SystemClock, epoch_us

Value = TypeVar("Value")
TRIES = 3
PAUSE_S = 0.2
ANSWER_S = 10.0
POLL_MAX_S = 25.0
_ANSWERED = {
    HTTPStatus.OK,
    HTTPStatus.ACCEPTED,
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.CONFLICT,
    HTTPStatus.UNPROCESSABLE_ENTITY,
}


class HttpServer:
    """One `tporder web`; connected at the first use."""

    def __init__(self, url: str, *, key: str, secret: str) -> None:
        self._url = url.rstrip("/")
        self._key = key
        self._secret = secret
        self._session: aiohttp.ClientSession | None = None

    async def send(self, text: bytes, *, wait_s: float) -> Sent:
        """One signal, handed in and answered; a repetition is answered as the first time."""
        status, body = await self._asked("POST", "/v1/signals", text)
        sent = _read(body, Sent, status)
        if sent.result is SendOutcome.QUEUED and wait_s > 0:
            return await self._followed(sent, wait_s=wait_s, until="answered")
        return sent

    async def follow(self, sent: Sent, *, wait_s: float) -> Sent:
        """Until its pair trade has ended."""
        return await self._followed(sent, wait_s=wait_s, until="ended")

    async def positions(self) -> list[Position]:
        """What is held, by strategy and symbol."""
        status, body = await self._asked("GET", "/v1/positions")
        return positions_of(_read(body, list[dict[str, str | int | None]], status))

    async def stop(self, reason: str, *, flatten: bool) -> bool:
        """True if it was not stopped so before."""
        text = msgspec.json.encode({"reason": reason, "flatten": flatten})
        status, body = await self._asked("POST", "/v1/stop", text)
        if status != HTTPStatus.OK:
            raise Unavailable(body.decode(errors="replace"), remedy="nothing was changed")
        return bool(msgspec.json.decode(body)["changed"])

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _followed(self, sent: Sent, *, wait_s: float, until: str) -> Sent:
        if sent.is_final or (until == "ended" and sent.has_ended):
            return sent
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait_s
        while True:
            left_s = max(0.0, deadline - loop.time())
            part_s = min(left_s, POLL_MAX_S)
            name = quote(sent.signal_id, safe="")
            target = f"/v1/signals/{name}?until={until}&wait_s={part_s:.3f}"
            status, body = await self._asked("GET", target, limit_s=part_s + ANSWER_S)
            if status == HTTPStatus.OK:
                sent = _read(body, Sent, status)
                is_over = sent.is_final or sent.has_ended
                if is_over or (until == "answered" and sent.result is not SendOutcome.QUEUED):
                    return sent
            if left_s <= part_s:
                return sent
            await asyncio.sleep(PAUSE_S)

    async def _asked(
        self, method: str, target: str, body: bytes = b"", *, limit_s: float = ANSWER_S
    ) -> tuple[int, bytes]:
        """Status and body.

        Raises:
            ClientFault: no answer of the API came.
        """
        fault: ClientFault = Unanswered("not tried", remedy="")
        for attempt in range(TRIES):
            if attempt:
                await asyncio.sleep(PAUSE_S * 2**attempt)
            try:
                status, answer = await self._once(method, target, body, limit_s)
            except (aiohttp.ClientError, TimeoutError) as error:
                told = str(error) or type(error).__name__
                fault = Unanswered(
                    f"{self._url} did not answer: {told}",
                    remedy="it may have arrived: send the same again, it is traded once",
                )
                continue
            if status in _ANSWERED:
                return status, answer
            told = answer[:500].decode(errors="replace")
            if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
                raise NotAuthorised(told, remedy="check the key, its secret and this clock")
            fault = Unavailable(f"HTTP {status}: {told}", remedy="try it later")
        raise fault

    async def _once(
        self, method: str, target: str, body: bytes, limit_s: float
    ) -> tuple[int, bytes]:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        headers = signed(
            self._key,
            self._secret,
            method=method,
            target=target,
            at_ms=epoch_us(SystemClock().now()) // 1_000,
            nonce=secrets.token_hex(16),
            body=body,
        )
        if body:
            headers["Content-Type"] = "application/json"
        async with (
            asyncio.timeout(limit_s),
            # The path is signed as it stands: it must leave as it stands.
            self._session.request(
                method, URL(self._url + target, encoded=True), data=body or None, headers=headers
            ) as response,
        ):
            return response.status, await response.read()


def _read(body: bytes, kind: type[Value], status: int) -> Value:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.MsgspecError as error:
        told = f"HTTP {status}: {body[:500].decode(errors='replace')}: {error}"
        raise Unavailable(told, remedy="is this the address of tporder web?") from error
