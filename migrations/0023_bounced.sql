-- Addresses that return what is sent to them: an event more, and what it makes of the contact. Which
-- kinds of events there are, the program knows.
--postgres ALTER TABLE consent_event DROP CONSTRAINT consent_event_kind_check;
--sqlite CREATE TABLE consent_event_new (
--sqlite     chain BIGINT NOT NULL REFERENCES chain (id),
--sqlite     seq BIGINT NOT NULL,
--sqlite     contact UUID NOT NULL REFERENCES contact (id),
--sqlite     kind TEXT NOT NULL,
--sqlite     controller TEXT NOT NULL,
--sqlite     purpose TEXT,
--sqlite     at BIGINT NOT NULL,
--sqlite     recorded_at BIGINT NOT NULL,
--sqlite     actor TEXT NOT NULL,
--sqlite     detail TEXT NOT NULL,
--sqlite     evidence BYTEA,
--sqlite     commitment BYTEA NOT NULL,
--sqlite     hash BYTEA NOT NULL,
--sqlite     PRIMARY KEY (chain, seq)
--sqlite );
--sqlite INSERT INTO consent_event_new SELECT chain, seq, contact, kind, controller, purpose, at,
--sqlite     recorded_at, actor, detail, evidence, commitment, hash FROM consent_event;
--sqlite DROP TABLE consent_event;
--sqlite ALTER TABLE consent_event_new RENAME TO consent_event;
--sqlite CREATE INDEX consent_event_contact ON consent_event (contact);
--sqlite CREATE INDEX consent_event_refused ON consent_event (controller, recorded_at)
--sqlite WHERE kind = 'refused';

-- Since when nothing commercial is sent there; and what came back before that and may have passed:
-- how often, since when, and of which message last.
ALTER TABLE contact ADD COLUMN undeliverable_since BIGINT;
ALTER TABLE contact ADD COLUMN soft_bounces BIGINT NOT NULL DEFAULT 0;
ALTER TABLE contact ADD COLUMN soft_since BIGINT;
ALTER TABLE contact ADD COLUMN soft_message UUID;
