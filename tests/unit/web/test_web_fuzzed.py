"""The API against whatever its own document allows, and much it does not; bounded."""

import asyncio
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from requests.auth import AuthBase
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.unit.cli.cli_world import story_db
from tests.unit.web.web_fixture import SECRETS, looks_of, settings_of
from trading_platform_order.client.signing import signed
from trading_platform_order.transport.clock import SystemClock, epoch_us
from trading_platform_order.web.auth import OPEN_PATHS
from trading_platform_order.web.server import serving

CASES = 5
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
SLOW = {"/v1/signals/{signal_id}/events", "/v1/events"}  # an endless answer is not for a fuzzer


class Signed(AuthBase):
    """Signs what really leaves."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        body = request.body or b""
        request.headers.update(
            signed(
                "operator",
                SECRETS["operator"],
                method=str(request.method),
                target=request.path_url,
                at_ms=epoch_us(SystemClock().now()) // 1_000,
                nonce=secrets.token_hex(8),
                body=body if isinstance(body, bytes) else str(body).encode(),
            )
        )
        return request


# One server for all of them: they stay in one process.
pytestmark = pytest.mark.xdist_group("web_fuzzed")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    db = story_db(tmp_path_factory.mktemp("web"))
    ready, addresses = threading.Event(), list[str]()
    stops: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def run() -> None:
        stop = asyncio.Event()
        stops.append((asyncio.get_running_loop(), stop))
        silent: list[str] = []
        async with serving(settings_of(db, claim_wait_s=0), looks_of(db), silent.append) as address:
            addresses.append(address)
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    assert ready.wait(20)
    yield addresses[0], db
    loop, stop = stops[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join()


def operations(address: str) -> Iterator[Any]:
    document = requests.get(f"{address}/openapi.json", timeout=5).json()
    schema = schemathesis.openapi.from_dict(document)
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        if found.ok().path not in SLOW:
            yield found.ok()


def fuzz(operation: Any, mode: GenerationMode, check: Callable[[Any], None]) -> None:  # noqa: ANN401 - schemathesis' own
    """Cases the document allows, or ones it does not."""
    bounded = settings(
        max_examples=CASES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )

    @bounded
    @given(case=operation.as_strategy(generation_mode=mode))
    def one(case: Any) -> None:  # noqa: ANN401 - as above
        check(case)

    with suppress(Unsatisfiable):  # what takes nothing cannot be given something wrong
        one()


def _answered(
    address: str,
    session: requests.Session,
    seen: dict[str, set[int]],
    case: Any,  # noqa: ANN401 - as above
) -> None:
    case.headers = {}
    if isinstance(case.query, dict) and isinstance(case.query.get("wait_s"), float):
        case.query["wait_s"] %= 0.05  # nobody answers here
    answer = case.call(base_url=address, session=session, auth=Signed(), timeout=10)
    seen.setdefault(case.operation.path, set()).add(answer.status_code)
    case.validate_response(answer, checks=CHECKS)
    for secret in SECRETS.values():
        assert secret not in answer.text


def test_nothing_the_document_allows_is_a_server_error(server: tuple[str, Path]) -> None:
    address, _ = server
    seen: dict[str, set[int]] = {}
    with requests.Session() as session:
        for operation, mode in product(operations(address), GenerationMode):
            fuzz(operation, mode, partial(_answered, address, session, seen))

    assert {"/v1/signals", "/v1/stop", "/v1/close", "/v1/orders", "/health"} <= set(seen)
    assert not {401, 403} & {code for codes in seen.values() for code in codes}
    assert 202 in seen["/v1/signals"]
    assert 200 in seen["/v1/stop"]


def test_nothing_succeeds_without_a_signature(server: tuple[str, Path]) -> None:
    address, _ = server
    with requests.Session() as session:
        for operation in operations(address):
            path = operation.path.replace("{signal_id}", "sig-1")
            answer = session.request(operation.method, address + path, timeout=5)
            is_open = path in OPEN_PATHS
            assert (answer.status_code < 400) == is_open, (operation.method, path)
            assert is_open or answer.status_code == 401


def test_the_document_needs_nothing_from_elsewhere(server: tuple[str, Path]) -> None:
    text = requests.get(f"{server[0]}/openapi.json", timeout=5).text

    assert "http://" not in text.replace("http://127.0.0.1", "")
    assert '"ResearchSignal"' in text
