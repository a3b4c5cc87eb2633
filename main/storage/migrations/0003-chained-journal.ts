/**
 * Chains the lines of every journal: each gets the hash over the one before it and its own text, which is brought into its one
 * form; and the last hash is kept beside, so that lines missing at the end are noticed.
 */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { canonicalJson, chainNext, chainStart } from '../entryChain.ts';

export const sql = `
ALTER TABLE journal ADD COLUMN hash BLOB NOT NULL DEFAULT X'';

CREATE TABLE journal_head (
  conversation_id TEXT PRIMARY KEY
    REFERENCES conversation ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  length INTEGER NOT NULL,
  hash BLOB NOT NULL
) STRICT, WITHOUT ROWID;
`;

const oldLines = z.array(z.object({ position: z.int(), conversation_id: z.string(), entry: z.string() }));

/** Lines of before are taken as they are found: the chain vouches from now on. */
export function run(database: Database): void {
  const next = database.prepare<unknown[]>(
    'SELECT position, conversation_id, entry FROM journal WHERE position > ? ORDER BY position LIMIT 1000',
  );
  const chain = database.prepare<unknown[]>('UPDATE journal SET entry = ?, hash = ? WHERE position = ?');
  const keep = database.prepare<unknown[]>('INSERT INTO journal_head VALUES (?, ?, ?)');
  const heads = new Map<string, { readonly length: number; readonly hash: Uint8Array }>();
  let after = 0;
  for (;;) {
    const lines = oldLines.parse(next.all(after));
    if (lines.length === 0) break;
    for (const { position, conversation_id: id, entry } of lines) {
      const before = heads.get(id) ?? { length: 0, hash: chainStart(id) };
      const line = inOneForm(entry);
      const hash = chainNext(before.hash, line);
      chain.run(line, hash, position);
      heads.set(id, { length: before.length + 1, hash });
      after = position;
    }
  }
  for (const [id, { length, hash }] of heads) keep.run(id, length, hash);
}

/** A line that is damaged already stays what it is, and reading it will say so. */
function inOneForm(entry: string): string {
  try {
    return canonicalJson(JSON.parse(entry));
  } catch {
    return entry;
  }
}
