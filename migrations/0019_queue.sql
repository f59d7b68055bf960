-- What people see of the queue, and their orders about it.

-- By what the queue is grouped, so that a list of it reads no messages. The recipient's domain is a
-- keyed hash, 0 where it is not known yet: its name is read in a recipient.
ALTER TABLE delivery ADD COLUMN domain BIGINT NOT NULL DEFAULT 0;
ALTER TABLE delivery ADD COLUMN stream TEXT NOT NULL DEFAULT '';
ALTER TABLE delivery ADD COLUMN login TEXT NOT NULL DEFAULT '';
-- The order to pause that put it aside; it is due when it expires.
ALTER TABLE delivery ADD COLUMN pause UUID;
-- When it was tried last.
ALTER TABLE delivery ADD COLUMN tried_at BIGINT;

UPDATE delivery SET
    stream = COALESCE((SELECT m.stream FROM message m WHERE m.id = delivery.message), ''),
    login = COALESCE((SELECT m.login FROM message m WHERE m.id = delivery.message), '');

-- All that groups and lists ask for, so that they are answered from here alone. What is sent at once
-- touches the small one only; statements name the state in their text.
CREATE INDEX delivery_waits ON delivery
(domain, id, state, due_at, pause, attempts, tried_at, stream, login)
WHERE state <> 'claimed';
CREATE INDEX delivery_claimed ON delivery (domain, id) WHERE state = 'claimed';
CREATE INDEX delivery_paused ON delivery (pause, id) WHERE pause IS NOT NULL;

-- A person's word about many deliveries: stands until it is carried out, is over or is taken back.
CREATE TABLE queue_order (
    id UUID NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    what TEXT NOT NULL CHECK (what = 'pause' OR what = 'retry' OR what = 'bounce'),
    -- About which: all that is named has to be the delivery's own.
    domain BIGINT,
    stream TEXT,
    login TEXT,
    delivery UUID,
    -- Sealed JSON: why, and the domain's name.
    told BYTEA NOT NULL,
    -- Of a pause.
    until BIGINT,
    -- The last delivery that was looked at, how many were met since the first, and how many in all.
    after UUID NOT NULL,
    met BIGINT NOT NULL,
    done BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX queue_order_live ON queue_order (id) WHERE ended_at IS NULL;

-- The release that it runs.
ALTER TABLE node ADD COLUMN version TEXT NOT NULL DEFAULT '';
