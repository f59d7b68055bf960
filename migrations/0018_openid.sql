-- Who an account is at the organisation's own sign-in.
CREATE TABLE account_identity (
    account UUID NOT NULL PRIMARY KEY REFERENCES account (id),
    -- Keyed hash of the provider and its own name for the person.
    identity BYTEA NOT NULL UNIQUE,
    bound_at BIGINT NOT NULL
);
