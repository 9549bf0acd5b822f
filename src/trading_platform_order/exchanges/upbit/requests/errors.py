"""What Upbit's refusals mean for what we do next. The whole classification is this one table.

Source: Upbit docs rest-api-guide @2026-10-06 and new-order @2026-08-21. A name that is not in the
table proves nothing about an order, so it is *unknown*.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import TypeVar

import msgspec

from trading_platform_order.domain.hindrances.hindrance import Hindrance
from trading_platform_order.domain.outcome import (
    NOT_ENOUGH_COINS,
    PRICE_OFF_STEP,
    ReadFailed,
    Refused,
    Unknown,
)
from trading_platform_order.exchanges.rows import json_of
from trading_platform_order.exchanges.upbit.requests.wire import UNREADABLE, ErrorBody
from trading_platform_order.transport.http import HttpResponse, MaybeSent, NotSent

Shape = TypeVar("Shape")


class Kind(StrEnum):
    """What a failed call proves.

    ``REFUSED``       not accepted; asking the same again is refused again.
    ``RETRYABLE``     not accepted; it may work later.
    ``AUTH_FAILED``   not accepted; an operator must look at the key.
    ``RATE_LIMITED``  not accepted; wait.
    ``NOT_SENT``      nothing left this machine.
    ``DUPLICATE``     the identifier was used before, perhaps by our own earlier attempt.
    ``NOT_FOUND``     the exchange does not know the order, now.
    ``UNKNOWN``       it may have happened.
    """

    REFUSED = "refused"
    RETRYABLE = "retryable"
    AUTH_FAILED = "auth_failed"
    RATE_LIMITED = "rate_limited"
    NOT_SENT = "not_sent"
    DUPLICATE = "duplicate"
    NOT_FOUND = "not_found"
    UNKNOWN = "unknown"


KINDS: dict[str, Kind] = {
    "create_bid_error": Kind.REFUSED,
    "create_ask_error": Kind.REFUSED,
    "insufficient_funds_bid": Kind.REFUSED,
    "insufficient_funds_ask": Kind.REFUSED,
    "under_min_total_bid": Kind.REFUSED,
    "under_min_total_ask": Kind.REFUSED,
    "over_krw_funds_bid": Kind.REFUSED,
    "over_krw_funds_ask": Kind.REFUSED,
    "invalid_price_bid": Kind.REFUSED,
    "invalid_price_ask": Kind.REFUSED,
    "invalid_volume_bid": Kind.REFUSED,
    "invalid_volume_ask": Kind.REFUSED,
    "volume_too_large": Kind.REFUSED,
    "invalid_funds": Kind.REFUSED,
    "invalid_parameter": Kind.REFUSED,
    "invaild_parameter": Kind.REFUSED,  # the documentation's own spelling in places
    "validation_error": Kind.REFUSED,
    "bad_request": Kind.REFUSED,
    "QUERY_PARAMETER_NOT_SUPPORTED": Kind.REFUSED,
    "invalid_time_in_force": Kind.REFUSED,
    "invalid_post_only": Kind.REFUSED,
    "notfoundmarket": Kind.REFUSED,
    "thirdparty_agreement_required": Kind.REFUSED,
    "pocket_not_found": Kind.REFUSED,
    "currency_not_found": Kind.REFUSED,
    "market_offline": Kind.RETRYABLE,
    "invalid_query_payload": Kind.AUTH_FAILED,
    "jwt_verification": Kind.AUTH_FAILED,
    "expired_access_key": Kind.AUTH_FAILED,
    "invalid_access_key": Kind.AUTH_FAILED,
    "no_authorization_ip": Kind.AUTH_FAILED,
    "no_authorization_i_p": Kind.AUTH_FAILED,
    "no_authorization_token": Kind.AUTH_FAILED,
    "out_of_scope": Kind.AUTH_FAILED,
    # A used nonce can mean that something replayed the request: the first copy may stand.
    "nonce_used": Kind.UNKNOWN,
    "duplicated_identifier": Kind.DUPLICATE,
    "order_not_found": Kind.NOT_FOUND,
}

#: names by which Upbit says that it takes no order at all now, or none of this market
HINDRANCES: dict[str, Hindrance] = {
    "market_offline": Hindrance.MAINTENANCE,
    "notfoundmarket": Hindrance.SUSPENDED,
    "thirdparty_agreement_required": Hindrance.ACCOUNT_SETTING,
}

TRANSIENT = frozenset({Kind.NOT_SENT, Kind.RATE_LIMITED, Kind.UNKNOWN})
NEXT_SECOND_S = 1.0
BAN_S = 60.0
_SECONDS = re.compile(r"(\d{1,6})\s*(?:초|s(?:ec(?:onds?)?)?\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A call that did not answer what was asked.

    Attributes:
        code: the exchange's error name, or ours in lower case.
        is_named: ``code`` is the exchange's own, in a 4xx answer to what was asked.
        bans_all: a 418: nothing may be sent for ``retry_after_s``.
    """

    kind: Kind
    code: str
    message: str
    retry_after_s: float | None = None
    bans_all: bool = False
    is_named: bool = False

    @property
    def hindrance(self) -> Hindrance | None:
        """Why no order would be taken now, if that is what it says."""
        if self.kind is Kind.AUTH_FAILED:
            return Hindrance.KEY
        if self.kind is Kind.RATE_LIMITED:
            return Hindrance.BANNED
        return HINDRANCES.get(self.code)

    @property
    def text(self) -> str:
        """For reasons and logs."""
        return f"{self.code}: {self.message}" if self.message else self.code


