/** What members say of epochs, repeated by others or untrue: it moves nobody. H-27, H-28 */
import { describe, expect, it } from 'vitest';
import {
  attestationsOf,
  attestedElsewhere,
  learnAttestation,
} from '../../../../main/protocol/conversation/attestations.ts';
import { behindSince } from '../../../../main/protocol/conversation/lag.ts';
import { draftOf } from '../support/drafts.ts';
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
    expect(attestedElsewhere(draft, epoch, B, roster)).toBe(false);
    expect(
      attestationsOf(draft, epoch)
        .filter(({ memberId }) => memberId !== alice.memberId)
        .map(({ hash }) => hash),
    ).toEqual([B, B, B]);
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
