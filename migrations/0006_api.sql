-- Who may use the JSON API, and its answers to requests that may come twice.

CREATE TABLE api_key (
    -- The part of the token that is no secret.
    id TEXT NOT NULL PRIMARY KEY,
    -- A key sees one controller's data alone.
    controller TEXT NOT NULL,
    -- What it is for, as the admin calls it.
    name TEXT NOT NULL,
    -- Words with spaces between.
    scopes TEXT NOT NULL,
    -- SHA-256 of the token's 256 random bits.
    hash BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT,
    -- To the minute.
    last_used_at BIGINT
);

-- The answer to a request that named an Idempotency-Key; rows of yesterday go.
CREATE TABLE api_answer (
    api_key TEXT NOT NULL,
    -- Keyed hash of the name that the client gave.
    name BYTEA NOT NULL,
    -- The same of method, path and body.
    request BYTEA NOT NULL,
    at BIGINT NOT NULL,
    -- Null while it is being answered.
    status BIGINT,
    kind TEXT,
    -- Sealed.
    body BYTEA,
    PRIMARY KEY (api_key, name)
)
--sqlite WITHOUT ROWID
;
CREATE INDEX api_answer_at ON api_answer (at);
