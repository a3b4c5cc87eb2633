/** The registry: starts, ids, ends, taking back, restoring. */
import { describe, expect, it } from 'vitest';
import { friendsPreset } from '../../../../shared/api/settings.ts';
import type { ConversationId } from '../../../../shared/model/ids.ts';
import { CONVERSATION, START, World } from '../support/world.ts';

const settings = friendsPreset;

describe('starting', () => {
  it('R-040 the creator starts in Working, is the only steward at epoch 0, and scored at the default', async () => {
    const world = new World();
    const alice = world.node('Alice');
    await world.create(alice);
    expect(world.view(alice)).toMatchObject({
      phase: 'working',
      epoch: 0,
      electionEpoch: 0,
      stewards: [alice.memberId],
      members: [{ memberId: alice.memberId, role: 'epochSteward', score: 100 }],
    });
  });

  it('R-041 R-042 a joiner starts in PendingJoin without list and scores; Created comes before any event of the session', async () => {
    const world = new World({ delivery: () => [] });
    const [alice, bob] = [world.node('Alice'), world.node('Bob')];
    await world.create(alice);
    await world.join(bob, world.invite(alice));
    expect(world.view(bob)).toMatchObject({ phase: 'pendingJoin', epoch: -1, stewards: [], members: [] });
    for (const node of [alice, bob]) {
      expect(node.steps[0]?.lifecycle).toEqual([{ kind: 'Created', conversationId: CONVERSATION }]);
      expect(node.events[0]?.kind).toBe('PhaseChange');
    }
    expect(bob.events[0]).toEqual({ kind: 'PhaseChange', phase: 'pendingJoin' });
  });

  it('R-043 an id that exists is refused, also to the second of two that race for it', async () => {
    const world = new World();
    const alice = world.node('Alice');
    const create = () =>
      alice.user.createConversationWithConfig({ conversationId: CONVERSATION, name: 'Hikers', settings }, START);
    const [first, second] = await Promise.allSettled([create(), create()]);
    expect(first.status).toBe('fulfilled');
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'ConversationAlreadyExists' } });
    if (first.status === 'fulfilled') alice.user.install(first.value);
    const invite = {
      conversationId: CONVERSATION,
      conversationName: 'x',
      inviter: alice.memberId,
      inviterName: 'x',
      secret: new Uint8Array(32),
    };
    await expect(alice.user.startConversation({ kind: 'join', invite }, START)).rejects.toMatchObject({
      code: 'ConversationAlreadyExists',
    });
  });

  it('an id is free again when its step is dropped', async () => {
    const alice = new World().node('Alice');
    const create = () =>
      alice.user.createConversationWithConfig({ conversationId: CONVERSATION, name: 'Hikers', settings }, START);
    alice.user.drop(await create());
    alice.user.install(await create());
    expect(alice.user.conversations()).toEqual([CONVERSATION]);
  });

  it('R-004 ids that could break a topic are refused', async () => {
    const alice = new World().node('Alice');
    for (const id of ['', 'a/b', 'ä', 'x'.repeat(65)] as ConversationId[]) {
      const started = alice.user.createConversationWithConfig({ conversationId: id, name: 'Hikers', settings }, START);
      await expect(started).rejects.toMatchObject({ code: 'InvalidConfig' });
    }
  });

  it('R-091 W-43 rules that do not fit together are refused', async () => {
    const alice = new World().node('Alice');
    const broken = [
      { ...settings, votingDelayMs: settings.consensusTimeoutMs + 1 },
      { ...settings, stewardsMin: 6 },
      { ...settings, peerScoreDefault: settings.peerScoreThreshold },
      { ...settings, proposalExpirationMs: 1000 },
      { ...settings, freezeMs: 0 },
    ];
    for (const rules of broken) {
      const started = alice.user.createConversationWithConfig({ name: 'Hikers', settings: rules }, START);
      await expect(started).rejects.toMatchObject({ code: 'InvalidConfig' });
    }
  });

  it('W-35 fresh ids are 26 base32 characters and differ', async () => {
    const alice = new World().node('Alice');
    const one = await alice.user.startConversation({ kind: 'create', name: 'One' }, START);
    const two = await alice.user.startConversation({ kind: 'create', name: 'Two' }, START);
    expect(one.conversationId).toMatch(/^[a-z2-7]{26}$/);
    expect(two.conversationId).not.toBe(one.conversationId);
  });
});

