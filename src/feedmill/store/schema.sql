-- The cache: all of it can be made again from content/, feedmill.yaml and the ledger.

-- What the whole was made of and found, by name.
CREATE TABLE meta (key TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;

-- One row for each folder below content/: what a scan saw of its files (feedmill.scan), and what was passed over.
CREATE TABLE folder (path TEXT PRIMARY KEY, row BLOB NOT NULL, problems BLOB) WITHOUT ROWID;

-- Whose habits the files of each folder directly below content/ follow, and why.
CREATE TABLE convention (folder TEXT PRIMARY KEY, name TEXT NOT NULL, because TEXT NOT NULL) WITHOUT ROWID;

-- Of the few files by which a convention was told, what each one tells of it.
CREATE TABLE mark (path TEXT PRIMARY KEY, state BLOB NOT NULL, marks TEXT NOT NULL) WITHOUT ROWID;

-- One row for each story file. kind: story, page, or broken (no entry can be made of it). Stories refer to others by
-- plain path or by name, and url is what such a reference leads to. digest is that of all that the file told.
CREATE TABLE source (
    path TEXT PRIMARY KEY, kind TEXT NOT NULL, convention TEXT NOT NULL, file BLOB NOT NULL, digest BLOB NOT NULL,
    plain TEXT NOT NULL, name TEXT NOT NULL, url TEXT NOT NULL, problems BLOB
) WITHOUT ROWID;

-- One row for each entry. origin: content, or ledger (kept as last published, or the stub of a withdrawn one; then path
-- is the id). record is the id under which it was published, if it was; stale: the ledger is to learn of it anew. state is why no feed may show it, whatever the
-- time; empty when feeds may, from shown_from until shown_until (seconds since 1970). withdrawn: from when it is by itself. digest is that of all that
-- subscribers may see of it but the body.
CREATE TABLE entry (
    path TEXT PRIMARY KEY, origin TEXT NOT NULL, id TEXT NOT NULL, own_id TEXT NOT NULL, declared INTEGER NOT NULL,
    slug TEXT NOT NULL, place TEXT NOT NULL, title_key TEXT NOT NULL, text_key TEXT NOT NULL,
    shown_from INTEGER NOT NULL, shown_until INTEGER NOT NULL, updated INTEGER NOT NULL,
    withdrawn INTEGER, record TEXT, stale INTEGER NOT NULL, state TEXT NOT NULL, problem BLOB, digest TEXT NOT NULL, packed BLOB NOT NULL, checksum INTEGER NOT NULL
) WITHOUT ROWID;

-- The records that an entry might be, where it is not clear which.
CREATE TABLE candidate (path TEXT NOT NULL, record TEXT NOT NULL, PRIMARY KEY (path, record)) WITHOUT ROWID;

-- What belongs to each feed, in its order. extra: shown beyond the limit of the feed. archived: an archive has it.
-- title is the name of the author whose feed it is.
CREATE TABLE member (
    feed TEXT NOT NULL, extra INTEGER NOT NULL, shown_from INTEGER NOT NULL, id TEXT NOT NULL, path TEXT NOT NULL,
    shown_until INTEGER NOT NULL, archived INTEGER NOT NULL, title TEXT NOT NULL,
    PRIMARY KEY (feed, extra, shown_from DESC, id, path)
) WITHOUT ROWID;

-- The bodies that a document shows, or that were checked; lost: an error in it leaves its story out.
CREATE TABLE body (
    path TEXT PRIMARY KEY, digest TEXT NOT NULL, summary TEXT NOT NULL, content TEXT NOT NULL, lost INTEGER NOT NULL,
    problems BLOB, unknown BLOB, checksum INTEGER NOT NULL
) WITHOUT ROWID;

-- What each body refers to, and where that led.
CREATE TABLE reference (path TEXT NOT NULL, lookup BLOB NOT NULL, PRIMARY KEY (path, lookup)) WITHOUT ROWID;

-- Entries as rendered, each found valid. key is the digest of all that it was made of.
CREATE TABLE fragment (
    path TEXT NOT NULL, body TEXT NOT NULL, format TEXT NOT NULL, key TEXT NOT NULL, content BLOB NOT NULL,
    checksum INTEGER NOT NULL, PRIMARY KEY (path, body, format)
) WITHOUT ROWID;

-- The documents of the last build: shows is the digest of all that one shows, state what lay there afterwards.
CREATE TABLE document (path TEXT PRIMARY KEY, shows TEXT NOT NULL, stored BLOB NOT NULL, state BLOB NOT NULL) WITHOUT ROWID;

-- What was seen of content/ since the last build is not built yet, whichever verb has seen it: see feedmill.look.
CREATE TRIGGER folder_new AFTER INSERT ON folder BEGIN DELETE FROM meta WHERE key = 'done'; END;
CREATE TRIGGER folder_changed AFTER UPDATE ON folder BEGIN DELETE FROM meta WHERE key = 'done'; END;
CREATE TRIGGER folder_gone AFTER DELETE ON folder BEGIN DELETE FROM meta WHERE key = 'done'; END;
