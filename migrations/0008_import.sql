-- Files that were taken in: where they come from, who attested that, how far each came.
CREATE TABLE import (
    id UUID NOT NULL PRIMARY KEY,
    -- Keyed hash of the file and of how it is to be taken, in hex: the same again goes on.
    asked TEXT NOT NULL,
    controller TEXT NOT NULL,
    at BIGINT NOT NULL,
    file TEXT NOT NULL,
    format TEXT NOT NULL,
    origin TEXT NOT NULL,
    source TEXT NOT NULL,
    attested_by TEXT NOT NULL,
    -- SHA-256 of the statement that was signed, in hex.
    statement TEXT NOT NULL,
    -- How far it is and what came of it, JSON.
    state TEXT NOT NULL,
    -- When it came to its end.
    done_at BIGINT
);
CREATE INDEX import_asked ON import (asked);

-- Who gets nothing from a controller, known by a digest of the address or of its domain alone. Kept is
-- the keyed hash of that digest.
CREATE TABLE suppression (
    controller TEXT NOT NULL,
    digest BYTEA NOT NULL,
    import UUID NOT NULL REFERENCES import (id),
    -- Of the list.
    line BIGINT NOT NULL,
    PRIMARY KEY (controller, digest)
)
--sqlite WITHOUT ROWID
;

-- Controllers that have such lists: of the others nobody looks for a digest.
CREATE TABLE suppressor (
    controller TEXT NOT NULL PRIMARY KEY
);
