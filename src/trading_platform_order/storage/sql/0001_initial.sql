-- The truth: append-only, one hash chain per account.
CREATE TABLE journal (
    account   TEXT    NOT NULL,
    seq       INTEGER NOT NULL,
    at_us     INTEGER NOT NULL,
    trade_id  TEXT    NOT NULL,
    kind      TEXT    NOT NULL,
    version   INTEGER NOT NULL,
    body      TEXT    NOT NULL,
    prev_hash TEXT    NOT NULL,
    hash      TEXT    NOT NULL,
    build     TEXT    NOT NULL,
    epoch     INTEGER NOT NULL,
    PRIMARY KEY (account, seq)
);
CREATE INDEX journal_of_trade ON journal (account, trade_id, seq);
CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

-- One row per opening of the store by a writer.
CREATE TABLE epochs (
    account     TEXT    NOT NULL,
    epoch       INTEGER NOT NULL,
    build       TEXT    NOT NULL,
    ended_clean INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account, epoch)
) WITHOUT ROWID;

-- At most once per signal id.
CREATE TABLE claims (
    account      TEXT    NOT NULL,
    signal_id    TEXT    NOT NULL,
    content_hash TEXT    NOT NULL,
    strategy     TEXT    NOT NULL,
    symbol       TEXT    NOT NULL,
    action       TEXT    NOT NULL,
    at_us        INTEGER NOT NULL,
    PRIMARY KEY (account, signal_id)
) WITHOUT ROWID;

-- What other processes hand in; result is NULL while it waits.
CREATE TABLE inbox_signals (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT    NOT NULL,
    at_us   INTEGER NOT NULL,
    raw     TEXT    NOT NULL,
    result  TEXT,
    detail  TEXT    NOT NULL DEFAULT ''
);
CREATE INDEX inbox_signals_waiting ON inbox_signals (account, id) WHERE result IS NULL;
CREATE TABLE inbox_commands (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT    NOT NULL,
    at_us   INTEGER NOT NULL,
    kind    TEXT    NOT NULL,
    body    TEXT    NOT NULL,
    result  TEXT,
    detail  TEXT    NOT NULL DEFAULT ''
);
CREATE INDEX inbox_commands_waiting ON inbox_commands (account, id) WHERE result IS NULL;

-- A latch is set while its newest row has no cleared_at_us; old rows are history.
CREATE TABLE latches (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    account        TEXT    NOT NULL,
    kind           TEXT    NOT NULL,
    reason         TEXT    NOT NULL,
    at_us          INTEGER NOT NULL,
    cleared_reason TEXT,
    cleared_at_us  INTEGER
);
CREATE UNIQUE INDEX latches_set ON latches (account, kind) WHERE cleared_at_us IS NULL;

-- Notifications on their way out; result is NULL while one waits.
CREATE TABLE outbox (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    account    TEXT    NOT NULL,
    at_us      INTEGER NOT NULL,
    kind       TEXT    NOT NULL,
    urgent     INTEGER NOT NULL,
    fields     TEXT    NOT NULL,
    attempts   INTEGER NOT NULL DEFAULT 0,
    next_at_us INTEGER,
    result     TEXT
);
CREATE INDEX outbox_waiting ON outbox (account, urgent, id) WHERE result IS NULL;

