"""Knowing that one cannot, or should not, trade: what keeps entries back and never an exit."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from exchange_simulator.account_setup import AccountOrder, set_up
from trading_platform_order.domain.hindrances.dead_key import latch_of
from trading_platform_order.domain.hindrances.maintenance import MaintenanceWindow
from trading_platform_order.domain.venue import Venue
from trading_platform_order.runtime.settings.settings import HindranceSection
from trading_platform_order.simulation.scenarios import named_faults as m
from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.scenarios.named_faults import BINANCE
from trading_platform_order.simulation.testbed.testbed import BASE, TestBedSetup, bed_settings
from trading_platform_order.transport.clock import epoch_us

SYMBOLS = ("BTC", "ETH")
STRICT = TestBedSetup(settings=bed_settings(hindrances=HindranceSection()))
STRICT_TWO = TestBedSetup(
    bases=SYMBOLS, settings=bed_settings(*SYMBOLS, hindrances=HindranceSection())
)
DEAR = TestBedSetup(
    settings=bed_settings(
        hindrances=HindranceSection(taken_back_in_a_row=1_000, taken_back_stop_krw=Decimal(500))
    )
)
ALLOWED = TestBedSetup(
    settings=bed_settings(hindrances=HindranceSection(allow_suspended_wallets=True))
)
OUR_RULE = "what keeps us from trading is known before it costs (our design)"


async def _taken_back(scene: Scene, name: str, base: str = BASE) -> None:
    """An ENTER whose hedge Binance refuses."""
    scene.arm(m.refusal(BINANCE, "-2019"))
    await scene.enters("unwound", name=name, symbol=base)


# -- entries taken back --------------------------------------------------------------------------


@scenario(50, rule=OUR_RULE, setup=STRICT)
async def two_entries_taken_back_pause_their_coin(scene: Scene) -> None:
    """Two ENTERs in a row are taken back: the coin rests for 15 minutes, a restart included."""
    await _taken_back(scene, "first")
    await _taken_back(scene, "second")
    await scene.enter("third")
    await scene.expect_refused("third", "taken_back")
    scene.expect_alert("taken_back")
    await scene.crash()
    await scene.enter("fourth")
    await scene.expect_refused("fourth", "taken_back")
    await scene.wait_open(900.0)
    await scene.enters("hedged", name="fifth")


@scenario(50, rule=OUR_RULE, setup=STRICT)
async def an_entry_between_two_that_were_taken_back(scene: Scene) -> None:
    """Taken back, hedged, taken back: not in a row, so the coin goes on."""
    await _taken_back(scene, "first")
    await scene.enters(name="good")
    await scene.exits(name="out")
    await scene.wait_open(60.0)
    await _taken_back(scene, "second")
    await scene.enters("hedged", name="third")


@scenario(50, rule=OUR_RULE, setup=STRICT_TWO, stopped="entries_taken_back")
async def three_entries_taken_back_over_two_coins(scene: Scene) -> None:
    """Three in a row over two coins: it is not one coin's trouble, and the stop latches."""
    await _taken_back(scene, "first")
    await _taken_back(scene, "second", "ETH")
    await scene.wait_open(5.0)
    scene.expect(
        that=scene.testbed.engine.executor.account.stopped_reason is None,
        otherwise="stopped after two",
    )
    await _taken_back(scene, "third")
    await scene.wait_open(5.0)
    await scene.expect_stopped("entries_taken_back")
    await scene.enter("fourth", symbol="ETH")
    await scene.expect_refused("fourth", "stopped")


@scenario(50, rule=OUR_RULE, setup=DEAR, stopped="entries_taken_back")
async def taking_entries_back_costs_too_much(scene: Scene) -> None:
    """What taking back cost within an hour is over its limit: the stop latches, over a restart."""
    await _taken_back(scene, "first")
    await scene.crash()
    await scene.wait_open(5.0)
    await scene.expect_stopped("entries_taken_back")


# -- settings of the account -----------------------------------------------------------------------


@scenario(rule="POST positionSide/dual: any app of the account may switch it")
async def hedge_mode_is_switched_on_while_the_engine_runs(scene: Scene) -> None:
    """Told within minutes, entries refused before an order shows it; switched off, they go on."""
    await scene.wait_open(5.0)
    set_up(scene.testbed.world, AccountOrder(hedge_mode=True))
    await scene.wait_open(190.0)
    scene.expect_alert("account_setting")
    await scene.enter("into it")
    await scene.expect_refused("into it", "account_setting", "exchange_closed")
    scene.expect_filled(upbit=0, binance=0)
    set_up(scene.testbed.world, AccountOrder(hedge_mode=False))
    await scene.wait_open(250.0)
    await scene.enters("hedged", name="after it")


