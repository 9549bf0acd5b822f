"""Cards of clock, signature, limits, open fates and streams."""

from tests.conformance.binance.card import Card

WIRE_CARDS = (
    Card(
        id="B-055",
        fact="A timestamp less than 1000 ms ahead and at most recvWindow (60000 at most) "
        "late is taken; else -1021.",
        source="Binance docs, general info, 2026-11",
        test="test_facts_wire::test_a_timestamp_may_be_a_second_ahead_and_a_window_late",
    ),
    Card(
        id="B-056",
        fact="-1021 and the matching engine's -5028 mean that the order was not accepted.",
        source="Binance docs, general info and error codes, 2026-11",
        test="test_facts_wire::test_a_refusal_of_the_clock_is_no_acceptance_and_measures_it_anew",
    ),
    Card(
        id="B-057",
        fact="A missing key is -2014, a wrong one -2015, a wrong signature -1022.",
        source="Binance docs, error codes, 2026-11",
        test="test_facts_wire::test_keys_and_signatures_are_judged_apart",
    ),
    Card(
        id="B-058",
        fact="Answers carry X-MBX-USED-WEIGHT-1M, accepted orders X-MBX-ORDER-COUNT-10S "
        "and -1M; an order weighs 0.",
        source="Binance docs, general info, 2026-11",
        test="test_facts_wire::test_answers_count_weight_and_accepted_orders",
    ),
    Card(
        id="B-059",
        fact="Broken weight is 429 and -1003 with Retry-After; insisting is 418 with the "
        "end of the ban.",
        source="Binance docs, general info, 2026-11",
        test="test_facts_wire::test_too_much_weight_is_429_and_insisting_a_ban",
    ),
    Card(
        id="B-060",
        fact="Too many orders are -1015 with 429: orders alone must wait.",
        source="Binance docs, error codes, 2026-11",
        test="test_facts_wire::test_too_many_orders_stop_orders_and_nothing_else",
    ),
    Card(
        id="B-061",
        fact='503 "Service Unavailable." is a certain failure.',
        source="Binance docs, general info, 2026-11",
        test="test_facts_wire::test_service_unavailable_is_a_certain_failure",
    ),
    Card(
        id="B-062",
        fact='Every other 5xx, 503 "Unknown error" among them, may have been executed.',
        source="Binance docs, general info, 2026-11",
        test="test_facts_wire::test_every_other_5xx_and_silence_leave_the_outcome_open",
    ),
    Card(
        id="B-063",
        fact="-1000, -1001, -1006 and -1007 leave the fate of an order open.",
        source="Binance docs, error codes, 2026-11",
        test="test_facts_wire::test_codes_that_say_unknown_mean_unknown",
    ),
    Card(
        id="B-064",
        fact="-1008 throttles orders but for those that only reduce.",
        source="Binance docs, error codes, 2026-11",
        test="test_facts_wire::test_an_overloaded_exchange_still_takes_what_reduces",
    ),
    Card(
        id="B-065",
        fact="During maintenance everything is -1016 with 503.",
        source="Binance docs, error codes, 2026-11",
        test="test_facts_wire::test_during_maintenance_nothing_is_answered_and_nothing_is_known",
    ),
    Card(
        id="B-066",
        fact="Codes that are in no table appear: they prove nothing.",
        source="our rule: refusal needs proof, 2026-11-22",
        test="test_facts_wire::test_a_code_we_do_not_know_proves_nothing",
    ),
    Card(
        id="B-067",
        fact="Since June 2026 only trades and events tell price and fee of an order.",
        source="Binance notice on the COIN-M/USDS-M integration, 2026-06-10",
        test="test_facts_wire::test_prices_and_fees_are_told_by_trades_alone",
    ),
    Card(
        id="B-068",
        fact="An account has one listen key; POST and PUT give it 60 minutes more; without "
        "one PUT is -1125.",
        source="Binance docs, user data streams, 2026-11",
        test="test_facts_streams::test_an_account_has_one_stream_key_and_asking_again_extends_it",
    ),
    Card(
        id="B-069",
        fact="An expired key tells listenKeyExpired and leaves its sockets open and silent.",
        source="Binance docs, user data streams, 2026-11",
        test="test_facts_streams::test_an_expired_key_leaves_the_socket_open_and_silent",
    ),
    Card(
        id="B-070",
        fact="After listenKeyExpired a new key on a new connection brings the events back.",
        source="Binance docs, user data streams, 2026-11",
        test="test_facts_streams::test_our_stream_gets_a_new_key_when_the_old_one_ends",
    ),
    Card(
        id="B-071",
        fact="The old address, the public path and a bogus key all open and stay silent.",
        source="issues ccxt 28091 and cryptofeed 1128, 2026-04-23",
        test="test_facts_streams::test_user_data_comes_on_the_private_path_only",
    ),
    Card(
        id="B-072",
        fact="No connection lives longer than 24 hours.",
        source="Binance docs, websocket market streams, 2026-11",
        test="test_facts_streams::test_a_connection_is_closed_after_a_day_and_ours_comes_back",
    ),
    Card(
        id="B-073",
        fact="TRADE_LITE, ORDER_TRADE_UPDATE and userTrades name a trade by the same id; "
        "only a fill has one.",
        source="Binance docs, Event-Trade-Lite and Event-Order-Update, 2026-11",
        test="test_facts_streams::test_a_fill_is_told_lite_then_booked_then_whole",
    ),
    Card(
        id="B-074",
        fact="Each fill tells its own amount, price and fee, and the amount filled so far.",
        source="Binance docs, Event-Order-Update, 2026-11",
        test="test_facts_streams::test_each_fill_tells_its_own_fee_and_the_amount_so_far",
    ),
    Card(
        id="B-075",
        fact="ACCOUNT_UPDATE is not sent for orders that do not fill.",
        source="Binance docs, Event-Balance-and-Position-Update, 2026-11",
        test="test_facts_streams::test_an_order_that_neither_fills_nor_pays_moves_no_account",
    ),
    Card(
        id="B-076",
        fact="Streams repeat nothing after a gap.",
        source="Binance docs, user data streams, 2026-11",
        test="test_facts_streams::test_a_private_stream_repeats_nothing_after_a_gap",
    ),
    Card(
        id="B-077",
        fact="Changes of leverage and multi-assets mode are told as ACCOUNT_CONFIG_UPDATE.",
        source="Binance docs, Event-Account-Configuration-Update, 2026-11",
        test="test_facts_streams::test_the_settings_an_operator_changes_are_told",
    ),
    Card(
        id="B-078",
        fact="events= in the address chooses which private events are told.",
        source="Binance notice on the addresses of streams, 2026-04-23",
        test="test_facts_streams::test_events_can_be_chosen_by_name",
    ),
    Card(
        id="B-079",
        fact="Best prices come on /public, mark prices on /market; a wrong path stays silent.",
        source="Binance notice on the addresses of streams, 2026-04-23",
        test="test_facts_streams::test_best_and_mark_prices_come_on_paths_of_their_own",
    ),
    Card(
        id="B-080",
        fact="income tells transfers and funding by type, each row once by its tranId.",
        source="Binance docs, income history, 2026-11",
        test="test_facts_account::test_income_tells_transfers_apart_from_funding",
    ),
)
