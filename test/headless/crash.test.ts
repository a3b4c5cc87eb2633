/** kill -9 at any moment loses nothing and repeats nothing in a join and in a vote; and what the files show to others. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  acquaint,
  agree,
  askIn,
  chatGoesOn,
  connected,
  groupOf,
  quickRules,
  randomOf,
  say,
  soak,
  texts,
  until,
  useHouse,
  type Person,
} from './support.ts';

const house = useHouse();

/** How long after something began a process is killed: any moment of it, no assertion depends on which. */
const anyMoment = (random: () => number, longestMs: number): Promise<void> => pass(Math.floor(random() * longestMs));

async function killAndRestart(person: Person): Promise<void> {
  expect(await person.node.kill('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
  await house.restart(person);
}

const withoutRepeats = (all: readonly string[]): readonly string[] => [...new Set(all)];

describe('a join', () => {
  const seeds = soak ? Array.from({ length: 40 }, (_, seed) => seed + 1) : [1, 2];
  it.each(seeds)('succeeds although joiner and committer are killed in the middle of it (seed %i)', async (seed) => {
    const random = randomOf(seed);
    const [ana, bo] = await house.persons('Ana', 'Bo');
    const { conversationId } = await ana.node.call('conversation.create', { name: 'Choir', settings: quickRules });
    await askIn(ana, bo, conversationId);
    for (const victim of seed % 2 === 0 ? [ana, bo] : [bo, ana]) {
      await anyMoment(random, 700);
      await killAndRestart(victim);
    }
    await agree([ana, bo], conversationId);
    await chatGoesOn([ana, bo], conversationId, 'in spite of it all');
    await killAndRestart(bo);
    await agree([ana, bo], conversationId);
    await connected([ana, bo], conversationId);
    await chatGoesOn([ana, bo], conversationId, 'and again');
    for (const person of [ana, bo]) {
      const all = await texts(person, conversationId);
      expect(all).toEqual(withoutRepeats(all));
      const { entries } = await person.node.call('governance.log', { conversationId, limit: 200 });
      expect(entries.filter(({ kind, target }) => kind === 'joined' && target === bo.memberId)).toHaveLength(1);
    }
  });
});

describe('a vote', () => {
  const seeds = soak ? Array.from({ length: 20 }, (_, seed) => seed + 1) : [1];
  it.each(seeds)('is decided although everybody is killed once in the middle of it (seed %i)', async (seed) => {
    const random = randomOf(seed);
    const [ana, bo, cy] = await house.persons('Ana', 'Bo', 'Cy');
    const people = [ana, bo, cy];
    // Nobody is away for longer than changes are gathered.
    const conversationId = await groupOf([ana, bo, cy], { commitInactivityMs: 2_500 });
    await acquaint(people);
    await connected(people, conversationId);
    const { proposalId } = await bo.node.call('member.remove', { conversationId, memberId: cy.memberId });
    if (proposalId === undefined) throw new Error('no vote was opened');
    await killAndRestart(bo);
    const isOpen = async (person: Person): Promise<boolean> =>
      (await person.node.call('proposal.list', { conversationId })).open.some((open) => open.proposalId === proposalId);
    expect(await isOpen(bo)).toBe(true);
    await until(people, 'everybody sees the vote', async () =>
      (await Promise.all(people.map(isOpen))).every(Boolean) ? true : undefined,
    );
    await connected(people, conversationId);
    await killAndRestart(cy);
    expect(await isOpen(cy)).toBe(true);
    await connected(people, conversationId);
    const voting = ana.node.call('proposal.vote', { conversationId, proposalId, approve: true }).then(
      () => true,
      () => false,
    );
    await anyMoment(random, 30);
    ana.node.process.kill('SIGKILL');
    await ana.node.ended;
    const wasAnswered = await voting;
    await house.restart(ana);
    const found = [
      ...(await ana.node.call('proposal.list', { conversationId })).open,
      ...(await ana.node.call('proposal.list', { conversationId })).recent,
    ].find((proposal) => proposal.proposalId === proposalId);
    if (wasAnswered) expect(found?.ownVote).toBe(true);
    if (found?.ownVote === undefined)
      await ana.node.call('proposal.vote', { conversationId, proposalId, approve: true });
    await cy.node.waitForEvent('conversation.stateChanged', ({ state }) => state === 'left');
    await agree([ana, bo], conversationId);
    await connected([ana, bo], conversationId);
    await chatGoesOn([ana, bo], conversationId, 'decided');
    for (const person of [ana, bo]) {
      const { recent } = await person.node.call('proposal.list', { conversationId });
      const outcome = recent.find((proposal) => proposal.proposalId === proposalId);
      expect(outcome).toMatchObject({ outcome: 'accepted' });
      expect(outcome?.votes.filter(({ memberId }) => memberId === ana.memberId)).toHaveLength(1);
    }
  });
});

describe('the files of a profile', () => {
  it('show nobody what was said, by whom, in which group, or by which words it can be brought back', async () => {
    const [ana, bo] = await house.persons('Anastasia Montgomery', 'Bořivoj Łukasiewicz');
    const conversationId = await groupOf([ana, bo], {}, 'Midnight Gardeners');
    const spoken = ['the raspberries are behind the shed', 'nobody must find the wheelbarrow žluťoučký'];
    for (const text of spoken) await say(ana, conversationId, text);
    await bo.node.call('member.remove', { conversationId, memberId: ana.memberId, reason: 'trampled flowerbeds' });
    await chatGoesOn([ana, bo], conversationId, 'unmistakable');
    const { invite } = await ana.node.call('invite.create', { conversationId });
    const looked = (): void => {
      const longWords = [ana, bo].flatMap(({ recoveryPhrase }) =>
        recoveryPhrase.split(' ').filter((word) => word.length > 5),
      );
      const words = [
        ...spoken,
        'raspberries',
        'unmistakable',
        'trampled',
        'Midnight',
        'Anastasia',
        'Bořivoj',
        'Łukasiewicz',
      ];
      const ids = [ana, bo].flatMap(({ memberId }) => [memberId, memberId.toLowerCase(), memberId.slice(2)]);
      const secrets = [...words, ...longWords, ...ids, conversationId, invite, ana.recoveryPhrase, bo.recoveryPhrase];
      const patterns = [
        ...secrets.flatMap((secret) => [Buffer.from(secret), Buffer.from(secret, 'utf16le')]),
        ...[ana, bo].map(({ memberId }) => Buffer.from(memberId.slice(2), 'hex')),
      ];
      let bytes = 0;
      for (const { profile } of [ana, bo]) {
        expect(statSync(profile).mode & 0o077).toBe(0);
        for (const name of readdirSync(profile, { recursive: true, encoding: 'utf8' })) {
          const file = join(profile, name);
          if (!statSync(file).isFile()) continue;
          expect(statSync(file).mode & 0o077).toBe(0);
          const content = readFileSync(file);
          bytes += content.length;
          for (const pattern of patterns)
            if (content.includes(pattern)) throw new Error(`${name} holds ${JSON.stringify(pattern.toString())}`);
        }
      }
      expect(bytes).toBeGreaterThan(100_000);
    };
    looked();
    await Promise.all([ana.node.kill('SIGKILL'), bo.node.kill('SIGKILL')]);
    looked();
    await Promise.all([house.restart(ana), house.restart(bo)]);
    await Promise.all([ana.node.end(), bo.node.end()]);
    looked();
  });
});
