/** Groups that people enter and leave at random, and what a joiner verifies of the tree that comes out of it. */
import type { RatchetTree } from 'ts-mls/ratchetTree.js';
import { treeHashRoot } from 'ts-mls/treeHash.js';
import { describe, expect, it } from 'vitest';
import { contentOf } from '../../../../main/protocol/mls/group.ts';
import { checkReceivedTree } from '../../../../main/protocol/mls/receivedTree.ts';
import { suite } from './crafted.ts';
import { at, commit, expectAgreement, groupOf, letIn, person, seededRandom, type Member } from './support.ts';

/** `steps` commits by random members: some leave, some come, often both at once. */
async function churn(seed: number, steps: number, largest: number): Promise<Member[]> {
  const random = seededRandom(seed);
  const below = (limit: number): number => (random(1)[0] ?? 0) % limit;
  let members = await groupOf([person(`${seed}/founder`), person(`${seed}/second`)]);
  for (let round = 0; round < steps; round++) {
    const by = below(members.length);
    const committer = at(members, by);
    const target = below(members.length);
    if (target !== by && (members.length >= largest || below(3) === 0)) {
      const memberId = at(members, target).identity.memberId;
      ({ members } = await commit(members, by, [{ kind: 'remove', memberId }]));
    } else if (members.length < largest) {
      const joiners = Array.from({ length: 1 + below(3) }, (_, index) => person(`${seed}/${round}/${index}`));
      ({ members } = await letIn(members, by, joiners));
    }
    expect(members.some(({ identity }) => identity.memberId === committer.identity.memberId)).toBe(true);
  }
  return members;
}

describe('a group that changes at random', () => {
  it.each([1, 2, 3, 4, 5, 6])('agrees in the end, and everybody could join on the way (seed %i)', async (seed) => {
    await expectAgreement(await churn(seed, 24, 11));
  });
});

describe('the tree of a Welcome', () => {
  it('is accepted as members hold it, and refused with anything in it altered', async () => {
    const { service, group } = at(await churn(7, 24, 11), 0);
    const { ratchetTree, groupContext } = contentOf(group).public;
    expect(service.members(group).length).toBeGreaterThan(3);
    await expect(checkReceivedTree(ratchetTree, groupContext, suite)).resolves.toBeUndefined();
    const refused = async (tree: RatchetTree, reason: string): Promise<void> => {
      const error = { message: `WelcomeRefused: ${reason}` };
      await expect(checkReceivedTree(tree, groupContext, suite)).rejects.toMatchObject(error);
    };
    const index = ratchetTree.findIndex((node) => node?.nodeType === 'parent');
    const parent = ratchetTree[index];
    const leaf = ratchetTree.find((node) => node?.nodeType === 'leaf');
    if (parent?.nodeType !== 'parent' || leaf === undefined) throw new Error('no such node');
    const withUnmerged = (unmergedLeaves: number[]): RatchetTree =>
      ratchetTree.with(index, { nodeType: 'parent', parent: { ...parent.parent, unmergedLeaves } });
    await refused(ratchetTree.with(index, leaf), 'structure of the tree');
    await refused(withUnmerged([9999]), 'unmerged leaf is blank');
    await refused(withUnmerged([0, 0]), 'unmerged leaf twice');
    const elsewhere = ratchetTree.findLastIndex((node) => node?.nodeType === 'leaf') / 2;
    await refused(withUnmerged([index < ratchetTree.length / 2 ? elsewhere : 0]), 'unmerged leaf is elsewhere');
    const altered = { ...parent.parent, hpkePublicKey: new Uint8Array(32) };
    await refused(ratchetTree.with(index, { nodeType: 'parent', parent: altered }), 'tree hash');
  });

  it('is refused with a leaf that its member did not sign, though the hashes fit', async () => {
    const { group } = at(await groupOf([person('ada'), person('bob')]), 0);
    const { ratchetTree, groupContext } = contentOf(group).public;
    const node = ratchetTree[2];
    if (node?.nodeType !== 'leaf') throw new Error('no leaf');
    const signature = node.leaf.signature.with(0, (node.leaf.signature[0] ?? 0) ^ 1);
    const tree = ratchetTree.with(2, { nodeType: 'leaf', leaf: { ...node.leaf, signature } });
    const context = { ...groupContext, treeHash: await treeHashRoot(tree, suite.hash) };
    await expect(checkReceivedTree(tree, context, suite)).rejects.toMatchObject({ code: 'WelcomeRefused' });
  });
});
