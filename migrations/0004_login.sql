-- The credentials of mailing tools. Times are unix milliseconds.

CREATE TABLE login (
    name TEXT NOT NULL PRIMARY KEY,
    -- A JSON array of patterns.
    senders TEXT NOT NULL,
    refusals TEXT NOT NULL CHECK (refusals = 'reply' OR refusals = 'suppress'),
    mixed TEXT NOT NULL CHECK (mixed = 'split' OR mixed = 'refuse'),
    -- PHC string of argon2id; the keys of SCRAM-SHA-256.
    hash TEXT NOT NULL,
    scram TEXT NOT NULL,
    disabled BIGINT NOT NULL CHECK (disabled = 0 OR disabled = 1),
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    last_used_at BIGINT
);