-- Read models: rebuilt from the journal at any time. Amounts are plain decimal text.
CREATE TABLE projection (
    account TEXT    NOT NULL PRIMARY KEY,
    seq     INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE signals (
    account        TEXT    NOT NULL,
    seq            INTEGER NOT NULL,
    signal_id      TEXT    NOT NULL,
    strategy       TEXT    NOT NULL,
    action         TEXT    NOT NULL,
    symbol         TEXT    NOT NULL,
    created_at     TEXT,
    received_at_us INTEGER NOT NULL,
    result         TEXT    NOT NULL,
    code           TEXT,
    detail         TEXT    NOT NULL DEFAULT '',
    trade_id       TEXT,
    PRIMARY KEY (account, seq)
) WITHOUT ROWID;
CREATE INDEX signals_by_id ON signals (account, signal_id);

CREATE TABLE trades (
    account           TEXT    NOT NULL,
    trade_id          TEXT    NOT NULL,
    seq               INTEGER NOT NULL,
    signal_id         TEXT    NOT NULL,
    strategy          TEXT    NOT NULL,
    action            TEXT    NOT NULL,
    symbol            TEXT    NOT NULL,
    state             TEXT    NOT NULL,
    outcome           TEXT,
    detail            TEXT    NOT NULL DEFAULT '',
    opened_at_us      INTEGER NOT NULL,
    settled_at_us     INTEGER,
    naked_ms          INTEGER,
    naked_krw_max     TEXT,
    signal_to_wire_us INTEGER,
    spot_base         TEXT,
    short_base        TEXT,
    PRIMARY KEY (account, trade_id)
) WITHOUT ROWID;
CREATE INDEX trades_by_seq ON trades (account, seq);

CREATE TABLE orders (
    account           TEXT    NOT NULL,
    client_order_id   TEXT    NOT NULL,
    seq               INTEGER NOT NULL,
    id                TEXT    NOT NULL,
    trade_id          TEXT    NOT NULL,
    exchange          TEXT    NOT NULL,
    symbol            TEXT    NOT NULL,
    side              TEXT    NOT NULL,
    type              TEXT    NOT NULL,
    quantity          TEXT    NOT NULL,
    price             TEXT,
    quote_amount      TEXT,
    time_in_force     TEXT,
    reduce_only       INTEGER NOT NULL,
    leg               TEXT    NOT NULL,
    purpose           TEXT    NOT NULL,
    attempt           INTEGER NOT NULL,
    signal_id         TEXT    NOT NULL,
    created_at        TEXT    NOT NULL,
    status            TEXT    NOT NULL,
    executed_quantity TEXT    NOT NULL,
    filled_quantity   TEXT    NOT NULL,
    exchange_order_id TEXT,
    detail            TEXT    NOT NULL,
    updated_at_us     INTEGER NOT NULL,
    PRIMARY KEY (account, client_order_id)
) WITHOUT ROWID;
CREATE INDEX orders_by_seq ON orders (account, seq);

CREATE TABLE fills (
    account           TEXT    NOT NULL,
    exchange          TEXT    NOT NULL,
    symbol            TEXT    NOT NULL,
    exchange_trade_id TEXT    NOT NULL,
    seq               INTEGER NOT NULL,
    client_order_id   TEXT    NOT NULL,
    trade_id          TEXT    NOT NULL,
    leg               TEXT    NOT NULL,
    side              TEXT    NOT NULL,
    quantity          TEXT    NOT NULL,
    price             TEXT    NOT NULL,
    fee               TEXT    NOT NULL,
    fee_asset         TEXT    NOT NULL,
    at                TEXT    NOT NULL,
    PRIMARY KEY (account, exchange, symbol, exchange_trade_id)
) WITHOUT ROWID;
CREATE INDEX fills_by_seq ON fills (account, seq);
CREATE INDEX fills_of_order ON fills (account, client_order_id);

CREATE TABLE positions (
    account       TEXT    NOT NULL,
    strategy      TEXT    NOT NULL,
    symbol        TEXT    NOT NULL,
    seq           INTEGER NOT NULL,
    spot_base     TEXT    NOT NULL,
    short_base    TEXT    NOT NULL,
    updated_at_us INTEGER NOT NULL,
    PRIMARY KEY (account, strategy, symbol)
) WITHOUT ROWID;

CREATE TABLE equity (
    account    TEXT    NOT NULL,
    seq        INTEGER NOT NULL,
    at_us      INTEGER NOT NULL,
    equity_krw TEXT    NOT NULL,
    figures    TEXT    NOT NULL,
    PRIMARY KEY (account, seq)
) WITHOUT ROWID;

CREATE TABLE refusals (
    account   TEXT    NOT NULL,
    seq       INTEGER NOT NULL,
    signal_id TEXT    NOT NULL,
    strategy  TEXT    NOT NULL,
    action    TEXT    NOT NULL,
    symbol    TEXT    NOT NULL,
    code      TEXT    NOT NULL,
    message   TEXT    NOT NULL,
    figures   TEXT    NOT NULL,
    at_us     INTEGER NOT NULL,
    PRIMARY KEY (account, seq)
) WITHOUT ROWID;

CREATE TABLE funding (
    account        TEXT    NOT NULL,
    symbol         TEXT    NOT NULL,
    transaction_id TEXT    NOT NULL,
    seq            INTEGER NOT NULL,
    amount_usdt    TEXT    NOT NULL,
    at             TEXT    NOT NULL,
    PRIMARY KEY (account, symbol, transaction_id)
) WITHOUT ROWID;

CREATE TABLE transfers (
    account  TEXT    NOT NULL,
    seq      INTEGER NOT NULL,
    exchange TEXT    NOT NULL,
    asset    TEXT    NOT NULL,
    amount   TEXT    NOT NULL,
    reason   TEXT    NOT NULL,
    at_us    INTEGER NOT NULL,
    PRIMARY KEY (account, seq)
) WITHOUT ROWID;

-- The contract with readers outside (docs/STORAGE.md): columns are added, never changed.
CREATE VIEW v_signals AS
SELECT account, seq, signal_id, strategy, action, symbol, created_at, received_at_us, result,
       code, detail, trade_id
FROM signals;

CREATE VIEW v_trades AS
SELECT account, seq, trade_id, signal_id, strategy, action, symbol, state, outcome, detail,
       opened_at_us, settled_at_us, naked_ms, naked_krw_max, signal_to_wire_us, spot_base,
       short_base
FROM trades;

CREATE VIEW v_orders AS
SELECT o.account, o.seq, o.id, o.client_order_id, o.trade_id, o.signal_id, t.strategy, o.exchange,
       o.symbol, o.side, o.type, o.quantity, o.price, o.quote_amount, o.time_in_force,
       o.reduce_only, o.leg, o.purpose, o.attempt, o.created_at, o.status, o.executed_quantity,
       o.filled_quantity, o.exchange_order_id, o.detail, o.updated_at_us
FROM orders AS o
LEFT JOIN trades AS t ON t.account = o.account AND t.trade_id = o.trade_id;

CREATE VIEW v_fills AS
SELECT f.account, f.seq, f.exchange, f.symbol, f.exchange_trade_id, f.client_order_id, f.trade_id,
       t.signal_id, t.strategy, f.leg, o.purpose, f.side, f.quantity, f.price, f.fee, f.fee_asset,
       f.at
FROM fills AS f
LEFT JOIN orders AS o ON o.account = f.account AND o.client_order_id = f.client_order_id
LEFT JOIN trades AS t ON t.account = f.account AND t.trade_id = f.trade_id;

CREATE VIEW v_positions AS
SELECT account, seq, strategy, symbol, spot_base, short_base, updated_at_us FROM positions;

CREATE VIEW v_refusals AS
SELECT account, seq, signal_id, strategy, action, symbol, code, message, figures, at_us
FROM refusals;

CREATE VIEW v_equity AS
SELECT account, seq, at_us, equity_krw, figures FROM equity;

CREATE VIEW v_funding AS
SELECT account, seq, symbol, transaction_id, amount_usdt, at FROM funding;

CREATE VIEW v_transfers AS
SELECT account, seq, exchange, asset, amount, reason, at_us FROM transfers;

CREATE VIEW v_alerts AS
SELECT account, id AS seq, at_us, kind, urgent, fields, attempts, next_at_us, result FROM outbox;

CREATE VIEW v_latches AS
SELECT account, id AS seq, kind, reason, at_us, cleared_reason, cleared_at_us FROM latches;
