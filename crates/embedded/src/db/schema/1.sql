CREATE TABLE pool (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    intent INTEGER NOT NULL DEFAULT 0,
    before INTEGER NOT NULL DEFAULT 0,
    floor INTEGER NOT NULL DEFAULT 0,
    paused INTEGER NOT NULL DEFAULT 0,
    leader TEXT,                            -- who may scale; NULL: nobody does
    until INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO pool (one) VALUES (1);

CREATE TABLE services (
    name TEXT PRIMARY KEY NOT NULL,
    desired INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
