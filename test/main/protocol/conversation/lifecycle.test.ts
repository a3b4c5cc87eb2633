/** The beginning and the end of a membership: what is told in which order, what is left over, and that one group never waits for another. */
import { describe, expect, it } from 'vitest';
import type { ConversationId } from '../../../../shared/model/ids.ts';
import { friendsPreset } from '../../../../shared/api/settings.ts';
import type { MlsService } from '../../../../main/protocol/mls/index.ts';
import { createUser } from '../../../../main/protocol/user/index.ts';
import { stateOf } from '../support/drafts.ts';
import { CONVERSATION, START, World, type Node } from '../support/world.ts';

const OTHER = 'bbbbccccddddeeeeffffgggghh' as ConversationId;

describe('a welcome', () => {
  it('R-044 makes a member: joined, everybody at the default score, Working, and a line that the group reads', async () => {
    const world = new World();
    const [alice, bob] = (await world.group(['Alice', 'Bob'], { peerScoreDefault: 70 })) as [Node, Node];
    const carol = world.node('Carol');
    await world.join(carol, world.invite(alice));
    await world.run(30_000);
    const order = carol.events.flatMap((event) =>
      event.kind === 'PhaseChange' ? [event.phase] : event.kind === 'Joined' ? ['joined'] : [],
    );
    expect(order.slice(0, 3)).toEqual(['pendingJoin', 'joined', 'working']);
    expect(order.filter((what) => what === 'joined')).toHaveLength(1);
    const scoreOf = (of: Node, memberId = of.memberId) =>
      world.view(carol).members.find((member) => member.memberId === memberId)?.score;
    expect(scoreOf(carol)).toBe(70);
    for (const node of [alice, bob]) {
      expect(node.names.get(carol.memberId)).toBe('Carol');
      const lines = [...node.messages.values()].flatMap(({ system }) => system ?? []);
      expect(lines.filter(({ kind, target }) => kind === 'joined' && target === carol.memberId)).toHaveLength(1);
    }
  });

  it('R-044 without a sync gives everybody the default score', async () => {
    const world = new World();
    const [alice, bob] = [world.node('Alice'), world.node('Bob')];
    await world.create(alice);
    await world.join(bob, world.invite(alice));
    await world.run(10_000);
    const step = bob.steps.find(({ after }) => after?.kind === 'active')!;
    expect(bob.user.viewOf(step.after!).members.map(({ memberId, score }) => [memberId, score])).toEqual(
      // The first commit of Alice is known from the sync that came with the welcome.
      [
        [alice.memberId, 110],
        [bob.memberId, 100],
      ],
    );
  });
});

describe('the deadline of a join', () => {
  it('R-046 is never reported to a member, however long ago it began to wait', async () => {
    const world = new World({ options: { pendingJoinMs: 60_000 } });
    const [, bob] = await world.group(['Alice', 'Bob']);
    await world.run(10 * 60_000);
    await world.input(bob!, { kind: 'wake' });
    world.restart(bob!);
    await world.input(bob!, { kind: 'reachable' });
    expect(world.view(bob!).phase).toBe('working');
    expect(bob!.events.some(({ kind }) => kind === 'Leaving')).toBe(false);
  });
});

describe('a leave', () => {
  it('R-052 asks nobody: receivers see no question, arm no vote, and have it approved at once', async () => {
    const world = new World();
    const [alice, bob, carol] = (await world.group(['Alice', 'Bob', 'Carol'], { votingDelayMs: 1_000 })) as [
      Node,
      Node,
      Node,
    ];
    const asked = (node: Node) => node.events.filter(({ kind }) => kind === 'VoteRequested').length;
    const before = [alice, bob].map(asked);
    await world.input(carol, { kind: 'leave' });
    await world.run(5);
    expect([alice, bob].map(asked)).toEqual(before);
    for (const node of [alice, bob]) {
      expect(stateOf(node).votes.automatic).toEqual([]);
      expect(world.view(node)).toMatchObject({
        openProposals: [],
        approvedProposals: [{ target: carol.memberId, selfLeave: true, outcome: 'accepted' }],
      });
      expect(world.view(node).members.find(({ memberId }) => memberId === carol.memberId)?.pendingLeave).toBe(true);
    }
  });
});

