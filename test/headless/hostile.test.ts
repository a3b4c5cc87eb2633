/** A node among people who mean it ill: thousands of broken lines on its input, thousands of broken packets on its topics. */
import { randomBytes } from 'node:crypto';
import { gossipsub } from '@chainsafe/libp2p-gossipsub';
import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import { identify } from '@libp2p/identify';
import { tcp } from '@libp2p/tcp';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import { afterEach, describe, expect, it } from 'vitest';
import { methods } from '../../shared/api/methods.ts';
import { openEnvelope, sealEnvelope, SUBTOPICS, topicOf } from '../../main/network/topics.ts';
import {
  acquaint,
  agree,
  askIn,
  chatGoesOn,
  memoryOf,
  pick,
  randomOf,
  soak,
  texts,
  until,
  useHouse,
} from './support.ts';

const house = useHouse();
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

type Random = () => number;
const below = (random: Random, count: number): number => Math.floor(random() * count);

/** Flips, cuts, doubles, inserts or crosses bytes. */
function mutate(random: Random, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  const at = below(random, bytes.length + 1);
  switch (below(random, 6)) {
    case 0: {
      const flipped = Uint8Array.from(bytes);
      for (let count = 1 + below(random, 4); count > 0 && flipped.length > 0; count -= 1) {
        const index = below(random, flipped.length);
        flipped[index] = (flipped[index] ?? 0) ^ (1 << below(random, 8));
      }
      return flipped;
    }
    case 1:
      return bytes.slice(0, at);
    case 2:
      return Buffer.concat([bytes.slice(0, at), bytes.slice(below(random, at + 1))]);
    case 3:
      return Buffer.concat([bytes.slice(0, at), junk(random, 1 + below(random, 40)), bytes.slice(at)]);
    case 4:
      return Buffer.concat([bytes.slice(0, at), other.slice(below(random, other.length + 1))]);
    default:
      return Uint8Array.from(bytes, (byte) => (random() < 0.02 ? below(random, 256) : byte));
  }
}

const junk = (random: Random, length: number): Uint8Array => Uint8Array.from({ length }, () => below(random, 256));

