"""The engine dies at any moment and goes on from its journal, the same way as after a time-out."""

import asyncio
from decimal import Decimal

from trading_platform_order.domain.signal import Action
from trading_platform_order.simulation.scenarios import named_faults as m
from trading_platform_order.simulation.scenarios.catalogue import scenario
from trading_platform_order.simulation.scenarios.closing_words import tests_hang
from trading_platform_order.simulation.scenarios.dsl import Scene
from trading_platform_order.simulation.scenarios.named_faults import BINANCE, UPBIT
from trading_platform_order.storage.sqlite.writers.account_lock import AccountLock, AccountLocked

POINTS_OF_A_TRADE = 16


@scenario(37)
async def a_restart_with_an_open_pair(scene: Scene) -> None:
    """After a warm restart the engine knows what it holds, and closes exactly that."""
    await scene.hedged()
    await scene.crash()
    await scene.exits("flat", filled=2)


@scenario(rule="both legs' intents are durable before the first byte leaves (our design)")
async def restart_between_the_legs(scene: Scene) -> None:
    """The engine dies when one order is answered and the other one is not."""
    scene.arm(m.answer_late(BINANCE, 2.0))
    await scene.enter()
    await scene.wait(0.5)
    await scene.crash()
    await scene.ends("enter", "hedged", filled=1)


@scenario(rule="a crash at any instant (our design)")
async def killed_at_every_step_of_an_entry(scene: Scene) -> None:
    """One entry after the other, each killed one step later than the last: all end even."""
    for point in range(1, POINTS_OF_A_TRADE):
        scene.die_at(point, down_s=0.2)
        await scene.enters(name=f"enter{point}", expires_at=scene.in_one_hour())
        await scene.exit(f"exit{point}")
        await scene.ends_flat()


@scenario(rule="a crash at any instant (our design)")
async def killed_at_every_step_of_an_exit(scene: Scene) -> None:
    """The same for exits, which never open anything again."""
    for point in range(1, POINTS_OF_A_TRADE):
        await scene.enters(name=f"enter{point}")
        scene.die_at(point, down_s=0.2)
        await scene.exit(f"exit{point}", expires_at=scene.in_one_hour())
        await scene.ends_flat()


@scenario(38)
async def fills_told_again_after_a_restart(scene: Scene) -> None:
    """The engine dies before it journals what it was told; after the restart all is told again."""
    scene.arm(m.news_twice(UPBIT), m.news_twice(BINANCE))
    scene.die_at(7)
    await scene.enters("hedged", expires_at=scene.in_one_hour(), filled=1)


@scenario(39)
async def killed_in_the_middle_of_an_exit(scene: Scene) -> None:
    """Binance's close is unanswered when the engine dies: no second close, no reverse position."""
    await scene.hedged()
    scene.arm(m.answer_lost(BINANCE))
    await scene.exit()
    await scene.wait(0.2)
    await scene.crash()
    await scene.ends("exit", "flat", filled=2)


@scenario(40)
async def five_restarts_with_an_unresolved_order(scene: Scene) -> None:
    """An order stays unknown over five restarts: not one of them sends anything again."""
    scene.arm(m.answer_lost(BINANCE), m.news_lost(BINANCE))
    scene.arm(m.look_up_fails(BINANCE, 500, count=8))
    await scene.enter()
    for _ in range(5):
        await scene.wait(1.0)
        await scene.crash(down_s=0.5)
    await scene.quiet()
    scene.expect_filled(upbit=1, binance=1)
    scene.expect_hedged()


@scenario(42)
async def a_fill_seen_by_stream_then_by_look_up_after_a_crash(scene: Scene) -> None:
    """The stream told the fill, the engine died, the look-up tells it again: booked once."""
    scene.arm(m.answer_late(UPBIT, 5.0), m.answer_late(BINANCE, 5.0))
    await scene.enter()
    await scene.wait(0.2)
    await scene.crash()
    await scene.quiet()
    trade = (await scene.trades())["enter"]
    spot = sum((f.quantity for f in trade.fills if f.exchange is UPBIT), Decimal(0))
    scene.expect(that=spot == scene.coins(), otherwise=f"booked {spot}, held {scene.coins()}")