describe('the end of a membership', () => {
  /** Carol is voted out while a rule's vote of hers on a joiner still waits for its delay. */
  async function removed() {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol', 'Dave'], { stewardsMax: 1, votingDelayMs: 20_000 });
    const steward = nodes.find(({ memberId }) => world.view(nodes[0]!).stewards.includes(memberId))!;
    const [carol, ...others] = nodes.filter((node) => node !== steward) as [Node, Node, Node];
    const { reply } = await world.input(steward, { kind: 'removeMember', memberId: carol.memberId });
    const eve = world.node('Eve');
    await world.join(eve, world.invite(others[0]));
    await world.run(10);
    expect(stateOf(carol).votes.automatic).toHaveLength(1);
    for (const node of others) await world.input(node, { kind: 'vote', proposalId: reply.proposalId!, approve: true });
    await world.run(15_000);
    return { world, carol, steward, others };
  }

  it('R-053 R-061 W-48 is told when the commit that removes us is applied, and then nothing of the group is left', async () => {
    const { carol } = await removed();
    const last = carol.steps.at(-1)!;
    expect(last.after).toBeUndefined();
    const told = last.effects.flatMap((effect) => (effect.kind === 'event' ? [effect.event] : []));
    expect(told.at(-1)).toEqual({ kind: 'Leaving', cause: 'removed' });
    // The events stand in the very step that ends it: whoever hands it out has them before the group is gone.
    expect(last.lifecycle).toEqual([{ kind: 'Removed', conversationId: CONVERSATION, cause: 'removed' }]);
    expect(carol.user.conversations()).toEqual([]);
    expect(carol.user.view(CONVERSATION)).toBeUndefined();
    expect(carol.stored.has(CONVERSATION)).toBe(false);
  });

  it('R-054 cancels the votes and timers that waited, and the consensus of before', async () => {
    const { world, carol, others } = await removed();
    expect(carol.steps.at(-1)!.nextWakeupAt).toBeUndefined();
    const [sent, steps] = [carol.sent.length, carol.steps.length];
    await world.run(600_000);
    expect(carol.sent.length).toBe(sent);
    expect(carol.steps.length).toBe(steps);
    await expect(carol.user.step(CONVERSATION, { kind: 'wake' }, world.now)).rejects.toMatchObject({
      code: 'ConversationNotFound',
    });
    // A group of the same id begins with nothing of the old one.
    await world.create(carol, {}, CONVERSATION);
    expect(world.view(carol)).toMatchObject({ openProposals: [], approvedProposals: [], epoch: 0, counters: {} });
    expect(stateOf(carol).consensus.sessions).toEqual([]);
    expect(world.view(others[0]).members.map(({ memberId }) => memberId)).not.toContain(carol.memberId);
  });

  it('R-033 may be carried out again and again: what is gone stays gone', async () => {
    const { carol } = await removed();
    const last = carol.steps.at(-1)!;
    expect(carol.user.writesOf(last)).toEqual(carol.user.writesOf(last));
    carol.user.install(last);
    carol.user.install(last);
    expect(carol.user.conversations()).toEqual([]);
  });
});

describe('two groups of one person', () => {
  it('R-056 do not wait for each other: one works while the other is held up', async () => {
    const world = new World();
    const alice = world.node('Alice');
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      open = () => resolve();
    });
    let held = false;
    const mls: MlsService = {
      ...alice.mls,
      encrypt: async (...input) => {
        if (held) await gate;
        return alice.mls.encrypt(...input);
      },
    };
    const { identity, random } = alice;
    const user = createUser({ identity, mls, random, displayName: 'Alice' });
    alice.user = user;
    await world.create(alice);
    const bob = world.node('Bob');
    await world.join(bob, world.invite(alice));
    await world.run(10_000);
    user.install(
      await user.createConversationWithConfig({ conversationId: OTHER, name: 'Other', settings: friendsPreset }, START),
    );
    held = true;
    let isDone = false;
    const slow = user.step(CONVERSATION, { kind: 'removeMember', memberId: bob.memberId }, world.now).then((step) => {
      isDone = true;
      return step;
    });
    const messageId = '01900000-0000-7000-8000-00000000000a' as never;
    const quick = await user.step(OTHER, { kind: 'sendMessage', messageId, text: 'at once' }, world.now);
    user.install(quick);
    expect(quick.effects.some(({ kind }) => kind === 'message')).toBe(true);
    expect(user.view(CONVERSATION)).toMatchObject({ phase: 'working', openProposals: [] });
    expect(user.conversations()).toEqual([CONVERSATION, OTHER]);
    expect(isDone).toBe(false);
    open();
    expect((await slow).reply.proposalId).toBeDefined();
  });
});
