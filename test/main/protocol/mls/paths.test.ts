/** Paths of commits that are not what they should be, and tree hashes that are shared from tree to tree. */
import fc from 'fast-check';
import { treeHashRoot as libraryTreeHashRoot } from 'ts-mls/treeHash.js';
import { encode } from 'ts-mls/codec/tlsEncoder.js';
import { encodeRatchetTree, type RatchetTree } from 'ts-mls/ratchetTree.js';
import type { UpdatePath } from 'ts-mls/updatePath.js';
import { describe, expect, it } from 'vitest';
import { applyChanges } from '../../../../main/protocol/mls/changes.ts';
import { followPath } from '../../../../main/protocol/mls/followPath.ts';
import { contentOf, type GroupContent } from '../../../../main/protocol/mls/group.ts';
import { decodeKeyPackageBytes } from '../../../../main/protocol/mls/keyPackage.ts';
import { createPath } from '../../../../main/protocol/mls/path.ts';
import { treeEncoder } from '../../../../main/protocol/mls/treeEncoding.ts';
import { treeHashRoot } from '../../../../main/protocol/mls/treeHash.ts';
import { suite } from './crafted.ts';
import { at, groupOf, NOW, person, type Member } from './support.ts';

const members = await groupOf(['ada', 'bob', 'cyd', 'dan', 'eve'].map((name) => person(name)));
const [ada, bob] = [at(members, 0), at(members, 1)];
const content = (member: Member): GroupContent => contentOf(member.group);
const { ratchetTree: tree, groupContext } = content(ada).public;

const made = await createPath(tree, tree, 0, [], groupContext, ada.signatureKey.signKey, suite);
const follow = (path: UpdatePath, from = tree) =>
  followPath(from, from, 0, path, [], content(bob).epoch.privatePath, groupContext, suite);

/** The path with another first node. */
function withFirst(change: Partial<UpdatePath['nodes'][number]>): UpdatePath {
  const [first, ...others] = made.updatePath.nodes;
  if (first === undefined) throw new Error('no node');
  return { ...made.updatePath, nodes: [{ ...first, ...change }, ...others] };
}

describe('a path', () => {
  it('that is good gives everybody the committer’s secret', async () => {
    for (const member of members.slice(1)) {
      const { privatePath } = content(member).epoch;
      const followed = await followPath(tree, tree, 0, made.updatePath, [], privatePath, groupContext, suite);
      expect(followed.commitSecret).toEqual(made.commitSecret);
      expect(treeHashRoot(followed.tree)).toEqual(treeHashRoot(made.tree));
    }
  });

  it('with a node or a ciphertext too few or too many is refused', async () => {
    const { leafNode, nodes } = made.updatePath;
    const boxes = at(nodes, 0).encryptedPathSecret;
    for (const path of [
      { leafNode, nodes: nodes.slice(1) },
      { leafNode, nodes: [...nodes, at(nodes, 0)] },
      withFirst({ encryptedPathSecret: boxes.slice(1) }),
      withFirst({ encryptedPathSecret: [...boxes, at(boxes, 0)] }),
    ])
      await expect(follow(path)).rejects.toMatchObject({ code: 'Malformed' });
  });

  it('with a key that the tree has already is refused, the committer’s present one included', async () => {
    const keyOf = (index: number): Uint8Array => {
      const node = tree[index];
      if (node?.nodeType !== 'leaf') throw new Error('no leaf');
      return node.leaf.hpkePublicKey;
    };
    await expect(follow(withFirst({ hpkePublicKey: keyOf(4) }))).rejects.toMatchObject({ code: 'DuplicateKey' });
    const leafNode = { ...made.updatePath.leafNode, hpkePublicKey: keyOf(0) };
    await expect(follow({ ...made.updatePath, leafNode })).rejects.toMatchObject({ code: 'DuplicateKey' });
  });

  it('with a key that its leaf does not vouch for is refused, and so is a leaf that was altered', async () => {
    const forged = withFirst({ hpkePublicKey: new Uint8Array(32).fill(9) });
    await expect(follow(forged)).rejects.toThrow('parent hash');
    const leafNode = { ...made.updatePath.leafNode, parentHash: new Uint8Array(32) };
    await expect(follow({ ...made.updatePath, leafNode })).rejects.toThrow('signature');
  });

  it('with a secret of another path is refused: by its context, and by the keys that it should give', async () => {
    const other = await createPath(tree, tree, 0, [], groupContext, ada.signatureKey.signKey, suite);
    const { encryptedPathSecret } = at(other.updatePath.nodes, 0);
    await expect(follow(withFirst({ encryptedPathSecret }))).rejects.toThrow();
  });
});

describe('the hash and the encoding of a tree', () => {
  it('made from the tree before it are those of the library, whatever was changed in between', async () => {
    const packages = await Promise.all(
      Array.from({ length: 12 }, async (_, index) =>
        decodeKeyPackageBytes((await person(`joiner ${String(index)}`).service.generateKeyPackage(NOW)).keyPackage),
      ),
    );
    const step = fc.record({ remove: fc.nat(), add: fc.nat(11), commit: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        let current: RatchetTree = tree;
        for (const { remove, add, commit } of steps) {
          const taken = [...current.keys()].filter(
            (index) => index > 0 && index % 2 === 0 && current[index] !== undefined,
          );
          const leaf = taken[remove % (taken.length + 1)];
          const { tree: changed } = applyChanges(current, 0, [
            ...(leaf === undefined ? [] : [{ proposalType: 'remove' as const, remove: { removed: leaf / 2 } }]),
            { proposalType: 'add' as const, add: { keyPackage: at(packages, add) } },
          ]);
          const next = commit
            ? (await createPath(changed, current, 0, [], groupContext, ada.signatureKey.signKey, suite)).tree
            : changed;
          expect(treeHashRoot(next, current)).toEqual(await libraryTreeHashRoot(next, suite.hash));
          expect(encode(treeEncoder)(next)).toEqual(encodeRatchetTree(next));
          current = next;
        }
      }),
      { numRuns: 15, seed: 3 },
    );
  });
});
