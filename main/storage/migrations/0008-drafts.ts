/** What was typed in each conversation and not sent. */
export const sql = `
CREATE TABLE draft (
  conversation_id TEXT PRIMARY KEY
    REFERENCES conversation ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  text TEXT NOT NULL,
  reply_to TEXT
) STRICT, WITHOUT ROWID;
`;
