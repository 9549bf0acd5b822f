-- An operator has seen an alert: what repeats its incident is not sent any more.
CREATE TABLE acknowledgements (
    alert_id INTEGER NOT NULL PRIMARY KEY REFERENCES outbox (id),
    at_us    INTEGER NOT NULL
);

DROP VIEW v_alerts;

CREATE VIEW v_alerts AS
SELECT o.account, o.id AS seq, o.at_us, o.kind, o.urgent, o.fields,
       (SELECT coalesce(max(d.attempts), 0) FROM deliveries AS d WHERE d.alert_id = o.id) AS attempts,
       (SELECT min(d.next_at_us) FROM deliveries AS d WHERE d.alert_id = o.id) AS next_at_us,
       o.result,
       (SELECT a.at_us FROM acknowledgements AS a WHERE a.alert_id = o.id) AS acknowledged_at_us
FROM outbox AS o;
