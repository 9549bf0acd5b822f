"""Everything that is not an answer, as one shape; no text of a bug or a secret leaves."""

from http import HTTPStatus
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from trading_platform_order.storage.base import InboxFull, StoreUnavailable
from trading_platform_order.web.world import Problem


class RequestRefused(Exception):  # noqa: N818 - named as the docs do
    """A handler does not carry a request out."""

    def __init__(self, status: HTTPStatus, code: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.status = status
        self.problem = Problem(code=code, message=message, remedy=remedy)


def of_handler(_: Request[Any, Any, Any], refused: RequestRefused) -> Response[Problem]:
    """As the handler says."""
    return Response(refused.problem, status_code=refused.status)


def of_framework(_: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    """No such path, or a parameter that is out of bounds."""
    message = error.detail
    if isinstance(error, ValidationException) and isinstance(error.extra, list):
        named = "; ".join(
            f"{item.get('key')}: {item.get('message')}"
            for item in error.extra
            if isinstance(item, dict)
        )
        message = named or message
    code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "_").replace("-", "_")
    problem = Problem(code=code, message=message, remedy="see /openapi.json")
    return Response(problem, status_code=error.status_code, headers=error.headers)


def of_store(_: Request[Any, Any, Any], error: StoreUnavailable | InboxFull) -> Response[Problem]:
    """The store does not take or tell it now."""
    full = isinstance(error, InboxFull)
    problem = Problem(
        code="inbox_full" if full else "store_unavailable",
        message=str(error),
        remedy="does the engine run?" if full else "try it later; read the log of tporder web",
    )
    return Response(problem, status_code=HTTPStatus.SERVICE_UNAVAILABLE)
