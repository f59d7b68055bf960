-- Purposes, contacts and what they said. One text for SQLite and PostgreSQL: a line that begins
-- with `--sqlite ` or `--postgres ` is for that one alone. Times are unix milliseconds.

-- What holds for the whole installation: the fingerprint of its secret.
CREATE TABLE meta (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- The head of each hash chain. One writer, one chain, so that writers never wait for each other.
CREATE TABLE chain (
    id BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    head_seq BIGINT NOT NULL,
    head_hash BYTEA NOT NULL
);

CREATE TABLE purpose (
    id TEXT NOT NULL PRIMARY KEY,
    controller TEXT NOT NULL,
    name TEXT NOT NULL,
    basis TEXT NOT NULL CHECK (basis IN ('consent', 'contract', 'legal-obligation',
        'vital-interest', 'public-interest', 'legitimate-interest')),
    counts_from TEXT NOT NULL CHECK (counts_from IN ('grant', 'activity')),
    -- ISO 8601.
    duration TEXT NOT NULL,
    note TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- The only table that holds an address; none where only the key is known (a click on a link). An
-- erasure removes address and salt; the key stays while a refusal stands.
CREATE TABLE contact (
    id UUID NOT NULL PRIMARY KEY,
    key BYTEA NOT NULL UNIQUE,
    address TEXT,
    salt BYTEA,
    country TEXT,
    created_at BIGINT NOT NULL,
    last_activity BIGINT,
    erased_at BIGINT,
    CHECK (erased_at IS NULL OR (address IS NULL AND salt IS NULL))
);

-- Append-only, hash-chained. `detail` holds no personal data; `evidence` may, and the chain runs
-- over its salted commitment only.
CREATE TABLE consent_event (
    chain BIGINT NOT NULL REFERENCES chain (id),
    seq BIGINT NOT NULL,
    contact UUID NOT NULL REFERENCES contact (id),
    kind TEXT NOT NULL CHECK (kind IN ('granted', 'refused', 'withdrawn', 'relation',
        'activity', 'corrected', 'erased')),
    controller TEXT NOT NULL,
    purpose TEXT,
    -- When it happened, and when it was written down.
    at BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    detail TEXT NOT NULL,
    evidence TEXT,
    commitment BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (chain, seq)
);
CREATE INDEX consent_event_contact ON consent_event (contact);

-- The current state, made of the events.
CREATE TABLE grant_now (
    contact UUID NOT NULL REFERENCES contact (id),
    purpose TEXT NOT NULL REFERENCES purpose (id),
    valid_from BIGINT NOT NULL,
    valid_until BIGINT NOT NULL,
    method TEXT NOT NULL CHECK (method IN ('form', 'double-opt-in', 'import', 'api', 'manual',
        'chat', 'order', 'renewal-click', 'preticked')),
    source TEXT NOT NULL CHECK (source IN ('own', 'purchased', 'public', 'scraped')),
    withdrawn_at BIGINT,
    chain BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (contact, purpose, valid_from)
)
--sqlite WITHOUT ROWID
;

-- `scope` is a purpose, or empty for everything of the controller.
CREATE TABLE refusal_now (
    contact UUID NOT NULL REFERENCES contact (id),
    controller TEXT NOT NULL,
    scope TEXT NOT NULL,
    since BIGINT NOT NULL,
    chain BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (contact, controller, scope)
)
--sqlite WITHOUT ROWID
;

CREATE TABLE relation_now (
    contact UUID NOT NULL REFERENCES contact (id),
    chain BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    controller TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('purchase', 'contract', 'enquiry')),
    at BIGINT NOT NULL,
    ended_at BIGINT,
    -- A JSON list.
    categories TEXT NOT NULL,
    wide_assortment BIGINT NOT NULL CHECK (wide_assortment IN (0, 1)),
    objection_offered BIGINT NOT NULL CHECK (objection_offered IN (0, 1)),
    PRIMARY KEY (contact, chain, seq)
)
--sqlite WITHOUT ROWID
;
