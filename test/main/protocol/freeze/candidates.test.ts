/** Candidates: order, authentication, approval, and what a commit does. */
import { describe, expect, it } from 'vitest';
import type { MemberId } from '../../../../shared/model/ids.ts';
import { judgeActions } from '../../../../main/protocol/freeze/actions.ts';
import { rankCandidates } from '../../../../main/protocol/freeze/ranking.ts';
import { memberIdFromBytes, memberIdToBytes } from '../../../../main/protocol/identity/index.ts';
import type { CommitInput } from '../../../../main/protocol/mls/index.ts';
import { decodeAppMessage, encodeAppMessage } from '../../../../main/protocol/wire/index.ts';
import { vectors, type Vectors } from '../vectors.ts';
import { agreed, CONVERSATION, groupOf, World, type Node, type Packet } from '../support/world.ts';

const id = (byte: number): MemberId => memberIdFromBytes(new Uint8Array(20).fill(byte));

describe('the order of candidates', () => {
  it('R-237 more proposals, then the epoch steward, then the smaller identity, then the smaller hash', () => {
    const of = (committer: MemberId, count: number, hash: string) => ({
      committer,
      hash,
      proposals: Array.from({ length: count }),
    });
    const candidates = [
      of(id(1), 1, 'ff'),
      of(id(3), 2, 'aa'),
      of(id(2), 2, 'bb'),
      of(id(2), 2, 'ab'),
      of(id(4), 2, '00'),
    ];
    expect(rankCandidates(candidates, id(4)).map(({ hash }) => hash)).toEqual(['00', 'ab', 'bb', 'aa', 'ff']);
    expect(rankCandidates(candidates, undefined).map(({ hash }) => hash)).toEqual(['ab', 'bb', 'aa', '00', 'ff']);
  });
});

interface CandidateVectors {
  readonly candidate_order: readonly {
    readonly epoch_steward: string | null;
    readonly candidates: readonly { readonly id: string; readonly actions: number; readonly hash: string }[];
    readonly best_first?: readonly string[];
    readonly best_first_hash?: readonly string[];
  }[];
}

describe('the order of candidates in the vectors', () => {
  for (const [index, vector] of (vectors as Vectors & CandidateVectors).candidate_order.entries()) {
    it(`R-237 case ${index} is sorted as the independent script sorts it`, () => {
      const known = new Map<string, MemberId>();
      const member = (hex: string): MemberId => {
        const memberId = known.get(hex) ?? id(Number.parseInt(hex, 16));
        known.set(hex, memberId);
        return memberId;
      };
      const candidates = vector.candidates.map((candidate) => ({
        ...candidate,
        committer: member(candidate.id),
        proposals: Array.from({ length: candidate.actions }),
      }));
      const ranked = rankCandidates(
        candidates,
        vector.epoch_steward === null ? undefined : member(vector.epoch_steward),
      );
      if (vector.best_first !== undefined) expect(ranked.map((candidate) => candidate.id)).toEqual(vector.best_first);
      if (vector.best_first_hash !== undefined) expect(ranked.map(({ hash }) => hash)).toEqual(vector.best_first_hash);
    });
  }
});

describe('the actions of a commit', () => {
  const add = (byte: number, reference = byte) => ({
    kind: 'add' as const,
    memberId: id(byte),
    keyPackageReference: new Uint8Array(32).fill(reference),
    notBeforeSeconds: 0,
  });
  const remove = (byte: number) => ({ kind: 'remove' as const, memberId: id(byte) });
  const invited = (byte: number) => ({
    kind: 'add' as const,
    memberId: id(byte),
    keyPackage: new Uint8Array(),
    reference: new Uint8Array(32).fill(byte),
    mac: new Uint8Array(),
    displayName: '',
  });
  const removal = (byte: number) => ({ kind: 'remove' as const, memberId: id(byte), selfLeave: false });

  it('are approved when each is in the queue, whatever else the queue holds', () => {
    expect(judgeActions([add(1)], [invited(1), removal(2)])).toEqual({ kind: 'approved' });
    expect(judgeActions([remove(2), add(1)], [invited(1), removal(2)])).toEqual({ kind: 'approved' });
  });

  it('R-251 W-10 are not approved when the joiner gets another key package than the voted one', () => {
    expect(judgeActions([add(1, 9)], [invited(1)])).toEqual({ kind: 'unknown', reason: 'KeyPackageMismatch' });
  });

  it('are unknown without an approval, and broken when one is there twice', () => {
    expect(judgeActions([remove(3)], [invited(1)])).toEqual({ kind: 'unknown', reason: 'CandidateStashedEarly' });
    expect(judgeActions([add(1), add(1)], [invited(1)])).toEqual({ kind: 'broken', reason: 'ActionTwice' });
  });

  it('H-17 removal and addition of one member are a re-join, approved by its invite', () => {
    expect(judgeActions([remove(1), add(1)], [invited(1)])).toEqual({ kind: 'approved' });
    expect(judgeActions([remove(1)], [invited(1)])).toEqual({ kind: 'unknown', reason: 'CandidateStashedEarly' });
  });
});

