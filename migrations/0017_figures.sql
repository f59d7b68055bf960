-- What those who run the relay see: figures, and who sends.

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

-- From where a login sent last, and with what.
CREATE TABLE sender_seen (
    login TEXT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    -- Sealed JSON: address, name in EHLO, the tool as its messages call it.
    told BYTEA NOT NULL
);
