"""Which request limit an endpoint counts against: the page and the exchange say the same."""

import re
from pathlib import Path

from tests.conformance.upbit.fixture import open_fixture

PAGE = Path(__file__).resolve().parents[3] / "docs" / "EXCHANGE_API.md"
ROW = re.compile(r"^\| `([A-Z]+) (/v1/[^`]+)` \|.*\| ([a-z-]+) \| [^|]+ \|$", re.MULTILINE)


def rows() -> list[tuple[str, str, str]]:
    return ROW.findall(PAGE.read_text(encoding="utf-8"))


async def test_the_page_tells_the_groups() -> None:
    async with open_fixture() as fixture:
        routes = fixture.venue._api._routes
        told = {(method, path): group for method, path, group in rows()}
        assert told == {key: routes[key].group for key in told}


def test_every_endpoint_of_the_page_has_one() -> None:
    text = PAGE.read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `([A-Z]+) (/v1/[^`]+)` \|", text, re.MULTILINE))
    assert named == {(method, path) for method, path, _ in rows()}
    assert len(named) > 10
