-- Signs of life, one row for the engine and one for the watchdog. Not history: each beat replaces.
CREATE TABLE heartbeats (
    account      TEXT    NOT NULL,
    who          TEXT    NOT NULL,
    boot         TEXT    NOT NULL,
    beat         INTEGER NOT NULL,
    at_us        INTEGER NOT NULL,
    state        TEXT    NOT NULL,
    unresolved   INTEGER NOT NULL,
    exposure_krw TEXT    NOT NULL,
    latched      INTEGER NOT NULL,
    yielded      INTEGER NOT NULL,
    PRIMARY KEY (account, who)
) WITHOUT ROWID;

-- The watchdog acts in the engine's place; one row per time. The engine adopts it when it is back.
CREATE TABLE takeovers (
    account    TEXT    NOT NULL,
    generation INTEGER NOT NULL,
    reason     TEXT    NOT NULL,
    at_us      INTEGER NOT NULL,
    state      TEXT    NOT NULL,
    PRIMARY KEY (account, generation)
) WITHOUT ROWID;

-- The watchdog's intents, durable before they leave.
CREATE TABLE takeover_orders (
    account         TEXT    NOT NULL,
    client_order_id TEXT    NOT NULL,
    generation      INTEGER NOT NULL,
    at_us           INTEGER NOT NULL,
    body            TEXT    NOT NULL,
    status          TEXT    NOT NULL,
    executed        TEXT    NOT NULL,
    PRIMARY KEY (account, client_order_id)
) WITHOUT ROWID;
CREATE INDEX takeover_orders_of ON takeover_orders (account, generation);

-- What the day's loss is counted from, by the watchdog's own reading.
CREATE TABLE baselines (
    account TEXT    NOT NULL,
    day     TEXT    NOT NULL,
    at_us   INTEGER NOT NULL,
    body    TEXT    NOT NULL,
    PRIMARY KEY (account, day)
) WITHOUT ROWID;
