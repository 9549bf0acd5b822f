"""The tables of the storage repository as its specification describes them, for a real server."""

V1_0 = (
    """CREATE TABLE orders (
        id uuid PRIMARY KEY, exchange varchar(20) NOT NULL, symbol varchar(20) NOT NULL,
        side varchar(10) NOT NULL, type varchar(20) NOT NULL, quantity numeric(20, 8) NOT NULL,
        price numeric(20, 8), status varchar(20) NOT NULL, strategy varchar(50),
        external_id varchar(100), created_at timestamptz, updated_at timestamptz)""",
    """CREATE TABLE fills (
        id uuid PRIMARY KEY, order_id uuid REFERENCES orders (id), exchange varchar(20) NOT NULL,
        symbol varchar(20) NOT NULL, side varchar(10) NOT NULL, quantity numeric(20, 8) NOT NULL,
        price numeric(20, 8) NOT NULL, commission numeric(20, 8), commission_asset varchar(10),
        filled_at timestamptz NOT NULL, created_at timestamptz)""",
    """CREATE TABLE positions (
        id uuid PRIMARY KEY, exchange varchar(20) NOT NULL, symbol varchar(20) NOT NULL,
        side varchar(10) NOT NULL, quantity numeric(20, 8) NOT NULL,
        entry_price numeric(20, 8) NOT NULL, current_price numeric(20, 8),
        unrealized_pnl numeric(20, 8), strategy varchar(50), opened_at timestamptz NOT NULL,
        closed_at timestamptz, updated_at timestamptz)""",
    """CREATE UNIQUE INDEX one_open ON positions (exchange, symbol, strategy)
        WHERE closed_at IS NULL""",
)
V3_0 = (
    """CREATE TABLE positions (
        id uuid PRIMARY KEY, symbol varchar(20) NOT NULL, status varchar(20) NOT NULL,
        entry_level varchar(10) NOT NULL, entry_timestamp timestamptz NOT NULL,
        entry_kimp numeric(10, 4) NOT NULL, entry_zscore numeric(10, 4) NOT NULL,
        entry_fx_rate numeric(10, 4), entry_fx_ma numeric(10, 4),
        upbit_amount numeric(20, 8) NOT NULL, upbit_price numeric(20, 2) NOT NULL,
        upbit_order_id varchar(100), binance_amount numeric(20, 8) NOT NULL,
        binance_price numeric(20, 8) NOT NULL, binance_order_id varchar(100),
        total_invested numeric(20, 2) NOT NULL, exit_timestamp timestamptz,
        exit_kimp numeric(10, 4), exit_reason varchar(20), exit_bb_upper numeric(10, 4),
        realized_pnl numeric(20, 2), realized_pnl_pct numeric(10, 4),
        holding_hours numeric(10, 2), created_at timestamptz, updated_at timestamptz)""",
    """CREATE TABLE trades (
        id uuid PRIMARY KEY, position_id uuid REFERENCES positions (id),
        symbol varchar(20) NOT NULL, trade_type varchar(10) NOT NULL, side varchar(10) NOT NULL,
        exchange varchar(20) NOT NULL, order_id varchar(100), order_type varchar(20) NOT NULL,
        amount numeric(20, 8) NOT NULL, price numeric(20, 8) NOT NULL,
        filled_amount numeric(20, 8) NOT NULL, avg_price numeric(20, 8) NOT NULL,
        fee numeric(20, 8), fee_currency varchar(10), status varchar(20) NOT NULL,
        error_message text, executed_at timestamptz NOT NULL, created_at timestamptz)""",
    """CREATE TABLE orders (
        id uuid PRIMARY KEY, position_id uuid, exchange varchar(20) NOT NULL,
        symbol varchar(20) NOT NULL, side varchar(10) NOT NULL, order_type varchar(20) NOT NULL,
        amount numeric(20, 8) NOT NULL, price numeric(20, 8), status varchar(20) NOT NULL,
        exchange_order_id varchar(100), error_message text, filled_amount numeric(20, 8),
        avg_fill_price numeric(20, 8), created_at timestamptz, updated_at timestamptz)""",
)
FLAG = (
    """CREATE TABLE system_status (
        key varchar(50) PRIMARY KEY, value jsonb NOT NULL DEFAULT '{}',
        updated_at timestamptz DEFAULT now())""",
)
TABLES = {"1.0": V1_0, "3.0": V3_0}