@scenario(rule="multiAssetsMargin, marginType and leverage: any app of the account may change them")
async def settings_that_spoil_the_margin_figures(scene: Scene) -> None:
    """Multi-assets mode, isolated margin, 1x: each refuses entries by name, until it is undone."""
    await scene.wait_open(5.0)
    symbol = f"{BASE}USDT"
    changes = (
        (AccountOrder(multi_assets=True), AccountOrder(multi_assets=False)),
        (AccountOrder(isolated=frozenset({symbol})), AccountOrder(isolated=frozenset())),
        (AccountOrder(leverage={symbol: 1}), AccountOrder(leverage={symbol: 2})),
    )
    for number, (change, back) in enumerate(changes):
        set_up(scene.testbed.world, change)
        await scene.wait_open(190.0)
        await scene.enter(f"into {number}")
        await scene.expect_refused(f"into {number}", "account_setting")
        set_up(scene.testbed.world, back)
        await scene.wait_open(190.0)
    told = sorted(
        a.fields["setting"] for a in scene.testbed.alerts() if a.kind == "account_setting"
    )
    names = [f"leverage {symbol}", f"margin_type {symbol}", "multi_assets"]
    wanted = [name for name in names for _ in ("changed", "undone")]
    scene.expect(that=told == wanted, otherwise=f"told {told}")
    await scene.enters("hedged")


@scenario(rule="POST multiAssetsMargin: any app of the account may change it")
async def an_exit_in_multi_assets_mode(scene: Scene) -> None:
    """What only spoils our figures keeps no EXIT back."""
    await scene.hedged()
    set_up(scene.testbed.world, AccountOrder(multi_assets=True))
    await scene.wait_open(190.0)
    scene.expect_alert("account_setting")
    await scene.exits("flat")


@scenario(rule="POST feeBurn: any app of the account may switch it")
async def fees_are_paid_in_bnb_all_at_once(scene: Scene) -> None:
    """Told once, not urgently; nothing is refused for it."""
    await scene.wait_open(5.0)
    set_up(scene.testbed.world, AccountOrder(burns_bnb=True))
    await scene.wait_open(400.0)
    told = [a.urgent for a in scene.testbed.alerts() if a.kind == "account_setting"]
    scene.expect(that=told == [False], otherwise=f"told {told}")
    await scene.enters("hedged")


# -- maintenance -----------------------------------------------------------------------------------


async def _announce(scene: Scene, *, in_s: float, lasts_s: float) -> MaintenanceWindow:
    """An operator writes down what Upbit announced."""
    minute = scene.testbed.clock.now().replace(second=0, microsecond=0)
    begins_at = minute + timedelta(seconds=in_s)
    window = MaintenanceWindow(
        exchange=Venue.UPBIT, begins_at=begins_at, ends_at=begins_at + timedelta(seconds=lasts_s)
    )
    at_us = epoch_us(scene.testbed.clock.now())
    await scene.inbox().set_latch(window.latch, "announced", at_us=at_us)
    return window


async def _until(scene: Scene, moment: datetime) -> None:
    await scene.wait_open((moment - scene.testbed.clock.now()).total_seconds())


@scenario(rule="notices of maintenance (Upbit, Binance)")
async def maintenance_that_was_announced(scene: Scene) -> None:
    """Entries end 30 minutes before it, also after a restart; exits pass; then entries go on."""
    window = await _announce(scene, in_s=2_400, lasts_s=600)
    await scene.hedged()
    await _until(scene, window.begins_at - timedelta(seconds=1_790))
    await scene.enter("near", strategy="other")
    await scene.expect_refused("near", "maintenance")
    scene.expect_alert("maintenance")
    await scene.crash()
    await scene.enter("nearer", strategy="other")
    await scene.expect_refused("nearer", "maintenance")
    await scene.exits("flat")
    await _until(scene, window.ends_at + timedelta(seconds=15))
    kinds = {latch.kind for latch in await scene.testbed.reader().latches()}
    scene.expect(that=window.latch not in kinds, otherwise="what is over is still written down")
    await scene.enters("hedged", name="after it")


