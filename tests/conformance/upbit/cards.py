"""Numbered facts about Upbit that the system relies on, each with its source and its test.

The cards themselves are data in :data:`UPBIT_CARDS`; a test says with :func:`holds` which cards it
holds, and ``test_cards.py`` keeps the two in step.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

Test = TypeVar("Test", bound=Callable[..., object])

_MARK = "upbit_cards"


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One fact.

    Attributes:
        fact: in our words.
        source: where it is written, or that nobody wrote it and what we assume.
        date: of the source.
        test: ``file::function`` in ``tests/conformance/upbit``.
    """

    id: str
    fact: str
    source: str
    date: str
    test: str


def holds(*ids: str) -> Callable[[Test], Test]:
    """The decorated test holds these cards."""

    def mark(test: Test) -> Test:
        setattr(test, _MARK, ids)
        return test

    return mark


def held_by(test: object) -> tuple[str, ...]:
    """The cards a test says it holds."""
    ids: tuple[str, ...] = getattr(test, _MARK, ())
    return ids


UPBIT_CARDS: tuple[Card, ...] = (
    Card(
        id="U-001",
        fact="A market buy (ord_type price) ends in state cancel although it is filled.",
        source="docs list-closed-orders, faq-order",
        date="2026-07-29",
        test="test_ccxt.py::test_market_buy_ends_cancelled_though_filled",
    ),
    Card(
        id="U-002",
        fact="A market buy's volume is truncated to 8 decimals and the rest of its total returns.",
        source="docs faq-order",
        date="2026-07-29",
        test="test_ccxt.py::test_market_buy_ends_cancelled_though_filled",
    ),
    Card(
        id="U-003",
        fact="The fee is a plain share of the funds, never rounded, in KRW on top of a bid.",
        source="observed order of 2025-08-09 in ccxt's source",
        date="2025-08-09",
        test="test_ccxt.py::test_market_buy_ends_cancelled_though_filled",
    ),
    Card(
        id="U-004",
        fact="A market sell ends in state done.",
        source="pyupbit issues 56 and 131",
        date="2026",
        test="test_ccxt.py::test_market_sell_ends_done",
    ),
    Card(
        id="U-005",
        fact=(
            "A cancel is only accepted at first: its answer still says wait, the end comes later."
        ),
        source="docs cancel-order",
        date="2025-08",
        test="test_ccxt.py::test_limit_rests_partly_filled_and_ends_by_cancel",
    ),
    Card(
        id="U-006",
        fact="ioc fills what it can at once and cancels the rest.",
        source="docs new-order",
        date="2026-08-21",
        test="test_ccxt.py::test_limit_with_time_in_force",
    ),
    Card(
        id="U-007",
        fact="fok fills all or cancels all.",
        source="docs new-order",
        date="2026-08-21",
        test="test_ccxt.py::test_limit_with_time_in_force",
    ),
    Card(
        id="U-008",
        fact="A post_only order that would match is taken and cancelled without a fill.",
        source="docs new-order",
        date="2026-08-21",
        test="test_ccxt.py::test_limit_with_time_in_force",
    ),
    Card(
        id="U-009",
        fact="best trades at the best opposite price of the moment of acceptance only.",
        source="docs new-order",
        date="2026-08-21",
        test="test_ccxt.py::test_best_takes_only_the_best_price",
    ),
    Card(
        id="U-010",
        fact="A best buy spends a KRW total, a best sell a volume; ioc or fok must be given.",
        source="docs new-order",
        date="2026-08-21",
        test="test_ccxt.py::test_best_takes_only_the_best_price",
    ),
    Card(
        id="U-011",
        fact=(
            "cancel_and_new places only after the old order is cancelled; one that fills "
            "first is not replaced although the answer was 2xx."
        ),
        source="docs cancel-and-new",
        date="2026-08-25",
        test="test_ccxt.py::test_edit_of_an_order_that_fills_meanwhile_places_nothing",
    ),
    Card(
        id="U-012",
        fact="myOrder tells wait, every trade and the end; there is no snapshot and no replay.",
        source="docs websocket-myorder",
        date="2026-09-09",
        test="test_ccxt.py::test_streams_tell_orders_balances_and_books",
    ),
    Card(
        id="U-013",
        fact="A new subscription message replaces the connection's earlier ones.",
        source="ccxt 4.5.90's behaviour; not in the documentation",
        date="2026-11",
        test="test_ccxt.py::test_streams_tell_orders_balances_and_books",
    ),
    Card(
        id="U-014",
        fact="The answer to a new order is the order as accepted: wait, nothing executed.",
        source="docs new-order",
        date="2026-08-21",
        test="test_sdk.py::test_order_types",
    ),
    Card(
        id="U-015",
        fact="Orders are read and cancelled by uuid and by identifier alike.",
        source="docs get-order, cancel-order",
        date="2026-08-21",
        test="test_sdk.py::test_queries_by_uuid_and_identifier",
    ),
    Card(
        id="U-016",
        fact="Batch cancels take open orders only, newest first, and tell what failed.",
        source="changelog new_delete_orders",
        date="2024-12-11",
        test="test_sdk.py::test_batch_cancels_and_replacing",
    ),
    Card(
        id="U-017",
        fact="Streams come as DEFAULT, SIMPLE (short names), or either in a one-element list.",
        source="docs websocket-guide",
        date="2026-08-31",
        test="test_sdk.py::test_private_streams",
    ),
    Card(
        id="U-018",
        fact="myAsset tells only the assets that changed.",
        source="docs websocket-myasset",
        date="2026-08-31",
        test="test_sdk.py::test_private_streams",
    ),
    Card(
        id="U-019",
        fact=(
            "smp_type reduce takes the overlap away from both orders; what has nothing "
            "left is cancelled."
        ),
        source="docs smp v1.6.4",
        date="2026-11-09",
        test="test_sdk.py::test_reduce_prevents_trading_with_oneself",
    ),
    Card(
        id="U-020",
        fact=(
            "Before 2026-11-09 an order without smp_type shows none, and the value none is unknown."
        ),
        source="changelog add-smp-type-default",
        date="2026-11-09",
        test="test_sdk.py::test_answers_of_before_the_change_of_november",
    ),
    Card(
        id="U-021",
        fact="Too little money is insufficient_funds_bid, too few coins insufficient_funds_ask.",
        source="docs rest-api-guide",
        date="2026-10-06",
        test="test_errors.py::test_a_refused_order",
    ),
    Card(
        id="U-022",
        fact="Less than 5,000 KRW is under_min_total_bid or _ask.",
        source="docs krw-market-info",
        date="2026-05-04",
        test="test_errors.py::test_a_refused_order",
    ),
    Card(
        id="U-023",
        fact="More than 1,000,000,000 KRW is over_krw_funds_bid or _ask.",
        source="docs rest-api-guide",
        date="2026-10-06",
        test="test_errors.py::test_a_refused_order",
    ),
    Card(
        id="U-024",
        fact="A price off the tick is invalid_price_bid or _ask.",
        source="docs krw-market-info",
        date="2026-05-04",
        test="test_errors.py::test_a_refused_order",
    ),
    Card(
        id="U-025",
        fact="A market that does not exist is notfoundmarket.",
        source="docs rest-api-guide",
        date="2026-10-06",
        test="test_errors.py::test_a_refused_order",
    ),
    Card(
        id="U-026",
        fact="A key that may not do it is out_of_scope.",
        source="docs rest-api-guide, auth",
        date="2026-10-06",
        test="test_errors.py::test_a_refused_order",
    ),
    Card(
        id="U-027",
        fact="An expired key and an address not allowed are 401 with names of their own.",
        source="docs auth",
        date="2026-09-01",
        test="test_errors.py::test_a_refused_order",
    ),
    Card(
        id="U-028",
        fact="During maintenance everything private is 403 market_offline.",
        source="docs rest-api-guide",
        date="2026-10-06",
        test="test_errors.py::test_a_refused_order",
    ),
    Card(
        id="U-029",
        fact="An identifier serves once for ever: a second use is duplicated_identifier.",
        source="docs new-order",
        date="2026-08-21",
        test="test_errors.py::test_an_identifier_serves_once_for_ever",
    ),
    Card(
        id="U-030",
        fact="A refused order burns its identifier too.",
        source="docs new-order v1.5.9",
        date="2025",
        test="test_errors.py::test_an_identifier_serves_once_for_ever",
    ),
    Card(
        id="U-031",
        fact="An order that is not known is 404 order_not_found.",
        source="docs rest-api-guide",
        date="2026-10-06",
        test="test_errors.py::test_an_unknown_order",
    ),
    Card(
        id="U-032",
        fact="An unknown key is invalid_access_key, a wrong signature jwt_verification.",
        source="ccxt 4.5.90's table; docs auth",
        date="2026-09-01",
        test="test_errors.py::test_a_wrong_key_and_a_wrong_secret",
    ),
    Card(
        id="U-033",
        fact="A nonce serves once: nonce_used.",
        source="docs auth",
        date="2026-09-01",
        test="test_errors.py::test_a_nonce_used_twice",
    ),
    Card(
        id="U-034",
        fact="Each permission of a key opens its own endpoints and no others.",
        source="upbit-sdk 1.1.0 permission names; docs auth",
        date="2026-09-01",
        test="test_errors.py::test_a_key_that_may_only_look",
    ),
    Card(
        id="U-035",
        fact="Over the limit is 429 with a plain text body and Remaining-Req of zero.",
        source="pyupbit 0.2.34's handler; docs rate-limits",
        date="2026-10",
        test="test_errors.py::test_too_many_requests_is_plain_text_and_then_a_ban",
    ),
    Card(
        id="U-036",
        fact="Insisting is answered by 418 for a time that the body tells.",
        source="docs rate-limits",
        date="2026-10",
        test="test_errors.py::test_too_many_requests_is_plain_text_and_then_a_ban",
    ),
    Card(
        id="U-037",
        fact="orders/test judges an order and places none.",
        source="docs order-test",
        date="2026-08-21",
        test="test_errors.py::test_an_order_of_ours_is_taken_after_all_that",
    ),
    Card(
        id="U-038",
        fact=(
            "Our signed order requests are those of ccxt and the official SDK, but for "
            "listed differences."
        ),
        source="requests captured at the simulator",
        date="2026-11-22",
        test="test_request_parity.py::test_orders_are_asked_for_in_the_same_way",
    ),
    Card(
        id="U-039",
        fact="Our queries and cancels are those of ccxt and the official SDK.",
        source="requests captured at the simulator",
        date="2026-11-22",
        test="test_request_parity.py::test_queries_and_cancels_are_asked_for_in_the_same_way",
    ),
    Card(
        id="U-040",
        fact="A damaged answer to an order is unknown, never accepted.",
        source="our rule: unknown is neither failure nor success",
        date="2026-11-22",
        test="test_fuzz_parsers.py::test_answers_to_an_order",
    ),
    Card(
        id="U-041",
        fact="A damaged look-up proves nothing.",
        source="our rule",
        date="2026-11-22",
        test="test_fuzz_parsers.py::test_answers_to_a_look_up",
    ),
    Card(
        id="U-042",
        fact="Only a documented error name with a 4xx status proves a refusal.",
        source="docs rest-api-guide",
        date="2026-10-06",
        test="test_fuzz_parsers.py::test_refusals",
    ),
    Card(
        id="U-043",
        fact="A damaged stream message ends the connection with a reason, never the program.",
        source="our rule",
        date="2026-11-22",
        test="test_fuzz_parsers.py::test_private_messages",
    ),
    Card(
        id="U-044",
        fact="A damaged read is a failed read with a reason.",
        source="our rule",
        date="2026-11-22",
        test="test_fuzz_parsers.py::test_reads_through_the_whole_adapter",
    ),
    Card(
        id="U-045",
        fact=(
            "A stream without traffic is closed after 120 s; a PING, text or frame, keeps it open."
        ),
        source="docs websocket-guide",
        date="2026-08-31",
        test="test_connections.py::test_a_ping_keeps_a_stream_open",
    ),
    Card(
        id="U-046",
        fact="We assume that no stream lives longer than 24 h.",
        source="not documented; assumed",
        date="2026-11-22",
        test="test_connections.py::test_no_stream_lives_longer_than_a_day",
    ),
    Card(
        id="U-047",
        fact="A connection may send 5 messages a second.",
        source="docs rate-limits",
        date="2026-10",
        test="test_connections.py::test_five_messages_a_second",
    ),
    Card(
        id="U-048",
        fact="Five handshakes a second, then 429.",
        source="docs rate-limits",
        date="2026-10",
        test="test_connections.py::test_five_handshakes_a_second",
    ),
    Card(
        id="U-049",
        fact="With an Origin header quotation answers one request in ten seconds.",
        source="docs rate-limits",
        date="2026-10",
        test="test_connections.py::test_an_origin_slows_quotation_down",
    ),
    Card(
        id="U-050",
        fact="The private stream wants a token in its handshake.",
        source="docs auth",
        date="2026-09-01",
        test="test_connections.py::test_a_private_stream_wants_a_token",
    ),
    Card(
        id="U-051",
        fact="Values of private queries must be percent-encoded.",
        source="docs rest-api-guide",
        date="2026-10-06",
        test="test_connections.py::test_values_on_the_wire_must_be_encoded",
    ),
    Card(
        id="U-052",
        fact="Closed orders are shown for at most 7 days at once, by time of creation.",
        source="docs list-closed-orders",
        date="2026-07-29",
        test="test_adapter.py::test_closed_orders_over_more_than_a_week",
    ),
    Card(
        id="U-053",
        fact="An order under our identifier is ours only if it fits the intent.",
        source="our rule: an id alone proves nothing",
        date="2026-11-22",
        test="test_adapter.py::test_a_post_only_bid_of_ours_is_found_as_ours",
    ),
    Card(
        id="U-054",
        fact="In state trade, price and volume of myOrder are those of the fill.",
        source="docs websocket-myorder",
        date="2026-09-09",
        test="test_adapter.py::test_our_streams",
    ),
    Card(
        id="U-055",
        fact="The listing tells a warning (trading may end) and five cautions of each market.",
        source="docs list-trading-pairs (is_details)",
        date="2026-09",
        test="test_adapter.py::test_what_upbit_warns_of",
    ),
)
