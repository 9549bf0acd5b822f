"""What the simulated exchanges remember over a restart: all that a client may ask for again."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from exchange_simulator.kept_state import Keeper, StateFile, StateUnreadable
from tests.unit.exchange_simulator.binance.fixture import BinanceFixture
from tests.unit.exchange_simulator.upbit.world import World


class Kept:
    """The records as a file would have them: JSON, the newest of each name."""

    def __init__(self) -> None:
        self.records: dict[str, Any] = {}

    def save(self, keeper: Keeper) -> Mapping[str, Any]:
        changes = json.loads(json.dumps(keeper.changes()))
        self.records |= changes
        return changes  # type: ignore[no-any-return]


def binance_order(fixture: BinanceFixture, client_id: str, **more: str) -> Any:  # noqa: ANN401 - JSON
    params = {"symbol": "BTCUSDT", "side": "SELL", "type": "MARKET", "quantity": "0.010"}
    return fixture.call("POST", "/fapi/v1/order", **params, newClientOrderId=client_id, **more)


def stop(fixture: BinanceFixture, client_id: str, trigger: str) -> Any:  # noqa: ANN401 - JSON
    return fixture.call(
        "POST",
        "/fapi/v1/algoOrder",
        algoType="CONDITIONAL",
        symbol="BTCUSDT",
        side="BUY",
        type="STOP_MARKET",
        quantity="0.010",
        triggerPrice=trigger,
        reduceOnly="true",
        clientAlgoId=client_id,
    )


def reopened(kept: Kept, fixture: BinanceFixture) -> BinanceFixture:
    other = BinanceFixture()
    other.clock.passed_s = fixture.clock.passed_s
    other.venue.keeper.restore(kept.records)
    other.tick()
    return other


def test_binance_remembers_wallet_position_orders_stops_income_and_settings() -> None:
    fixture, kept = BinanceFixture(), Kept()
    fixture.tick()
    fixture.call("POST", "/fapi/v1/leverage", symbol="BTCUSDT", leverage="2")
    binance_order(fixture, "a")
    resting = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
    fixture.call(
        "POST", "/fapi/v1/order", **resting, quantity="0.010", price="90000", newClientOrderId="b"
    )
    stop(fixture, "s1", "150000")
    kept.save(fixture.venue.keeper)
    stop(fixture, "s2", "140000")
    fixture.call("DELETE", "/fapi/v1/algoOrder", clientAlgoId="s2", symbol="BTCUSDT")
    fixture.clock.passed_s += 8 * 3_600
    fixture.tick()  # funding
    fixture.tick(high="150000")  # s1 is triggered
    kept.save(fixture.venue.keeper)

    other = reopened(kept, fixture)

    assert other.venue.state() == fixture.venue.state()
    assert other.call("GET", "/fapi/v1/symbolConfig", symbol="BTCUSDT")[0]["leverage"] == 2
    # What was resting goes on, under the ids that come next.
    for one in (fixture, other):
        one.tick(price="95000", low="89000")
        binance_order(one, "c")
        stop(one, "s3", "130000")
        one.clock.passed_s += 8 * 3_600
        one.tick()
    assert other.venue.state() == fixture.venue.state()


def test_funding_of_the_time_away_is_settled_at_the_start() -> None:
    fixture, kept = BinanceFixture(), Kept()
    fixture.tick()
    binance_order(fixture, "a")
    kept.save(fixture.venue.keeper)
    for _ in range(2):
        fixture.clock.passed_s += 8 * 3_600
        fixture.tick()

    other = reopened(kept, fixture)

    assert other.venue.state()["income"] == fixture.venue.state()["income"]


def test_upbit_remembers_balances_orders_identifiers_and_transfers() -> None:
    world, kept = World(), Kept()
    market_buy = {"market": "KRW-BTC", "side": "bid", "ord_type": "price", "price": "1000000"}
    resting = {
        "market": "KRW-BTC",
        "side": "bid",
        "ord_type": "limit",
        "price": "140000000",
        "volume": "0.01",
    }
    world.request("POST", "/v1/orders", **market_buy, identifier="a")
    kept.save(world.venue.keeper)
    world.request("POST", "/v1/orders", **resting, identifier="b")
    world.venue.refuse_next_order(None)
    world.request("POST", "/v1/orders", **market_buy, identifier="refused")
    world.venue.withdraw("KRW", world.venue.totals["KRW"] / 2)
    kept.save(world.venue.keeper)

    other = World()
    other.venue.keeper.restore(kept.records)
    other.tick("150000000")

    assert other.venue.state() == world.venue.state()
    for name in ("a", "b", "refused"):
        answer = other.request("POST", "/v1/orders", **market_buy, identifier=name)
        assert b"duplicated_identifier" in answer.body
    for one in (world, other):
        one.tick("150000000", low="139000000")
        one.request("POST", "/v1/orders", **market_buy, identifier="c")
    assert other.venue.state()["orders"] == world.venue.state()["orders"]
    assert other.venue.totals == world.venue.totals


def test_only_what_changed_is_kept_again() -> None:
    fixture, world, kept = BinanceFixture(), World(), Kept()
    fixture.tick()
    binance_order(fixture, "a")
    world.request("GET", "/v1/accounts")
    for keeper in (fixture.venue.keeper, world.venue.keeper):
        assert kept.save(keeper)
        assert not kept.save(keeper)
    fixture.tick("100001")
    assert not kept.save(fixture.venue.keeper), "a price is no change of an account"
    binance_order(fixture, "b")
    orders = [name for name in kept.save(fixture.venue.keeper) if "/order/" in name]
    assert len(orders) == 1


def test_the_file_holds_the_newest_record_of_each_name(tmp_path: Path) -> None:
    path = tmp_path / "state"
    for change in ({"a": 1}, {"b": [2]}, {"a": 3}):
        file = StateFile(path)
        file.save(change)
        file.close()
    assert StateFile(path).records == {"a": 3, "b": [2]}
    assert path.stat().st_mode & 0o077 == 0, "others may not read it"


def test_half_a_line_at_the_end_is_left_out_and_written_over(tmp_path: Path) -> None:
    path = tmp_path / "state"
    path.write_bytes(b'{"a": 1}\n{"b": 2, "c"')
    file = StateFile(path)
    assert file.records == {"a": 1}
    file.save({"d": 4})
    file.close()
    assert StateFile(path).records == {"a": 1, "d": 4}


def test_a_damaged_file_is_refused_with_a_remedy(tmp_path: Path) -> None:
    path = tmp_path / "state"
    path.write_bytes(b'{"a": 1}\ngarbage\n{"b": 2}\n')
    with pytest.raises(StateUnreadable, match=r"line 2 .*backup"):
        StateFile(path)


def test_who_only_looks_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "state"
    file = StateFile(path, may_write=False)
    file.save({"a": 1})
    file.close()
    assert not path.exists()


@pytest.mark.parametrize("first", [1_000, 2_000_000_000_000])
def test_ids_begin_where_they_are_told(first: int) -> None:
    """A simulator that forgets its state must not give the same ids again."""
    usual, later = World(), World(ids_from=first)
    for one in (usual, later):
        one.request(
            *("POST", "/v1/orders"),
            market="KRW-BTC",
            side="bid",
            ord_type="price",
            price="1000000",
        )
    ids = [
        {order["uuid"] for order in one.venue.state()["orders"]}
        | {trade["uuid"] for order in one.venue.state()["orders"] for trade in order["trades"]}
        for one in (usual, later)
    ]
    assert not ids[0] & ids[1]
