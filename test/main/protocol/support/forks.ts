/** Groups that split: candidates of one half do not reach the other, while everything else does. */
import type { MemberId } from '../../../../shared/model/ids.ts';

import { isCandidate } from './hostile.ts';
import { World, type Delivery, type Node, type WorldOptions } from './world.ts';

export interface Split {
  readonly world: World;
  readonly nodes: readonly Node[];
  /** The epoch steward and its half, the second steward and its half. */
  readonly halves: readonly [readonly [Node, Node], readonly [Node, Node]];
}

/** Candidates stay within a half. */
export const apart =
  (halves: Split['halves']): Delivery =>
  (packet, to) => {
    const half = halves.findIndex((names) => names.some(({ name }) => name === packet.from));
    return isCandidate(packet) && half >= 0 && !halves[half]?.some(({ name }) => name === to) ? [] : [5];
  };

/** Whoever is no steward comes last. */
const rankIn = (stewards: readonly MemberId[], { memberId }: Node): number =>
  stewards.includes(memberId) ? stewards.indexOf(memberId) : stewards.length;

/** A group whose two halves applied different commits for one epoch, each removing the same leaver or adding the same joiner. */
export async function split(options: WorldOptions = {}): Promise<Split> {
  const world = new World(options);
  const nodes = await world.group(['Alice', 'Bob', 'Carol', 'Dave', 'Erin']);
  await world.run(15_000);
  const { stewards } = world.view(nodes[0]!);
  const ranked = [...nodes].sort((a, b) => rankIn(stewards, a) - rankIn(stewards, b));
  const [first, second, third, fourth, leaver] = ranked as [Node, Node, Node, Node, Node];
  const halves = [
    [first, third],
    [second, fourth],
  ] as const;
  world.delivery = apart(halves);
  await world.input(leaver, { kind: 'leave' });
  return { world, nodes: [first, second, third, fourth], halves };
}
