-- People who work with the console: their accounts, roles, sessions and links, and what they did.

CREATE TABLE account (
    id UUID NOT NULL PRIMARY KEY,
    -- By which its owner signs in.
    name TEXT NOT NULL UNIQUE,
    -- Sealed; null where nobody said.
    email BYTEA,
    -- PHC string of argon2id; null until the owner has chosen a password.
    hash TEXT,
    -- Sealed: the secret of the second factor (RFC 6238), and the newest step that was used.
    totp BYTEA,
    totp_step BIGINT NOT NULL DEFAULT 0,
    -- `cs`: of the console.
    language TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    disabled_at BIGINT,
    last_sign_in_at BIGINT
);

-- What an account may do, for one controller or (empty) for all.
CREATE TABLE account_role (
    account UUID NOT NULL REFERENCES account (id),
    role TEXT NOT NULL CHECK (
        role = 'admin'
        OR role = 'reviewer'
        OR role = 'dpo'
        OR role = 'auditor'
        OR role = 'sender'
    ),
    controller TEXT NOT NULL,
    PRIMARY KEY (account, role, controller)
)
--sqlite WITHOUT ROWID
;

-- The logins of mailing tools whose messages are an account's own.
CREATE TABLE account_login (
    account UUID NOT NULL REFERENCES account (id),
    login TEXT NOT NULL,
    PRIMARY KEY (account, login)
)
--sqlite WITHOUT ROWID
;

-- Keyed hashes; a code that is used is gone.
CREATE TABLE recovery_code (
    account UUID NOT NULL REFERENCES account (id),
    code BYTEA NOT NULL,
    PRIMARY KEY (account, code)
)
--sqlite WITHOUT ROWID
;

CREATE TABLE staff_session (
    -- SHA-256 of the token's 256 random bits.
    token BYTEA NOT NULL PRIMARY KEY,
    -- By which its owner ends it.
    id UUID NOT NULL UNIQUE,
    account UUID NOT NULL REFERENCES account (id),
    -- What was proved.
    how TEXT NOT NULL CHECK (
        how = 'password' OR how = 'link' OR how = 'totp' OR how = 'code' OR how = 'provider'
    ),
    opened_at BIGINT NOT NULL,
    -- To the minute.
    seen_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    -- Sealed JSON: address and program.
    client BYTEA NOT NULL
);
CREATE INDEX staff_session_account ON staff_session (account);

-- Links that are followed once.
CREATE TABLE staff_link (
    -- SHA-256 of the token's 256 random bits.
    token BYTEA NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL CHECK (
        purpose = 'first' OR purpose = 'password' OR purpose = 'password-and-factor'
    ),
    account UUID REFERENCES account (id),
    ends_at BIGINT NOT NULL,
    CHECK ((account IS NULL) = (purpose = 'first'))
);

-- Failures to sign in, by name (known or not) and by network address: keyed hashes of either.
CREATE TABLE staff_failure (
    who BYTEA NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    locked_until BIGINT NOT NULL,
    forgotten_at BIGINT NOT NULL
);
CREATE INDEX staff_failure_forgotten ON staff_failure (forgotten_at);

-- What staff did, saw and exported: append-only, hash-chained. The address is not in the chain: it is
-- sealed about its line, and may be forgotten before it.
CREATE TABLE audit (
    chain BIGINT NOT NULL REFERENCES chain (id),
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    -- `staff/<account>`, `cli`, `nobody`.
    actor TEXT NOT NULL,
    act TEXT NOT NULL,
    -- What it was done to: `account/<id>`, `message/<id>`; or empty.
    subject TEXT NOT NULL,
    -- Or empty.
    controller TEXT NOT NULL,
    -- JSON: before and after, why, how many. No personal data.
    detail TEXT NOT NULL,
    -- Sealed.
    ip BYTEA,
    hash BYTEA NOT NULL,
    PRIMARY KEY (chain, seq)
);
CREATE INDEX audit_actor ON audit (actor, seq);
CREATE INDEX audit_act ON audit (act, seq);
CREATE INDEX audit_subject ON audit (subject, seq);
