/** What somebody who lies about messages can do: nothing to others' messages, and little traffic. Architecture 5. */
import { hexToBytes } from '@noble/hashes/utils.js';
import { beforeEach, describe, expect, it } from 'vitest';
import { MAX_NUMBERS_AHEAD, MAX_RESAYS, MAX_RUNS_PER_MEMBER } from '../../../../../shared/limits.ts';
import type { MessageId } from '../../../../../shared/model/ids.ts';
import { keyOf } from '../../../../../main/protocol/conversation/delivery/heard.ts';
import { memberIdToBytes } from '../../../../../main/protocol/identity/index.ts';
import { stateOf } from '../../support/drafts.ts';
import { forge, texts, World, type Node } from '../../support/world.ts';

const HUGE = (1n << 64n) - 1n;

let world: World;
let alice: Node, bob: Node, eve: Node;

beforeEach(async () => {
  world = new World();
  [alice, bob, eve] = (await world.group(['Alice', 'Bob', 'Eve'])) as [Node, Node, Node];
});

const ownRun = (node: Node): string => stateOf(node).chat.run;
const ownKey = (node: Node): Uint8Array => keyOf(node.memberId, ownRun(node));
const statusOf = (node: Node, messageId: MessageId) => node.messages.get(messageId);
const chatOf = (node: Node, from: number): number =>
  node.steps
    .slice(from)
    .flatMap(({ effects }) => effects)
    .filter((effect) => effect.kind === 'publish' && effect.subject.kind === 'message').length;

/** Eve says this of what she has, and nothing of it is what her own client says. */
async function acknowledge(lengths: readonly bigint[], key = ownKey(alice)): Promise<void> {
  await forge(world, eve, {
    payload: { case: 'acknowledgements', value: { entries: [{ key, lengths: [...lengths] }] } },
  });
  await world.run(50);
}

/** A chat message of Eve's, with numbers of her choice. */
async function say(numbers: { run: Uint8Array; sequence: bigint; base?: bigint; sentAtMs?: bigint }, id: number) {
  const messageId = `019de36e-0000-7000-8000-${id.toString(16).padStart(12, '0')}`;
  const value = { message: new TextEncoder().encode(`text ${id}`), messageId, ...numbers };
  await forge(world, eve, { payload: { case: 'conversationMessage', value } });
  await world.run(50);
}