describe('a joiner that waits', () => {
  const waiting = async (pendingJoinMs: number) => {
    const world = new World({ delivery: () => [], options: { pendingJoinMs } });
    const [alice, bob] = [world.node('Alice'), world.node('Bob')];
    await world.create(alice);
    await world.join(bob, world.invite(alice));
    return { world, bob };
  };

  it('R-045 R-047 expires at 3 x commit_inactivity and not before, with Leaving and then Removed', async () => {
    const { world, bob } = await waiting(3 * 60_000);
    await world.run(2.5 * 60_000);
    expect(world.view(bob).phase).toBe('pendingJoin');
    await world.run(0.5 * 60_000 - 1);
    expect(world.view(bob).phase).toBe('pendingJoin');
    await world.run(1);
    expect(bob.user.conversations()).toEqual([]);
    expect(bob.events.at(-1)).toEqual({ kind: 'Leaving', cause: 'expired' });
    expect(bob.lifecycle.at(-1)).toEqual({ kind: 'Removed', conversationId: CONVERSATION, cause: 'expired' });
  });

  it('R-048 leaves at once and without a packet', async () => {
    const { world, bob } = await waiting(60_000);
    const sent = bob.sent.length;
    const step = await world.input(bob, { kind: 'leave' });
    expect(step.nextWakeupAt).toBeUndefined();
    expect(bob.sent.length).toBe(sent);
    expect(bob.user.conversations()).toEqual([]);
  });

  it('announces the same key package again every 30 s, and when somebody becomes reachable, at most once in 2 s', async () => {
    const { world, bob } = await waiting(3_600_000);
    await world.run(90_000);
    expect(bob.sent).toHaveLength(4);
    await world.input(bob, { kind: 'reachable' });
    expect(bob.sent).toHaveLength(4);
    await world.run(2_000);
    await world.input(bob, { kind: 'reachable' });
    await world.input(bob, { kind: 'reachable' });
    expect(bob.sent).toHaveLength(5);
    for (const { payload } of bob.sent) expect(payload).toEqual(bob.sent[0]?.payload);
  });

  it('R-049 does not take other joiners in', async () => {
    const world = new World();
    const alice = world.node('Alice');
    await world.create(alice, { membersMayInvite: false });
    const joiners = ['Bob', 'Carol', 'Dave'].map((name) => world.node(name));
    for (const joiner of joiners) await world.join(joiner, world.invite(alice));
    await world.run(1_000);
    for (const joiner of joiners)
      expect(world.view(joiner)).toMatchObject({ openProposals: [], counters: { AnnouncementIgnored: 2 } });
  });

  it('refuses what only a member can do', async () => {
    const { world, bob } = await waiting(60_000);
    await expect(world.say(bob, 'hello?')).rejects.toMatchObject({ code: 'ConversationBlocked', state: 'pendingJoin' });
    await expect(world.input(bob, { kind: 'resetInvite' })).rejects.toMatchObject({ code: 'ConversationBlocked' });
  });
});

describe('restoring', () => {
  it('R-308 W-44 a restarted node waits for the same moment and chats on', async () => {
    const world = new World();
    const [alice, bob] = await world.group(['Alice', 'Bob']);
    await world.input(alice!, { kind: 'removeMember', memberId: bob!.memberId });
    const { wakeAt } = alice!;
    world.restart(alice!);
    expect(alice!.wakeAt).toBe(wakeAt);
    expect(world.view(alice!).openProposals).toHaveLength(1);
    const messageId = await world.say(alice!, 'still me');
    await world.run(100);
    expect(bob!.messages.get(messageId)?.text).toBe('still me');
  });

  it('damaged parts are refused, each of them and every bit that was tried', async () => {
    const world = new World();
    const [alice] = await world.group(['Alice', 'Bob']);
    const { parts, scores } = alice!.stored.get(CONVERSATION)!;
    for (const [name, bytes] of parts) {
      for (const position of [0, 5, Math.floor(bytes.length / 2), bytes.length - 1]) {
        const damaged = Uint8Array.from(bytes);
        damaged[position]! ^= 1;
        const restore = () =>
          alice!.user.restore(
            { conversationId: CONVERSATION, parts: new Map(parts).set(name, damaged), scores: [...scores] },
            world.now,
          );
        expect(restore, `${name} at ${position}`).toThrow(expect.objectContaining({ code: 'DamagedState' }));
      }
      const without = new Map(parts);
      without.delete(name);
      if (name === 'invite' || /^(?:welcome|applied|attested)\./.test(name)) continue;
      expect(
        () => alice!.user.restore({ conversationId: CONVERSATION, parts: without, scores: [] }, world.now),
        name,
      ).toThrow(expect.objectContaining({ code: 'DamagedState' }));
    }
  });

  it('a chat message writes the ratchets, itself, and what is known of its author, and nothing else', async () => {
    const world = new World();
    const [alice, bob] = await world.group(['Alice', 'Bob']);
    await world.say(alice!, 'small');
    const sending = alice!.user.writesOf(alice!.steps.at(-1)!);
    expect(sending.parts.map(({ name }) => name).sort()).toEqual(['chat', 'mls.ratchets', 'own.1']);
    await world.run(100);
    const receiving = bob!.user.writesOf(bob!.steps.at(-1)!);
    expect(receiving.parts.map(({ name }) => name).sort()).toEqual([`heard.${alice!.memberId}`, 'mls.ratchets']);
    expect(receiving.scores).toEqual([]);
  });

  it('R-057 conversations of one user do not touch each other', async () => {
    const world = new World();
    const [alice, bob] = await world.group(['Alice', 'Bob']);
    const other = 'bbbbccccddddeeeeffffgggghh' as ConversationId;
    await world.create(alice!, {}, other);
    const before = world.view(alice!, other);
    await world.input(alice!, { kind: 'removeMember', memberId: bob!.memberId });
    await world.say(alice!, 'only here');
    await world.run(400_000);
    expect(world.view(alice!, other)).toEqual(before);
    expect(alice!.user.sharesConversationWith(bob!.memberId)).toBe(true);
  });
});
