/** Finding messages by their words: of one group or all, in pages, in any language, and nothing of what is gone. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ConversationId } from '../../../shared/model/ids.ts';
import { searchTerms } from '../../../shared/model/searchText.ts';
import type { Storage } from '../../../main/messenger/ports/storage.ts';
import { migrations } from '../../../main/storage/migrations/index.ts';
import { openDatabase } from '../../../main/storage/open.ts';
import {
  alice,
  conversation,
  conversationId,
  key,
  message,
  messageId,
  newStore,
  open,
  temporaryDirectory,
} from './support.ts';

interface Search {
  readonly in?: ConversationId;
  readonly before?: number;
  readonly limit?: number;
}

const search = (store: Storage, query: string, { in: id, before, limit = 50 }: Search = {}) =>
  store.messages.search({
    terms: searchTerms(query),
    limit,
    ...(id === undefined ? {} : { conversationId: id }),
    ...(before === undefined ? {} : { before }),
  });

const texts = (store: Storage, query: string, options?: Search): readonly string[] =>
  search(store, query, options).map(({ message: { text } }) => text);

function storeOf(...lines: readonly string[]): Storage {
  const store = newStore();
  for (const index of [0, 1]) store.conversations.put(conversation(index));
  for (const [index, text] of lines.entries()) store.messages.insert(message(index, { text }));
  return store;
}

describe('messages are found', () => {
  it('by words and beginnings of words, whatever their case and accents, the newest first', () => {
    const store = storeOf('Grüße aus Zürich', 'zurich is far', 'Zür', 'something else');
    expect(texts(store, 'ZÜR')).toEqual(['Zür', 'zurich is far', 'Grüße aus Zürich']);
    expect(texts(store, 'zurich gru')).toEqual(['Grüße aus Zürich']);
    expect(texts(store, 'urich')).toEqual([]);
    expect(texts(store, ' ')).toEqual([]);
  });

  it('in Chinese, Japanese, Korean and Thai, by pictures, and by rows of words', () => {
    const store = storeOf(
      '明日の会議は三時です',
      '社会と議論',
      '회의가 있어요',
      'สวัสดีครับ',
      'well done 🎉',
      'an e-mail',
      'a mail',
    );
    expect(texts(store, '会議')).toEqual(['明日の会議は三時です']);
    expect(texts(store, '会')).toEqual(['社会と議論', '明日の会議は三時です']);
    expect(texts(store, '회의')).toEqual(['회의가 있어요']);
    expect(texts(store, 'สวัสดี')).toEqual(['สวัสดีครับ']);
    expect(texts(store, '🎉')).toEqual(['well done 🎉']);
    expect(texts(store, 'e-mail')).toEqual(['an e-mail']);
  });

  it("and nothing that people write is taken for the index's own language", () => {
    const store = storeOf('a "quoted" text AND more', 'NEAR me');
    for (const query of [
      '"',
      '" OR "',
      'conversation : "x"',
      'words:quoted*',
      'NEAR(',
      '^text',
      '-more',
      '}{',
      "'; --",
    ])
      expect(() => texts(store, query)).not.toThrow();
    expect(texts(store, 'and')).toEqual(['a "quoted" text AND more']);
    expect(texts(store, 'near')).toEqual(['NEAR me']);
  });

  it('in one group, or in all', () => {
    const store = storeOf('hello here');
    store.messages.insert(message(7, { conversationId: conversationId(1), text: 'hello there' }));
    expect(texts(store, 'hello')).toEqual(['hello there', 'hello here']);
    expect(texts(store, 'hello', { in: conversationId(1) })).toEqual(['hello there']);
    // The name of a group is no word of its messages.
    expect(texts(store, conversationId(1))).toEqual([]);
  });

  it('in pages, each once', () => {
    const lines = Array.from({ length: 25 }, (_, index) => `line ${index}`);
    const store = storeOf(...lines);
    const seen: string[] = [];
    for (let before: number | undefined; ;) {
      const page = search(store, 'line', { limit: 7, ...(before === undefined ? {} : { before }) });
      seen.push(...page.map(({ message: { text } }) => text));
      before = page.at(-1)?.place;
      if (page.length < 7) break;
    }
    expect(seen).toEqual(lines.toReversed());
  });

  it('unless they are gone with their group, or a system line', () => {
    const store = storeOf('hello');
    store.messages.insert(message(8, { text: 'hello', system: { at: 1, epoch: 1, kind: 'joined', target: alice } }));
    expect(search(store, 'hello')).toHaveLength(1);
    store.conversations.delete(conversationId());
    expect(search(store, 'hello')).toEqual([]);
    store.conversations.put(conversation());
    store.messages.insert(message(9, { text: 'another' }));
    expect(search(store, 'hello')).toEqual([]);
    expect(texts(store, 'another')).toEqual(['another']);
  });

  it('not when the transaction that brought them was undone', () => {
    const store = storeOf();
    const undo = new Error('undone');
    expect(() =>
      store.transaction(() => {
        store.messages.insert(message(1, { text: 'hello' }));
        throw undo;
      }),
    ).toThrow(undo);
    expect(search(store, 'hello')).toEqual([]);
  });

  it('also when they were written before there was an index', () => {
    const file = join(temporaryDirectory(), 'conclave.db');
    const old = openDatabase({ file, key, create: true }, migrations.slice(0, 5));
    old.exec(`INSERT INTO conversation (conversation_id, name, created_at) VALUES ('${conversationId()}', 'Old', 1)`);
    for (let index = 0; index < 1_500; index += 1)
      old.exec(
        `INSERT INTO message (conversation_id, message_id, sender, sent_at, received_at, text, status)
         VALUES ('${conversationId()}', '${messageId(index)}', '${alice}', ${index}, ${index}, 'old line ${index}', 'sent')`,
      );
    old.close();
    const store = open(file);
    expect(texts(store, 'old line 1499')).toEqual(['old line 1499']);
    expect(search(store, 'old')).toHaveLength(50);
    store.conversations.delete(conversationId());
    expect(search(store, 'old')).toEqual([]);
  });
});
