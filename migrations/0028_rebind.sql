-- Orders to send what waits another way.

-- The route of relay.toml that a person ordered; none: the one that relay.toml chooses.
ALTER TABLE delivery ADD COLUMN route TEXT;
CREATE INDEX delivery_rebound ON delivery (route) WHERE route IS NOT NULL;

-- One more word in a CHECK, which SQLite never changes: the table is made anew.
DROP INDEX queue_order_live;
ALTER TABLE queue_order RENAME TO queue_order_before;
CREATE TABLE queue_order (
    id UUID NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    what TEXT NOT NULL
    CHECK (what = 'pause' OR what = 'retry' OR what = 'bounce' OR what = 'rebind'),
    -- About which: all that is named has to be the delivery's own.
    domain BIGINT,
    stream TEXT,
    login TEXT,
    delivery UUID,
    -- Sealed JSON: why, and the domain's name.
    told BYTEA NOT NULL,
    -- Of a pause.
    until BIGINT,
    -- Of a rebind; none: as relay.toml chooses.
    route TEXT,
    -- The last delivery that was looked at, how many were met since the first, and how many in all.
    after UUID NOT NULL,
    met BIGINT NOT NULL,
    done BIGINT NOT NULL,
    ended_at BIGINT
);
INSERT INTO queue_order
(id, at, actor, what, domain, stream, login, delivery, told, until, after, met, done, ended_at)
SELECT id, at, actor, what, domain, stream, login, delivery, told, until, after, met, done, ended_at
FROM queue_order_before;
DROP TABLE queue_order_before;
CREATE INDEX queue_order_live ON queue_order (id) WHERE ended_at IS NULL;
