-- Letters that may mean no: until staff have read them, and for a while after.
CREATE TABLE wish (
    id UUID NOT NULL PRIMARY KEY,
    -- Digest of the letter and of what it answers: one that comes twice is one.
    same BYTEA NOT NULL UNIQUE,
    at BIGINT NOT NULL,
    -- The message that it answers.
    message UUID NOT NULL,
    controller TEXT NOT NULL,
    stream TEXT NOT NULL,
    login TEXT NOT NULL,
    -- Keyed hash of the writer's address; NULL: it is none of the message's recipients.
    recipient BYTEA,
    -- Sealed JSON: header and words.
    told BYTEA NOT NULL,
    read_at BIGINT,
    reader TEXT,
    -- What it meant: `*` no more mail at all, a purpose's id; NULL: nothing of the kind.
    scope TEXT,
    CHECK ((read_at IS NULL) = (reader IS NULL))
);
CREATE INDEX wish_unread ON wish (message) WHERE read_at IS NULL;
CREATE INDEX wish_read ON wish (read_at) WHERE read_at IS NOT NULL;
CREATE INDEX wish_recipient ON wish (recipient);
