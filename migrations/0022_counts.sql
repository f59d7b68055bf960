-- Sums and the newest groups of verdicts are read from these alone, however many verdicts there are.
DROP INDEX decision_count_hour;
CREATE INDEX decision_count_hour ON decision_count (hour, kind, campaign);
CREATE INDEX decision_count_kind ON decision_count (kind, hour, count);