/** Delivers nothing but what `keep` lets through. */
const only = (keep: (packet: Packet, to: string) => boolean) => (packet: Packet, to: string) =>
  keep(packet, to) ? [5] : [];
const isCandidate = ({ payload }: Packet): boolean => payload[0] === 0x42;

/** A genuine commit by `node` with these updates, as a packet. */
async function candidateOf(
  world: World,
  node: Node,
  updates: readonly CommitInput[],
  steward = node.memberId,
): Promise<Uint8Array> {
  const made = await node.mls.createCandidate(groupOf(node), updates, world.now);
  return encodeAppMessage({
    payload: {
      case: 'commitCandidate',
      value: {
        conversationName: new TextEncoder().encode(CONVERSATION),
        mlsProposals: [...made.proposals],
        commitMessage: made.commit,
        stewardIdentity: memberIdToBytes(steward),
      },
    },
  });
}

const receive = (world: World, node: Node, payload: Uint8Array) =>
  world.input(node, { kind: 'packet', subtopic: 'app_msg', payload });

describe('a candidate of somebody else', () => {
  it('R-253 W-26 is applied by a member that missed every vote, by its certificates', async () => {
    const world = new World();
    const [alice, bob, carol, dave] = await world.group(['Alice', 'Bob', 'Carol', 'Dave']);
    const { reply } = await world.input(alice!, { kind: 'removeMember', memberId: dave!.memberId });
    // Carol hears nothing but candidates.
    world.delivery = only((packet, to) => to !== 'Carol' || isCandidate(packet));
    await world.run(100);
    await world.input(bob!, { kind: 'vote', proposalId: reply.proposalId!, approve: true });
    await world.input(dave!, { kind: 'vote', proposalId: reply.proposalId!, approve: true });
    await world.run(60_000);
    expect(agreed(world.view(carol!))).toEqual(agreed(world.view(alice!)));
    expect(world.view(carol!).members).toHaveLength(3);
    expect(carol!.proposals.get(reply.proposalId!)?.outcome).toBe('accepted');
  });

  it('R-234 is stashed when it overtakes the votes, and applied after the approval', async () => {
    const world = new World();
    const [alice, bob, carol] = await world.group(['Alice', 'Bob', 'Carol'], { removalLivenessCriteriaYes: true });
    const steward = world.view(alice!).members.find(({ role }) => role === 'epochSteward')!.memberId;
    const [committer, target, observer] = [
      [alice!, bob!, carol!].find(({ memberId }) => memberId === steward)!,
      ...[alice!, bob!, carol!].filter(({ memberId }) => memberId !== steward),
    ] as [Node, Node, Node];
    const { reply } = await world.input(committer, { kind: 'removeMember', memberId: target.memberId });
    await world.run(100);
    // The removal comes without certificate, before the observer voted.
    const early = await candidateOf(world, committer, [{ kind: 'remove', memberId: target.memberId }]);
    await receive(world, observer, early);
    expect(world.view(observer)).toMatchObject({ phase: 'working', counters: { CandidateStashedEarly: 1 } });
    world.delivery = () => [];
    await world.input(observer, { kind: 'vote', proposalId: reply.proposalId!, approve: true });
    await world.run(10_000);
    expect(world.view(observer).members).toHaveLength(2);
  });

  it('R-235 R-236 does nothing when it is repeated, empty, or not made of what it should be', async () => {
    const world = new World();
    const [alice, bob, carol] = await world.group(['Alice', 'Bob', 'Carol']);
    const { reply } = await world.input(alice!, { kind: 'removeMember', memberId: carol!.memberId });
    await world.run(100);
    await world.input(bob!, { kind: 'vote', proposalId: reply.proposalId!, approve: true });
    await world.run(60_000);
    const applied = [...alice!.sent, ...bob!.sent].filter(isCandidate);
    const before = world.view(alice!);
    for (const { payload } of applied) await receive(world, alice!, payload);
    const value = decodeAppMessage(applied[0]!.payload).payload;
    if (value.case !== 'commitCandidate') throw new Error('no candidate');
    const variant = (change: object) =>
      encodeAppMessage({ payload: { case: 'commitCandidate', value: { ...value.value, ...change } } });
    await receive(world, alice!, variant({ mlsProposals: [] }));
    await receive(world, alice!, variant({ commitMessage: new Uint8Array() }));
    await receive(world, alice!, variant({ stewardIdentity: new Uint8Array() }));
    await receive(world, alice!, variant({ mlsProposals: [value.value.commitMessage] }));
    await receive(world, alice!, variant({ conversationName: new TextEncoder().encode('another') }));
    const after = world.view(alice!);
    expect({ ...after, counters: {} }).toEqual({ ...before, counters: {} });
    expect(after.phase).toBe('working');
    expect(after.counters).toMatchObject({
      EmptyCandidatePayload: 2,
      EmptyStewardIdentity: 1,
      WireKindMismatch: 1,
      OtherConversation: 1,
    });
  });

  it('R-239 W-8 with a forged steward is dropped; nobody is scored for a name that anybody on the way may have written', async () => {
    const world = new World();
    const [alice, bob, carol] = await world.group(['Alice', 'Bob', 'Carol']);
    const scoreOf = (memberId: MemberId) =>
      world.view(alice!).members.find((member) => member.memberId === memberId)?.score;
    const [forger, victim] = [scoreOf(bob!.memberId)!, scoreOf(carol!.memberId)!];
    await receive(
      world,
      alice!,
      await candidateOf(world, bob!, [{ kind: 'remove', memberId: carol!.memberId }], carol!.memberId),
    );
    expect(scoreOf(bob!.memberId)).toBe(forger);
    expect(scoreOf(carol!.memberId)).toBe(victim);
    expect(world.view(alice!)).toMatchObject({
      phase: 'working',
      freeze: null,
      counters: { StewardIdentityForged: 1 },
    });
  });

  it('R-246 by somebody who is not on the list is refused', async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol'], { stewardsMax: 1 });
    const [alice] = nodes;
    const stranger = nodes.find(
      ({ memberId }) => !world.view(alice!).stewards.includes(memberId) && memberId !== alice!.memberId,
    )!;
    const target = nodes.find((node) => node !== stranger && node !== alice)!;
    await receive(world, alice!, await candidateOf(world, stranger, [{ kind: 'remove', memberId: target.memberId }]));
    expect(world.view(alice!)).toMatchObject({ phase: 'working', counters: { CommitterNotAuthorised: 1 } });
  });

  it('H-7 a second, different one of the same steward drops both, and costs ten points once', async () => {
    const world = new World();
    const [alice, bob, carol, dave] = await world.group(['Alice', 'Bob', 'Carol', 'Dave', 'Eve', 'Frank']);
    const nodes = [...world.nodes.values()];
    const observer = nodes.find(({ memberId }) => !world.view(alice!).stewards.includes(memberId)) ?? dave!;
    const stewards = nodes.filter((node) => world.view(alice!).stewards.includes(node.memberId) && node !== observer);
    const [steward] = stewards;
    const leavers = nodes.filter((node) => node !== observer && node !== steward).slice(0, 2);
    world.delivery = () => [];
    for (const leaver of leavers) {
      await world.input(leaver, { kind: 'leave' });
      const { payload } = leaver.sent.at(-1)!;
      await receive(world, observer, payload);
    }
    const updates = leavers.map(({ memberId }): CommitInput => ({ kind: 'remove', memberId }));
    await receive(world, observer, await candidateOf(world, steward!, updates));
    expect(world.view(observer)).toMatchObject({ phase: 'freezing', freeze: { received: 1 } });
    const score = () => world.view(observer).members.find(({ memberId }) => memberId === steward!.memberId)!.score;
    const before = score();
    const second = await candidateOf(world, steward!, updates.slice(0, 1));
    for (let copy = 0; copy < 5; copy += 1) await receive(world, observer, second);
    expect(world.view(observer)).toMatchObject({ freeze: { received: 0 }, counters: { EquivocatingCandidate: 5 } });
    expect(score()).toBe(before - 10);
    expect([bob, carol].length).toBe(2);
  });

  it('R-247 W-7 of an outsider changes no state and no score', async () => {
    const world = new World();
    const [alice, bob] = await world.group(['Alice', 'Bob']);
    const outside = new World({ seed: 'elsewhere' });
    const [, mallory] = await outside.group(['Mallory', 'Oscar']);
    const junk = await candidateOf(outside, mallory!, [], mallory!.memberId).catch(() => undefined);
    expect(junk).toBeUndefined(); // Nothing to commit is no commit.
    const forged = await candidateOf(
      outside,
      mallory!,
      [{ kind: 'remove', memberId: outside.view(mallory!).members[0]!.memberId }],
      bob!.memberId,
    );
    const before = world.view(alice!);
    const step = await receive(world, alice!, forged);
    expect(alice!.user.writesOf(step)).toEqual({ parts: [], scores: [], forgets: false });
    expect({ ...world.view(alice!), counters: {} }).toEqual({ ...before, counters: {} });
    expect(world.view(alice!).counters).toMatchObject({ CandidateNotAuthentic: 1 });
  });
});

