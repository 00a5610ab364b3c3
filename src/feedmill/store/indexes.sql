-- By what the tables are searched. They are made once all of content/ was read: that is sooner done than row by row.

CREATE INDEX IF NOT EXISTS folder_problems ON folder (path) WHERE problems IS NOT NULL;
CREATE INDEX IF NOT EXISTS source_kind ON source (kind);
CREATE INDEX IF NOT EXISTS source_plain ON source (plain);
CREATE INDEX IF NOT EXISTS source_name ON source (name);
CREATE INDEX IF NOT EXISTS source_problems ON source (path) WHERE problems IS NOT NULL;
CREATE INDEX IF NOT EXISTS source_withheld ON source (path) WHERE digest = x'';
CREATE INDEX IF NOT EXISTS entry_id ON entry (id);
CREATE INDEX IF NOT EXISTS entry_own_id ON entry (own_id);
CREATE INDEX IF NOT EXISTS entry_slug ON entry (slug);
CREATE INDEX IF NOT EXISTS entry_place ON entry (place);
CREATE INDEX IF NOT EXISTS entry_title ON entry (title_key);
CREATE INDEX IF NOT EXISTS entry_text ON entry (text_key);
CREATE INDEX IF NOT EXISTS entry_record ON entry (record) WHERE record IS NOT NULL;
CREATE INDEX IF NOT EXISTS entry_state ON entry (state) WHERE state != '';
CREATE INDEX IF NOT EXISTS entry_from ON entry (shown_from);
CREATE INDEX IF NOT EXISTS entry_until ON entry (shown_until) WHERE shown_until < 4611686018427387904;
CREATE INDEX IF NOT EXISTS entry_updated ON entry (updated) WHERE updated > shown_from;
CREATE INDEX IF NOT EXISTS entry_withdrawn ON entry (withdrawn) WHERE withdrawn IS NOT NULL;
CREATE INDEX IF NOT EXISTS entry_stale ON entry (path) WHERE stale;
CREATE INDEX IF NOT EXISTS entry_redeclared ON entry (path) WHERE declared AND record IS NOT NULL AND record != own_id;
CREATE INDEX IF NOT EXISTS entry_ledger ON entry (path) WHERE origin != 'content';
CREATE INDEX IF NOT EXISTS entry_problem ON entry (path) WHERE problem IS NOT NULL;
CREATE INDEX IF NOT EXISTS member_path ON member (path);
CREATE INDEX IF NOT EXISTS member_over ON member (shown_until) WHERE archived AND shown_until < 4611686018427387904;
CREATE INDEX IF NOT EXISTS member_early ON member (shown_from) WHERE archived;
CREATE INDEX IF NOT EXISTS member_fresh ON member (feed, shown_from) WHERE NOT archived AND NOT extra;
