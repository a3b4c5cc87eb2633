/**
 * An index of the words of messages: of every row of `message` that a person wrote, under its position. It holds no text of its own.
 * The conversation is a column of it, so that a search in one group reads nothing of the others.
 */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { indexText } from '../../../shared/model/searchText.ts';

export const sql = `
CREATE VIRTUAL TABLE message_words USING fts5(
  conversation, words,
  content = '', contentless_delete = 1, tokenize = 'ascii', prefix = '2'
);
CREATE TRIGGER message_words_gone AFTER DELETE ON message WHEN old.system IS NULL BEGIN
  DELETE FROM message_words WHERE rowid = old.position;
END;
`;

const rows = z.array(z.object({ position: z.int(), conversation_id: z.string(), text: z.string() }));

/** Takes in what was written before there was an index. */
export function run(database: Database): void {
  const next = database.prepare<unknown[]>(
    'SELECT position, conversation_id, text FROM message WHERE system IS NULL AND position > ? ORDER BY position LIMIT 1000',
  );
  const insert = database.prepare<unknown[]>('INSERT INTO message_words (rowid, conversation, words) VALUES (?, ?, ?)');
  for (let after = 0; ;) {
    const page = rows.parse(next.all(after));
    for (const { position, conversation_id, text } of page) insert.run(position, conversation_id, indexText(text));
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.position;
  }
}
