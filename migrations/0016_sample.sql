-- Of messages that were refused and advertise: one for each campaign, rule and day, for a time, so
-- that staff see what was kept from people. All other refused ones are kept nowhere.
CREATE TABLE sample (
    -- The message's, as in the journal.
    id UUID NOT NULL PRIMARY KEY,
    campaign BIGINT NOT NULL,
    rule TEXT NOT NULL,
    -- Days since 1970 (UTC).
    day BIGINT NOT NULL,
    at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    controller TEXT NOT NULL,
    login TEXT NOT NULL,
    -- Sealed: the key of its bytes.
    key BYTEA NOT NULL,
    -- Sealed with that key.
    bytes BYTEA NOT NULL,
    UNIQUE (campaign, rule, day)
);
CREATE INDEX sample_expires ON sample (expires_at);

-- By whose key: who is erased takes the sample along.
CREATE TABLE sample_recipient (
    recipient BYTEA NOT NULL,
    sample UUID NOT NULL REFERENCES sample (id),
    PRIMARY KEY (recipient, sample)
)
--sqlite WITHOUT ROWID
;
CREATE INDEX sample_recipient_sample ON sample_recipient (sample);
