-- Policies that staff write in the console, before they come into force.

CREATE TABLE policy_draft (
    id UUID NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    -- The version that it replaces.
    base TEXT NOT NULL,
    -- All of policy.toml as it would be, and its version: empty while anything in it is wrong.
    text TEXT NOT NULL,
    version TEXT NOT NULL,
    -- Sealed JSON: why it is wanted, and what was answered.
    told BYTEA NOT NULL,
    -- Grows with each change of the text: who proposes or agrees says which one they have read.
    edition BIGINT NOT NULL,
    edited_at BIGINT NOT NULL,
    edited_by TEXT NOT NULL,
    state TEXT NOT NULL CHECK (
        state = 'written'
        OR state = 'proposed'
        OR state = 'approved'
        OR state = 'declined'
        OR state = 'active'
        OR state = 'withdrawn'
    ),
    proposed_by TEXT,
    -- Until when somebody may answer.
    proposed_until BIGINT,
    answered_by TEXT,
    activated_by TEXT,
    activated_at BIGINT,
    CHECK ((proposed_by IS NULL) = (proposed_until IS NULL)),
    CHECK ((activated_by IS NULL) = (activated_at IS NULL))
);
CREATE INDEX policy_draft_version ON policy_draft (version);
CREATE INDEX policy_draft_activated ON policy_draft (activated_at) WHERE activated_at IS NOT NULL;

-- What came of one that was activated, on each relay that writes its policy.toml itself.
CREATE TABLE policy_draft_taken (
    draft UUID NOT NULL REFERENCES policy_draft (id),
    -- The relay's name.
    node TEXT NOT NULL,
    at BIGINT NOT NULL,
    came TEXT NOT NULL,
    PRIMARY KEY (draft, node)
)
--sqlite WITHOUT ROWID
;
