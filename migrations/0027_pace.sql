-- How fast all relays on the database send, together. What is counted stands here as a keyed hash: a
-- provider's domain may be a small business's own.

-- Of each rate, when all that was taken would have gone at an even pace: microseconds since 1970.
CREATE TABLE pace (
    key BYTEA NOT NULL PRIMARY KEY,
    mark BIGINT NOT NULL
);

-- Connections that each relay has open; they go with it.
CREATE TABLE pace_open (
    key BYTEA NOT NULL,
    node UUID NOT NULL,
    open BIGINT NOT NULL,
    PRIMARY KEY (key, node)
);

-- Providers that asked for a slower pace, each for one source.
CREATE TABLE pace_slow (
    key BYTEA NOT NULL PRIMARY KEY,
    -- Sealed JSON: the provider's domain and the source's name.
    told BYTEA NOT NULL,
    -- How often everything was halved.
    level BIGINT NOT NULL,
    -- Nothing new before that.
    until BIGINT NOT NULL,
    -- When it changed last.
    at BIGINT NOT NULL
);
