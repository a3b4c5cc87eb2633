/**
 * How long somebody who was away takes to have everything: 10,000 messages over 20 epochs from one other member, real processes,
 * real files, loopback. Budget: 20 s. Then, how large the profiles are.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ConversationId } from '../../shared/model/ids.ts';
import { startHeadless, type HeadlessClient } from '../headless/client.ts';
import { milliseconds, printTable } from './measure.ts';

const MESSAGES = Number(process.env['CONCLAVE_BENCH_MESSAGES'] ?? 10_000);
const EPOCHS = Number(process.env['CONCLAVE_BENCH_EPOCHS'] ?? 20);
const BUDGET_MS = 20_000;
/** Calls that wait for their answer at once. */
const AT_ONCE = 64;
const PATIENCE_MS = 600_000;
/** No message for so long: perhaps all of them came. */
const QUIET_MS = 2_000;

const nodes: HeadlessClient[] = [];
const directories: string[] = [];
afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.kill('SIGKILL')));
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

async function start(profile: string, connect: readonly string[] = []): Promise<HeadlessClient> {
  const node = await startHeadless({ profile, connect });
  nodes.push(node);
  return node;
}

async function person(displayName: string, connect: readonly string[] = []) {
  const profile = mkdtempSync(join(tmpdir(), 'conclave-bench-'));
  directories.push(profile);
  const node = await start(profile, connect);
  await node.call('identity.create', { displayName });
  const { listenAddresses } = await node.call('app.info', {});
  return { node, profile, address: listenAddresses[0] ?? '' };
}

