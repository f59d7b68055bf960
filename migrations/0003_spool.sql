-- Messages on their way, and their state: the only mutable truth.

-- A running relay. What it has claimed is its own until `alive_until`, which it moves ahead.
CREATE TABLE node (
    id UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    alive_until BIGINT NOT NULL,
    -- Ids of the newest data key that it has, and of the one that it seals with.
    newest_key BIGINT NOT NULL,
    sealing_key BIGINT NOT NULL
);

-- A message as it came, and all that its deliveries share.
CREATE TABLE message (
    id UUID NOT NULL PRIMARY KEY,
    received_at BIGINT NOT NULL,
    login TEXT NOT NULL,
    -- Sealed: the key of its bytes, and as JSON the sender, the parameters and the trace header.
    envelope BYTEA NOT NULL,
    stream TEXT NOT NULL,
    declared TEXT,
    class TEXT NOT NULL,
    policy_version TEXT NOT NULL,
    recipients BIGINT NOT NULL,
    size_bytes BIGINT NOT NULL,
    -- Its bytes, sealed with its own key, or where they are: a segment file and the place in it.
    bytes BYTEA,
    segment BIGINT,
    place BIGINT
)
--sqlite WITHOUT ROWID
;
-- Mail hardly shrinks, and squeezing it costs more than the disk; a small one is one row.
--postgres ALTER TABLE message ALTER COLUMN bytes SET STORAGE EXTERNAL;
--postgres ALTER TABLE message SET (toast_tuple_target = 8160);

CREATE TABLE delivery (
    id UUID NOT NULL PRIMARY KEY,
    -- No foreign key, for what it costs: a message comes in one transaction with its deliveries,
    -- and goes in the one that finds none left.
    message UUID NOT NULL,
    -- Sealed JSON: path, NOTIFY, ORCPT.
    recipient BYTEA NOT NULL,
    key BYTEA NOT NULL,
    state TEXT NOT NULL CHECK (state = 'ready' OR state = 'claimed' OR state = 'held'),
    due_at BIGINT NOT NULL,
    node UUID,
    action TEXT NOT NULL,
    edits TEXT NOT NULL,
    rule TEXT,
    waiver TEXT,
    attempts BIGINT NOT NULL CHECK (attempts >= 0),
    expires_at BIGINT NOT NULL,
    -- Sealed: what a peer said.
    last BYTEA,
    CHECK ((state = 'claimed') = (node IS NOT NULL)),
    -- By a rule, or because its edits cannot be made: `last` says why not.
    CHECK (state <> 'held' OR rule IS NOT NULL OR last IS NOT NULL)
)
--sqlite WITHOUT ROWID
;
-- Most deliveries are claimed from their first moment to their last, and touch neither of these.
-- Statements name the state in their text, or the index is not for them.
CREATE INDEX delivery_due ON delivery (due_at, message) WHERE state = 'ready';
CREATE INDEX delivery_held ON delivery (id) WHERE state = 'held';
CREATE INDEX delivery_message ON delivery (message);
