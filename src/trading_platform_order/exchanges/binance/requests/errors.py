"""What an answer means for an order: everything about that is in this one table.

Binance docs error-code and general-info, judged by what we may do next::

    REFUSED       proven not accepted; asking again would be refused again
    RETRYABLE     proven not accepted; the same wish may be sent under the next id
    UNKNOWN       it may have happened: look it up, never send again
    RATE_LIMITED  not accepted; wait first
    CLOCK_SKEW    not accepted; measure the clock first
    AUTH_FAILED   not accepted; an operator must look at the key

A code that is not in the table is UNKNOWN: refusal needs proof. So are 408 and every 5xx, with the
two exceptions that the exchange calls a certain failure (503 "Service Unavailable." and -1008).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus

import msgspec

from trading_platform_order.domain.hindrances.hindrance import Hindrance
from trading_platform_order.exchanges.binance.requests.wire import ErrorWire
from trading_platform_order.exchanges.rows import UNREADABLE, json_of
from trading_platform_order.transport.http import HttpResponse


class Kind(StrEnum):
    """What an error answer to an order means."""

    REFUSED = "refused"
    RETRYABLE = "retryable"
    UNKNOWN = "unknown"
    RATE_LIMITED = "rate_limited"
    CLOCK_SKEW = "clock_skew"
    AUTH_FAILED = "auth_failed"


NO_SUCH_ORDER = -2013
UNKNOWN_ORDER_SENT = -2011
NO_SUCH_LISTEN_KEY = -1125
TOO_MANY_ORDERS = -1015
NOTHING_TO_REDUCE = -2022
_THROTTLED = -1008
_TEAPOT = 418
_SURE_FAILURE_TEXT = "service unavailable."

BY_KIND: Mapping[Kind, tuple[int, ...]] = {
    Kind.UNKNOWN: (
        -1000,  # unknown error while processing
        -1001,  # internal error; called a failure by one page, an ambiguity by another
        -1006,  # unexpected response, execution status unknown
        -1007,  # time-out waiting for the backend
        -4116,  # duplicated id among open orders: an earlier attempt is live
    ),
    Kind.RETRYABLE: (_THROTTLED, -1016),
    Kind.RATE_LIMITED: (-1003, TOO_MANY_ORDERS),
    Kind.CLOCK_SKEW: (-1021, -5028),
    Kind.AUTH_FAILED: (-1002, -1011, -1022, -1109, -2014, -2015, -2017, -4056, -4057, -4109),
    Kind.REFUSED: (
        # the request itself
        *(-1100, -1101, -1102, -1103, -1104, -1105, -1106, -1111, -1115, -1116, -1117),
        *(-1121, -1128, -1130, -1136),
        *(-4000, -4001, -4002, -4003, -4004, -4005, -4013, -4014, -4015, -4016, -4023, -4024),
        *(-4060, -4061, -4062, -4082, -4083, -4120, -4135, -4136, -4137, -4138, -4164),
        *(-4183, -4184, -4210, -4211, -5021, -5022, -5037, -5038, -5039, -5040, -5041),
        # the account or the symbol at this moment
        *(-2010, -2018, -2019, -2020, -2022, -2023, -2024, -2025, -2026, -2027, -2028),
        *(
            -4045,
            -4087,
            -4088,
            -4118,
            -4108,
            -4117,
            -4130,
            -4131,
            -4140,
            -4141,
            -4192,
            -4400,
            -4401,
            -4402,
            -4403,
        ),
        # conditional orders
        *(-2007, -2021, -4142),
    ),
}
#: codes by which Binance says that it takes no order at all now, or none of this symbol
HINDRANCES: Mapping[Hindrance, tuple[int, ...]] = {
    Hindrance.MAINTENANCE: (-1016,),
    Hindrance.SUSPENDED: (-1121, -4108, -4140, -4141),
    Hindrance.KEY: (-4088,),
    # hedge mode switched on (-4061, -4062), an account under restriction or in liquidation
    Hindrance.ACCOUNT_SETTING: (-2023, -4061, -4062, -4402, -4403),
}
_HINDRANCES = {code: why for why, codes in HINDRANCES.items() for code in codes}
_TABLE: dict[int, Kind] = {code: kind for kind, codes in BY_KIND.items() for code in codes}


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiError:
    """An error answer: HTTP status, the exchange's code if it told one, and its words."""

    status: int
    code: int | None
    message: str
    retry_after_s: float | None = None

    @property
    def name(self) -> str:
        """A stable lower-case name: ``binance:-2019`` or ``binance:http_504``."""
        return f"binance:{self.code}" if self.code is not None else f"binance:http_{self.status}"

    @property
    def text(self) -> str:
        """For operators."""
        return f"{self.name} (HTTP {self.status}): {self.message}"


def read_error(response: HttpResponse) -> ApiError:
    """The error in an answer that is not 2xx; a body that is not theirs gives no code."""
    try:
        wire = msgspec.json.decode(json_of(response.body), type=ErrorWire, strict=False)
    except UNREADABLE:
        wire = ErrorWire(msg=response.body[:100].decode(errors="replace").strip())
    return ApiError(
        status=response.status,
        code=wire.code,
        message=wire.msg,
        retry_after_s=_retry_after_s(response),
    )


def classify(error: ApiError) -> Kind:
    """What the error means for an order (or a cancel) that was sent."""
    if error.status in {HTTPStatus.TOO_MANY_REQUESTS, _TEAPOT}:
        return Kind.RATE_LIMITED
    if error.code == _THROTTLED or _is_sure_failure(error):
        return Kind.RETRYABLE
    if (
        error.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        or error.status == HTTPStatus.REQUEST_TIMEOUT
    ):
        return Kind.UNKNOWN
    if error.code is None:
        is_auth = error.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
        return Kind.AUTH_FAILED if is_auth else Kind.UNKNOWN
    return _TABLE.get(error.code, Kind.UNKNOWN)


def unheard_of(error: ApiError) -> str:
    """The name of a refusal that no table of ours has; empty for anything else."""
    is_one = error.status == HTTPStatus.BAD_REQUEST and error.code is not None
    return error.name if is_one and error.code not in _TABLE else ""


def hindrance_of(error: ApiError) -> Hindrance | None:
    """Why no order would be taken now, if that is what the answer says."""
    match classify(error):
        case Kind.AUTH_FAILED:
            return Hindrance.KEY
        case Kind.RATE_LIMITED:
            return Hindrance.BANNED
        case _:
            return None if error.code is None else _HINDRANCES.get(error.code)


def says_dead_key(error: ApiError) -> bool:
    """The key itself is refused. A bare 403 is not: a firewall says that to anybody."""
    if error.code is None:
        return error.status == HTTPStatus.UNAUTHORIZED
    return classify(error) is Kind.AUTH_FAILED


def is_transient(error: ApiError) -> bool:
    """Whether a read that got this answer is worth another try."""
    return error.status >= HTTPStatus.INTERNAL_SERVER_ERROR or classify(error) in {
        Kind.RETRYABLE,
        Kind.RATE_LIMITED,
        Kind.CLOCK_SKEW,
        *([Kind.UNKNOWN] if error.status == HTTPStatus.REQUEST_TIMEOUT else []),
    }


def _is_sure_failure(error: ApiError) -> bool:
    return (
        error.status == HTTPStatus.SERVICE_UNAVAILABLE
        and error.message.strip().lower() == _SURE_FAILURE_TEXT
    )


def _retry_after_s(response: HttpResponse) -> float | None:
    text = response.headers.get("retry-after", "")
    return float(text) if text.isdecimal() else None
