/** What a joiner adopts, from whom, and what happens when it does not arrive. */
import { describe, expect, it } from 'vitest';
import { friendsPreset } from '../../../../shared/api/settings.ts';
import { agreed, CONVERSATION, forge, World, type Node, type Packet } from '../support/world.ts';
import { memberIdToBytes } from '../../../../main/protocol/identity/index.ts';
import { decodeWelcomeMessage, encodeWelcomeMessage } from '../../../../main/protocol/wire/index.ts';

/** The welcome without the sync inside; the broadcast copy is lost. */
function withoutSync({ payload }: Packet): Uint8Array {
  const message = decodeWelcomeMessage(payload);
  if (message.payload.case !== 'invitationToJoin') return payload;
  return encodeWelcomeMessage({
    payload: { case: 'invitationToJoin', value: { ...message.payload.value, conversationSync: new Uint8Array() } },
  });
}

/** Bob is in and has no rules yet; nothing but what the test sends reaches anybody. */
async function unsynced(): Promise<{ world: World; alice: Node; bob: Node }> {
  const world = new World();
  const [alice, bob] = [world.node('Alice'), world.node('Bob')];
  await world.create(alice, { consensusTimeoutMs: 123_000, stewardsMax: 3, membersMayInvite: true });
  await world.join(bob, world.invite(alice));
  world.delivery = ({ from, subtopic }) => (from === 'Bob' && subtopic === 'welcome' ? [5] : []);
  await world.run(3_000);
  const welcome = alice.sent.find(({ subtopic }) => subtopic === 'welcome')!;
  world.delivery = () => [];
  await world.input(bob, { kind: 'packet', subtopic: 'welcome', payload: withoutSync(welcome) });
  return { world, alice, bob };
}

const timing = {
  commitInactivityDurationMs: 2_000n,
  freezeDurationMs: 3_000n,
  proposalExpirationMs: 600_000n,
  consensusTimeoutMs: 300_000n,
  recoveryInactivityDurationMs: 3_000n,
};

function syncOf(alice: Node) {
  return {
    stewardMembers: [memberIdToBytes(alice.memberId)],
    fullStewardMembers: [memberIdToBytes(alice.memberId)],
    electionEpoch: 1n,
    snMin: 1,
    snMax: 5,
    allowSubsetCandidates: true,
    timing,
    maxReelectionAttempts: 1,
    thresholdPeerScore: 0n,
    peerScoreDefault: 100n,
    pendingUpdateMaxEpochs: 3,
    profile: 1,
    conversationName: 'Hikers',
    inviteState: { epoch: 0n, counter: 0, secret: new Uint8Array(32).fill(7) },
  };
}

