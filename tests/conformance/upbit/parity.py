"""How signed requests are taken apart for comparison, and every difference that is allowed."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from exchange_simulator.faults.kinds import VenueFault
from exchange_simulator.ports import Deliver, MarketTick, StreamSession
from exchange_simulator.upbit import SimulatedUpbit
from exchange_simulator.wire import HttpRequest, HttpResponse

Parts = dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One difference between our request and another client's that is as it should be.

    Attributes:
        client: ``ccxt`` or ``upbit-sdk``.
        part: of the request, as :func:`taken_apart` names it.
        cases: words one of which must be in the case's name; empty: every case.
        reason: why both are right, or why theirs is not what we want.
    """

    client: str
    part: str
    reason: str
    cases: tuple[str, ...] = ()

    def covers(self, client: str, part: str, case: str) -> bool:
        """Whether it allows this difference."""
        in_case = not self.cases or any(word in case for word in self.cases)
        return (client, part) == (self.client, self.part) and in_case


_ONCE = "Upbit takes an identifier once for ever, so each client sends one of its own"
_NONCE = "a nonce serves one request"
_HS256 = "Upbit takes HS256 and HS512; its documentation recommends HS512, which we sign with"
_ORDER = "the hash covers the body's own order of fields, whatever it is"
_CHARSET = "Upbit's documentation shows charset=utf-8; JSON is UTF-8 without it too"

DIFFERENCES: Sequence[Difference] = (
    Difference(client="ccxt", part="body.identifier", reason=_ONCE),
    Difference(client="upbit-sdk", part="body.identifier", reason=_ONCE),
    Difference(client="ccxt", part="jwt.nonce", reason=_NONCE),
    Difference(client="upbit-sdk", part="jwt.nonce", reason=_NONCE),
    Difference(client="ccxt", part="jwt.alg", reason=_HS256),
    Difference(client="upbit-sdk", part="jwt.alg", reason=_HS256),
    Difference(client="ccxt", part="field order", reason=_ORDER),
    Difference(client="upbit-sdk", part="field order", reason=_ORDER),
    Difference(client="ccxt", part="content-type", reason=_CHARSET),
    Difference(client="upbit-sdk", part="content-type", reason=_CHARSET),
    Difference(
        client="ccxt",
        part="body.smp_type",
        cases=("limit", "best"),
        reason="ccxt drops smp_type; we send it because Upbit's default changed on 2026-11-09",
    ),
)


def taken_apart(request: HttpRequest) -> Parts:
    """Every part of a signed request that the exchange may look at."""
    url = urlsplit(request.url)
    headers = {name.lower(): value for name, value in request.headers.items()}
    parts = {"method": request.method, "path": url.path}
    if request.body:
        parts["content-type"] = headers.get("content-type", "")
    if "origin" in headers:
        parts["origin"] = headers["origin"]
    fields: Mapping[str, Any] = json.loads(request.body) if request.body else {}
    parts |= {f"body.{name}": repr(value) for name, value in fields.items()}
    query = parse_qsl(url.query, keep_blank_values=True)
    for name, value in query:
        parts[f"query.{name}"] = parts.get(f"query.{name}", "") + value + ";"
    parts["field order"] = ",".join([*fields, *(name for name, _ in query)])
    head, claims, _ = headers["authorization"].removeprefix("Bearer ").split(".")
    parts |= {f"jwt.{name}": str(value) for name, value in _json(head).items()}
    told = _json(claims)
    # The exchange has checked the hash against what it covers.
    parts |= {f"jwt.{name}": "given" for name in told} | {"jwt.nonce": str(told["nonce"])}
    return parts


def _json(part: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return value


def different_parts(ours: Parts, theirs: Parts) -> list[str]:
    """Names of the parts that are not the same."""
    return sorted(name for name in ours | theirs if ours.get(name) != theirs.get(name))


class RecordingVenue:
    """The exchange, which keeps what it was asked with all headers."""

    name = "upbit"

    def __init__(self, venue: SimulatedUpbit) -> None:
        self.venue = venue
        self.requests: list[HttpRequest] = []

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Keep and answer."""
        self.requests.append(request)
        return self.venue.handle(request)

    def open_stream(
        self, target: str, headers: Mapping[str, str], deliver: Deliver
    ) -> StreamSession | HttpResponse:
        """As the exchange."""
        return self.venue.open_stream(target, headers, deliver)

    def advance(self, ticks: Sequence[MarketTick]) -> None:
        """As the exchange."""
        self.venue.advance(ticks)

    def refuse_next_order(self, code: str | None) -> None:
        """As the exchange."""
        self.venue.refuse_next_order(code)

    def suffer(self, trouble: VenueFault) -> None:
        """As the exchange."""
        self.venue.suffer(trouble)

    def is_order_request(self, request: HttpRequest) -> bool:
        """As the exchange."""
        return self.venue.is_order_request(request)

    def state(self) -> dict[str, Any]:
        """As the exchange."""
        return self.venue.state()
