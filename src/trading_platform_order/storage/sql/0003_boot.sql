-- Where and since which boot of the machine a writer ran: after a loss of power, on another machine
-- or over a restored backup, rows may be missing that were acted on. Empty: not known.
ALTER TABLE epochs ADD COLUMN machine TEXT NOT NULL DEFAULT '';
ALTER TABLE epochs ADD COLUMN boot TEXT NOT NULL DEFAULT '';