@scenario(43)
async def restart_while_both_exchanges_are_away(scene: Scene) -> None:
    """The engine dies with unknown orders and comes back while no exchange answers for a minute."""
    scene.arm(m.answer_lost(UPBIT), m.answer_lost(BINANCE))
    await scene.enter()
    await scene.wait(0.1)
    scene.unreachable(UPBIT, BINANCE)
    scene.reachable_after(60.0, UPBIT, BINANCE)
    await scene.crash()
    await scene.ends_hedged(filled=1)


@scenario(rule="a claimed signal has one fate (our design)")
async def claimed_but_not_begun(scene: Scene) -> None:
    """EXIT waits behind an unknown entry when the engine dies: carried out after the restart."""
    scene.arm(m.answer_lost(BINANCE), m.news_lost(BINANCE))
    await scene.enter()
    await scene.wait(0.3)
    await scene.exit(expires_at=scene.in_one_hour())
    await scene.crash(down_s=30.0)
    await scene.quiet()
    await scene.wait_open(10.0)
    await scene.ends_flat()


@scenario(rule="a signal without expires_at lives 5 s (our design)")
async def claimed_but_too_old_after_the_restart(scene: Scene) -> None:
    """A second ENTER waits, the engine is dead for a minute: refused as expired, once."""
    scene.arm(m.answer_lost(BINANCE), m.news_lost(BINANCE))
    await scene.enter()
    await scene.wait(0.3)
    await scene.enter("second", strategy="other")
    await scene.crash(down_s=60.0)
    await scene.quiet()
    await scene.expect_refused("second", "expired")
    scene.expect_filled(upbit=1, binance=1)


@scenario(rule="funds come back and streams do not replay")
async def killed_while_taking_a_leg_back(scene: Scene) -> None:
    """The engine dies between the refusal of one leg and the sale of the other."""
    scene.arm(m.refusal(BINANCE, "-2019"), m.answer_lost(UPBIT, skip=1))
    await scene.enter()
    await scene.wait(0.3)
    await scene.crash()
    await scene.ends("enter", "unwound")
    scene.expect_filled(upbit=2, binance=0)


@scenario(rule="orders outlive the database that knew them (our design: sweep before sending)")
async def a_fresh_backup_restored(scene: Scene) -> None:
    """A backup with nothing missing is restored: the pair is known, and closed as ever."""
    await scene.hedged()
    await scene.wait_open(5.0)
    copy = scene.backup()
    await scene.wait_open(60.0)
    await scene.restore(copy)
    await scene.exits("flat")


@scenario(rule="orders outlive the database that knew them (our design: sweep before sending)")
async def a_backup_from_the_middle_of_a_trade(scene: Scene) -> None:
    """The backup knows the intents and not the fills: it goes on as after a crash."""
    scene.arm(m.answer_late(BINANCE, 3.0), m.news_late(BINANCE, 3.0))
    await scene.enter()
    await scene.wait(0.2)
    copy = scene.backup()
    await scene.quiet()
    await scene.restore(copy)
    await scene.ends("enter", "hedged", filled=1)


@scenario(
    18,
    rule="on Binance the id of a filled order is free again, and its lists may lag behind",
)
async def power_lost_over_an_order_taken_back(scene: Scene) -> None:
    """The short is open, its buy-back is on no list and in no row: it is not bought back twice."""
    scene.arm(m.refusal(UPBIT, "insufficient_funds_bid", count=m.EVER))
    scene.arm(m.answer_late(UPBIT, 5.0))
    scene.arm(m.lists_lag(BINANCE, 22.0))
    await scene.enter()
    copy = scene.backup()
    await scene.wait(12.0)
    await scene.lose_power(copy)
    await scene.wait_open(40.0)
    scene.calm()
    await scene.ends_flat()
    scene.expect_filled(upbit=0, binance=2)


