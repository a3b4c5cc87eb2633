/** Groups of which the system does not tell. */
export const sql = `
ALTER TABLE conversation ADD COLUMN muted INTEGER NOT NULL DEFAULT 0 CHECK (muted IN (0, 1));
`;
