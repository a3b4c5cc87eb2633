/** Breaths: long work lets the event loop turn between two operations on a curve, and nothing else changes by it. */
import { describe, expect, it } from 'vitest';
import type { Breather } from '../../../../main/protocol/breather.ts';
import {
  createMlsService,
  type JoinerKeyPackage,
  type MlsGroup,
  type MlsService,
  type OwnCandidate,
} from '../../../../main/protocol/mls/index.ts';
import { at, commit, CONVERSATION, groupOf, NOW, person, seededRandom, text, type Member } from './support.ts';

/** Lets the event loop turn every single time, and counts. */
function countingBreather(): { breathe: Breather; taken: () => number } {
  let taken = 0;
  const breathe = (): Promise<void> => {
    taken++;
    return new Promise((resolve) => {
      setImmediate(resolve);
    });
  };
  return { breathe, taken: () => taken };
}

/** The same person with randomness of its own, so that two runs can be compared. */
function again(member: Pick<Member, 'identity' | 'signatureKey'>, breathe?: Breather): MlsService {
  return createMlsService({
    identity: member.identity,
    signatureKey: member.signatureKey,
    random: seededRandom('again'),
    ...(breathe === undefined ? {} : { breathe }),
  });
}

const PEOPLE = 12;
const people = () => groupOf(Array.from({ length: PEOPLE }, (_, index) => person(`member ${String(index)}`)));

/** What one person sees of a candidate, as bytes. */
function seen(service: MlsService, group: MlsGroup): unknown {
  return [service.encodeParts(group), service.epochAuthenticator(group)];
}

async function runOf(service: MlsService, group: MlsGroup): Promise<{ candidate: OwnCandidate; bytes: unknown }> {
  const joiners = await Promise.all(['x', 'y'].map((name) => person(name).service.generateKeyPackage(NOW)));
  const updates = joiners.map(({ keyPackage }) => ({ kind: 'add' as const, keyPackage }));
  const candidate = await service.createCandidate(group, updates, NOW);
  const { group: after, ciphertext } = await service.encrypt(candidate.base, text('meanwhile'));
  const { proposals, commit: bytes, welcome } = candidate;
  return {
    candidate,
    bytes: [proposals, bytes, welcome, ciphertext, seen(service, candidate.next), seen(service, after)],
  };
}

describe('a breath', () => {
  it('changes no byte of a candidate, of its welcome and of what the others make of it', async () => {
    const members = await people();
    const [ada, bob] = [at(members, 0), at(members, 1)];
    const { breathe } = countingBreather();
    const without = await runOf(again(ada), ada.group);
    const withBreaths = await runOf(again(ada, breathe), ada.group);
    expect(withBreaths.bytes).toEqual(without.bytes);
    const staged = await Promise.all(
      [again(bob), again(bob, breathe)].map(async (service) => {
        const result = await service.stageCandidate(bob.group, without.candidate, NOW);
        if (result.kind !== 'staged' || result.next === undefined) throw new Error('the candidate was good');
        return seen(service, result.next);
      }),
    );
    expect(staged[1]).toEqual(staged[0]);
  });

  it('comes before every encryption of a path, every proposal and every joiner of a candidate', async () => {
    const ada = at(await people(), 0);
    const { breathe, taken } = countingBreather();
    await runOf(again(ada, breathe), ada.group);
    // Two key packages, two proposals, eleven members that never committed, two Welcomes.
    expect(taken()).toBeGreaterThanOrEqual(2 + 2 + (PEOPLE - 1) + 2);
  });

  it('comes before every signature of a leaf when somebody joins', async () => {
    const members = await people();
    const joiner = person('joiner');
    const keyPackage: JoinerKeyPackage = await joiner.service.generateKeyPackage(NOW);
    const { candidate } = await commit(members, 0, [{ kind: 'add', keyPackage: keyPackage.keyPackage }]);
    const { breathe, taken } = countingBreather();
    const welcome = candidate.welcome ?? new Uint8Array();
    const joined = await again(joiner, breathe).join({ conversationId: CONVERSATION, welcome, keyPackage, now: NOW });
    expect(joined.kind).toBe('joined');
    expect(taken()).toBeGreaterThanOrEqual(PEOPLE + 1);
  });

  it('may interleave work on one group: every result is as if it had run alone', async () => {
    const members = await people();
    const [ada, bob] = [at(members, 0), at(members, 1)];
    const { breathe } = countingBreather();
    const alone = await runOf(again(ada), ada.group);
    const before = seen(ada.service, ada.group);
    const together = await Promise.all([
      runOf(again(ada, breathe), ada.group),
      runOf(again(ada, breathe), ada.group),
      again(bob, breathe).stageCandidate(bob.group, alone.candidate, NOW),
    ]);
    expect(together[0].bytes).toEqual(alone.bytes);
    expect(together[1].bytes).toEqual(alone.bytes);
    expect(together[2].kind).toBe('staged');
    expect(seen(ada.service, ada.group)).toEqual(before);
  });
});
