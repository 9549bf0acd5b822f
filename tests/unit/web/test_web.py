"""The HTTP API over real sockets: what is signed is done once, everything else is refused."""

import asyncio
import json
from decimal import Decimal
from pathlib import Path

import aiohttp
import pytest

from tests.unit.cli.cli_world import story_db, tell_live
from tests.unit.runtime.socket_fixture import DoorFixture
from tests.unit.web.web_fixture import SECRETS, Api, api, engine, looks_of, settings_of
from trading_platform_order.client import AsyncClient, NotAuthorised, SendOutcome, Unanswered
from trading_platform_order.storage.sqlite.store import SqliteStore, open_inbox, open_reader
from trading_platform_order.web.server import GRACE_S, serving

BUY = b'{"action": "BUY", "symbol": "BTC", "timestamp": "2026-11-22T09:00:00Z", "price": 0.1}'
ETH = BUY.replace(b"BTC", b"ETH")
POST = ("POST", "/v1/signals")
LIVE = {
    "armed": 0.0,
    "naked_krw": 1_500_000.0,
    "naked_seconds": 2.5,
    "unknown_orders": 1.0,
    "exit_cost_krw": 12_345.6,
}


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return story_db(tmp_path)


async def test_a_signal_is_answered_after_its_claim_and_traded_once(db: Path) -> None:
    with engine(db) as claimed:
        async with api(db) as door:
            first, second = await door.ask(*POST, BUY), await door.ask(*POST, BUY)
            refused = await door.ask(*POST, ETH)
            held = await door.ask(*POST, b'{"action": "HOLD", "symbol": "BTC"}')
            named = json.loads(BUY) | {"id": first[1]["signal_id"], "quantity": 2}
            conflict = await door.ask(*POST, json.dumps(named).encode())

    assert (first[0], first[1]["result"], first[1]["repeated"]) == (200, "claimed", False)
    assert (second[0], second[1]["result"], second[1]["repeated"]) == (200, "claimed", True)
    assert (refused[0], refused[1]["code"]) == (422, "order_cap")
    assert (held[0], held[1]["result"]) == (200, "hold")
    assert (conflict[0], conflict[1]["code"]) == (409, "signal_conflict")
    assert claimed.count(first[1]["signal_id"]) == 1


async def test_a_running_engine_is_asked_over_its_socket(tmp_path: Path) -> None:
    fixture = DoorFixture(tmp_path)
    async with fixture.run(), api(fixture.db, claim_wait_s=0.3) as door:
        first, second = await door.ask(*POST, BUY), await door.ask(*POST, BUY)
        refused = await door.ask(*POST, ETH)
        broken = await door.ask(*POST, b"{")
        fixture.engine.entries.clear()
        slow = BUY.replace(b"09:00:00", b"09:00:01")
        queued = await door.ask(*POST, slow)
        pending = await fixture.store.pending_signals()
        fixture.engine.entries.set()
        late = await door.ask("GET", f"/v1/signals/{queued[1]['signal_id']}?wait_s=10")
        _, text = await door.ask("GET", "/metrics")

    assert (first[0], first[1]["result"], first[1]["inbox_id"]) == (200, "claimed", 0)
    assert (second[0], second[1]["repeated"]) == (200, True)
    assert (refused[0], refused[1]["code"], broken[0]) == (422, "order_cap", 400)
    assert (queued[0], queued[1]["result"], len(pending)) == (202, "queued", 1)
    assert (late[0], late[1]["result"]) == (200, "claimed")
    assert fixture.engine.heard.count(queued[1]["signal_id"]) == 1
    assert 'tporder_web_signals_total{result="claimed",way="socket"} 2.0' in text
    assert 'tporder_web_signals_total{result="queued",way="inbox"} 1.0' in text
    assert 'tporder_web_requests_total{path="/v1/signals",status="422"} 1.0' in text
    assert "tporder_store_signals_waiting 0.0" in text


async def test_the_engines_newest_figures_are_metrics_with_their_age(db: Path) -> None:
    async with api(db) as door:
        _, before = await door.ask("GET", "/metrics")
        tell_live(
            db,
            age_s=30.0,
            waits_for="both exchanges are swept",
            naked_krw=Decimal(1_500_000),
            naked_s=2.5,
            unknown_orders=1,
            exit_cost_krw=Decimal("12345.6"),
        )
        _, told = await door.ask("GET", "/metrics")
        unsigned = await door.ask("GET", "/metrics", headers={})

    assert "tporder_live_" not in before, "nothing was told: no figure, not a zero"
    figures = dict(line.rsplit(" ", 1) for line in told.splitlines() if line.startswith("tporder_"))
    assert 30 <= float(figures.pop("tporder_live_age_seconds")) < 90
    named = {name: float(figures.get(f"tporder_live_{name}", "nan")) for name in LIVE}
    assert named == LIVE
    assert "tporder_live_liquidation_rise" not in figures, "not known"
    assert figures["tporder_store_journal_rows"] != "0.0"
    assert unsigned[0] == 401


