-- Purposes, contacts and what they said. One text for SQLite and PostgreSQL: a line that begins
-- with `--sqlite ` or `--postgres ` is for that one alone. Times are unix milliseconds. A CHECK says
-- OR and not IN: SQLite makes a table of an IN's list anew for every row it writes.

-- What holds for the whole installation: the fingerprint of its secret, and the data key that seals.
CREATE TABLE meta (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- The head of each hash chain. One writer, one chain, so that writers never wait for each other.
CREATE TABLE chain (
    id BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    head_seq BIGINT NOT NULL,
    head_hash BYTEA NOT NULL
);

CREATE TABLE purpose (
    controller TEXT NOT NULL,
    -- The controller's own: two may call theirs the same.
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    basis TEXT NOT NULL CHECK (
        basis = 'consent'
        OR basis = 'contract'
        OR basis = 'legal-obligation'
        OR basis = 'vital-interest'
        OR basis = 'public-interest'
        OR basis = 'legitimate-interest'
    ),
    -- `grant`, or the kinds of activity: `purchase open click login`.
    counts_from TEXT NOT NULL,
    -- ISO 8601.
    duration TEXT NOT NULL,
    -- What it asks of each of its grants.
    double_opt_in BIGINT NOT NULL CHECK (double_opt_in = 0 OR double_opt_in = 1),
    once BIGINT NOT NULL CHECK (once = 0 OR once = 1),
    of_age BIGINT NOT NULL CHECK (of_age = 0 OR of_age = 1),
    channel TEXT NOT NULL CHECK (
        channel = 'email'
        OR channel = 'sms'
        OR channel = 'phone'
        OR channel = 'post'
        OR channel = 'social'
    ),
    sensitive BIGINT NOT NULL CHECK (sensitive = 0 OR sensitive = 1),
    -- How many days before the end of a grant it is said that it ends.
    expiring_days BIGINT NOT NULL,
    note TEXT NOT NULL,
    -- What the person may pick among: a JSON list of id and name.
    topics TEXT NOT NULL,
    -- Each change makes the next one.
    edition BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    -- From then on no grant of it counts.
    closed_at BIGINT,
    PRIMARY KEY (controller, id)
)
--sqlite WITHOUT ROWID
;

-- An address as one controller knows it: two share nothing, and their keys of one address differ.
-- Found by its key, for every message. The only table that holds an address; none where only the
-- key is known (a click on a link). An erasure removes address and salt, and the key of whom did
-- not refuse.
CREATE TABLE contact (
    key BYTEA NOT NULL PRIMARY KEY,
    id UUID NOT NULL UNIQUE,
    controller TEXT NOT NULL,
    -- Both sealed.
    address BYTEA,
    salt BYTEA,
    country TEXT,
    -- Who stands behind it; null where nobody said.
    subscriber TEXT CHECK (
        subscriber = 'individual' OR subscriber = 'sole-trader' OR subscriber = 'corporate'
    ),
    -- Published by the subscriber itself as its business contact.
    published BIGINT NOT NULL DEFAULT 0 CHECK (published = 0 OR published = 1),
    -- It has a row in preference_now: nobody else is asked for one.
    prefers BIGINT NOT NULL DEFAULT 0 CHECK (prefers = 0 OR prefers = 1),
    created_at BIGINT NOT NULL,
    last_activity BIGINT,
    -- Asked for then; what a duty or a law keeps goes when its time is over. Null again once the
    -- person came back.
    erased_at BIGINT,
    -- When it was last erased; who comes back does not bring back what was before.
    forgotten_at BIGINT,
    erasure TEXT CHECK (erasure = 'delete' OR erasure = 'anonymise'),
    CHECK ((erased_at IS NULL) = (erasure IS NULL)),
    CHECK (erased_at IS NULL OR forgotten_at IS NOT NULL)
)
--sqlite WITHOUT ROWID
;

-- Append-only, hash-chained. `detail` holds no personal data; `evidence` may and is sealed. The
-- chain runs over the salted commitment of the plain evidence only.
CREATE TABLE consent_event (
    chain BIGINT NOT NULL REFERENCES chain (id),
    seq BIGINT NOT NULL,
    contact UUID NOT NULL REFERENCES contact (id),
    kind TEXT NOT NULL CHECK (
        kind = 'granted'
        OR kind = 'refused'
        OR kind = 'withdrawn'
        OR kind = 'revoked'
        OR kind = 'terminated'
        OR kind = 'invalidated'
        OR kind = 'expiring'
        OR kind = 'expired'
        OR kind = 'relation'
        OR kind = 'activity'
        OR kind = 'preference'
        OR kind = 'corrected'
        OR kind = 'informed'
        OR kind = 'inactive'
        OR kind = 'reactivated'
        OR kind = 'erased'
    ),
    controller TEXT NOT NULL,
    purpose TEXT,
    -- When it happened, and when it was written down.
    at BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    detail TEXT NOT NULL,
    evidence BYTEA,
    commitment BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (chain, seq)
);
CREATE INDEX consent_event_contact ON consent_event (contact);

-- The current state, made of the events.
CREATE TABLE grant_now (
    contact UUID NOT NULL REFERENCES contact (id),
    -- Of the contact's controller.
    purpose TEXT NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_until BIGINT NOT NULL,
    method TEXT NOT NULL CHECK (
        method = 'form'
        OR method = 'double-opt-in'
        OR method = 'import'
        OR method = 'api'
        OR method = 'manual'
        OR method = 'chat'
        OR method = 'order'
        OR method = 'renewal-click'
        OR method = 'preticked'
    ),
    source TEXT NOT NULL CHECK (
        source = 'own'
        OR source = 'purchased'
        OR source = 'public'
        OR source = 'scraped'
    ),
    -- When it ended before its time, and how.
    withdrawn_at BIGINT,
    ended TEXT CHECK (
        ended = 'withdrawn'
        OR ended = 'revoked'
        OR ended = 'terminated'
        OR ended = 'invalidated'
    ),
    -- When a click in a message confirmed it.
    confirmed_at BIGINT,
    -- The person declared to be of age.
    of_age BIGINT NOT NULL CHECK (of_age = 0 OR of_age = 1),
    -- What the evidence holds beside date, method and source: nothing, a record of the act, or that
    -- with the words agreed to.
    evidence TEXT NOT NULL CHECK (
        evidence = 'none' OR evidence = 'record' OR evidence = 'wording'
    ),
    chain BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    -- What was said of its end: nothing, that it comes, that it came.
    told BIGINT NOT NULL DEFAULT 0 CHECK (told = 0 OR told = 1 OR told = 2),
    PRIMARY KEY (contact, purpose, valid_from)
)
--sqlite WITHOUT ROWID
;

-- `scope` is a purpose, or empty for everything of the controller. `lifted`: the person agreed to the
-- purpose knowing that everything is refused, which goes on for all the rest.
CREATE TABLE refusal_now (
    contact UUID NOT NULL REFERENCES contact (id),
    scope TEXT NOT NULL,
    since BIGINT NOT NULL,
    chain BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    lifted BIGINT NOT NULL DEFAULT 0 CHECK (lifted = 0 OR lifted = 1),
    PRIMARY KEY (contact, scope)
)
--sqlite WITHOUT ROWID
;

CREATE TABLE relation_now (
    contact UUID NOT NULL REFERENCES contact (id),
    chain BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (
        kind = 'purchase' OR kind = 'contract' OR kind = 'enquiry' OR kind = 'contest'
    ),
    at BIGINT NOT NULL,
    ended_at BIGINT,
    -- A JSON list.
    categories TEXT NOT NULL,
    wide_assortment BIGINT NOT NULL CHECK (wide_assortment = 0 OR wide_assortment = 1),
    objection_offered BIGINT NOT NULL CHECK (objection_offered = 0 OR objection_offered = 1),
    PRIMARY KEY (contact, chain, seq)
)
--sqlite WITHOUT ROWID
;

-- How often a person wants to hear of a purpose, or (empty) of everything commercial; and which of the
-- purpose's topics.
CREATE TABLE preference_now (
    contact UUID NOT NULL REFERENCES contact (id),
    purpose TEXT NOT NULL,
    -- `2 in 30 days`.
    at_most TEXT,
    paused_until BIGINT,
    -- A JSON list of ids, in order; null where the person did not pick.
    topics TEXT,
    chain BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (contact, purpose),
    CHECK (at_most IS NOT NULL OR paused_until IS NOT NULL OR topics IS NOT NULL),
    CHECK (topics IS NULL OR purpose <> '')
)
--sqlite WITHOUT ROWID
;

-- What left, by the address's key and only where somebody counts it. Old rows go.
CREATE TABLE sent (
    key BYTEA NOT NULL,
    at BIGINT NOT NULL,
    delivery UUID NOT NULL,
    -- Empty where the stream has none.
    purpose TEXT NOT NULL,
    class TEXT NOT NULL,
    PRIMARY KEY (key, at, delivery)
)
--sqlite WITHOUT ROWID
;
CREATE INDEX sent_at ON sent (at);