@scenario(rule="notices of maintenance (Upbit, Binance)")
async def margin_too_short_for_the_maintenance(scene: Scene) -> None:
    """A pair that survives +30 % and not +50 %: told hours before with the sum; no more of it."""
    await scene.hedged(notional_krw=Decimal(9_000_000))
    held_usdt = scene.short() * scene.testbed.tick(BASE).binance_close
    _leave(scene, held_usdt * Decimal("0.46"))
    await scene.wait_open(130.0)
    await _announce(scene, in_s=7_200, lasts_s=600)
    await scene.wait_open(15.0)
    told = [a for a in scene.testbed.alerts() if a.kind == "maintenance" and a.urgent]
    scene.expect(
        that=len(told) == 1 and Decimal(told[0].fields["usdt_to_move"]) > 0,
        otherwise=f"told {[dict(a.fields) for a in told]}",
    )
    more_usdt = Decimal(1_000_000) / scene.testbed.tick(BASE).krw_usdt
    _leave(scene, (held_usdt + more_usdt) * Decimal("0.501"))
    await scene.wait_open(130.0)
    await scene.enter("more", strategy="other")
    await scene.expect_refused("more", "margin_runway")


def _leave(scene: Scene, usdt: Decimal) -> None:
    """The owner moves money so that this much is left on Binance futures."""
    change = (usdt - scene.wallet()).quantize(Decimal(1))
    scene.owner.transfer(BINANCE, "USDT", change)


# -- wallets, keys, funding, books -----------------------------------------------------------------


@scenario(rule="GET /v1/status/wallet: wallet_state")
async def a_wallet_that_upbit_suspends(scene: Scene) -> None:
    """Its entries are refused and operators are told; an EXIT passes; then entries go on."""
    await scene.hedged()
    set_up(scene.testbed.world, AccountOrder(upbit_wallet_states={BASE: "paused"}))
    await scene.wait_open(65.0)
    scene.expect_alert("wallet_suspended")
    await scene.enter("into it", strategy="other")
    await scene.expect_refused("into it", "wallet_suspended")
    await scene.exits("flat")
    set_up(scene.testbed.world, AccountOrder(upbit_wallet_states={}))
    await scene.wait_open(65.0)
    await scene.enters("hedged", name="after it")


@scenario(rule="GET /v1/status/wallet: wallet_state", setup=ALLOWED)
async def a_suspended_wallet_that_the_owner_allows(scene: Scene) -> None:
    """The setting allows it: told all the same, and traded."""
    await scene.wait_open(5.0)
    set_up(scene.testbed.world, AccountOrder(upbit_wallet_states={BASE: "withdraw_only"}))
    await scene.wait_open(65.0)
    scene.expect_alert("wallet_suspended")
    await scene.enters("hedged")


@scenario(rule="GET /v1/api_keys: expire_at; keys live one year")
async def a_key_near_its_last_day(scene: Scene) -> None:
    """A week before, and a day before: paged each time once, while the engine runs."""
    now = scene.testbed.clock.now()
    set_up(scene.testbed.world, AccountOrder(upbit_key_ends_at=now + timedelta(days=7, minutes=30)))
    await scene.wait(7_300.0)
    left = [a.fields["left"] for a in scene.testbed.alerts() if a.kind == "key_expires"]
    scene.expect(that=left == ["at most 7 days"], otherwise=f"told {left}")
    now = scene.testbed.clock.now()
    set_up(scene.testbed.world, AccountOrder(upbit_key_ends_at=now + timedelta(hours=12)))
    await scene.wait(3_700.0)
    left = [a.fields["left"] for a in scene.testbed.alerts() if a.kind == "key_expires"]
    scene.expect(that=left == ["at most 7 days", "at most 1 days"], otherwise=f"told {left}")


@scenario(rule="premiumIndex lastFundingRate: shorts pay while it is negative")
async def funding_that_eats_the_premium(scene: Scene) -> None:
    """The rate turns to -0.3 % in 8 h: told urgently while held, entries refused, EXIT passes."""
    await scene.hedged()
    tick = scene.testbed.tick(BASE)
    scene.testbed.set_tick(replace(tick, funding_rate=Decimal("-0.003")))
    await scene.wait_open(310.0)
    told = [a.urgent for a in scene.testbed.alerts() if a.kind == "funding"]
    scene.expect(that=told == [True], otherwise=f"told {told}")
    await scene.enter("into it", strategy="other")
    await scene.expect_refused("into it", "funding")
    await scene.exits("flat")