describe('a node whose input is broken', () => {
  it(
    'serves on after 10,000 random and mutated lines, and none of them is a bug to it',
    { timeout: 120_000 },
    async () => {
      const random = randomOf(20_000);
      const ana = await house.person('Ana');
      const { conversationId } = await ana.node.call('conversation.create', { name: 'Choir' });
      const { messageId } = await ana.node.call('message.send', { conversationId, text: 'before' });
      const { invite } = await ana.node.call('invite.create', { conversationId });
      const values: readonly unknown[] = [
        ...[
          conversationId,
          messageId,
          invite,
          ana.memberId,
          ana.memberId.toLowerCase(),
          'x',
          '',
          ' ',
          '\ud800',
          '\u0000',
        ],
        ...['__proto__', 'constructor', 'a'.repeat(5_000), -1, 0, 1, 1e308, 2 ** 53, 0.1, null, true, false, [], {}],
        ...[[[[[[]]]]], { a: { b: {} } }, { length: 3 }, 'conclave:', '/ip4/0.0.0.0/tcp/0', '12D3KooW', 4_294_967_295],
      ];
      const keys = [
        'conversationId',
        'messageId',
        'text',
        'displayName',
        'name',
        'invite',
        'limit',
        'before',
        'memberId',
      ];
      const more = [
        'proposalId',
        'approve',
        'patch',
        'settings',
        'peerId',
        'query',
        'recoveryPhrase',
        '__proto__',
        'toJSON',
      ];
      // What dials out or ends the node is left out: it would be obeyed.
      const names = Object.keys(methods).filter((name) => !['app.shutdown', 'peer.connect'].includes(name));
      const valid = (id: number): string => {
        const params = Object.fromEntries(
          Array.from({ length: below(random, 4) }, () => [pick(random, [...keys, ...more]), pick(random, values)]),
        );
        const method = random() < 0.05 ? pick(random, values) : pick(random, names);
        return JSON.stringify({
          jsonrpc: '2.0',
          id: random() < 0.05 ? pick(random, values) : `q${id}`,
          method,
          params,
        });
      };
      const deep = '['.repeat(20_000);
      const lineOf = (id: number): Uint8Array => {
        const kind = random();
        if (kind < 0.2) return junk(random, below(random, 300));
        if (kind < 0.45) return Buffer.from(valid(id));
        if (kind < 0.5) return Buffer.from(`[${valid(id)},${valid(id)},${JSON.stringify(pick(random, values))}]`);
        if (kind < 0.501) return Buffer.from(pick(random, [deep, `{"a":${deep}`, `${deep}${']'.repeat(20_000)}`]));
        return mutate(random, Buffer.from(valid(id)), Buffer.from(valid(id)));
      };
      const memory = memoryOf(ana.node.process.pid ?? 0);
      for (let index = 0; index < 10_000; index += 1) {
        ana.node.write(Buffer.concat([lineOf(index), Buffer.from('\n')]));
        // As fast as it answers: the pipe is not where this test wants to wait.
        if (index % 250 === 249) await ana.node.call('app.info', {});
      }
      expect((await ana.node.call('conversation.get', { conversationId })).state).not.toBe('pendingJoin');
      const { memberId } = await ana.node.call('identity.status', {});
      expect(memberId).toBe(ana.memberId);
      const answers = ana.node.lines.map((line) => JSON.parse(line) as unknown).flat();
      expect(answers.length).toBeGreaterThan(5_000);
      const bugs = answers.filter((answer) => JSON.stringify(answer).includes('"INTERNAL"'));
      expect(bugs).toEqual([]);
      expect(ana.node.log).not.toMatch(/nobody listened|nobody caught|by a bug/);
      expect(memoryOf(ana.node.process.pid ?? 0) - memory).toBeLessThan(200_000);
      const bo = await house.person('Bo');
      const { conversationId: next } = await ana.node.call('conversation.create', { name: 'After' });
      await askIn(ana, bo, next);
      await agree([ana, bo], next);
      expect(await ana.node.end()).toEqual({ code: 0, signal: null });
    },
  );
});

const STORM = soak ? 40_000 : 4_000;

