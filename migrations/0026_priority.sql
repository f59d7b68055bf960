-- What is urgent is claimed first, and commercial mail last: 4, 0 or -4 (RFC 6710, MIXER).
ALTER TABLE delivery ADD COLUMN priority BIGINT NOT NULL DEFAULT 0;
DROP INDEX delivery_due;
CREATE INDEX delivery_due ON delivery (priority, due_at, message) WHERE state = 'ready';