@scenario(rule="a number of lost rows is never used again (our design)")
async def a_stop_in_lost_rows_and_the_next_one_arrives_late(scene: Scene) -> None:
    """The rows that told of a stop are gone; the next one is not answered and arrives late.

    Had it the number of the lost one, the look-up would tell of that one's end, and both it and its
    successor would stand.
    """
    scene.arm(m.reads_fail(BINANCE, "/fapi/v1/openAlgoOrders", 503, count=3))
    await scene.hedged()
    copy = scene.backup()
    await scene.within(30.0, lambda: len(scene.standing_stops()) == 1, "no stop stands")
    scene.calm()
    scene.arm(m.stop_begins_unseen(1.5))
    await scene.lose_power(copy)
    await scene.wait_open(60.0)
    await scene.quiet()
    scene.expect(
        that=len(scene.standing_stops()) == 1,
        otherwise=f"{len(scene.standing_stops())} stops stand",
    )
    await scene.exits("flat")
    scene.expect(that=not scene.standing_stops(), otherwise="a stop outlives its pair")


@scenario(
    37,
    rule="orders outlive the database that knew them (our design: sweep before sending)",
    stopped="not in the journal",
    hands_over=True,
)
async def an_old_backup_restored(scene: Scene) -> None:
    """A pair was opened after the backup: its orders are strays, nothing is sent on top of them."""
    copy = scene.backup()
    await scene.enters(name="lost")
    await scene.restore(copy)
    sent = len(scene.orders(UPBIT)), len(scene.orders(BINANCE))
    await scene.enter("lost")
    await scene.expect_refused("lost", "stopped", "stray_order")
    await scene.exit("out")
    await scene.wait_open(150.0)
    await scene.quiet()
    now = len(scene.orders(UPBIT)), len(scene.orders(BINANCE))
    scene.expect(that=sent == now, otherwise=f"orders were {sent}, became {now}")
    scene.expect_alert("stray_order", "emergency_stop")


@scenario(
    37,
    39,
    rule="orders outlive the database that knew them (our design: sweep before sending)",
    stopped="not in the journal",
    hands_over=True,
)
async def a_backup_from_before_an_exit(scene: Scene) -> None:
    """The pair that the backup holds was closed meanwhile: it is not closed a second time."""
    await scene.hedged()
    copy = scene.backup()
    await scene.exits(name="lost")
    await scene.restore(copy)
    await scene.exit("again")
    await scene.wait_open(150.0)
    await scene.ends_flat(filled=2)
    scene.expect_alert("stray_order", "emergency_stop")


@scenario(
    37,
    39,
    rule="on Binance the id of a filled order is free again, and its lists may lag behind",
)
async def a_buy_back_of_lost_rows_that_is_told_nowhere(scene: Scene) -> None:
    """An EXIT of rows that are gone is asked for again; only the position tells what it bought."""
    await scene.hedged()
    await scene.enters(name="theirs", strategy="swing")
    copy = scene.backup()
    asked_for = scene.signal("exit", Action.EXIT)
    scene.arm(m.refusal(UPBIT), m.answer_lost(UPBIT), m.lists_lag(BINANCE, 20.0))
    await scene.send(asked_for)
    await scene.wait(0.5)
    scene.arm(m.no_order_told(BINANCE))
    await scene.lose_power(copy)
    await scene.send(asked_for)
    await scene.wait_open(60.0)
    scene.calm()
    await scene.ends("exit", "flat", filled=3)


