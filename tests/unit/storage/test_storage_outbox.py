"""Alerts on their way out: what waits for which channel, over restarts and upgrades."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.fakes.stores import StoreBed
from trading_platform_order.domain.alert import Alert, PendingAlert
from trading_platform_order.storage.base import ChannelOutbox
from trading_platform_order.storage.relational.store import SqlStore
from trading_platform_order.storage.sqlite.database import Database, split_statements
from trading_platform_order.storage.sqlite.migrations import scripts
from trading_platform_order.storage.sqlite.store import SqliteStore


@pytest.fixture
def store(bed: StoreBed) -> SqlStore:
    return bed.open()


def numbered(number: int, *, urgent: bool = False) -> Alert:
    return Alert(kind="entry", urgent=urgent, fields={"n": str(number)})


def numbers(pending: Sequence[PendingAlert]) -> list[str]:
    return [one.alert.fields["n"] for one in pending]


async def results(store: SqlStore) -> dict[int | str | None, int | str | None]:
    return {row["seq"]: row["result"] for row in await store.query("v_alerts")}


async def test_alerts_wait_urgent_first_until_finished(store: SqlStore) -> None:
    discord = store.outbox("discord")
    await store.append([], at_us=1, alerts=[numbered(1), numbered(2, urgent=True)])

    first, second = await discord.pending_alerts()
    assert numbers([first, second]) == ["2", "1"]
    assert await discord.pending_alerts(1) == [first]

    await discord.retry_alert(first.id, next_at_us=99, attempts=3)
    assert (await discord.pending_alerts())[0].attempts == 3
    await discord.finish_alert(first.id)
    await discord.finish_alert(second.id, result="dropped")

    assert await discord.pending_alerts() == []
    assert await results(store) == {1: "dropped", 2: "sent"}
    (told,) = [row for row in await store.query("v_alerts") if row["seq"] == first.id]
    assert (told["attempts"], told["next_at_us"]) == (3, 99)


async def test_only_old_calm_alerts_are_dropped(store: SqlStore) -> None:
    alerts = [numbered(number, urgent=number % 2 == 0) for number in range(10)]
    await store.append([], at_us=1, alerts=alerts)
    discord = store.outbox("discord")

    assert await discord.drop_alerts(keep=2) == 3
    assert await discord.drop_alerts(keep=2) == 0

    assert numbers(await discord.pending_alerts()) == ["0", "2", "4", "6", "8", "7", "9"]


# -- more than one channel ----------------------------------------------------------------------


def both(store: SqlStore) -> tuple[ChannelOutbox, ChannelOutbox]:
    return store.outbox("discord", beside=["slack"]), store.outbox("slack", beside=["discord"])


async def test_each_channel_has_every_alert_once_and_one_may_lag(store: SqlStore) -> None:
    discord, slack = both(store)
    await store.append([], at_us=1, alerts=[numbered(1), numbered(2, urgent=True)])
    for pending in await discord.pending_alerts():
        await discord.finish_alert(pending.id)
    await slack.retry_alert(2, next_at_us=9, attempts=4)

    assert await discord.pending_alerts() == []
    assert numbers(await slack.pending_alerts()) == ["2", "1"]
    assert [one.attempts for one in await slack.pending_alerts()] == [4, 0]
    assert await results(store) == {1: None, 2: None}
    assert (await store.overview()).waiting_urgent_alerts == 1

    await slack.finish_alert(2)
    assert await slack.drop_alerts(keep=0) == 1
    assert await results(store) == {1: "sent", 2: "sent"}, "what one channel has is told"
    assert await store.pending_alerts() == []
    rows = await store.query("v_deliveries")
    assert {(row["seq"], row["channel"]): row["result"] for row in rows} == {
        (1, "discord"): "sent",
        (1, "slack"): "dropped",
        (2, "discord"): "sent",
        (2, "slack"): "sent",
    }


async def test_a_dropped_backlog_of_one_channel_takes_nothing_from_another(
    store: SqlStore,
) -> None:
    discord, slack = both(store)
    await store.append([], at_us=1, alerts=[numbered(n) for n in range(5)])

    assert await slack.drop_alerts(keep=1) == 4

    assert numbers(await slack.pending_alerts()) == ["4"]
    assert numbers(await discord.pending_alerts()) == ["0", "1", "2", "3", "4"]


async def test_a_channel_set_up_later_gets_what_waits_and_nothing_of_before(
    store: SqlStore,
) -> None:
    alone = store.outbox("discord")
    await store.append([], at_us=1, alerts=[numbered(1), numbered(2)])
    await alone.finish_alert(1)

    assert numbers(await both(store)[1].pending_alerts()) == ["2"]


async def test_nothing_waits_for_a_channel_that_is_no_longer_in_use(store: SqlStore) -> None:
    discord, _ = both(store)
    await store.append([], at_us=1, alerts=[numbered(1), numbered(2)])
    await discord.finish_alert(1)
    assert await results(store) == {1: None, 2: None}

    assert await store.outbox("discord").drop_alerts(keep=10) == 0

    assert await results(store) == {1: "sent", 2: None}


# -- upgrades -----------------------------------------------------------------------------------


async def test_an_older_store_delivers_what_waited_and_keeps_what_was_told(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    connection = Database.open(path)
    connection.execute("CREATE TABLE schema_version (version INTEGER PRIMARY KEY, name TEXT)")
    for number, name, sql in scripts():
        if number <= 4:
            for statement in split_statements(sql):
                connection.execute(statement)
            connection.execute("INSERT INTO schema_version VALUES (?, ?)", (number, name))
    connection.execute(
        "INSERT INTO outbox VALUES (1, 'main', 5, 'entry', 0, '{\"n\":\"1\"}', 0, NULL, 'sent'),"
        " (2, 'main', 5, 'entry', 0, '{\"n\":\"2\"}', 0, NULL, 'dropped'),"
        " (3, 'main', 5, 'entry', 0, '{\"n\":\"3\"}', 0, NULL, NULL),"
        " (4, 'main', 5, 'entry', 1, '{\"n\":\"4\"}', 7, 99, NULL)"
    )
    connection.close()

    store = SqliteStore(path, build="b", durability="normal")
    waiting = await store.outbox("discord").pending_alerts()
    assert [(one.id, one.attempts, one.created_at_us) for one in waiting] == [(4, 7, 5), (3, 0, 5)]
    assert await results(store) == {1: "sent", 2: "dropped", 3: None, 4: None}
    (oldest,) = [row for row in await store.query("v_alerts") if row["seq"] == 4]
    assert (oldest["attempts"], oldest["next_at_us"]) == (7, 99)

    await store.append([], at_us=6, alerts=[numbered(5)])
    assert numbers(await store.outbox("discord").pending_alerts()) == ["4", "3", "5"]
    await store.close()
