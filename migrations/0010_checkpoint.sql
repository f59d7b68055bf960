-- Signed checkpoints over the hash chains: whoever keeps one can show later that no line before it
-- was changed, not even by who holds the database.

CREATE TABLE checkpoint (
    chain BIGINT NOT NULL REFERENCES chain (id),
    -- First and last line; the next one begins behind.
    from_seq BIGINT NOT NULL,
    upto_seq BIGINT NOT NULL CHECK (upto_seq >= from_seq),
    -- Hash of the last line, root of the Merkle tree over the hashes of all.
    head BYTEA NOT NULL,
    root BYTEA NOT NULL,
    -- Hash of the chain's checkpoint before.
    previous BYTEA NOT NULL,
    at BIGINT NOT NULL,
    -- Fingerprint of the key.
    key TEXT NOT NULL,
    signature BYTEA NOT NULL,
    PRIMARY KEY (chain, from_seq)
)
--sqlite WITHOUT ROWID
;
