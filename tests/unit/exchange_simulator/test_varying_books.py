"""Books that live while the price stands, books that are frozen, wallets and keys set by hand."""

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from exchange_simulator.market.book import VARIATIONS
from tests.unit.exchange_simulator.binance.fixture import BinanceFixture
from tests.unit.exchange_simulator.upbit.world import START, World


def upbit_book(world: World) -> str:
    return str(world.rows("/v1/orderbook", markets="KRW-BTC")[0]["orderbook_units"])


def test_a_standing_market_never_shows_the_same_book_twice_in_a_row() -> None:
    world = World()
    seen = []
    for _ in range(VARIATIONS + 1):
        world.tick("150000000")
        seen.append(upbit_book(world))
    assert len(set(seen)) == VARIATIONS
    assert all(before != after for before, after in pairwise(seen))


def test_the_best_levels_stand_still_with_the_price() -> None:
    world = World()
    before = world.best()
    world.tick("150000000")
    assert world.best() == before


def test_a_frozen_book_of_upbit_is_repeated_whatever_the_price() -> None:
    world = World()
    world.venue.freeze_book("KRW-BTC")
    before = upbit_book(world)
    world.tick("160000000")
    assert upbit_book(world) == before
    world.venue.freeze_book("KRW-BTC", is_on=False)
    world.tick("160000000")
    assert world.best()["bid_price"] == Decimal(160_000_000)


def binance_book(fixture: BinanceFixture) -> str:
    book = fixture.call("GET", "/fapi/v1/depth", symbol="BTCUSDT", limit="20")
    return f"{book['bids']}{book['asks']}"


def test_binance_lives_and_freezes_too() -> None:
    fixture = BinanceFixture()
    fixture.tick()
    before = binance_book(fixture)
    fixture.tick()
    live = binance_book(fixture)
    assert live != before
    fixture.venue.freeze_book("BTCUSDT")
    fixture.tick()
    assert binance_book(fixture) == live
    fixture.venue.freeze_book("BTCUSDT", is_on=False)
    fixture.tick()
    assert binance_book(fixture) != live


def test_wallets_and_the_key_s_end_are_what_the_rules_say() -> None:
    world = World()
    assert {row["wallet_state"] for row in world.rows("/v1/status/wallet")} == {"working"}
    world.venue.rules.wallet_states = {"BTC": "paused"}
    world.venue.rules.key_ends_at = START + timedelta(days=3)
    states = {row["currency"]: row["wallet_state"] for row in world.rows("/v1/status/wallet")}
    assert states["BTC"] == "paused"
    (key,) = world.rows("/v1/api_keys")
    assert key["expire_at"].startswith("2025-09-04")
