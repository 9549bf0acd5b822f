"""What a route of the REST side is: whom it lets in, which limit it counts against, who answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from exchange_simulator.upbit.endpoints.queries import Query

Body = Mapping[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request, read: parameters of the query string and fields of the JSON body."""

    query: Query
    body: Body


Handler = Callable[[Request], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One endpoint.

    Attributes:
        group: the request limit it counts against.
        call: answers; a ``Refusal`` raised there is the answer too.
        permission: what the key needs; empty: any valid key. Only for private routes.
    """

    group: str
    is_private: bool
    call: Handler
    permission: str = ""
    success_status: int = 200


Routes = dict[tuple[str, str], Route]


def private(
    call: Handler, *, needs: str = "", group: str = "default", success_status: int = 200
) -> Route:
    """An endpoint for which a token is needed."""
    return Route(
        group=group, is_private=True, call=call, permission=needs, success_status=success_status
    )


def public(call: Handler, group: str) -> Route:
    """A quotation endpoint."""
    return Route(group=group, is_private=False, call=call)