describe('a commit', () => {
  it('R-077 tells Freezing, Selection, CommitApplied and Working, in this order', async () => {
    const world = new World();
    const [alice, bob] = await world.group(['Alice', 'Bob']);
    for (const node of [alice!]) {
      const kinds = node.events.flatMap((event) =>
        event.kind === 'PhaseChange' ? [event.phase] : event.kind === 'CommitApplied' ? ['applied'] : [],
      );
      expect(kinds).toEqual(['working', 'freezing', 'selection', 'applied', 'working']);
    }
    expect(alice!.events).toContainEqual({
      kind: 'CommitApplied',
      epoch: 1,
      changes: [{ kind: 'added', memberId: bob!.memberId }],
    });
  });

  it('R-244 R-245 only its committer publishes the welcome, after its own commit, followed by the sync', async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol', 'Dave']);
    const dave = nodes.at(-1)!;
    const committer = nodes.find(
      ({ memberId }) => dave.journal.find(({ kind }) => kind === 'joined')?.actor === memberId,
    )!;
    const welcomes = (node: Node) =>
      node.steps
        .flatMap(({ effects }) => effects)
        .filter((effect) => effect.kind === 'publish' && effect.subtopic === 'welcome');
    expect(
      nodes
        .filter((node) => node !== committer && node.memberId !== dave.memberId)
        .map((node) => node.steps.length > 0),
    ).toContain(true);
    const step = committer.steps.findLast(({ effects }) =>
      effects.some((effect) => effect.kind === 'publish' && effect.subtopic === 'welcome'),
    )!;
    const kinds = step.effects.flatMap((effect) =>
      effect.kind === 'publish'
        ? [effect.subtopic]
        : effect.kind === 'journal' && effect.entry.kind === 'committed'
          ? ['committed']
          : [],
    );
    expect(kinds.slice(kinds.indexOf('committed'))).toEqual(['committed', 'welcome', 'app_msg']);
    const joins = nodes.filter((node) => node !== nodes[0]).length;
    // One announcement at least of each joiner, and exactly one welcome for each.
    const published = nodes
      .flatMap(welcomes)
      .filter((effect) => effect.kind === 'publish' && effect.subject.kind === 'governance');
    expect(published).toHaveLength(joins);
  });

  it('R-093 R-243 a candidate moves everybody to Freezing; stewards answer, and the freeze ends early', async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol', 'Dave']);
    const { stewards } = world.view(nodes[0]!);
    expect(stewards.length).toBeGreaterThan(1);
    const leaver = nodes.find(({ memberId }) => !stewards.includes(memberId)) ?? nodes[3]!;
    const before = nodes.map((node) => node.sent.filter(isCandidate).length);
    const started = world.now;
    await world.input(leaver, { kind: 'leave' });
    await world.run(2_100);
    expect(leaver.user.conversations()).toEqual([]);
    expect(world.now - started).toBeLessThan(3_000);
    const made = nodes.map((node, index) => node.sent.filter(isCandidate).length - before[index]!);
    const eligible = stewards.filter((memberId) => memberId !== leaver.memberId).length;
    expect(made.reduce((sum, count) => sum + count)).toBe(eligible);
  });

  it('R-240 by a backup scores it and blames the absent epoch steward', async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol', 'Dave', 'Eve']);
    const view = world.view(nodes[0]!);
    const absent = nodes.find(
      ({ memberId }) => view.members.find((member) => member.role === 'epochSteward')?.memberId === memberId,
    )!;
    const present = nodes.filter((node) => node !== absent);
    const leaver = present.find(({ memberId }) => !view.stewards.includes(memberId)) ?? present.at(-1)!;
    const observer = present.find((node) => node !== leaver)!;
    const before = world.view(observer).members.find(({ memberId }) => memberId === absent.memberId)!.score;
    world.delivery = only(({ from }, to) => from !== absent.name && to !== absent.name);
    await world.input(leaver, { kind: 'leave' });
    await world.run(30_000);
    const after = world.view(observer);
    expect(after.members.map(({ memberId }) => memberId)).not.toContain(leaver.memberId);
    expect(after.phase).toBe('working');
    expect(after.members.find(({ memberId }) => memberId === absent.memberId)!.score).toBe(
      observer === absent ? before : before - 40,
    );
  });
});
