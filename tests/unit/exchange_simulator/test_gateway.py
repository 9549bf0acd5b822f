import asyncio
from datetime import UTC, datetime

import pytest

from exchange_simulator.clock import MarketClock
from exchange_simulator.faults.kinds import ThinBook, parse_faults
from exchange_simulator.gateway.gateway import Dropped, Gateway, Unsent
from exchange_simulator.gateway.gateway_stream import GatewayStream
from exchange_simulator.ports import SimulatedVenue
from exchange_simulator.wire import HttpRequest, HttpResponse
from tests.fakes.venue import FakeVenue
from tests.fakes.virtual_time import in_virtual_time

START = datetime(2025, 9, 1, tzinfo=UTC)
ORDER = HttpRequest(method="POST", url="https://host/v1/orders?a=1&signature=abc", body=b"{}")
READ = HttpRequest(method="GET", url="https://host/v1/accounts")
KEY = {"Authorization": "t"}


class World:
    def __init__(self, *, latency_s: float = 0.0, queue_max: int = 100) -> None:
        self.venue = FakeVenue()
        port: SimulatedVenue = self.venue
        self.gateway = Gateway(
            port,
            clock=MarketClock(START, lambda: 0.0),
            latency_s=latency_s,
            queue_max=queue_max,
            recorded_max=3,
        )

    def arm(self, text: str) -> None:
        for fault in parse_faults(text.encode()):
            self.gateway.arm(fault)

    def open(self, target: str = "/private") -> GatewayStream:
        stream = self.gateway.open_stream(target, KEY)
        assert isinstance(stream, GatewayStream)
        return stream


async def drain(stream: GatewayStream) -> list[str]:
    texts = []
    while stream.waiting:
        text = await stream.take()
        assert text is not None
        texts.append(text)
    return texts


@in_virtual_time
async def test_an_answer_carries_the_markets_date() -> None:
    world = World()
    answer = await world.gateway.serve(READ)
    assert isinstance(answer, HttpResponse)
    assert answer.status == 200
    assert answer.headers == {"x-seen": "1", "date": "Mon, 01 Sep 2025 00:00:00 GMT"}
    assert world.gateway.idle()


@in_virtual_time
async def test_a_request_takes_its_time_both_ways() -> None:
    world = World(latency_s=0.004)
    loop = asyncio.get_running_loop()
    start = loop.time()
    answer = world.gateway.submit(ORDER)
    assert not world.venue.handled
    assert not world.gateway.idle()
    await answer
    assert loop.time() - start == pytest.approx(0.008)
    assert world.gateway.idle()


@in_virtual_time
async def test_a_dropped_request_is_never_seen() -> None:
    world = World()
    world.arm('{"kind": "drop_request", "venue": "upbit", "match": {"is_order": true}}')
    assert isinstance(await world.gateway.serve(READ), HttpResponse)
    assert await world.gateway.serve(ORDER) == Dropped(how="hang")
    assert world.venue.handled == [READ]
    assert world.gateway.order_requests[0].outcome == "request lost"


@in_virtual_time
async def test_a_dropped_response_was_executed() -> None:
    world = World()
    world.arm('{"kind": "drop_response", "venue": "upbit", "how": "disconnect"}')
    assert await world.gateway.serve(ORDER) == Dropped(how="disconnect")
    assert world.venue.handled == [ORDER]
    assert world.gateway.idle()


@in_virtual_time
async def test_a_delayed_request_arrives_after_its_client_gave_up() -> None:
    world = World()
    world.arm('{"kind": "delay_request", "venue": "upbit", "delay_s": 0.005}')
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.001):
            await world.gateway.serve(ORDER)
    assert world.venue.handled == []
    assert not world.gateway.idle(), "what will still arrive is under way"
    await asyncio.sleep(0.006)
    assert world.venue.handled == [ORDER]
    assert world.gateway.idle()


@in_virtual_time
async def test_a_delayed_response_was_executed_at_once() -> None:
    world = World()
    world.arm('{"kind": "delay_response", "venue": "upbit", "delay_s": 0.004}')
    answer = world.gateway.submit(ORDER)
    assert world.venue.handled == [ORDER]
    assert not answer.done()
    assert isinstance(await answer, HttpResponse)


