"""``tporder simulate --sweep``: its cells, their budgets, and that no endpoint is forgotten."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

from exchange_simulator.binance.endpoints.route_table import ROUTES
from trading_platform_order.domain.venue import Venue
from trading_platform_order.simulation.endpoint_sweep.budgets import budget_of
from trading_platform_order.simulation.endpoint_sweep.cases import CASES
from trading_platform_order.simulation.endpoint_sweep.cell import NO_FAULT, Cell, play_cell
from trading_platform_order.simulation.endpoint_sweep.endpoints import Endpoint, faults_of
from trading_platform_order.simulation.endpoint_sweep.page import write
from trading_platform_order.simulation.endpoint_sweep.recording import used_endpoints
from trading_platform_order.simulation.endpoint_sweep.sweep import all_cells, sweep, tell

ADAPTERS = Path(__file__).resolve().parents[2] / "src/trading_platform_order/exchanges"
PATH = re.compile(r'"(/(?:v1|fapi|sapi)/[A-Za-z0-9/]+)"')
NOT_ASKED_FOR = {
    "/fapi/v1/ping": "by the transport, to keep connections warm; a world has none",
    "/fapi/v1/depth": "a book while its stream is silent",
    "/v1/orders/test": "by hand: tporder live-check",
    "/fapi/v1/order/test": "by hand: tporder live-check",
    "/v1/api_keys": "by hand: tporder live-check",
    "/fapi/v1/accountConfig": "by hand: tporder live-check",
    "/fapi/v1/feeBurn": "by hand: tporder live-check",
    "/sapi/v1/account/apiRestrictions": "by hand: tporder live-check",
    "/fapi/v3/balance": "by hand: tporder live-check",
    "/fapi/v1/allAlgoOrders": "only of a stop whose request was never answered",
    "/fapi/v1/algoOpenOrders": "by hand: tporder cancel-all",
    "/fapi/v1/allOpenOrders": "by hand: tporder cancel-all",
    "/fapi/v1/countdownCancelAll": "a setting that is off",
    "/fapi/v1/marginType": "only where an account is set up wrongly",
    "/fapi/v1/ticker/price": "only where fees are paid in BNB",
    "/fapi/v2/ticker/price": "only while a coin's premium has left the others'",
    "/fapi/v1/leverageBracket": "only at a size the tier does not allow",
}


def _read(path: str) -> Endpoint:
    """Of Binance."""
    return Endpoint(venue=Venue.BINANCE, method="GET", path=path)


ACCOUNTS = Endpoint(venue=Venue.UPBIT, method="GET", path="/v1/accounts")
ORDERS = Endpoint(venue=Venue.UPBIT, method="POST", path="/v1/orders")


@pytest.mark.parametrize("case", list(CASES))
def test_every_case_is_in_time_without_a_fault(case: str) -> None:
    row = play_cell(Cell(endpoint=None, fault=NO_FAULT, case=case))
    assert row.problem == ""
    assert not row.is_over, row.to_json()


def test_no_endpoint_of_the_adapters_is_forgotten() -> None:
    asked = {endpoint.path for endpoint in used_endpoints()}
    there = {path for file in ADAPTERS.rglob("*.py") for path in PATH.findall(file.read_text())}
    assert there - asked - NOT_ASKED_FOR.keys() == set()


def test_calling_an_order_back_is_among_them() -> None:
    called_back = {(e.venue, e.path) for e in used_endpoints() if e.method == "DELETE"}
    assert {(Venue.UPBIT, "/v1/order"), (Venue.BINANCE, "/fapi/v1/order")} <= called_back


def test_every_endpoint_has_a_route_in_its_simulator() -> None:
    binance = {(e.method, e.path) for e in used_endpoints() if e.venue is Venue.BINANCE}
    assert {key for key in binance if key[0] != "STREAM"} <= ROUTES.keys()


def test_the_cells_are_at_least_what_is_promised() -> None:
    cells = all_cells()
    assert len(cells) >= 200
    assert len(set(cells)) == len(cells)
    streams = {cell.endpoint for cell in cells if cell.endpoint and cell.endpoint.is_stream}
    assert len(streams) == 4


def test_a_cell_measures_the_same_every_time() -> None:
    cell = Cell(endpoint=ORDERS, fault="lag", case="exit")
    assert play_cell(cell) == play_cell(cell)


WAITED_ONCE = [
    (Endpoint(venue=Venue.UPBIT, method="STREAM", path="/websocket/v1"), "hang", "stop_loss"),
    (Endpoint(venue=Venue.BINANCE, method="STREAM", path="/public/stream"), "lag", "stop_loss"),
    (ACCOUNTS, "hang", "watchdog_exit"),
    (Endpoint(venue=Venue.UPBIT, method="GET", path="/v1/orders/open"), "lag", "watchdog_exit"),
    (_read("/fapi/v1/openOrders"), "500", "watchdog_exit"),
    (_read("/fapi/v3/positionRisk"), "hang", "watchdog_exit"),
    (_read("/fapi/v3/account"), "hang", "restart_lost_rows"),
    (_read("/fapi/v1/allOrders"), "odd_row", "restart_lost_rows"),
    (_read("/fapi/v1/userTrades"), "odd_row", "restart_unknown"),
    (ACCOUNTS, "odd_row", "restart_lost_rows"),
]


@pytest.mark.parametrize(("endpoint", "fault", "case"), WAITED_ONCE)
def test_what_is_only_read_holds_no_close_up(endpoint: Endpoint, fault: str, case: str) -> None:
    row = play_cell(Cell(endpoint=endpoint, fault=fault, case=case))
    assert not row.is_over, row.to_json()
    assert not row.budget.exempt


def test_a_fault_strikes() -> None:
    _, lines = tell(Cell(endpoint=ORDERS, fault="500", case="exit"))
    assert any("order_unanswered" in line for line in lines)


def test_reading_extends_nothing_and_ordering_only_what_is_impossible() -> None:
    case = CASES["exit"]
    plain = budget_of(None, NO_FAULT, case, 10.0)
    for fault in faults_of(ACCOUNTS):
        assert budget_of(ACCOUNTS, fault, case, 10.0) == plain
    allowed = {name: budget_of(ORDERS, name, case, 10.0).seconds for name in faults_of(ORDERS)}
    for taken in ("lag", "500_taken", "hang_taken", "odd_row"):
        assert allowed[taken] == plain.seconds
    assert all(slower > faster for slower, faster in pairwise((allowed["hang"], 600.0, 3.0)))


def test_the_table_names_what_is_over_its_budget(tmp_path: Path) -> None:
    cells = [
        Cell(endpoint=endpoint, fault=fault, case=case)
        for endpoint, fault in ((None, NO_FAULT), (ACCOUNTS, "odd_row"))
        for case in CASES
    ]
    table = sweep(cells)
    told = table.to_json()
    assert told["cells"] == len(cells)
    assert len(table.over) == len(told["over_budget"])  # type: ignore[arg-type]
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- measured: endpoint sweep -->\nold\n<!-- end -->\nafter\n")
    write(page, table, "2026-01-05")
    lines = page.read_text().splitlines()
    assert "old" not in lines
    assert lines[-1] == "after"
    assert any(line.startswith("| `upbit GET /v1/accounts` |") for line in lines)


def test_a_page_without_a_place_for_the_table_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing")
    with pytest.raises(ValueError, match="no place"):
        write(page, sweep(all_cells(case="exit")[:1]), "2026-01-05")
