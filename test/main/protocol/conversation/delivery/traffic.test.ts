/** What acknowledgements cost: little beside the chat of a busy group, and quick in a quiet one. Architecture 5. */
import { beforeAll, describe, expect, it } from 'vitest';
import { World, type Node } from '../../support/world.ts';

const NAMES = ['Ana', 'Bo', 'Cy', 'Dee', 'Eve', 'Flo', 'Gus', 'Hal', 'Ida', 'Jon'];
/** The first seconds of talk spend what a quiet time saved; then the busy time is measured. */
const WARM_SECONDS = 10;
const MEASURED_SECONDS = 30;
/** Ten members with real MLS, hundreds of messages: seconds when nothing else runs. */
const LONG_MS = 120_000;

/** Packets that a node's steps since `from` let out. */
function packetsSince(node: Node, from: number) {
  return node.steps.slice(from).flatMap(({ effects }) => effects.flatMap((e) => (e.kind === 'publish' ? [e] : [])));
}

const statusOf = (node: Node, text: string) =>
  [...node.messages.values()].find((message) => message.text === text)?.status;

describe('acknowledgements in a group of ten', () => {
  const world = new World({ seed: 'ten' });
  let nodes: Node[] = [];

  beforeAll(async () => {
    nodes = await world.group(NAMES);
    // What the group says about itself is over.
    await world.run(120_000);
  }, LONG_MS);

  it(
    'show a single message as delivered within two seconds',
    async () => {
      for (const node of nodes.slice(0, 3)) {
        await world.say(node, `good morning from ${node.name}`);
        await world.run(2_000);
        expect(statusOf(node, `good morning from ${node.name}`), node.name).toBe('delivered');
        await world.run(600_000);
      }
    },
    LONG_MS,
  );

  it(
    'are under a twentieth of the bytes while each says a message a second, and everything is delivered',
    async () => {
      const textOf = (second: number, node: Node): string =>
        `message ${second} of ${node.name}, nothing new under the sun`;
      const talk = async (from: number, seconds: number): Promise<void> => {
        for (let second = from; second < from + seconds; second += 1) {
          for (const node of nodes) {
            // Everybody speaks at a time of its own.
            await world.run(100);
            await world.say(node, textOf(second, node));
          }
        }
      };
      await talk(0, WARM_SECONDS);
      const from = nodes.map(({ steps }) => steps.length);
      await talk(WARM_SECONDS, MEASURED_SECONDS);
      const packets = nodes.flatMap((node, index) => packetsSince(node, from[index]!));
      const chat = packets.filter(({ subject }) => subject.kind === 'message').map(({ payload }) => payload.length);
      expect(chat).toHaveLength(MEASURED_SECONDS * NAMES.length);
      // Such a text takes the smallest packet when it goes alone; what others are larger by goes along with it.
      const alone = Math.min(...chat);
      const all = packets.reduce((sum, { payload }) => sum + payload.length, 0);
      const share = all / (alone * chat.length) - 1;
      expect(share).toBeGreaterThan(0);
      expect(share).toBeLessThan(0.05);
      await world.run(120_000);
      for (const node of nodes) {
        const own = [...node.messages.values()].filter(({ sender, system }) => sender === node.memberId && !system);
        expect(own.filter(({ status }) => status !== 'delivered').map(({ text }) => text)).toEqual([]);
      }
    },
    LONG_MS,
  );
});
