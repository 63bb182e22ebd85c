-- The git tree whose static build is the thread's newest snapshot.
ALTER TABLE threads ADD COLUMN snapshot TEXT;

-- 1: a plan or question that was told, and is to be asked again when no answer comes.
ALTER TABLE messages ADD COLUMN asking INTEGER NOT NULL DEFAULT 0;
CREATE INDEX messages_asking ON messages (ord) WHERE asking = 1;
