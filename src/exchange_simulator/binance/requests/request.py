"""Reading a request as the exchange does: its parameters, its key, its signature, its age.

Written from Binance's general-info page: the signature is an HMAC-SHA256 over the exact text of
query string and body, joined without ``&``, and must stand last.
"""

import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl

import msgspec

from exchange_simulator.binance.errors import Rejection, missing
from exchange_simulator.wire import HttpRequest, split_target

DEFAULT_RECV_WINDOW_MS = 5_000
MAX_RECV_WINDOW_MS = 60_000
FUTURE_TOLERANCE_MS = 1_000
KEY_HEADER = "X-MBX-APIKEY"


class ParsedRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request taken apart; where a parameter stands twice, the query string wins.

    Attributes:
        key: the API key it names; empty without one.
    """

    method: str
    path: str
    query: str
    body: str
    key: str
    params: Mapping[str, str]

    def need(self, name: str) -> str:
        """A mandatory parameter.

        Raises:
            Rejection: -1102.
        """
        value = self.params.get(name, "")
        if not value:
            raise missing(name)
        return value

    def integer(self, name: str) -> int | None:
        """An optional whole number.

        Raises:
            Rejection: -1102 when it is not one.
        """
        text = self.params.get(name)
        if text is None:
            return None
        if not text.isdecimal():
            raise missing(name)
        return int(text)


def parse(request: HttpRequest) -> ParsedRequest:
    """Take a request apart; never fails on strange input."""
    path, query = split_target(request.url)
    body = request.body.decode("utf-8", errors="replace")
    params = _pairs(query)
    if body:
        params = {**_pairs(body), **params}
    return ParsedRequest(
        method=request.method,
        path=path,
        query=query,
        body=body,
        key=_key(request.headers),
        params=params,
    )


def _key(headers: Mapping[str, str]) -> str:
    """As its header is written in the documentation, or in any other case."""
    key = headers.get(KEY_HEADER)
    if key is not None:
        return key
    return next((value for name, value in headers.items() if name.upper() == KEY_HEADER), "")


def _pairs(text: str) -> dict[str, str]:
    if "%" in text or "+" in text:
        return dict(parse_qsl(text, keep_blank_values=True))
    # Nothing is encoded, as in nearly every request: the parts are what they say.
    pairs: dict[str, str] = {}
    for part in text.split("&"):
        if part:
            name, _, value = part.partition("=")
            pairs[name] = value
    return pairs


def second_key_of(api_key: str) -> str:
    """Another key of the same account; for simplicity with the same secret."""
    return f"{api_key}-second"


def check_key(request: ParsedRequest, api_key: str) -> None:
    """The key header.

    Raises:
        Rejection: -2014 without a key, -2015 with a wrong one.
    """
    if not request.key:
        raise Rejection(-2014)
    if not hmac.compare_digest(request.key.encode(), api_key.encode()):
        raise Rejection(-2015)


def check_signature(
    request: ParsedRequest, *, secret: bytes, server_time_ms: int, payload: str | None = None
) -> None:
    """Signature and age of a TRADE or USER_DATA request.

    ``secret`` is the account's, for HMAC-SHA256; ``payload`` is the signed text where query
    and body are not (the WebSocket API).

    Raises:
        Rejection: -1102 (timestamp or signature missing), -1022, -1131, -1021.
    """
    timestamp_ms = request.integer("timestamp")
    if timestamp_ms is None:
        raise missing("timestamp")
    signature = request.need("signature")
    if payload is None:
        payload = _signed_payload(request, signature)
    expected = hmac.digest(secret, payload.encode(), "sha256").hex()
    if not hmac.compare_digest(expected.encode(), signature.lower().encode()):
        raise Rejection(-1022)
    window_ms = request.integer("recvWindow")
    if window_ms is None:
        window_ms = DEFAULT_RECV_WINDOW_MS
    if window_ms > MAX_RECV_WINDOW_MS:
        raise Rejection(-1131)
    if timestamp_ms >= server_time_ms + FUTURE_TOLERANCE_MS:
        raise Rejection(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
    if server_time_ms - timestamp_ms > window_ms:
        raise Rejection(-1021)


def _signed_payload(request: ParsedRequest, signature: str) -> str:
    """Query and body without the signature that ends one of them; -1022 if it ends neither."""
    ending = f"signature={signature}"
    for text, other, in_query in (
        (request.query, request.body, True),
        (request.body, request.query, False),
    ):
        if text == ending or text.endswith(f"&{ending}"):
            rest = text[: -len(ending)].removesuffix("&")
            return rest + other if in_query else other + rest
    raise Rejection(-1022)
