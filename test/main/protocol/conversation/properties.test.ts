/** What must hold for any order and repetition of packets, and for a crash after any step. One seed replays a run exactly. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Delivery, Node, WorldOptions } from '../support/world.ts';
import { agreed, seededRandom, texts, World } from '../support/world.ts';

/** The same runs every time: a run that fails is a defect, not bad luck. */
const SEED = 20260501;

/** Delays of up to `longest` ms, different for every packet and receiver; some arrive twice. */
function jitter(seed: string, longest: number, repeats: boolean): Delivery {
  const random = seededRandom(`delivery ${seed}`);
  return () => {
    const [first = 0, second = 0, chance = 0] = random(3);
    const delay = (byte: number): number => 1 + Math.floor((byte * longest) / 256);
    return repeats && chance < 64 ? [delay(first), delay(second) + longest] : [delay(first)];
  };
}

type Act = 'say' | 'remove' | 'voteYes' | 'voteNo' | 'leave' | 'join' | 'wait';

interface Script {
  readonly seed: string;
  readonly acts: readonly { readonly act: Act; readonly who: number; readonly whom: number; readonly pause: number }[];
}

const script = (length: number): fc.Arbitrary<Script> =>
  fc.record({
    seed: fc.string({ minLength: 4, maxLength: 8 }),
    acts: fc.array(
      fc.record({
        act: fc.constantFrom<Act>(
          'say',
          'say',
          'remove',
          'voteYes',
          'voteYes',
          'voteNo',
          'leave',
          'join',
          'join',
          'wait',
        ),
        who: fc.nat(20),
        whom: fc.nat(20),
        pause: fc.nat(4_000),
      }),
      { minLength: 4, maxLength: length },
    ),
  });

const isIn = (world: World, node: Node): boolean => {
  const phase = node.user.conversations().length === 0 ? undefined : world.view(node).phase;
  return phase !== undefined && phase !== 'pendingJoin';
};

/** Plays a script; whatever a person may not do just now is left out. Then everybody gets the time to finish. */
async function play({ seed, acts }: Script, options: WorldOptions): Promise<World> {
  const world = new World({ seed, ...options });
  const alice = world.node('Alice');
  await world.create(alice);
  let fresh = 0;
  for (const { act, who, whom, pause } of acts) {
    const inside = [...world.nodes.values()].filter((node) => isIn(world, node));
    const actor = inside[who % inside.length];
    if (actor === undefined) break;
    await perform(world, act, actor, inside[whom % inside.length]!, () => world.node(`N${fresh++}`));
    await world.run(pause);
  }
  await world.run(900_000);
  return world;
}

async function perform(world: World, act: Act, actor: Node, target: Node, stranger: () => Node): Promise<void> {
  const view = world.view(actor);
  const open = view.openProposals.find(({ ownVote }) => ownVote === undefined);
  switch (act) {
    case 'say':
      await world.say(actor, `from ${actor.name} at ${world.now}`);
      return;
    case 'remove':
      if (target === actor || view.phase !== 'working' || view.inviteSecret === undefined) return;
      if (
        !view.members.some(
          ({ memberId, pendingLeave, pendingRemoval }) =>
            memberId === target.memberId && !pendingLeave && !pendingRemoval,
        )
      )
        return;
      if (view.openProposals.some((proposal) => proposal.target === target.memberId)) return;
      await world.input(actor, { kind: 'removeMember', memberId: target.memberId });
      return;
    case 'voteYes':
    case 'voteNo':
      if (open !== undefined)
        await world.input(actor, { kind: 'vote', proposalId: open.proposalId, approve: act === 'voteYes' });
      return;
    case 'leave':
      if (view.members.length > 1) await world.input(actor, { kind: 'leave' });
      return;
    case 'join':
      if (world.nodes.size < 7 && view.inviteSecret !== undefined) await world.join(stranger(), world.invite(actor));
      return;
    case 'wait':
      return;
    default:
      act satisfies never;
  }
}

/** Everybody whom the group counts as a member is one, in the same state, at rest. */
function expectConverged(world: World): void {
  const inside = [...world.nodes.values()].filter((node) => isIn(world, node));
  const [first] = inside;
  if (first === undefined) return;
  const view = world.view(first);
  for (const node of inside) expect(agreed(world.view(node)), node.name).toEqual(agreed(view));
  expect(view.members.map(({ memberId }) => memberId).sort()).toEqual(inside.map(({ memberId }) => memberId).sort());
  for (const node of inside)
    expect(world.view(node), node.name).toMatchObject({ phase: 'working', approvedProposals: [] });
}

describe('any run of a group', () => {
  it('converges when packets are delayed, reordered and repeated', async () => {
    await fc.assert(
      fc.asyncProperty(script(14), async (run) => {
        expectConverged(await play(run, { delivery: jitter(run.seed, 250, true) }));
      }),
      { numRuns: 40, seed: SEED },
    );
  }, 60_000);

  it('H-44 goes the same way when every node is made anew from its store after each step', async () => {
    await fc.assert(
      fc.asyncProperty(script(10), async (run) => {
        const steady = await play(run, {});
        const crashing = await play(run, { restartAlways: true });
        for (const [name, node] of steady.nodes) {
          const other = crashing.nodes.get(name);
          expect(other === undefined ? undefined : texts(other)).toEqual(texts(node));
          if (isIn(steady, node)) {
            const { counters: _steady, ...expected } = steady.view(node);
            const { counters: _crashing, ...actual } = crashing.view(other!);
            expect(actual).toEqual(expected);
          }
        }
      }),
      { numRuns: 15, seed: SEED },
    );
  }, 60_000);
});