@scenario(
    37,
    rule="what was made before a start that lost rows may have been traded (our design)",
    stopped="position mismatch",
    hands_over=True,
)
async def an_entry_of_lost_rows_is_asked_for_again(scene: Scene) -> None:
    """Power is lost over an ENTER, and no list shows its orders yet: it is not traded again."""
    copy = scene.backup()
    asked_for = scene.signal("lost", Action.ENTER, expires_at=scene.in_one_hour())
    scene.arm(m.lists_lag(UPBIT, 20.0), m.lists_lag(BINANCE, 20.0))
    await scene.send(asked_for)
    await scene.wait(0.5)
    await scene.lose_power(copy)
    await scene.send(asked_for)
    await scene.expect_refused("lost", "rows_lost")
    await scene.wait_open(150.0)
    await scene.quiet()
    scene.expect_filled(upbit=1, binance=1)
    scene.expect_alert("stray_order", "emergency_stop")


@scenario(
    rule="one account has one engine; the lock is the machine's (our design)",
    stopped="position mismatch",
    hands_over=True,
)
async def two_engines_on_two_machines(scene: Scene) -> None:
    """A second machine trades the same account from a copy: the first notices strays and stops."""
    await scene.quiet()
    other = await scene.second_engine()
    await other.enter("theirs")
    await other.quiet()
    await scene.wait_open(700.0)
    await scene.enter("ours", strategy="other")
    await scene.expect_refused("ours", "stopped", "stray_order")
    scene.expect_filled(upbit=1, binance=1)
    scene.expect_alert("stray_order", "emergency_stop")
    await other.testbed.kill()
    await scene.crash()


@scenario(rule="one account has one engine; the kernel holds the lock (our design)")
async def two_engines_on_one_machine(scene: Scene) -> None:
    """A second engine is started beside the first: refused before it reads or sends anything."""
    await scene.quiet()
    requests = scene.requests_seen()
    with scene.expecting(AccountLocked):
        AccountLock(scene.testbed.store_path, attempts=1).acquire()
    scene.expect(that=scene.requests_seen() == requests, otherwise="the second one asked something")
    await scene.enters("hedged")


@scenario(rule="what kept orders back before a start is known after it (our design)")
async def a_restart_in_maintenance_whose_order_tests_hang(scene: Scene) -> None:
    """Upbit is shut and an EXIT waits; the next engine knows why, though no test is answered."""
    await scene.hedged()
    scene.shut(UPBIT)
    await scene.wait_open(15.0)
    await scene.exit()
    await scene.wait_open(2.0)
    await scene.testbed.kill()
    scene.arm(*tests_hang(UPBIT))
    before = scene.requests(UPBIT, "POST", "/v1/orders")
    ready = scene.testbed.begin()
    await scene.wait_open(20.0)
    sent = scene.requests(UPBIT, "POST", "/v1/orders") - before
    scene.expect(that=not sent, otherwise=f"{sent} sales into maintenance")
    scene.expect_kept(Decimal("0.006"))
    scene.calm()
    scene.reopen(UPBIT)
    await scene.flat_within(45.0)
    await asyncio.wait_for(ready.wait(), 120.0)


@scenario(
    rule="an exchange is prepared soon after it is back (our design)", stopped="api_error_count"
)
async def a_start_in_maintenance_is_ready_soon_after_it(scene: Scene) -> None:
    """Binance is shut for 70 s while the engine starts: 20 s after it is back all is ready."""
    await scene.hedged()
    await scene.testbed.kill()
    scene.shut(BINANCE)
    ready = scene.testbed.begin()
    await scene.wait_open(70.0)
    scene.reopen(BINANCE)
    await scene.within(20.0, ready.is_set, "the engine is not ready")
    await scene.exits("flat")


@scenario(rule="a snapshot keeps the signals that wait (our design)")
async def an_exit_that_waits_where_a_snapshot_was_made(scene: Scene) -> None:
    """An EXIT waits behind an unknown part; a start from a snapshot alone closes the rest."""
    await scene.hedged()
    scene.arm(m.order_lost(BINANCE))
    await scene.exit("part", quantity_base=Decimal("0.002"))
    await scene.exit()
    await scene.wait_open(0.5)
    scene.testbed.snapshot.is_newest = True
    await scene.crash(down_s=0.2)
    await scene.wait_open(30.0)
    scene.expect_outcome("exit", "flat")
