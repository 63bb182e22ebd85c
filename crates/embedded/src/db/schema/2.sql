-- The git tree whose static build is the thread's newest snapshot.
ALTER TABLE threads ADD COLUMN snapshot TEXT;

-- 1: a plan or question that was told, and is to be asked again when no answer comes.
ALTER TABLE messages ADD COLUMN asking INTEGER NOT NULL DEFAULT 0;
CREATE INDEX messages_asking ON messages (ord) WHERE asking = 1;

CREATE TABLE spending (
    message TEXT NOT NULL,
    part INTEGER NOT NULL,                  -- the turn, from 1; 0: the question about the message
    project TEXT NOT NULL,
    user TEXT NOT NULL,
    day TEXT NOT NULL,
    month TEXT NOT NULL,
    cost INTEGER NOT NULL,                  -- in millionths of a dollar
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    billed INTEGER NOT NULL,
    PRIMARY KEY (message, part)
) STRICT, WITHOUT ROWID;
CREATE INDEX spending_by_project ON spending (project, month, day, billed, cost);
CREATE INDEX spending_by_user ON spending (user, month, day, billed, cost);
CREATE INDEX spending_by_month ON spending (month, day);

CREATE TABLE caps (
    project TEXT PRIMARY KEY NOT NULL,
    caps TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE hints (
    payer TEXT NOT NULL,
    span TEXT NOT NULL,                     -- the day or month
    message TEXT NOT NULL,
    PRIMARY KEY (payer, span)
) STRICT, WITHOUT ROWID;
