/**
 * The records of each group's journal. Conversations of before have a state without one: they get the part that says so, in the
 * sealed form that the protocol gave it then (head unknown, no commits).
 */
export const sql = `
CREATE TABLE group_journal (
  conversation_id TEXT NOT NULL
    REFERENCES conversation ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  epoch INTEGER NOT NULL,
  record BLOB NOT NULL,
  UNIQUE (conversation_id, epoch)
) STRICT;

INSERT INTO conversation_part (conversation_id, name, bytes)
  SELECT conversation_id, 'journal', X'02095bce93d584b01a7b226c656e677468223a302c2277616974696e67223a5b5d7d'
  FROM conversation_part WHERE name = 'rules';
`;
