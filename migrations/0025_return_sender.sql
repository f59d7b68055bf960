-- Whom reports are passed on to: the senders' own addresses, by the number that return addresses name.
CREATE TABLE return_sender (
    id BIGINT NOT NULL PRIMARY KEY,
    -- Keyed hash of the address.
    key BYTEA NOT NULL UNIQUE,
    -- Sealed.
    address BYTEA NOT NULL,
    used_at BIGINT NOT NULL
);
CREATE INDEX return_sender_used ON return_sender (used_at);
