-- What a form collected and nobody confirmed yet. It opens only with the link that was sent to the
-- address; after the click, or after its time, the sealed bytes are gone.
CREATE TABLE pending (
    id UUID NOT NULL PRIMARY KEY,
    controller TEXT NOT NULL,
    form TEXT NOT NULL,
    -- Of the address: one letter of a form to one address within a time.
    key BYTEA NOT NULL,
    -- Null once it is confirmed.
    sealed BYTEA,
    asked_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    confirmed_at BIGINT,
    -- Sent without an answer: the next one waits the longer.
    letters BIGINT NOT NULL,
    UNIQUE (controller, form, key),
    CHECK ((sealed IS NULL) = (confirmed_at IS NOT NULL))
);
CREATE INDEX pending_expires ON pending (expires_at);
