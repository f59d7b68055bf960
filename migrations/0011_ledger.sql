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

-- Erasures that something outlived.
CREATE INDEX contact_erased ON contact (id) WHERE erased_at IS NOT NULL AND salt IS NOT NULL;

-- Work that goes on where it was after a stop, once for all relays on the database. Each step
-- commits with the new state.
CREATE TABLE job (
    name TEXT NOT NULL PRIMARY KEY,
    -- Who works on it until when; another takes over then.
    holder TEXT NOT NULL,
    lease_until BIGINT NOT NULL,
    -- How far it is, JSON.
    state TEXT NOT NULL,
    -- When it last came to its end.
    done_at BIGINT
);

-- Silent contacts that were asked for a last sign of life: without one they are unsubscribed then.
CREATE TABLE reactivation_now (
    contact UUID NOT NULL PRIMARY KEY REFERENCES contact (id),
    since BIGINT NOT NULL,
    until BIGINT NOT NULL
)
--sqlite WITHOUT ROWID
;

-- Who looked over a controller's contacts, when, and what there was to see.
CREATE TABLE review (
    id UUID NOT NULL PRIMARY KEY,
    controller TEXT NOT NULL,
    at BIGINT NOT NULL,
    -- Who signed it.
    actor TEXT NOT NULL,
    note TEXT NOT NULL,
    -- JSON.
    figures TEXT NOT NULL
);
CREATE INDEX review_at ON review (controller, at);

-- What a person was last told of the processing of their data.
CREATE TABLE notice_now (
    contact UUID NOT NULL PRIMARY KEY REFERENCES contact (id),
    -- Of the privacy policy, as the controller calls it.
    version TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind = 'own' OR kind = 'vendor-generic'),
    url TEXT,
    at BIGINT NOT NULL,
    chain BIGINT NOT NULL,
    seq BIGINT NOT NULL
)
--sqlite WITHOUT ROWID
;
