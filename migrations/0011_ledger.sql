-- What the ledger knows beside what was said: signs of life, by their kind. The contact's own
-- `last_activity` is the newest of them all.
CREATE TABLE activity_now (
    contact UUID NOT NULL REFERENCES contact (id),
    kind TEXT NOT NULL CHECK (
        kind = 'purchase' OR kind = 'open' OR kind = 'click' OR kind = 'login'
    ),
    at BIGINT NOT NULL,
    PRIMARY KEY (contact, kind)
)
--sqlite WITHOUT ROWID
;
