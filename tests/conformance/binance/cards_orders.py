"""Cards of filters, ids, reduce-only and conditional orders."""

from tests.conformance.binance.card import Card

ORDER_CARDS = (
    Card(
        id="B-017",
        fact="A price outside PRICE_FILTER is -4001, -4013, -4002, off its tick -4014, "
        "with too many decimals -1111.",
        source="Binance docs, exchangeInfo filters and error codes, 2026-11",
        test="test_facts_orders::test_a_price_must_be_on_the_tick_and_within_bounds",
    ),
    Card(
        id="B-018",
        fact="A quantity outside the lot filters is -4003, -4004, -4005, off its step "
        "-4023, with too many decimals -1111.",
        source="Binance docs, exchangeInfo filters and error codes, 2026-11",
        test="test_facts_orders::test_a_quantity_must_be_on_the_step_and_within_bounds",
    ),
    Card(
        id="B-019",
        fact="MARKET_LOT_SIZE bounds market orders, LOT_SIZE limit orders: the former is smaller.",
        source="exchangeInfo as observed, 2026-09-30",
        test="test_facts_orders::test_a_limit_order_may_be_larger_than_a_market_order",
    ),
    Card(
        id="B-020",
        fact="Below MIN_NOTIONAL an order is -4164, a market order by the mark price; "
        "reduce-only orders are exempt.",
        source="Binance docs, error codes, 2026-11; the mark price is assumed",
        test="test_facts_orders::test_the_minimum_value_holds_but_for_reduce_only",
    ),
    Card(
        id="B-021",
        fact="PERCENT_PRICE binds one side only: a buy too high is -4016, a sell too low -4024.",
        source="Binance docs, exchangeInfo filters and error codes, 2026-11",
        test="test_facts_orders::test_percent_price_binds_one_side_only",
    ),
    Card(
        id="B-022",
        fact="Parameters that are missing or cannot be read have codes of their own: "
        "-1100, -1102, -1115, -1116, -1117, -1121, -1130.",
        source="Binance docs, error codes, 2026-11",
        test="test_facts_orders::test_what_cannot_be_read_is_refused_by_its_own_code",
    ),
    Card(
        id="B-023",
        fact="More than 200 open orders of an account are refused with -2025.",
        source="exchangeInfo as observed, 2026-09-30; the code is assumed",
        test="test_facts_orders::test_two_hundred_open_orders_are_the_limit",
    ),
    Card(
        id="B-024",
        fact="newClientOrderId has at most 36 characters (-4015) of letters, digits and "
        ".:/_- (-1100).",
        source="Binance docs, new order, 2026-11",
        test="test_facts_orders::test_a_client_id_has_36_characters_of_a_small_alphabet",
    ),
    Card(
        id="B-025",
        fact="An id that belongs to an open order is -4116: an earlier attempt lives.",
        source="Binance docs, error codes, 2026-11",
        test="test_facts_orders::test_an_id_is_refused_while_its_order_is_open",
    ),
    Card(
        id="B-026",
        fact="An id is unique among open orders only; a filled order frees it.",
        source="Binance docs, new order, 2026-11",
        test="test_facts_orders::test_an_id_is_free_again_once_its_order_has_ended",
    ),
    Card(
        id="B-027",
        fact="Conditional types on POST order are -4120 since 2025-12-09.",
        source="Binance change log, 2025-11-06",
        test="test_facts_orders::test_conditional_orders_are_refused_on_the_old_path",
    ),
    Card(
        id="B-028",
        fact="Reduce-only with nothing to reduce is -2022.",
        source="Binance docs, error codes, 2026-11",
        test="test_facts_orders::test_reduce_only_without_a_position_to_reduce_is_refused",
    ),
    Card(
        id="B-029",
        fact="A reduce-only order executes at most what is held; the rest ends.",
        source="Binance docs, Event-Order-Update, expiry reason 4, 2026-11",
        test="test_facts_orders::test_reduce_only_executes_what_is_held_and_no_more",
    ),
    Card(
        id="B-030",
        fact="A resting reduce-only order ends with reason 4 when the position is gone.",
        source="Binance docs, Event-Order-Update, expiry reason 4, 2026-11",
        test="test_facts_orders::test_a_resting_reduce_only_order_ends_when_nothing_is_left",
    ),
    Card(
        id="B-031",
        fact="A MARKET order that the book cannot fill ends EXPIRED with reason 9 and what it got.",
        source="Binance docs, Event-Order-Update, expiry reason 9, 2026-11",
        test="test_facts_orders::test_a_market_order_beyond_the_book_ends_with_less",
    ),
    Card(
        id="B-032",
        fact="Cancelling an order that has ended is -2011; the answer to a cancel tells no price.",
        source="Binance docs, cancel order and error codes, 2026-11",
        test="test_facts_orders::test_a_cancelled_order_cannot_be_cancelled_again",
    ),
    Card(
        id="B-033",
        fact="allOpenOrders ends ordinary orders only and does not say which.",
        source="Binance docs, cancel all open orders, 2026-11",
        test="test_facts_orders::test_cancel_all_leaves_conditional_orders_alone",
    ),
    Card(
        id="B-034",
        fact="A waiting conditional order is in no list of ordinary orders: -2013 to a "
        "query, -2011 to a cancel.",
        source="issue 27486 of ccxt, 2026",
        test="test_facts_orders::test_a_waiting_conditional_order_is_no_ordinary_order",
    ),
    Card(
        id="B-035",
        fact='Cancelling a conditional order is answered with the code "200" as text; one '
        "that is gone with -2011.",
        source="official SDK's tests, 2026-08-21",
        test="test_facts_orders::test_cancelling_a_conditional_order_answers_with_a_code_t"
        "hat_is_text",
    ),
    Card(
        id="B-036",
        fact="More than 200 waiting conditional orders of an account are -4045.",
        source="Binance change log, 2025-12-29",
        test="test_facts_orders::test_two_hundred_waiting_conditional_orders_are_the_limit",
    ),
    Card(
        id="B-037",
        fact="callbackRate is 0.1 to 20 percent since 2026-10-23; outside it is -2007.",
        source="Binance change log, 2026-10-23",
        test="test_facts_orders::test_a_trailing_stop_follows_by_a_tenth_to_twenty_percent",
    ),
    Card(
        id="B-038",
        fact="closePosition takes no quantity (-4137) and no reduceOnly (-4138), and "
        "expires without a position.",
        source="Binance docs, new algo order and error codes, 2026-11",
        test="test_facts_orders::test_closing_a_whole_position_takes_no_quantity_and_expir"
        "es_without_one",
    ),
    Card(
        id="B-039",
        fact="Unfilled ended orders are forgotten after 3 days, all after 90: then -2013.",
        source="official SDK 18.1.0, query order, 2026-08-21",
        test="test_facts_orders::test_an_order_is_forgotten_after_days",
    ),
    Card(
        id="B-040",
        fact="A cut allOrders keeps the newest, a cut userTrades the oldest; a window is 7 "
        "days; trades carry no client id.",
        source="measurements of another project on a real account, 2026-09-19",
        test="test_facts_orders::test_a_cut_list_keeps_the_newest_orders_and_the_oldest_trades",
    ),
    Card(
        id="B-041",
        fact="Right after placing, a query may answer -2013: what is read lags behind.",
        source="issues ccxt 6615 and freqtrade 4462; measurements, 2026-09-19",
        test="test_facts_orders::test_an_order_can_be_missed_right_after_it_was_placed",
    ),
    Card(
        id="B-042",
        fact="A batch is 200 as a whole; each element is an order or an error.",
        source="Binance docs, place multiple orders, 2026-11",
        test="test_facts_orders::test_a_batch_answers_each_order_for_itself",
    ),
    Card(
        id="B-043",
        fact="order/test judges an order like a real one and creates nothing.",
        source="Binance docs, new order test, 2026-11",
        test="test_facts_orders::test_a_tested_order_is_judged_and_not_placed",
    ),
)
