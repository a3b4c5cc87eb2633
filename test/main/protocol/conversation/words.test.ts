/** What members say of epochs, repeated by others or untrue: it moves nobody. H-27, H-28 */
import { describe, expect, it } from 'vitest';
import { appliedAt } from '../../../../main/protocol/conversation/appliedCommits.ts';
import {
  attestationsOf,
  countsElsewhere,
  learnAttestation,
} from '../../../../main/protocol/conversation/attestations.ts';
import { behindSince } from '../../../../main/protocol/conversation/lag.ts';
import { rejoinDueAt } from '../../../../main/protocol/conversation/rejoin.ts';
import { draftOf } from '../support/drafts.ts';
import { split } from '../support/forks.ts';
import { isCandidate } from '../support/hostile.ts';
import { CONVERSATION, World, type Node } from '../support/world.ts';

const A = 'aa'.repeat(32);
const B = 'bb'.repeat(32);

const word = (node: Node, epoch: number, hash: string) => ({
  memberId: node.memberId,
  hash,
  signature: node.identity.sign(new TextEncoder().encode(`conclave attestation 1\n${CONVERSATION}\n${epoch}\n${hash}`)),
});

describe('the word of a member', () => {
  it('H-27 that it took back cannot be put into its mouth again by whoever recorded it', async () => {
    const world = new World();
    const [alice, ...others] = (await world.group(['Alice', 'Bob', 'Carol', 'Dave'])) as [Node, ...Node[]];
    const draft = draftOf(world, alice);
    const { epoch } = world.view(alice);
    const roster = [alice, ...others].map(({ memberId }) => memberId);
    const learn = (hash: string) => {
      for (const node of others) expect(learnAttestation(draft, epoch, word(node, epoch, hash), roster)).toBe(true);
    };
    learn(A);
    learn(B);
    learn(A);
    const applied = { ...appliedAt(draft, epoch)!, hash: B, roster };
    expect([...countsElsewhere(draft, applied)]).toEqual([]);
    expect(
      attestationsOf(draft, epoch)
        .filter(({ memberId }) => memberId !== alice.memberId)
        .map(({ hash }) => hash),
    ).toEqual([B, B, B]);
  });

  it('H-27 on each side of a fork for the other one drives away nobody from the better commit', async () => {
    const { world, nodes, halves } = await split();
    const [better, worse] = halves;
    // The better side saw the other commit in time, the other side hears of the better one too late.
    world.delivery = (packet, to) =>
      isCandidate(packet) && better.some(({ name }) => name === packet.from) && worse.some(({ name }) => name === to)
        ? []
        : [5];
    const liar = [...world.nodes.values()].find((node) => !nodes.includes(node))!;
    await world.run(30_000);
    const { epoch } = world.view(better[0]);
    const hashAt = (node: Node) => appliedAt(draftOf(world, node), epoch)!.hash;
    expect(hashAt(worse[0])).not.toBe(hashAt(better[0]));
    const rejoins = (node: Node, hashes: readonly string[]): boolean => {
      const draft = draftOf(world, node);
      const { roster } = appliedAt(draft, epoch)!;
      for (const hash of hashes) expect(learnAttestation(draft, epoch, word(liar, epoch, hash), roster)).toBe(true);
      return rejoinDueAt(draft) !== undefined;
    };
    const [good, bad] = [hashAt(better[0]), hashAt(worse[0])];
    for (const node of better) expect(rejoins(node, [good, bad])).toBe(false);
    for (const node of worse) expect(rejoins(node, [bad, good])).toBe(true);
  });

  it('H-28 that it is far ahead counts no longer than its membership', async () => {
    const world = new World();
    const [alice, liar] = (await world.group(['Alice', 'Bob', 'Carol'])) as [Node, Node];
    const draft = draftOf(world, alice);
    const ahead = (memberId: Node['memberId']) => [{ memberId, epoch: 2 ** 40, since: world.now }];
    draft.state.forks = { ...draft.state.forks, ahead: ahead(liar.memberId) };
    expect(behindSince(draft)).toBe(world.now);
    draft.state.forks = { ...draft.state.forks, ahead: ahead(world.node('Gone').memberId) };
    expect(behindSince(draft)).toBeUndefined();
  });
});
