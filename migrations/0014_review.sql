-- What people do about deliveries that are held.

-- Which sending a message is of, as the journal's lines name it; 0: not known.
ALTER TABLE message ADD COLUMN campaign BIGINT NOT NULL DEFAULT 0;

-- A delivery that waits for a person: comes when it is held and goes when it leaves or is released.
CREATE TABLE held (
    -- Of the delivery.
    id UUID NOT NULL PRIMARY KEY,
    message UUID NOT NULL,
    -- Since when.
    at BIGINT NOT NULL,
    stream TEXT NOT NULL,
    login TEXT NOT NULL,
    class TEXT NOT NULL,
    -- Empty where its edits cannot be made.
    rule TEXT NOT NULL,
    campaign BIGINT NOT NULL,
    -- The contact's.
    key BYTEA NOT NULL,
    -- Who looks at it (`staff/<account>`), and until when nobody else decides.
    locked_by TEXT,
    locked_until BIGINT,
    -- What somebody proposed, where two people have to agree, and until when it stands.
    proposed_by TEXT,
    proposed_at BIGINT,
    proposed_until BIGINT,
    -- `as-is`, `repaired`.
    proposed_way TEXT,
    proposed_code TEXT,
    -- Sealed.
    proposed_reason BYTEA,
    CHECK ((locked_by IS NULL) = (locked_until IS NULL)),
    CHECK ((proposed_by IS NULL) = (proposed_until IS NULL))
)
--sqlite WITHOUT ROWID
;
CREATE INDEX held_group ON held (campaign, rule, stream, login, class, at);
CREATE INDEX held_message ON held (message);
CREATE INDEX held_at ON held (at);
CREATE INDEX held_key ON held (key);
CREATE INDEX held_locked ON held (locked_by) WHERE locked_by IS NOT NULL;
CREATE INDEX held_proposed ON held (proposed_until) WHERE proposed_until IS NOT NULL;

INSERT INTO held (id, message, at, stream, login, class, rule, campaign, key)
SELECT d.id, d.message, m.received_at, m.stream, m.login, m.class, COALESCE(d.rule, ''), 0, d.key
FROM delivery d JOIN message m ON m.id = d.message WHERE d.state = 'held';

-- What people said to each other about one. Goes with it.
CREATE TABLE held_comment (
    id UUID NOT NULL PRIMARY KEY,
    held UUID NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    -- Sealed: it may name people.
    text BYTEA NOT NULL
);
CREATE INDEX held_comment_held ON held_comment (held, id);

-- The same word for many held deliveries.
CREATE TABLE held_bulk (
    id UUID NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    -- Until when it may be begun.
    until BIGINT NOT NULL,
    what TEXT NOT NULL,
    code TEXT NOT NULL,
    -- Sealed.
    reason BYTEA NOT NULL,
    state TEXT NOT NULL CHECK (
        state = 'trying'
        OR state = 'tried'
        OR state = 'proposed'
        OR state = 'running'
        OR state = 'done'
        OR state = 'cancelled'
    ),
    -- Who agreed to it, where two people have to.
    second TEXT,
    ended_at BIGINT
);
CREATE INDEX held_bulk_live ON held_bulk (id) WHERE state = 'trying' OR state = 'running';

CREATE TABLE held_bulk_item (
    bulk UUID NOT NULL,
    -- Deliveries of one message come together.
    message UUID NOT NULL,
    held UUID NOT NULL,
    stream TEXT NOT NULL,
    login TEXT NOT NULL,
    -- What would come of it, and what came of it.
    tried TEXT,
    came TEXT,
    PRIMARY KEY (bulk, message, held)
)
--sqlite WITHOUT ROWID
;