@pytest.mark.parametrize("execute", [False, True])
@in_virtual_time
async def test_a_status_instead_of_the_answer(execute: bool) -> None:
    world = World()
    world.arm(
        '{"kind": "http_status", "venue": "upbit", "status": 503, "body": "no",'
        f' "execute": {str(execute).lower()}}}'
    )
    answer = await world.gateway.serve(ORDER)
    assert isinstance(answer, HttpResponse)
    assert (answer.status, answer.body) == (503, b"no")
    assert len(world.venue.handled) == execute


@in_virtual_time
async def test_a_refusal_is_the_exchanges_own() -> None:
    world = World()
    world.arm('{"kind": "refuse_order", "venue": "upbit", "code": "under_min_total_bid"}')
    await world.gateway.serve(READ)
    assert world.venue.refused == []
    await world.gateway.serve(ORDER)
    assert world.venue.refused == ["under_min_total_bid"]


@in_virtual_time
async def test_a_bug_of_the_exchange_is_raised_and_not_lost() -> None:
    world = World()
    with pytest.raises(RuntimeError, match="bug"):
        await world.gateway.serve(HttpRequest(method="GET", url="/bug"))
    assert world.gateway.idle()


@in_virtual_time
async def test_records_are_bounded_and_hold_no_signature() -> None:
    world = World()
    for _ in range(5):
        await world.gateway.serve(ORDER)
    assert len(world.gateway.requests) == 3
    report = world.gateway.order_requests[-1].report()
    assert report["target"] == "/v1/orders?a=1"
    assert report["outcome"] == "201"


@in_virtual_time
async def test_stream_messages_come_in_order_after_the_latency() -> None:
    world = World(latency_s=0.002)
    stream = world.open()
    stream.send("hello")
    world.venue.push("first")
    assert not stream.is_quiet()
    assert not stream.waiting
    assert await stream.take() == "first"
    assert await stream.take() == "echo hello"
    assert world.gateway.idle()


@in_virtual_time
async def test_a_late_message_holds_up_those_behind_it() -> None:
    world = World()
    stream = world.open()
    world.arm('{"kind": "delay_stream", "venue": "upbit", "delay_s": 0.003}')
    world.venue.push("late")
    world.venue.push("behind")
    assert not stream.waiting
    assert [await stream.take(), await stream.take()] == ["late", "behind"]


@in_virtual_time
async def test_a_message_lost_and_one_doubled() -> None:
    world = World()
    stream = world.open()
    world.arm(
        """[{"kind": "lose_message", "venue": "upbit", "match": {"contains": "a"}},
            {"kind": "duplicate_stream", "venue": "upbit", "match": {"contains": "b"}}]"""
    )
    for text in ("a", "b", "a"):
        world.venue.push(text)
    assert await drain(stream) == ["b", "b", "a"]


@in_virtual_time
async def test_a_mute_stream_stays_open_and_its_successor_speaks() -> None:
    world = World()
    stream = world.open()
    world.arm('{"kind": "mute_stream", "venue": "upbit", "match": {"contains": "order"}}')
    world.venue.push("before")
    for _ in range(2):
        await world.gateway.serve(ORDER)
    world.venue.push("after")
    assert await drain(stream) == ["before"]
    assert stream.closed_reason is None
    second = world.open()
    world.venue.push("again")
    assert await drain(second) == ["again"]
    assert await drain(stream) == []


@in_virtual_time
async def test_a_cut_loses_what_was_not_taken_and_refuses_for_a_while() -> None:
    world = World()
    private, public = world.open("/private"), world.open("/public")
    world.venue.push("unread")
    world.arm(
        """{"kind": "cut_stream", "venue": "upbit", "refuse_s": 0.004,
            "match": {"path_prefix": "/private"}}"""
    )
    assert await private.take() is None
    assert await public.take() == "unread"
    assert len(world.venue.sessions) == 1
    refused = world.gateway.open_stream("/private", KEY)
    assert isinstance(refused, HttpResponse)
    assert refused.status == 503
    await asyncio.sleep(0.005)
    assert world.open("/private").closed_reason is None


@in_virtual_time
async def test_a_cut_at_the_next_order_loses_its_events() -> None:
    world = World()
    stream = world.open()
    world.arm('{"kind": "cut_stream", "venue": "upbit", "when": "next_order"}')
    await world.gateway.serve(READ)
    assert stream.closed_reason is None
    await world.gateway.serve(ORDER)
    assert await stream.take() is None
    assert world.gateway.faults.report()[0]["struck"] == 1


