/**
 * Whatever is lost, repeated, reordered or restarted: in the end everybody has every message once, in one order, and every author
 * knows. Architecture 5.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareMessages } from '../../../../../shared/model/messageOrder.ts';
import { stateOf } from '../../support/drafts.ts';
import { seededRandom, World, type Delivery, type Node } from '../../support/world.ts';

const SEED = 20_260_501;
const NAMES = ['Alice', 'Bob', 'Carol'];

/** Loses a share of all packets, repeats some, and delays each by up to `longest` ms. */
function weather(seed: string, lost: number, longest: number): Delivery {
  const random = seededRandom(`weather ${seed}`);
  return () => {
    const [chance = 0, first = 0, second = 0] = random(3);
    if (chance < lost) return [];
    const delay = (byte: number): number => 1 + Math.floor((byte * longest) / 256);
    return chance > 230 ? [delay(first), delay(second) + longest] : [delay(first)];
  };
}

const script = fc.record({
  seed: fc.string({ minLength: 4, maxLength: 6 }),
  lost: fc.integer({ min: 0, max: 150 }),
  longest: fc.integer({ min: 5, max: 8_000 }),
  acts: fc.array(
    fc.record({
      who: fc.nat(2),
      act: fc.constantFrom('say', 'say', 'say', 'restart', 'unreachable', 'reachable', 'caughtUp'),
      pause: fc.nat(4_000),
    }),
    { minLength: 3, maxLength: 14 },
  ),
});

const lines = (node: Node): readonly string[] =>
  [...node.messages.values()]
    .filter(({ system }) => system === undefined)
    .sort(compareMessages)
    .map(({ messageId, text, sentAt }) => `${messageId} ${sentAt} ${text}`);

describe('messages', () => {
  it('are everywhere once, in the same order, and known to be, after any weather and any restart', async () => {
    await fc.assert(
      fc.asyncProperty(script, async ({ seed, lost, longest, acts }) => {
        const world = new World({ seed });
        const nodes = await world.group(NAMES);
        world.delivery = weather(seed, lost, longest);
        let said = 0;
        for (const { who, act, pause } of acts) {
          const node = nodes[who]!;
          if (act === 'say') await world.say(node, `message ${(said += 1)}`);
          else if (act === 'restart') world.restart(node);
          else if (act === 'caughtUp')
            await world.input(node, { kind: act, with: nodes[(who + 1) % 3]!.memberId, whole: true });
          else await world.input(node, { kind: act });
          await world.run(pause);
        }
        // The weather clears, and everybody is there again.
        world.delivery = () => [5];
        for (const [index, node] of nodes.entries()) {
          await world.input(node, { kind: 'reachable' });
          await world.input(node, { kind: 'caughtUp', with: nodes[(index + 1) % 3]!.memberId, whole: true });
        }
        await world.run(2 * 3_600_000);
        for (const node of nodes) {
          expect(lines(node)).toHaveLength(said);
          expect(lines(node)).toEqual(lines(nodes[0]!));
          expect(world.view(node).gaps).toEqual([]);
          expect(stateOf(node).own).toEqual([]);
          const own = [...node.messages.values()].filter(({ sender, system }) => sender === node.memberId && !system);
          for (const message of own) expect(message).toMatchObject({ status: 'delivered', expected: 2 });
        }
      }),
      { seed: SEED, numRuns: 25 },
    );
  }, 120_000);
});
