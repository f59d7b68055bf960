-- Who is told of events over HTTP, and what became of it.

CREATE TABLE webhook (
    id UUID NOT NULL PRIMARY KEY,
    -- It hears of this controller's contacts alone.
    controller TEXT NOT NULL,
    url TEXT NOT NULL,
    -- Words with spaces between.
    events TEXT NOT NULL,
    -- Whether it is told the address, and not the contact's key alone.
    address BIGINT NOT NULL CHECK (address = 0 OR address = 1),
    created_at BIGINT NOT NULL,
    -- Attempts in a row that failed, since when, and until when it is left alone.
    failures BIGINT NOT NULL DEFAULT 0,
    failing_since BIGINT,
    rest_until BIGINT NOT NULL DEFAULT 0,
    -- From then on it is told nothing, and why.
    off_at BIGINT,
    off_why TEXT
);

-- What its requests are signed with; two count while a new one is being put to use.
CREATE TABLE webhook_secret (
    webhook UUID NOT NULL REFERENCES webhook (id),
    made_at BIGINT NOT NULL,
    -- Sealed.
    secret BYTEA NOT NULL,
    -- Null: until there is a newer one.
    until BIGINT,
    PRIMARY KEY (webhook, made_at)
)
--sqlite WITHOUT ROWID
;

-- How far in each chain of consent's events it has been told. Without a row: from the beginning.
CREATE TABLE webhook_seen (
    webhook UUID NOT NULL REFERENCES webhook (id),
    chain BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (webhook, chain)
)
--sqlite WITHOUT ROWID
;

-- One event for one webhook. What is told is made of the event anew for each attempt.
CREATE TABLE webhook_delivery (
    id UUID NOT NULL PRIMARY KEY,
    webhook UUID NOT NULL REFERENCES webhook (id),
    event TEXT NOT NULL,
    -- Null for a test.
    chain BIGINT,
    seq BIGINT,
    created_at BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state = 'waiting' OR state = 'taken' OR state = 'given-up'),
    attempts BIGINT NOT NULL DEFAULT 0,
    -- Not before. Whoever makes an attempt moves it ahead, so that nobody else makes it, too.
    next_at BIGINT NOT NULL,
    -- Of the last attempt.
    tried_at BIGINT,
    UNIQUE (webhook, chain, seq)
);
CREATE INDEX webhook_due ON webhook_delivery (webhook, next_at) WHERE state = 'waiting';

CREATE TABLE webhook_attempt (
    delivery UUID NOT NULL REFERENCES webhook_delivery (id),
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    -- The answer's; null where none came.
    status BIGINT,
    ms BIGINT NOT NULL,
    -- Why it failed.
    error TEXT,
    PRIMARY KEY (delivery, number)
)
--sqlite WITHOUT ROWID
;
CREATE INDEX webhook_attempt_at ON webhook_attempt (at);

-- Whom an erasure was of, until every webhook that hears of erasures was told.
CREATE TABLE farewell (
    contact UUID NOT NULL PRIMARY KEY REFERENCES contact (id),
    -- As it was before.
    key BYTEA NOT NULL,
    -- Sealed; null where no webhook is told addresses.
    address BYTEA,
    at BIGINT NOT NULL,
    -- Of the erasure's event.
    chain BIGINT NOT NULL,
    seq BIGINT NOT NULL
);

-- What others reported within the last day: the same body grants once. A refusal needs none of it.
CREATE TABLE hook_seen (
    controller TEXT NOT NULL,
    hook TEXT NOT NULL,
    -- Keyed hash of the body: one that names a single address could be guessed.
    body BYTEA NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (controller, hook, body)
)
--sqlite WITHOUT ROWID
;
CREATE INDEX hook_seen_at ON hook_seen (at);