@in_virtual_time
async def test_a_client_that_does_not_read_is_cut_off() -> None:
    world = World(queue_max=2)
    stream = world.open()
    for n in range(3):
        world.venue.push(str(n))
    assert await stream.take() is None
    assert "unread" in (stream.closed_reason or "")
    assert world.gateway.idle()


@in_virtual_time
async def test_a_refused_handshake_leaves_no_stream_behind() -> None:
    world = World()
    refused = world.gateway.open_stream("/private", {})
    assert isinstance(refused, HttpResponse)
    assert refused.status == 401
    assert world.gateway.idle()


@in_virtual_time
async def test_a_waiting_client_learns_of_the_end() -> None:
    world = World()
    stream = world.open()
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(stream.take())
        await asyncio.sleep(0)
        world.gateway.close_streams("maintenance")
    assert waiting.result() is None
    assert stream.closed_reason == "maintenance"


@in_virtual_time
async def test_a_refused_connection_leaves_nothing_behind() -> None:
    world = World()
    world.arm('{"kind": "refuse_connection", "venue": "upbit"}')
    assert await world.gateway.serve(ORDER) == Unsent()
    assert world.venue.handled == []
    assert world.gateway.idle()


@in_virtual_time
async def test_an_answer_may_come_before_the_act() -> None:
    world = World()
    world.arm(
        '{"kind": "http_status", "venue": "upbit", "status": 408, "execute": true,'
        ' "act_after_s": 3}'
    )
    answer = await world.gateway.serve(ORDER)
    assert isinstance(answer, HttpResponse)
    assert answer.status == 408
    assert world.venue.handled == []
    assert not world.gateway.idle(), "it is still going to happen"
    await asyncio.sleep(3.1)
    assert world.venue.handled == [ORDER]
    assert world.gateway.idle()


@in_virtual_time
async def test_a_lasting_answer_is_given_to_everything_until_its_end() -> None:
    world = World()
    world.arm(
        '{"kind": "http_status", "venue": "upbit", "status": 503, "lasts_s": 5,'
        ' "match": {"is_order": true}}'
    )
    statuses = []
    for request in (READ, ORDER, READ, ORDER):
        answer = await world.gateway.serve(request)
        assert isinstance(answer, HttpResponse)
        statuses.append(answer.status)
    assert statuses == [200, 503, 503, 503]
    await asyncio.sleep(5.1)
    assert isinstance(again := await world.gateway.serve(ORDER), HttpResponse)
    assert again.status == 201


@in_virtual_time
async def test_a_trouble_is_the_exchanges_own_and_comes_just_before_the_order() -> None:
    world = World()
    heard: list[int] = []
    world.gateway.order_listeners.append(lambda: heard.append(len(world.venue.handled)))
    world.arm('{"kind": "thin_book", "venue": "upbit", "part": "0.5"}')
    await world.gateway.serve(READ)
    assert world.venue.troubles == []
    await world.gateway.serve(ORDER)
    assert [type(trouble) for trouble in world.venue.troubles] == [ThinBook]
    assert heard == [1], "before the order itself"


@in_virtual_time
async def test_a_swapped_message_comes_behind_the_next_or_late() -> None:
    world = World()
    stream = world.open()
    world.arm('{"kind": "swap_stream", "venue": "upbit", "match": {"contains": "one"}, "count": 2}')
    world.venue.push("one")
    world.venue.push("two")
    assert await drain(stream) == ["two", "one"]
    world.venue.push("one")
    assert not stream.is_quiet()
    await asyncio.sleep(0.25)
    assert await drain(stream) == ["one"]
    assert stream.is_quiet()


@in_virtual_time
async def test_strikes_are_counted_apart_while_an_order_is_in_flight() -> None:
    world = World()
    stream = world.open()
    fault = parse_faults(b'{"kind": "lose_message", "venue": "upbit", "count": 2}')[0]
    armed = world.gateway.arm(fault)
    world.venue.push("alone")
    await world.gateway.serve(ORDER)
    assert await drain(stream) == []
    assert (armed.struck, armed.struck_in_flight) == (2, 1)
