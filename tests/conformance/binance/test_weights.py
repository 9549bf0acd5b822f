"""What a request weighs: our count, the exchange's and the page's are one and the same."""

import re
from pathlib import Path

import pytest

from exchange_simulator.binance.endpoints.route_table import ROUTES
from tests.conformance.binance.bench import Bench, S, in_virtual_time
from trading_platform_order.transport.limiter import RateLimiter

PAGE = Path(__file__).resolve().parents[3] / "docs" / "EXCHANGE_API.md"
ROW = re.compile(
    r"^\| `(GET|POST|PUT|DELETE) (/fapi/[^`]+)` \|.*\| (\d+)[^|]*\| [^|]+ \|$", re.MULTILINE
)


def rows() -> list[tuple[str, str, int]]:
    text = PAGE.read_text(encoding="utf-8")
    return [(method, path, int(weight)) for method, path, weight in ROW.findall(text)]


@pytest.mark.parametrize(("method", "path", "weight"), rows())
def test_the_page_tells_the_exchange_s_weight(method: str, path: str, weight: int) -> None:
    assert ROUTES[method, path].weight == weight


def test_the_page_has_a_weight_for_every_endpoint() -> None:
    text = PAGE.read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `(\w+) (/fapi/[^`]+)` \|", text, re.MULTILINE))
    assert named == {(method, path) for method, path, _ in rows()}
    assert len(named) > 25


@in_virtual_time
async def test_we_count_as_the_exchange_counts(bench: Bench) -> None:
    exchange = bench.exchange
    limiter = exchange._rest.limiter
    assert isinstance(limiter, RateLimiter)
    counters = bench.venue._admission._counters
    ours = bench.ours("tp-1")
    await exchange.prepare((S,), leverage=2)
    await exchange.inspect((S,), leverage=2)
    await exchange.send(ours)
    await exchange.look_up(ours)
    await exchange.cancel(ours)
    for read in (exchange.balances, exchange.margin, exchange.server_time):
        await read()
    await exchange.position(S)
    await exchange.open_orders(S)
    await exchange.funding(bench.clock.now())
    await exchange.survey(S)
    await exchange.countdown(S, 0)
    await exchange.cancel_all(S)
    assert limiter._groups["weight"].taken_units == counters.weight.used > 150
