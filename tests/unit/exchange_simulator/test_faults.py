import pytest

from exchange_simulator.faults.armed import ArmedFaults
from exchange_simulator.faults.kinds import FaultRefused, parse_faults
from exchange_simulator.wire import HttpRequest


def armed(text: str) -> ArmedFaults:
    faults = ArmedFaults()
    for fault in parse_faults(text.encode()):
        faults.arm(fault)
    return faults


def order(faults: ArmedFaults) -> bool:
    request = HttpRequest(method="POST", url="/v1/orders")
    return faults.on_request(request, is_order=True).request_lost is not None


def test_skip_then_count_then_exhausted() -> None:
    faults = armed('{"kind": "drop_request", "venue": "upbit", "skip": 1, "count": 2}')
    assert [order(faults) for _ in range(5)] == [False, True, True, False, False]
    report = faults.report()
    assert (report[0]["kind"], report[0]["struck"], report[0]["exhausted"]) == (
        "drop_request",
        2,
        True,
    )


@pytest.mark.parametrize(
    ("match", "strikes"),
    [
        ("{}", True),
        ('{"is_order": true}', True),
        ('{"is_order": false}', False),
        ('{"method": "POST", "path_prefix": "/v1/ord"}', True),
        ('{"method": "GET"}', False),
        ('{"path_prefix": "/v1/accounts"}', False),
    ],
)
def test_every_given_part_of_the_match_must_fit(match: str, strikes: bool) -> None:
    faults = armed('{"kind": "drop_request", "venue": "upbit", "match": ' + match + "}")
    assert order(faults) is strikes


def test_an_order_refusal_strikes_orders_only() -> None:
    faults = armed('{"kind": "refuse_order", "venue": "binance", "code": "-2019"}')
    read = HttpRequest(method="GET", url="/fapi/v1/time")
    assert not faults.on_request(read, is_order=False).refusals
    place = HttpRequest(method="POST", url="/fapi/v1/order")
    plan = faults.on_request(place, is_order=True)
    assert [refusal.code for refusal in plan.refusals] == ["-2019"]


def test_delays_add_up_and_the_first_answer_wins() -> None:
    faults = armed(
        """[{"kind": "delay_request", "venue": "upbit", "delay_s": 1},
            {"kind": "delay_request", "venue": "upbit", "delay_s": 0.5},
            {"kind": "http_status", "venue": "upbit", "status": 503, "headers": {"A-B": "c"}},
            {"kind": "http_status", "venue": "upbit", "status": 429}]"""
    )
    plan = faults.on_request(HttpRequest(method="GET", url="/"), is_order=False)
    assert plan.request_delay_s == 1.5
    assert plan.answer is not None
    assert plan.answer.status == 503
    assert plan.answer.headers == {"a-b": "c"}
    assert not plan.execute


def test_messages_match_by_stream_and_text() -> None:
    faults = armed(
        """{"kind": "lose_message", "venue": "binance", "count": 9,
            "match": {"path_prefix": "/private", "contains": "TRADE"}}"""
    )
    copies = [
        faults.on_message(target, text).copies
        for target, text in (
            ("/private/ws", "ORDER_TRADE_UPDATE"),
            ("/private/ws", "ACCOUNT_UPDATE"),
            ("/public/ws", "ORDER_TRADE_UPDATE"),
        )
    ]
    assert copies == [0, 1, 1]


def test_clearing_forgets_everything() -> None:
    faults = armed('{"kind": "drop_request", "venue": "upbit"}')
    faults.clear()
    assert not order(faults)
    assert faults.report() == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", "truncated"),
        ("[{]", "malformed"),
        ('{"venue": "upbit"}', "kind"),
        ('{"kind": "explode", "venue": "upbit"}', "explode"),
        ('{"kind": "drop_request"}', "venue"),
        ('{"kind": "thin_book", "venue": "upbit", "part": "1"}', "part"),
        ('{"kind": "thin_book", "venue": "upbit", "part": "NaN"}', "part"),
        ('{"kind": "expire_key", "venue": "upbit"}', "binance"),
        ('{"kind": "http_status", "venue": "upbit", "status": 502, "act_after_s": 1}', "execute"),
        ('{"kind": "drop_request", "venue": "bithumb"}', r"upbit\|binance.*venue"),
        ('{"kind": "drop_request", "venue": "upbit", "count": 0}', "count"),
        ('{"kind": "drop_request", "venue": "upbit", "skip": -1}', "skip"),
        ('{"kind": "drop_request", "venue": "upbit", "how": "softly"}', "softly"),
        ('{"kind": "drop_request", "venue": "upbit", "extra": 1}', "extra"),
        ('{"kind": "delay_request", "venue": "upbit"}', "delay_s"),
        ('{"kind": "delay_request", "venue": "upbit", "delay_s": "1"}', "delay_s"),
        ('{"kind": "http_status", "venue": "upbit", "status": 99}', "status"),
        ('{"kind": "cut_stream", "venue": "upbit", "match": {"contains": "x"}}', "contains"),
        ('{"kind": "refuse_order", "venue": "binance", "code": "margin"}', "margin"),
        ('[{"kind": "cut_stream", "venue": "upbit"}, {"kind": "cut_stream"}]', "venue"),
    ],
)
def test_what_is_no_fault_is_refused_with_its_name(text: str, names: str) -> None:
    with pytest.raises(FaultRefused, match=names):
        parse_faults(text.encode())
