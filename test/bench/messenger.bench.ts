/**
 * What a person waits for, with whole headless processes on loopback: from opening an invite to the first message that can be
 * read, and from sending a message to seeing it at a peer.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ConversationId } from '../../shared/model/ids.ts';
import { startHeadless, type HeadlessClient } from '../headless/client.ts';
import { median, milliseconds, percentile, printTable } from './measure.ts';

const JOINS = 10;
const MESSAGES = 200;
/** Shared design: p50 with the Friends rules. */
const FIRST_MESSAGE_BUDGET_MS = 7_000;

const nodes: HeadlessClient[] = [];
const directories: string[] = [];
afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.kill('SIGKILL')));
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

async function person(displayName: string): Promise<HeadlessClient> {
  const profile = mkdtempSync(join(tmpdir(), 'conclave-bench-'));
  directories.push(profile);
  const node = await startHeadless({ profile });
  nodes.push(node);
  await node.call('identity.create', { displayName });
  return node;
}

/** A group lets in a few people a minute; whoever comes next asks again. */
const JOIN_PATIENCE_MS = 150_000;

async function joined(node: HeadlessClient, conversationId: ConversationId): Promise<void> {
  await node.waitForEvent(
    'conversation.stateChanged',
    (event) => event.conversationId === conversationId && event.state === 'working',
    { patienceMs: JOIN_PATIENCE_MS },
  );
}

const textOf = (index: number): string =>
  `${index}: the rehearsal starts at seven, please bring the second half of the programme and a pencil.`;

const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}`;

describe('a person', () => {
  it('opens an invite and reads the first message, with the Friends rules', async () => {
    const waits: number[] = [];
    const ana = await person('Ana');
    for (let round = 0; round < JOINS; round += 1) {
      const joiner = await person(`Joiner ${round}`);
      const { conversationId } = await ana.call('conversation.create', { name: `Group ${round}` });
      const { invite } = await ana.call('invite.create', { conversationId });
      const readable = `welcome ${round}`;
      const startedAt = performance.now();
      await joiner.call('conversation.join', { invite });
      // Whoever invited greets as soon as the group shows the new member.
      await ana.waitForEvent('member.joined', (event) => event.conversationId === conversationId);
      await ana.call('message.send', { conversationId, text: readable });
      await joiner.waitForEvent('message.added', ({ message }) => message.text === readable);
      waits.push(performance.now() - startedAt);
      await joiner.kill('SIGKILL');
    }
    printTable(
      `Invite opened to first message readable, Friends rules, ${JOINS} joins (${machine})`,
      ['p50 ms', 'least ms', 'most ms', 'budget ms'],
      [
        [
          milliseconds(median(waits)),
          milliseconds(Math.min(...waits)),
          milliseconds(Math.max(...waits)),
          String(FIRST_MESSAGE_BUDGET_MS),
        ],
      ],
    );
    expect(median(waits)).toBeLessThan(FIRST_MESSAGE_BUDGET_MS);
  });

  it('sends a message and a peer shows it, in groups of 2, 3 and 10', async () => {
    const rows: string[][] = [];
    const people = [await person('Member 0')];
    const [first] = people;
    if (first === undefined) throw new Error('nobody is there');
    const { conversationId } = await first.call('conversation.create', {
      name: 'Choir',
      settings: { commitInactivityMs: 200, freezeMs: 400, recoveryInactivityMs: 300 },
    });
    for (const size of [2, 3, 10]) {
      while (people.length < size) {
        const joiner = await person(`Member ${people.length}`);
        for (const other of people) {
          const { listenAddresses } = await other.call('app.info', {});
          await joiner.call('peer.connect', { address: listenAddresses[0] ?? '' });
        }
        const { invite } = await first.call('invite.create', { conversationId });
        await joiner.call('conversation.join', { invite });
        await joined(joiner, conversationId);
        people.push(joiner);
      }
      const toOne: number[] = [];
      const toAll: number[] = [];
      const others = people.slice(1);
      for (let index = -20; index < MESSAGES; index += 1) {
        const text = textOf(index + size * 1_000);
        const startedAt = performance.now();
        const shown = others.map(async (node) => {
          await node.waitForEvent('message.added', ({ message }) => message.text === text, {
            from: node.events.length,
          });
          return performance.now() - startedAt;
        });
        await first.call('message.send', { conversationId, text });
        const times = await Promise.all(shown);
        if (index < 0) continue;
        toOne.push(...times);
        toAll.push(Math.max(...times));
      }
      rows.push([
        String(size),
        milliseconds(median(toOne)),
        milliseconds(percentile(toOne, 0.99)),
        milliseconds(median(toAll)),
        milliseconds(percentile(toAll, 0.99)),
      ]);
    }
    printTable(
      `Send to shown on loopback, ${MESSAGES} messages one after the other (${machine})`,
      ['members', 'a peer p50 ms', 'a peer p99 ms', 'every peer p50 ms', 'every peer p99 ms'],
      rows,
    );
  });
});
