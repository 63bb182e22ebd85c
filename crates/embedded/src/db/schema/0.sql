-- Times are milliseconds since the Unix epoch. A pair is its key, client/project/user.

CREATE TABLE projects (
    ord INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    mail_domain TEXT NOT NULL UNIQUE,       -- lower case
    doc TEXT NOT NULL
) STRICT;

CREATE TABLE threads (
    id TEXT PRIMARY KEY NOT NULL,
    pair TEXT NOT NULL,
    project TEXT NOT NULL,
    user TEXT NOT NULL,
    title TEXT NOT NULL,
    last_seq INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    last_activity INTEGER NOT NULL
) STRICT;
CREATE INDEX threads_of_project ON threads (project, last_activity);
CREATE INDEX threads_of_user ON threads (project, user, last_activity);

CREATE TABLE aliases (
    project TEXT NOT NULL,
    alias TEXT NOT NULL,
    thread TEXT NOT NULL REFERENCES threads (id),
    PRIMARY KEY (project, alias)
) STRICT, WITHOUT ROWID;

CREATE TABLE messages (
    ord INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    dedupe TEXT NOT NULL UNIQUE,
    thread TEXT NOT NULL REFERENCES threads (id),
    pair TEXT NOT NULL,
    project TEXT NOT NULL,
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    for_container INTEGER NOT NULL,
    doc TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    state TEXT NOT NULL,                    -- waiting, running, prepared, answered
    turn INTEGER NOT NULL DEFAULT 0,        -- the last that began; 0: none yet
    epoch INTEGER,                          -- of the claim under which it runs
    outcome TEXT,                           -- prepared or answered
    status TEXT,                            -- of the outcome
    answered_at INTEGER,
    told INTEGER NOT NULL DEFAULT 0,        -- 1: there is a result reply
    UNIQUE (thread, seq)
) STRICT;
CREATE INDEX messages_open ON messages (pair, thread, seq) WHERE for_container = 1 AND state <> 'answered';
CREATE INDEX messages_waiting ON messages (kind, ord) WHERE state <> 'answered';
CREATE INDEX messages_untold ON messages (ord) WHERE told = 0;

CREATE TABLE claims (
    pair TEXT PRIMARY KEY NOT NULL,
    epoch INTEGER NOT NULL,                 -- kept when the claim is over: the next is higher
    container TEXT,                         -- NULL: let go
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX claims_held ON claims (until) WHERE container IS NOT NULL;

CREATE TABLE sessions (
    thread TEXT PRIMARY KEY NOT NULL REFERENCES threads (id),
    pair TEXT NOT NULL,
    state TEXT NOT NULL,
    doc TEXT NOT NULL,
    last_activity INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_awake ON sessions (pair) WHERE state <> 'sleeping';
CREATE INDEX sessions_wanted ON sessions (pair) WHERE state = 'initializing';

CREATE TABLE replies (
    ord INTEGER PRIMARY KEY AUTOINCREMENT,
    message TEXT NOT NULL REFERENCES messages (id),
    kind TEXT NOT NULL,
    thread TEXT NOT NULL REFERENCES threads (id),
    text TEXT NOT NULL,
    at INTEGER NOT NULL,
    mail_to TEXT,
    mail_from TEXT,
    mail_id TEXT,
    mail_raw BLOB,
    sent INTEGER NOT NULL DEFAULT 0,
    UNIQUE (message, kind)
) STRICT;
CREATE INDEX replies_of_thread ON replies (thread, ord);
CREATE INDEX replies_unsent ON replies (ord) WHERE sent = 0 AND mail_id IS NOT NULL;

CREATE TABLE orders (
    ord INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    project TEXT NOT NULL,
    kind TEXT NOT NULL,                     -- push, rollback
    target TEXT,                            -- the commit, or the message
    open INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX orders_open ON orders (ord) WHERE open = 1;

CREATE TABLE release_locks (
    project TEXT PRIMARY KEY NOT NULL,
    token TEXT NOT NULL,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE releases (
    ord INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    project TEXT NOT NULL,
    commit_id TEXT NOT NULL,
    restores TEXT,
    manifest TEXT,
    failed TEXT,                            -- why; NULL: it went live
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX releases_of_project ON releases (project, ord);

CREATE TABLE release_answers (
    release TEXT NOT NULL REFERENCES releases (id),
    pos INTEGER NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (release, pos)
) STRICT, WITHOUT ROWID;
CREATE INDEX release_answers_of_message ON release_answers (message);

CREATE TABLE tokens (
    hash TEXT NOT NULL,
    used_for TEXT NOT NULL,
    user TEXT NOT NULL,
    address TEXT NOT NULL,
    project TEXT NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (hash, used_for)
) STRICT, WITHOUT ROWID;
CREATE INDEX tokens_until ON tokens (until);

CREATE TABLE queues (
    name TEXT PRIMARY KEY NOT NULL,
    dead_letters TEXT,
    max_receives INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL REFERENCES queues (name) ON DELETE CASCADE,
    body TEXT NOT NULL,
    visible_at INTEGER NOT NULL,
    receives INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX deliveries_due ON deliveries (queue, visible_at, id);

CREATE TABLE blobs (
    key TEXT PRIMARY KEY NOT NULL,          -- compared byte by byte
    media_type TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    file TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE mails (
    key TEXT PRIMARY KEY NOT NULL,
    at INTEGER NOT NULL,
    relayed INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
