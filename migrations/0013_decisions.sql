-- The journal's verdicts, so that people find them. All of it is made from the journal, behind it;
-- nothing reads it to decide.

-- What the messages of one sending share. Written by whoever takes a message in.
CREATE TABLE campaign (
    -- Of a keyed hash; the journal's lines say it in hex.
    id BIGINT NOT NULL PRIMARY KEY,
    first_at BIGINT NOT NULL,
    controller TEXT NOT NULL,
    -- Sealed JSON: sender, subject without its figures, the tool's name for it.
    told BYTEA NOT NULL
);
CREATE INDEX campaign_first ON campaign (controller, first_at);

-- What verdicts have in common: a few hundred rows, however many verdicts there are. An empty text
-- is none.
CREATE TABLE decision_kind (
    id BIGINT NOT NULL PRIMARY KEY,
    controller TEXT NOT NULL,
    login TEXT NOT NULL,
    stream TEXT NOT NULL,
    purpose TEXT NOT NULL,
    class TEXT NOT NULL,
    fate TEXT NOT NULL,
    rule TEXT NOT NULL,
    UNIQUE (controller, login, stream, purpose, class, fate, rule)
);

-- One verdict, by the journal's line that says it.
CREATE TABLE decision (
    at BIGINT NOT NULL,
    id UUID NOT NULL,
    kind BIGINT NOT NULL,
    -- 0: there was no message yet.
    campaign BIGINT NOT NULL,
    PRIMARY KEY (at, id)
)
--sqlite WITHOUT ROWID
;
CREATE INDEX decision_by_kind ON decision (kind, at, id);
CREATE INDEX decision_by_campaign ON decision (campaign, kind, at, id);

-- How many there were of a kind in each hour of a campaign (UTC, hours since 1970).
CREATE TABLE decision_count (
    campaign BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    hour BIGINT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (campaign, kind, hour)
)
--sqlite WITHOUT ROWID
;
CREATE INDEX decision_count_hour ON decision_count (hour);
