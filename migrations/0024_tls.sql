-- What recipient domains ask of TLS, and what became of it. A domain stands here as a keyed hash: that
-- of a small business may name a person.

-- Policies by MTA-STS (RFC 8461), until they end.
CREATE TABLE sts_policy (
    domain BYTEA NOT NULL PRIMARY KEY,
    -- Sealed JSON: the id that announced it, and its text.
    told BYTEA NOT NULL,
    fetched_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL
);
CREATE INDEX sts_policy_ends ON sts_policy (ends_at);

-- Sessions with domains that want reports about TLS (RFC 8460), until they are reported.
CREATE TABLE tls_count (
    -- Keyed hash of all but the count.
    id BYTEA NOT NULL PRIMARY KEY,
    -- Days since 1970-01-01, in UTC.
    day BIGINT NOT NULL,
    domain BYTEA NOT NULL,
    -- Sealed JSON: the domain, the policy that counted, and what failed.
    told BYTEA NOT NULL,
    count BIGINT NOT NULL
);
CREATE INDEX tls_count_day ON tls_count (day, domain);
