-- The ledger: what subscribers have been told. It is the truth about ids, and is never replaced in silence.

-- Every entry ever published. place is its address below the site's, or the whole one; path that of its file, empty
-- where none is known; the keys are the digests by which its story is known again (feedmill.stories). Moments are UTC
-- in RFC 3339. state: live (a feed shows it), left (none does any more) or withdrawn; updated is empty while subscribers
-- have not been told of the withdrawal. kept is the entry as last published, in JSON, for as long as a feed
-- shows it, and until the archive that takes it is there.
CREATE TABLE entry (
    id TEXT PRIMARY KEY, place TEXT NOT NULL, path TEXT NOT NULL, title TEXT NOT NULL, title_key TEXT NOT NULL,
    text_key TEXT NOT NULL, published TEXT NOT NULL, updated TEXT NOT NULL, first TEXT NOT NULL, state TEXT NOT NULL,
    withdrawn TEXT NOT NULL, reason TEXT NOT NULL, kept TEXT NOT NULL
);
CREATE INDEX entry_path ON entry (path) WHERE path != '';
CREATE INDEX entry_place ON entry (place);
CREATE INDEX entry_title ON entry (title_key);
CREATE INDEX entry_text ON entry (text_key);
CREATE INDEX entry_kept ON entry (id) WHERE state = 'left' AND kept != '';
CREATE INDEX entry_state ON entry (state) WHERE state != 'left';

-- Which feeds have shown which entry. current: it shows it now; seen is the digest of all that it shows of it.
CREATE TABLE told (
    id TEXT NOT NULL, feed TEXT NOT NULL, seen TEXT NOT NULL, current INTEGER NOT NULL, PRIMARY KEY (id, feed)
) WITHOUT ROWID;
CREATE INDEX told_current ON told (feed) WHERE current;

-- The titles of published feeds.
CREATE TABLE feed (name TEXT PRIMARY KEY, title TEXT NOT NULL) WITHOUT ROWID;

-- Archive documents, in their order, and the entries in each with the updated that it says. mark: what stands for a
-- withdrawn one (stub, or tombstone alone).
CREATE TABLE archive (path TEXT PRIMARY KEY, feed TEXT NOT NULL, name TEXT NOT NULL, position INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX archive_feed ON archive (feed, position);
CREATE TABLE archived (
    path TEXT NOT NULL, id TEXT NOT NULL, updated TEXT NOT NULL, mark TEXT NOT NULL, PRIMARY KEY (path, id)
) WITHOUT ROWID;
CREATE INDEX archived_id ON archived (id);

-- Every document as last published.
CREATE TABLE document (path TEXT PRIMARY KEY, sha256 TEXT NOT NULL) WITHOUT ROWID;

-- authority, site, feeds (addresses), serial (grows with every build that publishes) and history (a digest of all changes).
CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
