-- What was decided and done: append-only, hash-chained; nothing reads it to decide.

CREATE TABLE journal (
    -- Of table chain, which nothing is ever taken from. No foreign key: to check one for each line
    -- costs more than to write the line.
    chain BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    id UUID NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    message UUID,
    delivery UUID,
    -- The contact's key, never the address.
    recipient BYTEA,
    -- JSON.
    detail TEXT NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (chain, seq)
);
-- Ids sort by time, so these grow at their end; only the last one is written all over.
CREATE INDEX journal_id ON journal (id);
CREATE INDEX journal_message ON journal (message);
CREATE INDEX journal_recipient ON journal (recipient) WHERE kind = 'decided';

-- Each policy.toml that was in force, so that a verdict can be taken again. Several relays share one.
CREATE TABLE policy (
    -- As verdicts name it.
    version TEXT NOT NULL PRIMARY KEY,
    text TEXT NOT NULL,
    -- The release whose rules and packs it was in force with.
    program TEXT NOT NULL,
    first_at BIGINT NOT NULL,
    -- When it last came into force.
    last_at BIGINT NOT NULL
);