async def test_without_an_engine_it_is_durable_and_answered_later(db: Path) -> None:
    async with api(db, claim_wait_s=0.02) as door:
        first, second = await door.ask(*POST, BUY), await door.ask(*POST, BUY)
        name = first[1]["signal_id"]
        waits = await door.ask("GET", f"/v1/signals/{name}?wait_s=0.01")
        inbox = open_inbox(db)
        pending = await inbox.pending_signals()
        await inbox.close()
        polled = asyncio.create_task(door.ask("GET", f"/v1/signals/{name}?wait_s=10"))
        streamed = asyncio.create_task(door.outcomes(f"/v1/signals/{name}/events", 2))
        await asyncio.sleep(0.05)
        with engine(db):
            outcome = await polled
            changes = await streamed
        unknown = await door.ask("GET", "/v1/signals/nobody")

    assert (first[0], first[1]["result"]) == (202, "queued")
    assert second == first
    assert len(pending) == 1
    assert (waits[0], waits[1]["result"]) == (200, "queued")
    assert (outcome[0], outcome[1]["result"]) == (200, "claimed")
    assert changes == ["queued", "claimed"]
    assert unknown[0] == 404


async def test_the_end_of_the_process_is_an_answer(db: Path) -> None:
    loop, silent = asyncio.get_running_loop(), list[str]()
    async with asyncio.timeout(10), aiohttp.ClientSession() as session:
        async with serving(settings_of(db, claim_wait_s=0), looks_of(db), silent.append) as address:
            door = Api(address, session)
            name = (await door.ask(*POST, BUY))[1]["signal_id"]
            paths = (f"/v1/signals/{name}?wait_s=60&until=ended", f"/v1/signals/{name}/events")
            waiting = [asyncio.create_task(door.ask("GET", path)) for path in paths]
            await asyncio.sleep(0.05)
            began_s = loop.time()
        polled, streamed = [await task for task in waiting]

    assert (polled[0], polled[1]["result"]) == (200, "queued")
    assert streamed[1].startswith("event: outcome")
    assert loop.time() - began_s < GRACE_S


async def test_events_tell_the_outcome_until_its_end(db: Path) -> None:
    async with api(db) as door:
        status, text = await door.ask("GET", "/v1/signals/sig-1/events")
        ended = await door.ask("GET", "/v1/signals/sig-1?until=ended&wait_s=5")

    lines = text.splitlines()
    assert status == 200
    assert lines[0] == "event: outcome"
    assert json.loads(lines[1].removeprefix("data: ")) == ended[1]
    assert ended[1]["has_ended"]


async def test_what_is_altered_stale_replayed_or_unsigned_is_refused(db: Path) -> None:
    async with api(db, claim_wait_s=0.01) as door:
        right = door.headers(*POST, BUY)
        codes = [
            await door.ask(*POST, BUY, headers={}),
            await door.ask(*POST, ETH, headers=right),
            await door.ask("POST", "/v1/stop", BUY, headers=right),
            await door.ask("POST", "/v1/signals?x=1", BUY, headers=right),
            await door.ask(*POST, BUY, headers=right | {"X-Tporder-Nonce": "another-one"}),
            await door.ask(*POST, BUY, headers=right | {"X-Tporder-Key": "operator"}),
            await door.ask(*POST, BUY, headers=door.headers(*POST, BUY, key="nobody")),
            await door.ask(*POST, BUY, headers=right | {"X-Tporder-Signature": "é"}),
            await door.ask(*POST, BUY, headers=door.headers(*POST, BUY, late_ms=31_000)),
            await door.ask(*POST, BUY, headers=door.headers(*POST, BUY, late_ms=-31_000)),
            await door.ask(*POST, BUY, headers=door.headers(*POST, BUY, late_ms=20_000)),
        ]
        taken = await door.ask(*POST, BUY, headers=right)
        codes.append(await door.ask(*POST, BUY, headers=right))
        nowhere = await door.ask("GET", "/v1/nothing", headers={})

    assert taken[0] == 202
    assert [status for status, _ in codes] == [401] * len(codes)
    told = [problem["code"] for _, problem in codes]
    assert told == ["unsigned", *["bad_signature"] * 7, *["stale"] * 3, "replayed"]
    assert nowhere[0] == 401
    inbox = open_inbox(db)
    assert len(await inbox.pending_signals()) == 1
    await inbox.close()
    for _, problem in codes:
        assert not [secret for secret in SECRETS.values() if secret in str(problem)]


async def test_a_signature_does_not_outlive_the_process_that_took_it(db: Path) -> None:
    async with api(db, claim_wait_s=0) as door:
        right = door.headers(*POST, BUY)
        assert (await door.ask(*POST, BUY, headers=right))[0] == 202
    await asyncio.sleep(0.002)
    async with api(db, claim_wait_s=0) as door:
        status, problem = await door.ask(*POST, BUY, headers=right)

    assert (status, problem["code"]) == (401, "stale")


