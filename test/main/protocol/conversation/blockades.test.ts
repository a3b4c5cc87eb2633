/** Members who keep the group from acting: votes that nobody called for, one after the other, and what they may not hold up. */
import { describe, expect, it } from 'vitest';
import { nextList } from '../../../../main/protocol/conversation/elections.ts';
import { electionRequest } from '../../../../main/protocol/conversation/requests.ts';
import { draftOf, stateOf } from '../support/drafts.ts';
import { file } from '../support/governance.ts';
import { has } from '../support/hostile.ts';
import { World, type Node } from '../support/world.ts';

const NAMES = ['Alice', 'Bob', 'Carol', 'Dave', 'Eve'];

async function castOf(settings = {}) {
  const world = new World();
  const nodes = await world.group(NAMES, settings);
  await world.run(60_000);
  const { stewards } = world.view(nodes[0]!);
  const [mallory, leaver, ...rest] = [...nodes].sort(
    (a, b) => Number(stewards.includes(a.memberId)) - Number(stewards.includes(b.memberId)),
  ) as [Node, Node, ...Node[]];
  return { world, mallory, leaver, rest };
}

describe('elections that nothing called for', () => {
  for (const [kind, isRight] of [
    ['of a list that nobody computes', false],
    ['of the right list', true],
  ] as const) {
    it(`R-074 ${kind}, opened one after the other, hold up no commit and use up no attempt`, async () => {
      const { world, mallory, leaver, rest } = await castOf({ electionVotingDelayMs: 4_000, stewardsMax: 3 });
      const payload = () =>
        electionRequest({
          ...nextList(draftOf(world, mallory)),
          ...(isRight ? {} : { stewards: [mallory.memberId] }),
        });
      await file(world, mallory, payload());
      await world.input(leaver, { kind: 'leave' });
      for (let waited = 0; waited < 40_000 && has(world, rest[0]!, leaver.memberId); waited += 2_000) {
        await file(world, mallory, payload());
        await world.run(2_000);
        for (const node of rest) expect(stateOf(node).stewardList.retryCounter).toBe(0);
      }
      for (const node of rest) expect(has(world, node, leaver.memberId)).toBe(false);
    });
  }
});
