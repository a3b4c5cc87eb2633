/** The state machine, timers, chat in every state, and hostile packets. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_MESSAGE_TEXT_BYTES, MAX_QUEUED_MESSAGES } from '../../../../shared/limits.ts';
import type { MessageId, ProposalId } from '../../../../shared/model/ids.ts';
import { transitionTable } from '../../../../main/protocol/conversation/transitions.ts';
import { forge, seededRandom, texts, World, type Node, type Packet } from '../support/world.ts';

const isCandidate = ({ payload }: Packet): boolean => payload[0] === 0x42;

describe('the table of 9.2', () => {
  it('R-070 names every way between states, and none leads out of nowhere', () => {
    const ways = Object.values(transitionTable).flatMap(({ from, to }) => from.map((state) => `${state} -> ${to}`));
    expect([...new Set(ways)].sort()).toEqual([
      'freezing -> selection',
      'freezing -> working',
      'pendingJoin -> working',
      'reelection -> freezing',
      'reelection -> selection',
      'reelection -> working',
      'selection -> reelection',
      'selection -> working',
      'working -> freezing',
      'working -> selection',
      'working -> working',
    ]);
  });
});

/** Three members of whom the first is alone on the list. */
async function oneSteward() {
  const world = new World();
  const nodes = await world.group(['Alice', 'Bob', 'Carol'], { stewardsMax: 1 });
  const steward = nodes.find(({ memberId }) => world.view(nodes[0]!).stewards.includes(memberId))!;
  const [first, second] = nodes.filter((node) => node !== steward) as [Node, Node];
  return { world, steward, first, second };
}

describe('timers', () => {
  it('R-071 R-072 R-073 R-076 work anchors the window at once, and the steward commits at its end, once', async () => {
    const { world, steward, first } = await oneSteward();
    expect(steward.wakeAt === undefined || steward.wakeAt > world.now + 2_000).toBe(true);
    await world.input(first, { kind: 'leave' });
    const before = steward.sent.filter(isCandidate).length;
    await world.run(5);
    expect(steward.wakeAt).toBe(world.now + 2_000);
    await world.run(1_999);
    expect(world.view(steward).phase).toBe('working');
    await world.run(1);
    expect(steward.sent.filter(isCandidate).length).toBe(before + 1);
    expect(world.view(steward).members).toHaveLength(2);
  });

  it('R-092 a wake-up before the hint changes nothing', async () => {
    const { world, steward, first } = await oneSteward();
    await world.input(first, { kind: 'leave' });
    await world.run(500);
    const step = await world.input(steward, { kind: 'wake' });
    expect(step.after).toBe(step.before);
    expect(step.effects).toEqual([]);
  });

  it('R-078 R-079 R-273 a silent steward drives an observer to Reelection, is blamed once an epoch, and its commit still counts: R-256', async () => {
    const { world, steward, first, second } = await oneSteward();
    world.delivery = ({ from }, to) => (from === steward.name || to === steward.name ? [] : [5]);
    await world.input(first, { kind: 'leave' });
    for (let waited = 0; world.view(second).phase !== 'reelection' && waited < 20_000; waited += 100)
      await world.run(100);
    expect(world.view(second)).toMatchObject({ phase: 'reelection', approvedProposals: [{ selfLeave: true }] });
    const scoreOf = () => world.view(second).members.find(({ memberId }) => memberId === steward.memberId)!.score;
    const blamed = scoreOf();
    const { epoch } = world.view(second);
    await world.run(1_000);
    expect(world.view(second)).toMatchObject({ phase: 'reelection', epoch });
    expect(scoreOf()).toBe(blamed); // D-18: once an epoch.
    await expect(world.input(second, { kind: 'removeMember', memberId: steward.memberId })).rejects.toMatchObject({
      code: 'ConversationBlocked',
      state: 'reelection',
    });
    world.delivery = () => [5];
    // The wish to leave is said again when its lifetime is over; now the steward hears it.
    await world.run(600_000);
    expect(world.view(second)).toMatchObject({ phase: 'working' });
    expect(world.view(second).members).toHaveLength(2);
  });
});

