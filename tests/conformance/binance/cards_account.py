"""Cards of margin, brackets, liquidation, funding, hedge mode and isolated margin."""

from tests.conformance.binance.card import Card

ACCOUNT_CARDS = (
    Card(
        id="B-044",
        fact="In hedge mode orders name LONG or SHORT (-4061), never reduceOnly (-4062), "
        "and both sides live side by side.",
        source="Binance docs, new order and error codes, 2026-11",
        test="test_facts_account::test_in_hedge_mode_both_sides_live_and_we_do_not_trade",
    ),
    Card(
        id="B-045",
        fact="The position mode: -4059 if it is so already, -4067 with open orders, -4068 "
        "with a position.",
        source="Binance docs, change position mode, 2026-11",
        test="test_facts_account::test_the_position_mode_stands_while_anything_is_open",
    ),
    Card(
        id="B-046",
        fact="Initial margin is notional over leverage, 20 until it is set; beyond what is "
        "available is -2019.",
        source="Binance docs, account and symbol configuration, 2026-11",
        test="test_facts_account::test_margin_follows_the_leverage_which_is_twenty_until_it_is_set",
    ),
    Card(
        id="B-047",
        fact="Brackets bound leverage (-4028) and position (-2027); maintenance is "
        "notional times rate less cum.",
        source="Binance docs, notional and leverage brackets, 2026-11",
        test="test_facts_account::test_brackets_bound_leverage_and_set_the_maintenance_margin",
    ),
    Card(
        id="B-048",
        fact="Liquidation ends open orders with reason 5 and closes positions by orders "
        "named autoclose-, told as CALCULATED.",
        source="Binance docs, Event-Order-Update, 2026-11",
        test="test_facts_account::test_a_crossed_account_is_liquidated_as_a_whole",
    ),
    Card(
        id="B-049",
        fact="Auto-deleveraging closes a position by an order named adl_autoclose.",
        source="Binance docs, Event-Order-Update, 2026-11",
        test="test_facts_account::test_a_position_can_be_closed_for_someone_else",
    ),
    Card(
        id="B-050",
        fact="Funding is notional at the mark times the rate, paid by longs when positive, "
        "told as FUNDING_FEE with its symbol.",
        source="Binance docs, Event-Balance-and-Position-Update, 2026-08-21",
        test="test_facts_account::test_funding_is_paid_every_eight_hours_on_the_value_at_the_mark",
    ),
    Card(
        id="B-051",
        fact="An isolated position has its own wallet, is told as isolated with iw, is "
        "liquidated alone, and its leverage is not lowered (-4161).",
        source="Binance docs, position information and error codes, 2026-11",
        test="test_facts_account::test_an_isolated_position_stands_on_its_own_money",
    ),
    Card(
        id="B-052",
        fact="The margin type stands while there are open orders (-4047).",
        source="Binance docs, change margin type, 2026-11",
        test="test_facts_account::test_isolated_margin_is_found_by_the_doctor_and_mended_a"
        "t_the_start",
    ),
    Card(
        id="B-053",
        fact="Multi-assets mode and isolated margin exclude each other (-4168); -4171 "
        "means it was so already.",
        source="Binance docs, error codes, 2026-11",
        test="test_facts_account::test_margin_type_and_multi_assets_exclude_each_other",
    ),
    Card(
        id="B-054",
        fact="positionRisk tells only symbols with a position or orders, shorts negative, "
        "without leverage and margin type.",
        source="Binance docs, position information V3, 2026-11",
        test="test_facts_account::test_positions_are_told_only_where_there_is_one_and_shor"
        "ts_are_negative",
    ),
)
