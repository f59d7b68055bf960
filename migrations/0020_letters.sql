-- What the relay tells its staff, and what they tell it.

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

-- Where a person said that the program took a message for what it is not. Without a word of the message.
CREATE TABLE mistake (
    id UUID NOT NULL PRIMARY KEY,
    message UUID NOT NULL,
    -- Or empty.
    rule TEXT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    controller TEXT NOT NULL,
    login TEXT NOT NULL,
    stream TEXT NOT NULL,
    -- 0: not known.
    campaign BIGINT NOT NULL,
    -- The class that it was taken for.
    took TEXT NOT NULL,
    -- The class that it is; null: that one is right, and the rule is wrong.
    is_class TEXT,
    -- JSON: names of signs, for which class they speak, how strongly.
    signs TEXT NOT NULL,
    UNIQUE (message, rule)
);
CREATE INDEX mistake_rule ON mistake (rule, id);