describe('a group among hostile peers', () => {
  it(`chats and votes on while one publishes ${STORM} random and mutated packets`, { timeout: 240_000 }, async () => {
    const random = randomOf(30_000);
    const [ana, bo, cy] = await house.persons('Ana', 'Bo', 'Cy');
    const { conversationId } = await ana.node.call('conversation.create', {
      name: 'Choir',
      settings: { commitInactivityMs: 200, freezeMs: 400, recoveryInactivityMs: 300 },
    });
    const topics = SUBTOPICS.map((subtopic) => topicOf(conversationId, subtopic));
    const hostile = await createLibp2p({
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      services: {
        identify: identify(),
        pubsub: gossipsub({ allowPublishToZeroTopicPeers: true, floodPublish: true }),
      },
    });
    cleanups.push(() => hostile.stop());
    const captured: { readonly topic: string; readonly data: Uint8Array }[] = [];
    const { pubsub } = hostile.services;
    pubsub.addEventListener('message', ({ detail }) => captured.push({ topic: detail.topic, data: detail.data }));
    for (const topic of topics) pubsub.subscribe(topic);
    const attach = async (person: typeof ana): Promise<void> => {
      const { listenAddresses } = await person.node.call('app.info', {});
      await hostile.dial(multiaddr(listenAddresses[0] ?? ''));
    };
    await attach(ana);
    await until([ana], 'the hostile peer hears the group', async () =>
      topics.every((topic) => pubsub.getSubscribers(topic).length > 0) ? true : undefined,
    );

    // It overhears a join, chat and a vote: announcements, candidates, welcomes, ciphertexts, proposals, votes.
    await askIn(ana, bo, conversationId);
    await agree([ana, bo], conversationId);
    await askIn(ana, cy, conversationId);
    await agree([ana, bo, cy], conversationId);
    await acquaint([ana, bo, cy]);
    await Promise.all([attach(bo), attach(cy)]);
    await chatGoesOn([ana, bo, cy], conversationId, 'overheard');
    await until([ana], 'enough was overheard', async () => (captured.length >= 12 ? true : undefined));
    expect(new Set(captured.map(({ topic }) => topic)).size).toBe(2);
    const people = [ana, bo, cy];
    const memory = people.map((person) => memoryOf(person.node.process.pid ?? 0));
    const [before] = await agree(people, conversationId);

    // A peer that was cut off for it cannot publish, and may not come back at once; that is the nodes' right.
    const outcomes = { published: 0, notPublished: 0, notLetIn: 0 };
    const attempt = (work: Promise<unknown>, refused: 'notPublished' | 'notLetIn'): Promise<boolean> =>
      work.then(
        () => true,
        () => {
          outcomes[refused] += 1;
          return false;
        },
      );
    const counted = async (): Promise<number> => {
      const all = await Promise.all(people.map((person) => person.node.call('diagnostics.network', {})));
      return all.reduce(
        (sum, { counters }) => sum + (counters['gossip.delivered'] ?? 0) + (counters['gossip.repeated'] ?? 0),
        0,
      );
    };
    const countedBefore = await counted();
    for (let index = 0; index < STORM; index += 1) {
      // Whoever means it ill comes back when it was cut off.
      if (index % 100 === 0) await Promise.all(people.map((person) => attempt(attach(person), 'notLetIn')));
      const real = pick(random, captured);
      const topic = random() < 0.9 ? real.topic : pick(random, topics);
      const payload = openEnvelope(real.data) ?? real.data;
      const other = openEnvelope(pick(random, captured).data) ?? real.data;
      const kind = random();
      const data =
        kind < 0.15
          ? junk(random, below(random, 600))
          : kind < 0.17
            ? Uint8Array.from(randomBytes(200_000))
            : kind < 0.3
              ? sealEnvelope(BigInt(index), payload)
              : kind < 0.35
                ? mutate(random, real.data, other)
                : sealEnvelope(BigInt(index), mutate(random, payload, other));
      if (await attempt(pubsub.publish(topic, data), 'notPublished')) outcomes.published += 1;
      if (index % 1_000 === 600) await chatGoesOn(people, conversationId, `in the storm ${index}`);
    }
    await chatGoesOn(people, conversationId, 'after the storm');
    // It was a storm, and each of them stood in it.
    expect(outcomes.published, JSON.stringify(outcomes)).toBeGreaterThan(STORM * 0.75);
    expect((await counted()) - countedBefore, JSON.stringify(outcomes)).toBeGreaterThan(outcomes.published * 2);
    const [after] = await agree(people, conversationId);
    expect([after?.epoch, after?.epochAuthenticator]).toEqual([before?.epoch, before?.epochAuthenticator]);
    expect(after?.openProposals).toEqual([]);

    const { proposalId } = await ana.node.call('member.remove', { conversationId, memberId: cy.memberId });
    if (proposalId === undefined) throw new Error('no vote was opened');
    await bo.node.waitForEvent('proposal.opened', ({ proposal }) => proposal.proposalId === proposalId);
    await bo.node.call('proposal.vote', { conversationId, proposalId, approve: true });
    await cy.node.waitForEvent('conversation.stateChanged', ({ state }) => state === 'left');
    await agree([ana, bo], conversationId);
    await chatGoesOn([ana, bo], conversationId, 'without cy');
    const all = await texts(bo, conversationId);
    expect(all).toEqual([...new Set(all)]);
    for (const [index, person] of people.entries()) {
      expect(memoryOf(person.node.process.pid ?? 0) - (memory[index] ?? 0)).toBeLessThan(250_000);
      expect(person.node.log).not.toMatch(/nobody listened|nobody caught|by a bug|could not be carried out/);
    }
  });
});
