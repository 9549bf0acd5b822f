-- How an alert stands with each channel. outbox.result is what it comes to: null while one of the
-- channels in use still has to take it, then 'sent' if any took it. A channel that is set up later
-- gets what waits then, and nothing of before.
CREATE TABLE deliveries (
    alert_id   INTEGER NOT NULL REFERENCES outbox (id),
    channel    TEXT    NOT NULL,
    attempts   INTEGER NOT NULL DEFAULT 0,
    next_at_us INTEGER,
    result     TEXT,
    PRIMARY KEY (alert_id, channel)
) WITHOUT ROWID;

-- Until now there was one channel.
INSERT INTO deliveries (alert_id, channel, attempts, next_at_us, result)
SELECT id, 'discord', attempts, next_at_us, result FROM outbox
WHERE result IS NOT NULL OR attempts > 0;

DROP VIEW v_alerts;
ALTER TABLE outbox DROP COLUMN attempts;
ALTER TABLE outbox DROP COLUMN next_at_us;

CREATE VIEW v_alerts AS
SELECT o.account, o.id AS seq, o.at_us, o.kind, o.urgent, o.fields,
       (SELECT coalesce(max(d.attempts), 0) FROM deliveries AS d WHERE d.alert_id = o.id) AS attempts,
       (SELECT min(d.next_at_us) FROM deliveries AS d WHERE d.alert_id = o.id) AS next_at_us,
       o.result
FROM outbox AS o;

CREATE VIEW v_deliveries AS
SELECT o.account, o.id AS seq, d.channel, d.attempts, d.next_at_us, d.result
FROM deliveries AS d JOIN outbox AS o ON o.id = d.alert_id;
