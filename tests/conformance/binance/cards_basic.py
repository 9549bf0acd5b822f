"""The first cards: orders, streams and what other clients show."""

from tests.conformance.binance.card import Card

BASIC_CARDS = (
    Card(
        id="B-001",
        fact="LIMIT takes GTC, IOC, FOK and GTX (maker only); IOC and FOK end at once.",
        source="Binance docs, new order, 2026-11",
        test="test_ccxt::test_every_limit_order",
    ),
    Card(
        id="B-002",
        fact="The answer to a new order tells neither average price nor fee; ACK tells no fill.",
        source="Binance notice on the COIN-M/USDS-M integration, 2026-06-10",
        test="test_python_binance::test_an_order_is_acknowledged_without_its_fill",
    ),
    Card(
        id="B-003",
        fact="Conditional orders live in a store of their own and become an ordinary order with"
        " the same client id.",
        source="Binance change log, 2025-11-06",
        test="test_ccxt::test_conditional_orders",
    ),
    Card(
        id="B-004",
        fact="A fill is told by TRADE_LITE, then ORDER_TRADE_UPDATE, then ACCOUNT_UPDATE.",
        source="Binance docs, user data streams, 2026-11",
        test="test_python_binance::test_the_user_socket_tells_a_fill_three_times",
    ),
    Card(
        id="B-005",
        fact="FINISHED says that the child ended; its order id leads to the fills.",
        source="Binance docs, Event-Algo-Order-Update, 2026-11",
        test="test_our_adapter::test_a_triggered_stop_is_followed_to_its_child",
    ),
    Card(
        id="B-006",
        fact="A conditional order that would trigger at once is refused with -2021.",
        source="Binance docs, error codes, 2026-11",
        test="test_our_adapter::test_a_stop_that_would_trigger_now_is_refused",
    ),
    Card(
        id="B-007",
        fact="countdownCancelAll ends a symbol's ordinary orders unless it is called again.",
        source="Binance docs, auto-cancel all open orders, 2026-11",
        test="test_our_adapter::test_the_countdown_cancels_when_nobody_calls_again",
    ),
    Card(
        id="B-008",
        fact="The margin type is read from symbolConfig; -4046 means it was so already; it stands"
        " while there is an order or a position.",
        source="Binance docs, change margin type and symbol configuration, 2026-11",
        test="test_our_adapter::test_margin_type_and_brackets",
    ),
    Card(
        id="B-009",
        fact="User data comes under /private, books under /public, mark prices under /market.",
        source="Binance change log, 2026-04-23",
        test="test_ccxt::test_private_and_market_streams",
    ),
    Card(
        id="B-010",
        fact="Errors are told as code and text with a fitting HTTP status.",
        source="Binance docs, error codes, 2026-11",
        test="test_ccxt::test_documented_errors",
    ),
    Card(
        id="B-011",
        fact="Leverage and margin type that were set are told back.",
        source="Binance docs, symbol configuration, 2026-11",
        test="test_ccxt::test_leverage_and_margin_type_are_set_and_read_back",
    ),
    Card(
        id="B-012",
        fact="Order requests carry these fields and no others.",
        source="ccxt 4.5.90 and python-binance 1.0.37, 2026-11",
        test="test_parity::test_ccxt_sends_the_same",
    ),
    Card(
        id="B-013",
        fact="Only the spot host tells what a key may do, withdrawal among it.",
        source="Binance docs, wallet, API key permission, 2026-11",
        test="test_python_binance::test_what_the_key_may_do",
    ),
    Card(
        id="B-014",
        fact="A key without futures rights gets -2015 on the futures host, as any wrong key does.",
        source="Binance docs, error codes, 2026-11",
        test="test_our_adapter::test_an_account_set_up_wrongly_is_found_before_the_first_order",
    ),
    Card(
        id="B-015",
        fact="Fields and enumeration values are added and removed without notice.",
        source="Binance change log, 2025-11 to 2026-10",
        test="test_fuzz::test_spoiled_messages",
    ),
    Card(
        id="B-016",
        fact="Margin is looked at when a conditional order triggers; a rejection tells its reason"
        " as rm in ALGO_UPDATE, and a child's fill may be told before the trigger.",
        source="Binance change log, 2025-12-10, and reports of 2026 from other programs",
        test="test_our_adapter::test_the_stream_tells_of_triggers_and_rejections",
    ),
)