async def test_a_broken_signal_is_named_and_on_record(db: Path) -> None:
    async with api(db, claim_wait_s=0) as door:
        broken = await door.ask(*POST, b'{"action": "BUY", "symbol": "BTC", "exchange": "binance"}')
        nothing = await door.ask(*POST)
        large = await door.ask(*POST, b"x" * 70_000)

    assert (broken[0], broken[1]["code"], broken[1]["field"]) == (400, "bad_exchange", "exchange")
    assert broken[1]["cure"]
    assert (nothing[0], nothing[1]["code"]) == (400, "empty")
    assert large[0] == 413


async def test_what_the_command_line_shows_is_read(db: Path) -> None:
    async with api(db) as door:
        found = {
            name: await door.ask("GET", f"/v1/{name}")
            for name in ("status", "positions", "trades", "orders", "fills", "alerts", "equity")
        }
        of_signal = await door.ask("GET", "/v1/orders?signal_id=sig-2&limit=5")
        too_many = await door.ask("GET", "/v1/orders?limit=100000")
        health, ping = await door.ask("GET", "/health", headers={}), await door.ask("HEAD", "/ping")

    assert {status for status, _ in found.values()} == {200}
    assert found["status"][1] == {"account": "main"}
    assert found["positions"][1][0]["spot_base"] == "0.01"
    assert len(found["orders"][1]) == 3
    assert of_signal == (200, [])
    assert (too_many[0], "limit" in too_many[1]["message"]) == (400, True)
    assert health == (200, {"store": "readable", "engine": "silent"})
    assert ping[0] == 200


async def test_an_operators_orders_need_the_operators_key(db: Path) -> None:
    stop, reason = b'{"reason": "a test", "flatten": true}', b'{"reason": "mended"}'
    close = b'{"symbol": "BTC", "krw": "500000"}'
    with engine(db):
        async with api(db) as door:
            stopped = await door.ask("POST", "/v1/stop", stop)
            again = await door.ask("POST", "/v1/stop", stop)
            forbidden = [
                await door.ask("POST", path, body)
                for path, body in (
                    ("/v1/resume", reason),
                    ("/v1/close", close),
                    ("/v1/withdraw", b'{"signal_id": "a"}'),
                )
            ]
            resumed = await door.ask("POST", "/v1/resume", reason, key="operator")
            closed = await door.ask("POST", "/v1/close", close, key="operator")
            faulty = await door.ask("POST", "/v1/stop", b'{"reason": ""}')

    assert (stopped[1]["changed"], again[1]["changed"]) == (True, False)
    assert again[1]["reason"] == "a test"
    assert [status for status, _ in forbidden] == [403] * 3
    assert (resumed[0], resumed[1]["stopped"], resumed[1]["changed"]) == (200, False, True)
    assert closed[1]["result"] == "done"
    assert json.loads(closed[1]["detail"])["krw"] == "500000"
    assert faulty[0] == 400
    reader = open_reader(db)
    assert await reader.latches() == []
    await reader.close()


async def test_the_client_over_http(db: Path) -> None:
    with engine(db) as claimed:
        async with api(db) as door:
            async with door.client() as client:
                sent = await client.send(BUY)
                again = await client.send(BUY)
                odd = await client.send(
                    json.loads(BUY) | {"id": "a/b?c=%20#1", "timestamp": "2026-11-22T09:00:01Z"}
                )
                followed = await client.wait(odd, timeout_s=0.1)
                ended = await client.wait("sig-1")
                (held,) = await client.positions()
                stopped = [await client.stop("a test"), await client.stop("a test")]
            async with AsyncClient.over_http(door.address, secret="x" * 32) as stranger:
                with pytest.raises(NotAuthorised):
                    await stranger.positions()
            address = door.address
        async with AsyncClient.over_http(address, secret="x" * 32) as gone:
            with pytest.raises(Unanswered, match="send the same again"):
                await gone.send(BUY)

    assert sent.result is again.result is SendOutcome.CLAIMED
    assert again.repeated
    assert (followed.signal_id, followed.result) == ("a/b?c=%20#1", SendOutcome.CLAIMED)
    assert ended.has_ended
    assert held.symbol == "BTC"
    assert stopped == [True, False]
    assert claimed.count(sent.signal_id) == 1


async def test_a_full_inbox_is_told(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trading_platform_order.storage.relational.inbox_table.PENDING_MAX", 1)
    async with api(db, claim_wait_s=0) as door:
        first, second = await door.ask(*POST, BUY), await door.ask(*POST, ETH)

    assert first[0] == 202
    assert (second[0], second[1]["code"]) == (503, "inbox_full")
    store = SqliteStore(db, build="b", durability="normal")
    assert len(await store.pending_signals()) == 1
    await store.close()
