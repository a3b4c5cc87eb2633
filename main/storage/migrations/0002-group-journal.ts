/** The records of each group's journal, one an epoch. */
export const sql = `
CREATE TABLE group_journal (
  conversation_id TEXT NOT NULL
    REFERENCES conversation ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  epoch INTEGER NOT NULL,
  record BLOB NOT NULL,
  UNIQUE (conversation_id, epoch)
) STRICT;
`;