describe('commands', () => {
  it('R-081 H-31 chat waits while a change settles, shown as pending, and is sent in order at the next Working', async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol', 'Dave', 'Eve', 'Frank']);
    const { stewards } = world.view(nodes[0]!);
    const leaver = nodes.find(({ memberId }) => !stewards.includes(memberId)) ?? nodes.at(-1)!;
    const writer = nodes.find((node) => node !== leaver && stewards.includes(node.memberId))!;
    const reader = nodes.find((node) => node !== leaver && node !== writer)!;
    const mute = nodes.find(
      (node) => stewards.includes(node.memberId) && node !== writer && node !== reader && node !== leaver,
    )!;
    // One steward answers late: the freeze lasts.
    world.delivery = (packet) => (packet.from === mute.name && isCandidate(packet) ? [2_000] : [5]);
    await world.input(leaver, { kind: 'leave' });
    for (let waited = 0; world.view(writer).phase !== 'freezing' && waited < 10_000; waited += 100)
      await world.run(100);
    expect(world.view(writer).phase).toBe('freezing');
    const first = await world.say(writer, 'one');
    await world.say(writer, 'two');
    expect(writer.messages.get(first)?.status).toBe('pending');
    expect(texts(reader)).toEqual([]);
    await world.run(30_000);
    expect(texts(reader)).toEqual(['one', 'two']);
  });

  it('H-31 at most 100 messages wait', async () => {
    const { world, steward, first, second } = await oneSteward();
    world.delivery = ({ from }, to) => (from === steward.name || to === steward.name ? [] : [5]);
    await world.input(first, { kind: 'leave' });
    for (let waited = 0; world.view(second).phase !== 'freezing' && waited < 20_000; waited += 100)
      await world.run(100);
    for (let index = 0; index < MAX_QUEUED_MESSAGES; index += 1) await world.say(second, `${index}`);
    await expect(world.say(second, 'one more')).rejects.toMatchObject({ code: 'TooMuchQueued' });
  });

  it('are refused by name when they cannot be', async () => {
    const world = new World();
    const [alice, bob, carol] = await world.group(['Alice', 'Bob', 'Carol']);
    const unknown = 7 as ProposalId;
    const messageId = '01900000-0000-7000-8000-000000000000' as MessageId;
    await expect(world.input(alice!, { kind: 'vote', proposalId: unknown, approve: true })).rejects.toMatchObject({
      code: 'SessionNotFound',
    });
    await expect(world.input(alice!, { kind: 'removeMember', memberId: alice!.memberId })).rejects.toMatchObject({
      code: 'CannotRemoveSelf',
    });
    const stranger = world.node('Stranger');
    await expect(world.input(alice!, { kind: 'removeMember', memberId: stranger.memberId })).rejects.toMatchObject({
      code: 'NotAMember',
    });
    const { reply } = await world.input(alice!, { kind: 'removeMember', memberId: bob!.memberId });
    await expect(world.input(alice!, { kind: 'removeMember', memberId: bob!.memberId })).rejects.toMatchObject({
      code: 'AlreadyProposed',
    });
    await expect(
      world.input(alice!, { kind: 'vote', proposalId: reply.proposalId!, approve: false }),
    ).rejects.toMatchObject({ code: 'UserAlreadyVoted' });
    await world.run(10);
    for (const node of [bob!, carol!])
      await world.input(node, { kind: 'vote', proposalId: reply.proposalId!, approve: false });
    await world.run(10);
    const text = 'ä'.repeat(MAX_MESSAGE_TEXT_BYTES / 2 + 1);
    await expect(world.input(alice!, { kind: 'sendMessage', messageId, text })).rejects.toMatchObject({
      code: 'TextTooLarge',
    });
    await expect(world.input(stranger, { kind: 'leave' })).rejects.toMatchObject({ code: 'ConversationNotFound' });
  });

  it('H-33 a reset makes the link of before useless and works at every member', async () => {
    const world = new World();
    const [alice, bob] = await world.group(['Alice', 'Bob']);
    const old = world.invite(alice!);
    await world.input(bob!, { kind: 'resetInvite' });
    await world.run(100);
    expect(world.view(alice!).inviteSecret).toEqual(world.view(bob!).inviteSecret);
    expect(world.view(alice!).inviteSecret).not.toEqual(old.secret);
    const [carol, dave] = [world.node('Carol'), world.node('Dave')];
    await world.join(carol, old);
    await world.join(dave, world.invite(alice!));
    await world.run(60_000);
    expect(world.view(carol).phase).toBe('pendingJoin');
    expect(world.view(dave).phase).toBe('working');
    expect(world.view(alice!).counters['InviteMacInvalid']).toBeGreaterThan(0);
  });
});

