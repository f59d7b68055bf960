-- What the relay writes to its staff.

-- Since when it is known that the account's owner reads what is sent to its address; null: unknown.
ALTER TABLE account ADD COLUMN email_confirmed_at BIGINT;

-- The one link that lies in the account's mailbox, by which its owner says so.
CREATE TABLE account_email_link (
    account UUID NOT NULL PRIMARY KEY REFERENCES account (id),
    -- SHA-256 of the token's 256 random bits.
    token BYTEA NOT NULL,
    made_at BIGINT NOT NULL
);

-- The letters that an account wants. Without a row: none of that kind.
CREATE TABLE account_letter (
    account UUID NOT NULL REFERENCES account (id),
    what TEXT NOT NULL,
    rhythm TEXT NOT NULL,
    -- The moment that the last one was for, whether there was something to say or not.
    last_at BIGINT NOT NULL,
    PRIMARY KEY (account, what)
)
--sqlite WITHOUT ROWID
;

-- Of an event that tells of many lines of the journal: up to which one of its chain they were looked for.
ALTER TABLE webhook_delivery ADD COLUMN upto BIGINT;
