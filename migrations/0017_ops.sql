-- What those who run the relay see and stop: figures, the queue by destination, senders, nodes.

-- What became of what was sent, in each hour (UTC, hours since 1970). Made of the journal.
CREATE TABLE outcome_count (
    hour BIGINT NOT NULL,
    stream TEXT NOT NULL,
    login TEXT NOT NULL,
    -- The journal's word.
    kind TEXT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (hour, stream, login, kind)
)
--sqlite WITHOUT ROWID
;

-- How long it took from a refusal to its record; what staff did within a time.
CREATE INDEX consent_event_refused ON consent_event (controller, recorded_at)
WHERE kind = 'refused';
CREATE INDEX audit_at ON audit (at);

-- Of the recipient's domain a keyed hash: the queue is told apart by it, and nothing in the clear
-- says to whom mail goes (a domain may be one person's own). What is shown is opened from one of the
-- recipients. 0: it came before there was this column.
ALTER TABLE delivery ADD COLUMN destination BIGINT NOT NULL DEFAULT 0;
-- With the destination, so that what is paused is passed over without a look at its row.
DROP INDEX delivery_due;
CREATE INDEX delivery_due ON delivery (due_at, message, destination) WHERE state = 'ready';

-- Domains to which nothing goes until somebody says so.
CREATE TABLE pause (
    -- As deliveries have it.
    destination BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    -- `staff/<account>`, `cli`.
    actor TEXT NOT NULL,
    -- Sealed JSON: the domain, and why.
    told BYTEA NOT NULL
);

-- From where a login sent last, and with what.
CREATE TABLE sender_seen (
    login TEXT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    -- Sealed JSON: address, name in EHLO, the tool as its messages call it.
    told BYTEA NOT NULL
);

-- Which release and which policy a relay runs, and since when.
ALTER TABLE node ADD COLUMN version TEXT NOT NULL DEFAULT '';
ALTER TABLE node ADD COLUMN policy TEXT NOT NULL DEFAULT '';
ALTER TABLE node ADD COLUMN started_at BIGINT NOT NULL DEFAULT 0;

-- Who is told by mail of what waits for a person, and when they were told last.
CREATE TABLE digest (
    account UUID NOT NULL PRIMARY KEY REFERENCES account (id),
    -- The hour of their day; null: not daily.
    hour BIGINT CHECK (hour >= 0 AND hour < 24),
    -- At once where more than so many wait; null: never.
    above BIGINT CHECK (above >= 0),
    daily_at BIGINT NOT NULL DEFAULT 0,
    -- How many waited when they were told at once; 0 again when it is less than they bear.
    told BIGINT NOT NULL DEFAULT 0
);

-- What a webhook is told that is no event of the ledger: it has no personal data.
ALTER TABLE webhook_delivery ADD COLUMN body TEXT;
