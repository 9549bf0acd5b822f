"""The REST side of the simulated Upbit: tokens, limits, answers; the routes are made elsewhere."""

import json
from decimal import localcontext

import attrs
import msgspec

from exchange_simulator.clock import Clock
from exchange_simulator.upbit.endpoints.queries import read_query
from exchange_simulator.upbit.endpoints.routing import Body, Request, Route, Routes
from exchange_simulator.upbit.errors import Refusal
from exchange_simulator.upbit.numbers import PRECISION
from exchange_simulator.upbit.requests.auth import Authenticator
from exchange_simulator.upbit.requests.limits import RateLimits, Verdict, has_origin
from exchange_simulator.wire import HttpRequest, HttpResponse, http_date, split_target

_ENCODER = msgspec.json.Encoder()
_BODY = json.JSONDecoder(parse_float=str, parse_int=str)


@attrs.define(kw_only=True, eq=False, repr=False)
class RestApi:
    """Answers REST requests by the routes it is given.

    Args:
        clock: for the ``Date`` header.
        auth: who may come in.
        limits: how often.
        routes: by method and path.
    """

    _clock: Clock
    _auth: Authenticator
    _limits: RateLimits
    _routes: Routes

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Answer one REST request."""
        path, query = split_target(request.url)
        route = self._routes.get((request.method, path))
        if route is None:
            return self.respond(Refusal("not_found", is_quotation=True))
        is_slowed = not route.is_private and has_origin(request.headers)
        verdict = self._limits.count(route.group, has_origin=is_slowed)
        if verdict.status:
            return self.limited(verdict)
        try:
            with localcontext(prec=PRECISION):
                answer = self._answer(route, request, query)
        except Refusal as refusal:
            shown = refusal if route.is_private else refusal.for_quotation()
            return self._respond(shown.status, shown.body(), remaining=verdict.remaining_header)
        return self._respond(route.success_status, answer, remaining=verdict.remaining_header)

    def respond(self, refusal: Refusal) -> HttpResponse:
        """A refusal outside of the limits: unknown paths and handshakes."""
        return self._respond(refusal.status, refusal.body(), remaining=None)

    def limited(self, verdict: Verdict) -> HttpResponse:
        """A 429 or 418: plain text, not JSON."""
        headers = self._headers("text/plain; charset=utf-8", verdict.remaining_header)
        return HttpResponse(status=verdict.status, headers=headers, body=verdict.text.encode())

    def _answer(self, route: Route, request: HttpRequest, raw_query: str) -> object:
        query = read_query(raw_query, is_strict=route.is_private)
        body = _read_body(request.body) if request.method == "POST" else {}
        if route.is_private:
            if request.method != "POST" and request.body:
                raise Refusal("invalid_query_payload")
            text = query.signed_text
            if body:
                text = "&".join(f"{name}={value}" for name, value in body.items())
            self._auth.check(request.headers, text, permission=route.permission)
        return route.call(Request(query=query, body=body))

    def _headers(self, content_type: str, remaining: str | None) -> dict[str, str]:
        headers = {"content-type": content_type, "date": http_date(self._clock.now())}
        if remaining is not None:
            headers["remaining-req"] = remaining
        return headers

    def _respond(self, status: int, body: object, *, remaining: str | None) -> HttpResponse:
        return HttpResponse(
            status=status,
            headers=self._headers("application/json;charset=UTF-8", remaining),
            body=_ENCODER.encode(body),
        )


def _read_body(raw: bytes) -> Body:
    """The JSON object of a POST, numbers kept as they were written.

    Raises:
        Refusal: ``validation_error``, not a flat JSON object.
    """
    try:
        body = _BODY.decode((raw or b"{}").decode(json.detect_encoding(raw), "surrogatepass"))
    except ValueError:
        raise Refusal("validation_error", detail="JSON") from None
    if not isinstance(body, dict) or any(
        value is not None and not isinstance(value, str) for value in body.values()
    ):
        raise Refusal("validation_error", detail="JSON")
    return body
