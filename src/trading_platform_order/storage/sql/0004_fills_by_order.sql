-- An execution is named by its order as well: a simulated exchange that began its trade ids anew
-- had its fills dropped. What was dropped is in the journal, so every read model is told again
-- from the first row, by the next start of the engine.
DROP VIEW v_fills;
DROP TABLE fills;
CREATE TABLE fills (
    account           TEXT    NOT NULL,
    exchange          TEXT    NOT NULL,
    symbol            TEXT    NOT NULL,
    client_order_id   TEXT    NOT NULL,
    exchange_trade_id TEXT    NOT NULL,
    seq               INTEGER NOT NULL,
    trade_id          TEXT    NOT NULL,
    leg               TEXT    NOT NULL,
    side              TEXT    NOT NULL,
    quantity          TEXT    NOT NULL,
    price             TEXT    NOT NULL,
    fee               TEXT    NOT NULL,
    fee_asset         TEXT    NOT NULL,
    at                TEXT    NOT NULL,
    fee_quote         TEXT,
    PRIMARY KEY (account, exchange, symbol, client_order_id, exchange_trade_id)
) WITHOUT ROWID;
CREATE INDEX fills_by_seq ON fills (account, seq);
CREATE INDEX fills_of_order ON fills (account, client_order_id);

CREATE VIEW v_fills AS
SELECT f.account, f.seq, f.exchange, f.symbol, f.exchange_trade_id, f.client_order_id, f.trade_id,
       t.signal_id, t.strategy, f.leg, o.purpose, f.side, f.quantity, f.price, f.fee, f.fee_asset,
       f.at, f.fee_quote
FROM fills AS f
LEFT JOIN orders AS o ON o.account = f.account AND o.client_order_id = f.client_order_id
LEFT JOIN trades AS t ON t.account = f.account AND t.trade_id = f.trade_id;

DELETE FROM signals;
DELETE FROM trades;
DELETE FROM orders;
DELETE FROM positions;
DELETE FROM equity;
DELETE FROM refusals;
DELETE FROM funding;
DELETE FROM transfers;
DELETE FROM projection;