def of_network(result: NotSent | MaybeSent) -> Failure:
    """A request that was not answered."""
    if isinstance(result, NotSent):
        return Failure(kind=Kind.NOT_SENT, code="not_sent", message=result.reason)
    return Failure(kind=Kind.UNKNOWN, code="no_answer", message=result.reason)


def of_response(response: HttpResponse) -> Failure:
    """An answer other than 2xx."""
    status = response.status
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Failure(
            kind=Kind.RATE_LIMITED,
            code="rate_limited",
            message="HTTP 429",
            retry_after_s=NEXT_SECOND_S,
        )
    if status == HTTPStatus.IM_A_TEAPOT:
        return Failure(
            kind=Kind.RATE_LIMITED,
            code="banned",
            message="HTTP 418",
            retry_after_s=_ban_s(response),
            bans_all=True,
        )
    try:
        detail = msgspec.json.decode(json_of(response.body), type=ErrorBody).error
    except UNREADABLE:
        return Failure(kind=Kind.UNKNOWN, code=f"http_{status}", message="no readable error")
    name = str(detail.name) or f"http_{status}"
    is_client_error = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    kind = KINDS.get(name, Kind.UNKNOWN) if is_client_error else Kind.UNKNOWN
    return Failure(
        kind=kind,
        code=name,
        message=f"HTTP {status} {detail.message}".strip(),
        is_named=is_client_error and bool(detail.name) and name not in KINDS,
    )


def _ban_s(response: HttpResponse) -> float:
    """How long a 418 lasts; its format is not documented, so it is read leniently."""
    header = response.headers.get("retry-after", "")
    if header.isdecimal():
        return max(float(header), NEXT_SECOND_S)
    found = _SECONDS.search(response.body.decode("utf-8", errors="replace"))
    return max(float(found.group(1)), NEXT_SECOND_S) if found else BAN_S


_CORE_NAMES = {
    "insufficient_funds_ask": NOT_ENOUGH_COINS,
    "invalid_price_ask": PRICE_OFF_STEP,
    "invalid_price_bid": PRICE_OFF_STEP,
}


def as_order_outcome(failure: Failure) -> Refused | Unknown:
    """What a failed *first* POST of an order says about the order.

    A duplicated identifier or a strange ``not found`` is left to the look-up.
    """
    match failure.kind:
        case Kind.NOT_SENT | Kind.RATE_LIMITED | Kind.RETRYABLE:
            return Refused(
                code=failure.code,
                message=failure.message,
                retryable=True,
                retry_after_s=failure.retry_after_s,
                hindrance=failure.hindrance,
            )
        case Kind.REFUSED | Kind.AUTH_FAILED:
            name = _CORE_NAMES.get(failure.code)
            return Refused(
                code=name or failure.code,
                message=failure.text if name else failure.message,
                hindrance=failure.hindrance,
            )
        case Kind.DUPLICATE:
            return Unknown(reason=failure.code)
        case Kind.NOT_FOUND | Kind.UNKNOWN:
            return Unknown(reason=failure.text, refused_as=failure.code if failure.is_named else "")


def as_read_failed(failure: Failure, what: str, *, tells_key: bool = False) -> ReadFailed:
    """A failed read, with the cure where there is one.

    ``tells_key``: trading needs this read, so a key that may not do it is dead.
    """
    remedy = ""
    if failure.kind is Kind.AUTH_FAILED:
        remedy = (
            " (check the Upbit key: its expiry, its allowed addresses, "
            "and the permissions to view accounts, to view orders and to make orders; "
            "for transfers those to view deposits and withdrawals)"
        )
    is_dead = tells_key and failure.kind is Kind.AUTH_FAILED
    return ReadFailed(
        reason=f"upbit {what}: {failure.text}{remedy}",
        hindrance=Hindrance.KEY if is_dead else None,
    )


def parsed(make: Callable[[], Shape]) -> Shape | ReadFailed:
    """What ``make`` reads out of an answer; one that cannot be read is a failed read."""
    try:
        return make()
    except UNREADABLE as error:
        return ReadFailed(reason=f"upbit: unreadable: {error}")