describe('the sync', () => {
  it('R-280 gives a joiner the list, rules, scores and names of the group', async () => {
    const world = new World();
    const settings = {
      ...friendsPreset,
      consensusTimeoutMs: 77_000,
      freezeMs: 4_000,
      peerScoreDefault: 50,
      stewardsMax: 3,
      votingDelayMs: 10,
    };
    const [alice, bob] = await world.group(['Alice', 'Bob'], settings);
    expect(world.view(bob!).settings).toEqual(settings);
    expect(agreed(world.view(bob!))).toEqual(agreed(world.view(alice!)));
    const scores = (node: Node) => world.view(node).members.map(({ memberId, score }) => [memberId, score]);
    expect(scores(bob!)).toEqual(scores(alice!));
  });

  it('R-287 W-17 when it is lost, is asked for after 5 s and then adopted', async () => {
    const { world, alice, bob } = await unsynced();
    expect(world.view(bob)).toMatchObject({ phase: 'working', stewards: [] });
    expect(world.view(bob).inviteSecret).toBeUndefined();
    world.delivery = () => [5];
    await world.run(6_000);
    expect(world.view(bob).settings.consensusTimeoutMs).toBe(123_000);
    expect(agreed(world.view(bob))).toEqual(agreed(world.view(alice)));
  });

  it('R-285 W-15 from anybody but the signer of the welcome is ignored', async () => {
    const world = new World();
    const [alice, bob] = await world.group(['Alice', 'Bob']);
    const carol = world.node('Carol');
    await world.join(carol, world.invite(alice!));
    world.delivery = ({ subtopic, from }, to) =>
      to === 'Carol' || (from !== 'Carol' && to !== 'Carol') || subtopic === 'welcome' ? [5] : [];
    const committed = () =>
      [alice!, bob!].find(
        (node) =>
          node.sent.some(
            ({ subtopic, payload }) =>
              subtopic === 'welcome' &&
              decodeWelcomeMessage(payload).payload.case === 'invitationToJoin' &&
              node.steps.at(-1)?.after !== undefined,
          ) && world.view(node).members.length === 3,
      );
    world.delivery = (_packet, to) => (to === 'Carol' ? [] : [5]);
    await world.run(60_000);
    const signer = committed()!;
    const other = signer === alice ? bob! : alice!;
    const welcome = signer.sent.findLast(({ subtopic }) => subtopic === 'welcome')!;
    await world.input(carol, { kind: 'packet', subtopic: 'welcome', payload: withoutSync(welcome) });
    expect(world.view(carol).phase).toBe('working');
    await forge(world, other, { payload: { case: 'conversationSync', value: syncOf(other) } });
    await world.input(carol, { kind: 'packet', subtopic: 'app_msg', payload: other.sent.at(-1)!.payload });
    expect(world.view(carol)).toMatchObject({ stewards: [], counters: { SyncFromOther: 1 } });
  });

  const broken: readonly (readonly [string, object])[] = [
    ['a future election epoch', { electionEpoch: 2n }],
    [
      'no listed steward present',
      { fullStewardMembers: [new Uint8Array(20).fill(9)], stewardMembers: [new Uint8Array(20).fill(9)] },
    ],
    ['an empty list', { fullStewardMembers: [], stewardMembers: [] }],
    ...Object.keys(timing).map((field) => [`zero ${field}`, { timing: { ...timing, [field]: 0n } }] as const),
    ...Object.keys(timing).map((field) => [`absurd ${field}`, { timing: { ...timing, [field]: 2n ** 40n } }] as const),
    ['a default score that equals the threshold', { thresholdPeerScore: 100n }],
    ['a default score below the threshold', { thresholdPeerScore: 101n }],
    ['more stewards than there may be', { snMax: 65 }],
    ['a minimum above the maximum', { snMin: 6 }],
    ['a retry round above the maximum', { retryRound: 2 }],
    ['a score beyond a million', { peerScores: [{ memberId: new Uint8Array(20).fill(1), score: 1_000_001n }] }],
    ['an identity of another length', { votedOut: [new Uint8Array(19)] }],
    ['another profile', { profile: 0 }],
    ['no name', { conversationName: ' ' }],
    ['no invite secret', { inviteState: undefined }],
  ];
  it('R-283 W-15 is refused with any of these, and R-284 adopted without them', async () => {
    const { world, alice, bob } = await unsynced();
    for (const [why, change] of [...broken, ['nothing wrong', { timing: undefined }] as const]) {
      // Each on a fresh copy of the same moment.
      const copy = bob.user;
      world.restart(bob);
      const { ciphertext } = await alice.mls.encrypt(
        (alice.steps.at(-1)!.after as { group: Parameters<typeof alice.mls.encrypt>[0] }).group,
        (await import('../../../../main/protocol/wire/index.ts')).encodeAppMessage({
          payload: { case: 'conversationSync', value: { ...syncOf(alice), ...change } },
        }),
      );
      const step = await bob.user.step(
        CONVERSATION,
        { kind: 'packet', subtopic: 'app_msg', payload: ciphertext },
        world.now,
      );
      const after = bob.user.viewOf(step.after!);
      expect(after.stewards.length, why).toBe(why === 'nothing wrong' ? 1 : 0);
      bob.user = copy;
    }
  });

  it('R-282 a second one changes nothing and makes no packet', async () => {
    const world = new World();
    const [alice, bob] = await world.group(['Alice', 'Bob']);
    const before = { ...world.view(bob!), counters: {} };
    await forge(world, alice!, {
      payload: { case: 'conversationSync', value: { ...syncOf(alice!), conversationName: 'Other' } },
    });
    const sent = bob!.sent.length;
    await world.run(10);
    expect({ ...world.view(bob!), counters: {} }).toEqual(before);
    expect(bob!.sent.length).toBe(sent);
    expect(world.view(bob!).counters['SyncIgnored']).toBeGreaterThan(0);
  });
});