/** Waits until all of them are in one epoch with so many members. */
async function agree(
  people: readonly HeadlessClient[],
  conversationId: ConversationId,
  count: number,
): Promise<number> {
  for (;;) {
    const views = await Promise.all(people.map((node) => node.call('conversation.get', { conversationId })));
    const same = new Set(views.map(({ epoch, state }) => `${epoch} ${state}`)).size === 1;
    if (same && views[0]?.state === 'working' && views[0].members.length === count) return views[0].epoch;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const textOf = (index: number): string =>
  `${index}: the rehearsal starts at seven, please bring the second half of the programme.`;

async function sayAll(
  speakers: readonly HeadlessClient[],
  conversationId: ConversationId,
  from: number,
  to: number,
): Promise<void> {
  let next = from;
  const talk = async (): Promise<void> => {
    for (let index = next++; index < to; index = next++) {
      await speakers[index % speakers.length]?.call('message.send', { conversationId, text: textOf(index) });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, talk));
}

async function count(node: HeadlessClient, conversationId: ConversationId): Promise<number> {
  let total = 0;
  for (let before: Parameters<typeof page>[2]; ;) {
    const messages = await page(node, conversationId, before);
    total += messages.filter(({ system }) => system === undefined).length;
    before = messages.at(-1)?.messageId;
    if (messages.length < 200) return total;
  }
}

async function page(
  node: HeadlessClient,
  conversationId: ConversationId,
  before?: Awaited<ReturnType<typeof node.call<'message.send'>>>['messageId'],
) {
  const { messages } = await node.call('message.list', {
    conversationId,
    limit: 200,
    ...(before === undefined ? {} : { before }),
  });
  return messages;
}

describe('a member who was away', () => {
  it('catches up with everything from one other member', { timeout: 1_800_000 }, async () => {
    const ana = await person('Ana');
    const [bo, cy, guest] = await Promise.all(['Bo', 'Cy', 'Guest'].map((name) => person(name, [ana.address])));
    if (bo === undefined || cy === undefined || guest === undefined) throw new Error('nobody is there');
    const { conversationId } = await ana.node.call('conversation.create', {
      name: 'Choir',
      settings: {
        commitInactivityMs: 200,
        freezeMs: 400,
        recoveryInactivityMs: 300,
        // Cy is a steward who is away: that shall not cost its place here.
        peerScoreThreshold: -1_000_000,
      },
    });
    const letIn = async (node: HeadlessClient, others: readonly HeadlessClient[], members: number): Promise<void> => {
      const { invite } = await ana.node.call('invite.create', { conversationId });
      await node.call('conversation.join', { invite });
      await agree([...others, node], conversationId, members);
    };
    await letIn(bo.node, [ana.node], 2);
    await letIn(cy.node, [ana.node, bo.node], 3);
    const began = await agree([ana.node, bo.node, cy.node], conversationId, 3);
    await cy.node.kill('SIGKILL');

    const said = performance.now();
    const present = [ana.node, bo.node];
    for (let epoch = 0; epoch < EPOCHS; epoch += 1) {
      await sayAll(present, conversationId, (epoch * MESSAGES) / EPOCHS, ((epoch + 1) * MESSAGES) / EPOCHS);
      if (epoch % 2 === 0) {
        await letIn(guest.node, present, 4);
        continue;
      }
      const from = guest.node.events.length;
      await guest.node.call('conversation.leave', { conversationId });
      await guest.node.waitForEvent('conversation.stateChanged', ({ state }) => state === 'left', {
        from,
        patienceMs: PATIENCE_MS,
      });
      await agree(present, conversationId, 3);
    }
    const sayingMs = performance.now() - said;
    const reached = await agree(present, conversationId, 3);
    for (const node of present)
      while ((await count(node, conversationId)) < MESSAGES) await new Promise((resolve) => setTimeout(resolve, 100));
    await bo.node.kill('SIGKILL');
    await guest.node.kill('SIGKILL');

    const startedAt = performance.now();
    const back = await start(cy.profile, [ana.address]);
    const readyMs = performance.now() - startedAt;
    let last = 0;
    let heard = 0;
    let seen = 0;
    let lost = 0;
    const end = performance.now() + PATIENCE_MS;
    while (heard < MESSAGES && performance.now() < end) {
      await back.moreEventsThan(back.events.length, 250);
      for (; seen < back.events.length; seen += 1) {
        const event = back.events[seen];
        if (event?.type === 'events.lost') lost += event.count;
        if (event?.type !== 'message.added' || event.message.system !== undefined) continue;
        heard += 1;
        last = performance.now();
      }
      // Whoever reads events too slowly is told that some are lost: then only what is there says whether it is all.
      const isQuiet = lost > 0 && performance.now() > last + QUIET_MS;
      if (isQuiet && (await count(back, conversationId)) >= MESSAGES) break;
    }
    const tookMs = last - startedAt;
    expect(await count(back, conversationId)).toBe(MESSAGES);
    expect(await agree([ana.node, back], conversationId, 3)).toBe(reached);
    printTable(
      `${MESSAGES} messages over ${reached - began} epochs caught up from one member, a process each (${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'})`,
      ['start to ready ms', 'start to all there ms', 'messages a second', 'budget ms', 'to say them took s'],
      [
        [
          milliseconds(readyMs),
          milliseconds(tookMs),
          milliseconds((MESSAGES / (tookMs - readyMs)) * 1000),
          String(BUDGET_MS),
          milliseconds(sayingMs / 1000),
        ],
      ],
    );
    // A node that ended has written everything into the file itself.
    await Promise.all([ana.node.kill('SIGTERM'), back.kill('SIGTERM')]);
    printTable(
      `The profile after ${MESSAGES} messages of ${textOf(MESSAGES).length} characters, kept packets and copies included`,
      ['whose', 'MB', 'bytes a message'],
      [
        ['who wrote half of them', ana.profile],
        ['who caught up with them', cy.profile],
      ].map(([whose = '', profile = '']) => {
        const bytes = sizeOf(profile);
        return [whose, (bytes / 1e6).toFixed(1), (bytes / MESSAGES).toFixed(0)];
      }),
    );
  });
});

/** All files below a directory, in bytes. */
function sizeOf(directory: string): number {
  const files = readdirSync(directory, { withFileTypes: true, recursive: true });
  return files.reduce((sum, file) => sum + (file.isFile() ? statSync(join(file.parentPath, file.name)).size : 0), 0);
}
