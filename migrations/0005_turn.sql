-- Who sends something counted to an address just now: of two such messages neither could count the
-- other. For relays that share PostgreSQL; SQLite has one, which remembers.

CREATE TABLE turn (
    key BYTEA NOT NULL PRIMARY KEY,
    -- Another one each time it is taken.
    id UUID NOT NULL UNIQUE,
    node UUID NOT NULL
);
