/** What the App API shows of a real group's log, journal and drops, over a real store. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { methods, type Method } from '../../../shared/api/methods.ts';
import { systemClock } from '../../../main/clock.ts';
import { commitSteps } from '../../../main/messenger/commit.ts';
import { detailOf, detailOfView, type DetailContext } from '../../../main/messenger/detail.ts';
import { diagnosticsHandlers } from '../../../main/messenger/diagnostics.ts';
import { governanceHandlers } from '../../../main/messenger/governance.ts';
import type { Storage } from '../../../main/messenger/ports/storage.ts';
import type { Session } from '../../../main/messenger/session.ts';
import { verifyJournal } from '../../../main/protocol/journal/index.ts';
import type { User } from '../../../main/protocol/user/index.ts';
import { openStorage } from '../../../main/storage/index.ts';
import { migrations } from '../../../main/storage/migrations/index.ts';
import { openDatabase } from '../../../main/storage/open.ts';
import { CONVERSATION, World, type Node } from '../protocol/support/world.ts';

const key = new Uint8Array(32).fill(5);
let directory: string;
let storage: Storage;
const file = (): string => join(directory, 'conclave.db');

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'conclave-diagnostics-'));
  storage = openStorage({ file: file(), key, create: true });
});
afterEach(() => {
  storage.close();
  rmSync(directory, { recursive: true });
});

/** The use cases over what `node` went through, stored as the messenger stores it. */
function useCasesOf(node: Node) {
  const user: User = node.user;
  const detail: DetailContext = {
    storage,
    user,
    nameOf: (memberId) => storage.people.name(memberId),
    isOnline: () => false,
    wasAnnounced: () => false,
  };
  const commit = {
    storage,
    user,
    now: () => 1,
    nameOf: detail.nameOf,
    detailOf: (view: Parameters<typeof detailOfView>[0]) => detailOfView(view, detail),
  };
  if (storage.conversations.get(CONVERSATION) === undefined) for (const step of node.steps) commitSteps([step], commit);
  const session: Pick<Session, 'storage' | 'user' | 'nameOf' | 'detail'> = {
    storage,
    user,
    nameOf: detail.nameOf,
    detail: (conversationId) => detailOf(conversationId, detail),
  };
  const context = { clock: systemClock, session: () => session as Session };
  return { ...governanceHandlers(context), ...diagnosticsHandlers(context) };
}

/** The answer as the App API checks it. */
const checked = (method: Method, result: unknown): unknown => methods[method].result.parse(result);

describe('governance.log', () => {
  it('chains its lines, and says that they are whole, with the head that all members share', async () => {
    const world = new World();
    const [alice, bob] = await world.group(['Alice', 'Bob']);
    const api = useCasesOf(alice!);
    const log = await api['governance.log']({ conversationId: CONVERSATION });
    checked('governance.log', log);
    expect(log.journalHead).toBe(world.view(bob!).journalHead);
    expect(log.log).toEqual({ state: 'intact', length: log.entries.length });
    expect(new Set(log.entries.map(({ hash }) => hash)).size).toBe(log.entries.length);
    expect(log.entries.find(({ kind, target }) => kind === 'joined' && target === bob!.memberId)).toMatchObject({
      rule: 'votes',
      proposer: alice!.memberId,
      actor: alice!.memberId,
      evidence: true,
    });
  });

  it('says that its lines are not whole when somebody changed one, and shows the rest', async () => {
    const world = new World();
    const [alice] = await world.group(['Alice', 'Bob']);
    const before = await useCasesOf(alice!)['governance.log']({ conversationId: CONVERSATION });
    storage.close();
    const database = openDatabase({ file: file(), key, create: false }, migrations);
    database.exec(`UPDATE journal SET entry = '{"at":' WHERE position = 2`);
    database.close();
    storage = openStorage({ file: file(), key, create: false });
    const log = await useCasesOf(alice!)['governance.log']({ conversationId: CONVERSATION });
    checked('governance.log', log);
    expect(log.log).toEqual({ state: 'broken', at: 2 });
    expect(log.entries).toHaveLength(before.entries.length - 1);
  });
});

describe('governance.export', () => {
  it('gives the whole journal page by page, and a stranger verifies it', async () => {
    const world = new World();
    const [alice, , carol] = await world.group(['Alice', 'Bob', 'Carol']);
    for (const node of [alice!, carol!]) {
      const api = useCasesOf(node);
      const records: Uint8Array[] = [];
      let after: number | undefined;
      for (;;) {
        const page = await api['governance.export']({
          conversationId: CONVERSATION,
          limit: 1,
          ...(after === undefined ? {} : { after }),
        });
        checked('governance.export', page);
        records.push(...page.records.map(({ record }) => Uint8Array.from(Buffer.from(record, 'base64'))));
        if (page.next === undefined) break;
        after = page.next;
      }
      const verdict = await verifyJournal(records);
      if (verdict.kind !== 'verified') throw new Error(JSON.stringify(verdict));
      expect(Buffer.from(verdict.head).toString('hex')).toBe(world.view(alice!).journalHead);
      expect(records).toHaveLength(node === alice ? 3 : 1);
      storage.conversations.delete(CONVERSATION);
    }
  });
});

describe('diagnostics.conversation', () => {
  it('shows where a group stands, what waits and what was dropped, each with its meaning', async () => {
    const world = new World();
    const [alice, bob] = await world.group(['Alice', 'Bob']);
    for (let index = 0; index < 3; index += 1)
      await world.input(alice!, { kind: 'packet', subtopic: 'app_msg', payload: Uint8Array.of(0xff, index) });
    const shown = await useCasesOf(alice!)['diagnostics.conversation']({ conversationId: CONVERSATION });
    checked('diagnostics.conversation', shown);
    expect(shown).toMatchObject({
      state: 'working',
      mode: 'normal',
      epoch: 1,
      retryRound: 0,
      round: null,
      journalHead: world.view(bob!).journalHead,
      log: { state: 'intact' },
      queues: { approvedChanges: 0, openVotes: 0, parkedPackets: 0, queuedMessages: 0 },
    });
    expect(shown.counters).toContainEqual({ reason: 'MessageError', count: 3, meaning: 'Bytes that are no message.' });
    const counts = shown.counters.map(({ count }) => count);
    expect(counts).toEqual(counts.toSorted((a, b) => b - a));
  });

  it('refuses a group that is not there', async () => {
    const world = new World();
    const api = useCasesOf(world.node('Alice'));
    await expect(api['diagnostics.conversation']({ conversationId: CONVERSATION })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});