describe('a member that lies about messages', () => {
  it('cannot acknowledge what was never said, nor for others', async () => {
    world.delivery = (_, to) => (to === 'Alice' ? [5] : []);
    const messageId = await world.say(alice, 'unheard');
    for (const lengths of [
      [0n, 2n],
      [0n, HUGE],
      [HUGE, 1n],
      [0n, 1n, HUGE, HUGE],
    ]) {
      await acknowledge(lengths);
      expect(statusOf(alice, messageId)).toMatchObject({ deliveredTo: [], expected: 2 });
    }
    expect(world.view(alice).counters.AcknowledgementRefused).toBe(4);
    await acknowledge([0n, 1n], keyOf(bob.memberId, ownRun(alice)));
    expect(statusOf(alice, messageId)).toMatchObject({ deliveredTo: [] });
    // Her own word about herself is hers to give.
    await acknowledge([0n, 1n]);
    expect(statusOf(alice, messageId)).toMatchObject({ status: 'pending', deliveredTo: [eve.memberId], expected: 2 });
  });

  it('cannot have a message said again for ever', async () => {
    const from = alice.steps.length;
    world.delivery = ({ from: sender }, to) => (sender === 'Eve' || to === 'Eve' ? [] : [5]);
    await world.say(alice, 'again and again');
    world.delivery = (_, to) => (to === 'Eve' ? [] : [5]);
    const key = ownKey(alice);
    for (let hour = 0; hour < 24; hour += 1) {
      await acknowledge([1n], key);
      await world.run(3_600_000);
    }
    expect(chatOf(alice, from)).toBeLessThanOrEqual(1 + MAX_RESAYS);
    expect(texts(bob)).toEqual(['again and again']);
  });

  it('cannot make others answer more often than now and then', async () => {
    await say({ run: new Uint8Array(8).fill(7), sequence: 1n }, 1);
    await world.run(60_000);
    const from = bob.sent.length;
    const said = { run: new Uint8Array(8).fill(7), highest: 1n, base: 0n, asked: [memberIdToBytes(bob.memberId)] };
    for (let second = 0; second < 120; second += 1) {
      await forge(world, eve, { payload: { case: 'acknowledgements', value: { entries: [], said } } });
      await world.run(1_000);
    }
    expect(bob.sent.length - from).toBeGreaterThan(0);
    expect(bob.sent.length - from).toBeLessThanOrEqual(7);
  });

  it('can claim no numbers that are too large, and as many runs as it likes', async () => {
    const run = new Uint8Array(8).fill(1);
    await say({ run, sequence: 1n }, 1);
    await say({ run, sequence: HUGE, base: HUGE }, 2);
    await say({ run, sequence: BigInt(MAX_NUMBERS_AHEAD) + 2n }, 3);
    await say({ run: new Uint8Array(8).fill(2), sequence: HUGE, base: 5n }, 4);
    expect(world.view(bob).counters.NumberRefused).toBe(3);
    expect(world.view(bob).gaps).toEqual([]);
    for (let id = 5; id < 40; id += 1) await say({ run: new Uint8Array(8).fill(id), sequence: 1n }, id);
    expect(stateOf(bob).heard.find(({ memberId }) => memberId === eve.memberId)?.runs).toHaveLength(
      MAX_RUNS_PER_MEMBER,
    );
    // Its messages are shown whatever their numbers say.
    expect(texts(bob)).toHaveLength(39);
  });

  it('takes nothing from others by using their run and numbers', async () => {
    world.delivery = (packet, to) => (to === 'Bob' && packet.from === 'Alice' ? [] : [5]);
    const messageId = await world.say(alice, 'the real one');
    await world.run(500);
    await say({ run: hexToBytes(ownRun(alice)), sequence: 1n }, 1);
    await world.run(20_000);
    // Bob has number 1 of that run from Eve: that is no word about Alice's.
    expect(statusOf(alice, messageId)?.deliveredTo).toEqual([eve.memberId]);
    world.delivery = () => [5];
    await world.run(300_000);
    expect(texts(bob)).toEqual(['text 1', 'the real one']);
    expect(statusOf(alice, messageId)?.status).toBe('delivered');
  });

  it('cannot put its message below all others for ever, nor the clocks of others further ahead than clocks may be', async () => {
    await say({ run: new Uint8Array(8).fill(1), sequence: 1n, sentAtMs: HUGE }, 1);
    const limit = world.now + 120_000;
    const [received] = [...bob.messages.values()].filter(({ sender, system }) => sender === eve.memberId && !system);
    expect(received!.sentAt).toBeLessThanOrEqual(limit);
    await world.say(bob, 'after it');
    const own = [...bob.messages.values()].at(-1)!;
    expect(own.sentAt).toBeGreaterThan(received!.sentAt);
    expect(own.sentAt).toBeLessThanOrEqual(limit + 1);
  });

  it('is told gaps of at most so many stretches, and forgotten ones are no gaps', async () => {
    const run = new Uint8Array(8).fill(1);
    for (let id = 1; id <= 60; id += 1) await say({ run, sequence: BigInt(2 * id) }, id);
    await world.run(10_000);
    const known = stateOf(bob).heard.find(({ memberId }) => memberId === eve.memberId)!.runs[0]!;
    expect(known.have).toHaveLength(16);
    expect(world.view(bob).gaps).toEqual([{ sender: eve.memberId, missing: 16 }]);
  });
});
