/**
 * The device that each member was last seen with, and the one that this person compared numbers with: while they are the same, the
 * member is verified.
 */
export const sql = `
CREATE TABLE known_device (
  member_id TEXT PRIMARY KEY,
  signature_key BLOB NOT NULL CHECK (length(signature_key) = 32),
  verified_key BLOB CHECK (length(verified_key) = 32)
) STRICT, WITHOUT ROWID;
`;