describe('hostile packets', () => {
  it('R-300 R-301 W-30 chat that names another sender and conversation is shown as its real sender, here', async () => {
    const world = new World();
    const [alice, bob] = await world.group(['Alice', 'Bob']);
    const messageId = '01900000-0000-7000-8000-000000000001' as MessageId;
    await forge(world, bob!, {
      payload: {
        case: 'conversationMessage',
        value: {
          message: new TextEncoder().encode('hi'),
          sender: 'SYSTEM',
          conversationName: 'elsewhere',
          messageId,
          sentAtMs: 2n ** 60n,
        },
      },
    });
    await world.run(10);
    const message = alice!.messages.get(messageId);
    expect(message).toMatchObject({ sender: bob!.memberId, text: 'hi', status: 'delivered' });
    expect(message?.system).toBeUndefined();
    expect(message?.sentAt).toBe(world.now - 5 + 120_000);
  });

  it('malformed chat is counted, not shown', async () => {
    const world = new World();
    const [alice, bob] = await world.group(['Alice', 'Bob']);
    const before = alice!.messages.size;
    for (const value of [
      { message: new Uint8Array([0xff, 0xfe]), messageId: '01900000-0000-7000-8000-000000000002' },
      { message: new TextEncoder().encode('x'), messageId: 'not-a-uuid' },
      { message: new TextEncoder().encode('   '), messageId: '01900000-0000-7000-8000-000000000003' },
    ]) {
      await forge(world, bob!, { payload: { case: 'conversationMessage', value } });
      await world.run(10);
    }
    expect(alice!.messages.size).toBe(before);
    expect(world.view(alice!).counters).toMatchObject({ ChatMalformed: 3 });
  });

  it('R-187 a fast-path proposal for somebody else is refused', async () => {
    const world = new World();
    const [alice, bob, carol] = await world.group(['Alice', 'Bob', 'Carol']);
    const { reply } = await world.input(alice!, { kind: 'removeMember', memberId: carol!.memberId });
    const session = alice!.steps.at(-1)?.after;
    if (session?.kind !== 'active') throw new Error('no state');
    const proposal = session.consensus.sessions.find(({ proposalId }) => proposalId === reply.proposalId)!.proposal;
    world.delivery = () => [];
    await forge(world, bob!, { payload: { case: 'proposal', value: { ...proposal, expectedVotersCount: 1 } } });
    const { payload } = bob!.sent.at(-1)!;
    await world.input(carol!, { kind: 'packet', subtopic: 'app_msg', payload });
    expect(world.view(carol!)).toMatchObject({
      openProposals: [],
      approvedProposals: [],
      counters: { FastPathRejected: 1 },
    });
  });

  it('R-014 R-024 random and mutated bytes never throw, and write nothing but what is parked', async () => {
    const world = new World({ seed: 'hostile' });
    const [alice, bob] = await world.group(['Alice', 'Bob', 'Carol']);
    await world.input(bob!, { kind: 'removeMember', memberId: alice!.memberId });
    await world.say(bob!, 'genuine');
    const genuine = [...bob!.sent, ...alice!.sent]
      .filter(({ subtopic }) => subtopic === 'app_msg')
      .map(({ payload }) => payload);
    const before = { ...world.view(alice!), counters: {} };
    const random = seededRandom('mutations');
    for (let round = 0; round < 1_500; round += 1) {
      const [kind = 0, low = 0, high = 0, bits = 1, pick = 0] = random(5);
      const base = genuine[pick % genuine.length]!;
      const payload = kind < 64 ? random((low << 2) + 1) : Uint8Array.from(base);
      if (kind >= 64) payload[((high << 8) + low) % payload.length]! ^= bits === 0 ? 1 : bits;
      const bytes = kind > 224 ? payload.subarray(0, (low / 256) * payload.length) : payload;
      const step = await alice!.user.step(
        world.view(alice!).conversationId,
        { kind: 'packet', subtopic: kind % 2 ? 'welcome' : 'app_msg', payload: bytes },
        world.now,
      );
      const written = alice!.user.writesOf(step).parts.filter(({ name }) => !name.startsWith('parked.'));
      expect(
        written.map(({ name }) => name),
        `round ${round}`,
      ).toEqual([]);
      expect(step.effects, `round ${round}`).toEqual([]);
      if (step.after !== step.before) alice!.user.install(step);
    }
    const after = world.view(alice!);
    const queues = { ...after.queues, parkedPackets: before.queues.parkedPackets };
    expect({ ...after, queues, counters: {} }).toEqual(before);
  });

  it('a joiner that waits is as robust', async () => {
    const world = new World({ delivery: () => [] });
    const [alice, bob] = [world.node('Alice'), world.node('Bob')];
    await world.create(alice);
    await world.join(bob, world.invite(alice));
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.boolean(), async (payload, welcome) => {
        await world.input(bob, { kind: 'packet', subtopic: welcome ? 'welcome' : 'app_msg', payload });
        expect(world.view(bob).phase).toBe('pendingJoin');
      }),
      { numRuns: 300 },
    );
  });
});