describe('a welcome', () => {
  it('W-17 that was lost is published again for the same announcement, at most once in 10 s', async () => {
    const world = new World({
      delivery: ({ from, subtopic }) => (from === 'Alice' && subtopic === 'welcome' ? [] : [5]),
    });
    const [alice, bob] = [world.node('Alice'), world.node('Bob')];
    await world.create(alice);
    await world.join(bob, world.invite(alice));
    await world.run(10_000);
    expect(world.view(alice).members).toHaveLength(2);
    expect(world.view(bob).phase).toBe('pendingJoin');
    world.delivery = () => [5];
    await world.run(25_000);
    expect(world.view(bob).phase).toBe('working');
    expect(agreed(world.view(bob))).toEqual(agreed(world.view(alice)));
  });

  it('H-17 H-33 a joiner whom its inviter led into a group of their own, with no rules, takes the welcome of the genuine one', async () => {
    const world = new World();
    const [alice, mallory] = (await world.group(['Alice', 'Mallory', 'Carol'])) as [Node, Node];
    const bob = world.node('Bob');
    world.delivery = (_, to) => (to === 'Bob' ? [] : [5]);
    await world.join(bob, world.invite(mallory));
    const announced = decodeWelcomeMessage(bob.sent[0]!.payload);
    if (announced.payload.case !== 'userKeyPackage') throw new Error('no announcement');
    const keyPackage = announced.payload.value.keyPackageTls.slice();
    const own = await mallory.mls.createGroup(CONVERSATION, world.now);
    const made = await mallory.mls.createCandidate(own, [{ kind: 'add', keyPackage }], world.now);
    const value = { mlsMessageOutBytes: made.welcome! };
    const forged = encodeWelcomeMessage({ payload: { case: 'invitationToJoin', value } });
    await world.input(bob, { kind: 'packet', subtopic: 'welcome', payload: forged });
    expect(world.view(bob)).toMatchObject({ phase: 'working', epoch: 1 });
    await world.run(20_000);
    expect(world.view(alice).members).toHaveLength(4);
    world.delivery = () => [5];
    await world.say(mallory, 'is anybody missing?');
    for (let waited = 0; !bob.events.some(({ kind }) => kind === 'Rejoining') && waited < 400_000; waited += 100)
      await world.run(100);
    // Nobody whom he knows vouches for the others.
    world.delivery = ({ from }, to) => (from === 'Mallory' && to === 'Bob' ? [] : [5]);
    await world.run(60_000);
    expect(agreed(world.view(bob))).toEqual(agreed(world.view(alice)));
    expect(bob.events.map(({ kind }) => kind)).toContain('Rejoined');
  });

  it('R-289 W-33 from a rogue group of the same name is refused, and the genuine one still works', async () => {
    const world = new World();
    const [alice, bob] = [world.node('Alice'), world.node('Bob')];
    await world.create(alice);
    const invite = world.invite(alice);
    const rogue = new World({ seed: 'rogue' });
    const mallory = rogue.node('Mallory');
    await rogue.create(mallory, {}, CONVERSATION);
    world.delivery = () => [];
    await world.join(bob, invite);
    const announced = decodeWelcomeMessage(bob.sent[0]!.payload);
    if (announced.payload.case !== 'userKeyPackage') throw new Error('no announcement');
    const state = mallory.steps.at(-1)?.after;
    if (state?.kind !== 'active') throw new Error('no state');
    const keyPackage = announced.payload.value.keyPackageTls.slice();
    const made = await mallory.mls.createCandidate(state.group, [{ kind: 'add', keyPackage }], world.now);
    const forged = encodeWelcomeMessage({
      payload: { case: 'invitationToJoin', value: { mlsMessageOutBytes: made.welcome! } },
    });
    await world.input(bob, { kind: 'packet', subtopic: 'welcome', payload: forged });
    expect(world.view(bob)).toMatchObject({ phase: 'pendingJoin', counters: { WelcomeRefused: 1 } });
    world.delivery = () => [5];
    await world.run(60_000);
    expect(world.view(bob).phase).toBe('working');
  });
});
