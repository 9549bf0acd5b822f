-- Whose an account is. The epoch is that of its last opening by a writer; how often the holder
-- renews stands in a small file beside the store, which costs no page of the log.
CREATE TABLE leases (
    account       TEXT    NOT NULL PRIMARY KEY,
    epoch         INTEGER NOT NULL,
    machine       TEXT    NOT NULL DEFAULT '',
    boot          TEXT    NOT NULL DEFAULT '',
    pid_namespace TEXT    NOT NULL DEFAULT '',
    pid           INTEGER NOT NULL DEFAULT 0,
    started       INTEGER NOT NULL DEFAULT 0,
    has_lock      INTEGER NOT NULL DEFAULT 0,
    reason        TEXT    NOT NULL DEFAULT '',
    at_us         INTEGER NOT NULL DEFAULT 0,
    released      INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
INSERT INTO leases (account, epoch, released) SELECT account, max(epoch), 1 FROM epochs GROUP BY account;

-- The fence: a row of anybody but the holder is refused in the transaction that would write it.
CREATE TRIGGER journal_by_the_holder BEFORE INSERT ON journal
WHEN NEW.epoch <> (SELECT epoch FROM leases WHERE account = NEW.account)
BEGIN SELECT RAISE(ABORT, 'the account has another holder'); END;
