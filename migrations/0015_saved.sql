-- Filters of the console's lists that somebody wants to have again.

CREATE TABLE saved_filter (
    id UUID NOT NULL PRIMARY KEY,
    account UUID NOT NULL REFERENCES account (id),
    -- The list's: `/decisions`.
    path TEXT NOT NULL,
    -- Sealed JSON: its name and what the URL asks for.
    told BYTEA NOT NULL
);
CREATE INDEX saved_filter_account ON saved_filter (account);
