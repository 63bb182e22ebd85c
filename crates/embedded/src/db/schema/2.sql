-- The git tree whose static build is the thread's newest snapshot.
ALTER TABLE threads ADD COLUMN snapshot TEXT;