@scenario(rule="a stream may repeat an old image under new times (our design)")
async def a_book_that_stands_still(scene: Scene) -> None:
    """Upbit's book is repeated while the coin rises 8 %: no stop-loss, no ENTER, until it moves."""
    await scene.hedged()
    scene.testbed.world.upbit.freeze_book(f"KRW-{BASE}")
    await scene.wait_open(12.0)
    scene.move(spot_bps=800, hedge_bps=800)
    await scene.wait_open(20.0)
    scene.expect_hedged(filled=1)
    scene.expect_alert("frozen_book")
    await scene.enter("into it", strategy="other")
    await scene.expect_refused("into it", "stale_market_data")
    scene.testbed.world.upbit.freeze_book(f"KRW-{BASE}", is_on=False)
    await scene.wait_open(20.0)
    scene.expect_hedged()
    await scene.enters("hedged", name="after it", strategy="other")


@scenario(rule="a stream may repeat an old image under new times (our design)")
async def an_exit_on_a_book_that_stands_still(scene: Scene) -> None:
    """An asked-for EXIT does not wait for a book that stands still."""
    await scene.hedged()
    scene.testbed.world.binance.freeze_book(f"{BASE}USDT")
    await scene.wait_open(12.0)
    scene.move(spot_bps=50)
    await scene.wait_open(5.0)
    scene.expect_alert("frozen_book")
    await scene.exits("flat")
    scene.testbed.world.binance.freeze_book(f"{BASE}USDT", is_on=False)


# -- a dead key ------------------------------------------------------------------------------------


def _kill_key(scene: Scene, venue: Venue, *, is_dead: bool = True) -> None:
    """The key has expired, as every answer says from now on; or it works again."""
    if venue is Venue.UPBIT:
        set_up(scene.testbed.world, AccountOrder(upbit_key_expired=is_dead))
    else:
        set_up(scene.testbed.world, AccountOrder(binance_key_expired=is_dead))


async def _a_dead_key(scene: Scene, venue: Venue) -> None:
    await scene.wait_open(5.0)
    _kill_key(scene, venue)
    await scene.wait_open(60.0)
    told = [alert for alert in scene.testbed.alerts() if alert.kind == "exchange_closed"]
    scene.expect(
        that=any(alert.urgent and alert.fields["hindrance"] == "key" for alert in told),
        otherwise=f"nobody was told of the key within a minute: {[dict(a.fields) for a in told]}",
    )
    for number in range(5):
        for base in SYMBOLS:
            await scene.enter(f"{base} {number}", symbol=base)
            await scene.expect_refused(f"{base} {number}", "exchange_closed", "stopped")
    scene.expect_filled(upbit=0, binance=0)
    latches = {latch.kind for latch in await scene.testbed.reader().latches()}
    scene.expect(that=latch_of(venue) in latches, otherwise=f"no latch for the watchdog: {latches}")
    _kill_key(scene, venue, is_dead=False)
    await scene.wait_open(30.0)
    await scene.enters("hedged", name="after it")
    latches = {latch.kind for latch in await scene.testbed.reader().latches()}
    scene.expect(that=latch_of(venue) not in latches, otherwise="the latch stays")


@scenario(50, rule=OUR_RULE, setup=STRICT_TWO)
async def a_dead_upbit_key(scene: Scene) -> None:
    """Heard before an order meets it: urgent within a minute, no entry of any pair; then again."""
    await _a_dead_key(scene, Venue.UPBIT)


@scenario(50, rule=OUR_RULE, setup=STRICT_TWO)
async def a_dead_binance_key(scene: Scene) -> None:
    """The same on Binance."""
    await _a_dead_key(scene, Venue.BINANCE)


@scenario(50, rule=OUR_RULE, setup=STRICT_TWO)
async def a_key_that_dies_with_an_entry_on_its_way(scene: Scene) -> None:
    """An order is the first to meet the dead key: one entry is taken back, no second one begins."""
    await scene.wait_open(5.0)
    _kill_key(scene, Venue.UPBIT)
    await scene.enters("unwound", name="first")
    for number in range(5):
        for base in SYMBOLS:
            await scene.enter(f"{base} {number}", symbol=base)
            await scene.expect_refused(f"{base} {number}", "exchange_closed")
    scene.expect_filled(upbit=0, binance=2)
    _kill_key(scene, Venue.UPBIT, is_dead=False)
    await scene.wait_open(30.0)
