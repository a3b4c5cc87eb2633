/** Stewards that leave out what was decided, and stewards that could not know of it. H-26, D-18, §14.6 */
import { describe, expect, it } from 'vitest';
import { OMISSION_PROOF_MS } from '../../../../shared/limits.ts';
import { plugins, type Draft } from '../../../../main/protocol/conversation/draft.ts';
import { judgeEmergency } from '../../../../main/protocol/conversation/emergencies.ts';
import { isCensoring } from '../../../../main/protocol/conversation/omissions.ts';
import { decodePart, encodePart } from '../../../../main/protocol/conversation/partCodec.ts';
import type { ApprovedEntry, EmergenciesPart } from '../../../../main/protocol/conversation/state.ts';
import { openRound, type RemoteRoundCandidate } from '../../../../main/protocol/freeze/round.ts';
import type { CommitAction } from '../../../../main/protocol/mls/contract.ts';
import { draftOf } from '../support/drafts.ts';
import { commitOf, has, isCandidate, receive } from '../support/hostile.ts';
import { agreed, CONVERSATION, World, type Node } from '../support/world.ts';

const NAMES = ['Alice', 'Bob', 'Carol', 'Dave', 'Eve', 'Frank'];

/** Somebody leaves, proven and long decided, and nobody's commit arrives. */
async function waiting() {
  const world = new World();
  const nodes = (await world.group(NAMES, { stewardsMax: 2 })) as [Node, Node, Node, ...Node[]];
  await world.run(30_000);
  const { stewards } = world.view(nodes[0]);
  const listed = nodes.filter(({ memberId }) => stewards.includes(memberId));
  const [steward, other] = listed as [Node, Node];
  const [observer, leaver, second] = nodes.filter((node) => node !== steward && node !== other) as [Node, Node, Node];
  world.delivery = (packet) => (isCandidate(packet) ? [] : [5]);
  await world.input(leaver, { kind: 'leave' });
  await world.run(100);
  const base = draftOf(world, observer);
  const { approved } = base.state.queues;
  expect(approved.map(({ change }) => change.memberId)).toEqual([leaver.memberId]);
  expect(approved[0]!.certificate).toBeDefined();
  return { world, steward, other, observer, leaver, second, base, approved };
}

const removal = (node: Node): CommitAction => ({ kind: 'remove', memberId: node.memberId });

function commitBy(node: Node, actions: readonly CommitAction[]): RemoteRoundCandidate {
  return {
    kind: 'remote',
    hash: 'aa'.repeat(32),
    committer: node.memberId,
    proposals: actions.map(() => new Uint8Array(1)),
    commit: new Uint8Array(1),
    actions,
    selfRemoved: false,
    next: undefined,
    proven: [],
  };
}

/** As after a commit so many ms and epochs later: its freeze began just then, with these approvals. What was before moves back. */
function after(base: Draft, ms: number, epochs: number, approved: readonly ApprovedEntry[]): Draft {
  const now = base.now + ms;
  const draft: Draft = { ...base, now, state: { ...base.state } };
  const { emergencies } = base.state;
  const omissions = emergencies.omissions.map((omission) => ({ ...omission, epoch: omission.epoch - epochs }));
  draft.state.emergencies = { ...emergencies, omissions };
  draft.state.phase = { ...base.state.phase, phase: 'selection', anchor: now };
  draft.state.round = openRound(Number(base.state.group.epoch), approved);
  return draft;
}

/** Two commits by these, the second so much later: whether each was held against its committer. */
async function twice(
  change: {
    readonly first?: 'steward' | 'other';
    readonly pauseMs?: number;
    readonly epochs?: number;
    readonly delayMs?: number;
    readonly entry?: (entry: ApprovedEntry) => ApprovedEntry;
    readonly actions?: (cast: Awaited<ReturnType<typeof waiting>>) => readonly CommitAction[];
  } = {},
): Promise<readonly [boolean, boolean]> {
  const cast = await waiting();
  const { base, steward } = cast;
  const approved = cast.approved.map(change.entry ?? ((entry) => entry));
  base.state.queues = { ...base.state.queues, approved };
  const actions = change.actions?.(cast) ?? [removal(cast.second)];
  const one = after(base, change.delayMs ?? 10_000, 0, approved);
  const first = isCensoring(one, commitBy(cast[change.first ?? 'steward'], actions), []);
  const two = after(one, change.pauseMs ?? OMISSION_PROOF_MS, change.epochs ?? 1, approved);
  return [first, isCensoring(two, commitBy(steward, actions), [])];
}

describe('a steward that leaves out a proven change', () => {
  it('H-26 is blamed for the second time, after everybody showed it the proof', async () => {
    expect(await twice()).toEqual([false, true]);
  });

  it('H-26 loses points with everybody who saw it, who will confirm the accusation', async () => {
    const { world, steward, observer, leaver, second, approved } = await waiting();
    await world.input(second, { kind: 'leave' });
    await world.run(100);
    // What the observer saw an epoch ago.
    const { parts } = observer.stored.get(CONVERSATION)!;
    const seen = decodePart('emergencies', parts.get('emergencies')!) as EmergenciesPart;
    const { epoch } = world.view(observer);
    const omissions = [
      { steward: steward.memberId, proposalId: approved[0]!.proposalId, epoch, at: world.now - 60_000 },
    ];
    parts.set('emergencies', encodePart('emergencies', { ...seen, omissions }));
    world.restart(observer);
    await world.run(3_000);
    const packet = await commitOf(world, steward, [{ kind: 'remove', memberId: second.memberId }]);
    world.delivery = () => [];
    await receive(world, observer, packet);
    await world.run(3_500);
    expect([second, leaver].map(({ memberId }) => has(world, observer, memberId))).toEqual([false, true]);
    expect(observer.journal.filter(({ kind }) => kind === 'scored').slice(-2)).toMatchObject([
      { target: steward.memberId, delta: 10 },
      { target: steward.memberId, delta: -40, scoreEvent: 'CensorshipInactivity' },
    ]);
    const accusation = {
      kind: 'emergency',
      violation: 'CENSORSHIP_INACTIVITY',
      target: steward.memberId,
      evidence: new Uint8Array(),
      epoch: BigInt(epoch + 1),
      creator: leaver.memberId,
    } as const;
    expect(judgeEmergency(draftOf(world, observer), accusation)).toEqual({ kind: 'vote', approve: true });
  });

  it('H-26 is not blamed when another steward did so before', async () => {
    expect(await twice({ first: 'other' })).toEqual([false, false]);
  });

  it('H-26 is not blamed before it can have seen the proof, nor twice for one epoch', async () => {
    expect(await twice({ pauseMs: OMISSION_PROOF_MS - 1 })).toEqual([false, false]);
    expect(await twice({ epochs: 0 })).toEqual([false, false]);
  });

  it('H-26 is not blamed for what was decided a moment before its freeze', async () => {
    expect(await twice({ delayMs: 100 })).toEqual([false, false]);
  });

  it('H-26 is not blamed for what only silence decided: nothing could prove it to the steward', async () => {
    expect(await twice({ entry: (entry) => ({ ...entry, certificate: undefined }) })).toEqual([false, false]);
  });

  it('H-26 is not blamed for its own removal, which is for others to commit', async () => {
    const { base, steward, second, approved } = await waiting();
    const own = approved.map((entry): ApprovedEntry => ({
      ...entry,
      change: { kind: 'remove', memberId: steward.memberId, selfLeave: false },
    }));
    base.state.queues = { ...base.state.queues, approved: own };
    const one = after(base, 10_000, 0, own);
    const candidate = commitBy(steward, [removal(second)]);
    expect(isCensoring(one, candidate, [])).toBe(false);
    expect(one.state.emergencies.omissions).toEqual([]);
  });

  it('H-26 is not blamed when an urgent removal went alone, nor, once, when joins went first', async () => {
    const cast = await waiting();
    cast.base.state.emergencies = { ...cast.base.state.emergencies, urgent: cast.second.memberId };
    const urgent = after(cast.base, 10_000, 0, cast.approved);
    expect(isCensoring(urgent, commitBy(cast.steward, [removal(cast.second)]), [])).toBe(false);
    expect(urgent.state.emergencies.omissions).toEqual([]);
    const join = (): readonly CommitAction[] => [
      {
        kind: 'add',
        memberId: new World().node('Grace').memberId,
        keyPackageReference: new Uint8Array(32),
        notBeforeSeconds: 0,
      },
    ];
    expect(await twice({ actions: join })).toEqual([false, false]);
    expect(await twice({ actions: join, epochs: 2 })).toEqual([false, true]);
  });
});

describe('a steward that could not know', () => {
  it('H-26 is shown what it left out, carries it out, and loses no point', async () => {
    const world = new World();
    const nodes = await world.group(NAMES, { commitInactivityMs: 5_000 });
    await world.run(30_000);
    const view = world.view(nodes[0]!);
    const steward = nodes.find(
      ({ memberId }) => view.members.find(({ role }) => role === 'epochSteward')?.memberId === memberId,
    )!;
    const [lost, leaver, ...rest] = nodes.filter((node) => node !== steward) as [Node, Node, ...Node[]];
    const scores = () => rest.map((node) => world.view(node).members.map(({ score }) => score));
    const lowest = Math.min(...scores().flat());
    // The wish of one member does not reach the steward, and no other commit arrives.
    world.delivery = (packet, to) => {
      if (packet.from === lost.name && to === steward.name) return [];
      return isCandidate(packet) && packet.from !== steward.name ? [] : [5];
    };
    await world.input(lost, { kind: 'leave' });
    await world.run(50);
    await world.input(leaver, { kind: 'leave' });
    for (let waited = 0; has(world, rest[0]!, leaver.memberId) && waited < 60_000; waited += 100) await world.run(100);
    expect(has(world, rest[0]!, leaver.memberId)).toBe(false);
    world.delivery = () => [5];
    await world.run(60_000);
    for (const node of [steward, ...rest]) {
      expect(has(world, node, lost.memberId)).toBe(false);
      expect(agreed(world.view(node))).toEqual(agreed(world.view(steward)));
    }
    expect(Math.min(...scores().flat())).toBeGreaterThanOrEqual(lowest);
  });

  it('§14.6 is not blamed for silence by whoever commits before it had its time', async () => {
    const world = new World();
    const nodes = await world.group(NAMES, { commitInactivityMs: 20_000 });
    await world.run(60_000);
    const view = world.view(nodes[0]!);
    const steward = nodes.find(
      ({ memberId }) => view.members.find(({ role }) => role === 'epochSteward')?.memberId === memberId,
    )!;
    const hasty = nodes.find((node) => node !== steward && view.stewards.includes(node.memberId))!;
    const [leaver, observer] = nodes.filter((node) => node !== steward && node !== hasty) as [Node, Node];
    const score = () => world.view(observer).members.find(({ memberId }) => memberId === steward.memberId)!.score;
    const before = score();
    world.delivery = ({ from }, to) => (to === steward.name || from === steward.name ? [] : [5]);
    await world.input(leaver, { kind: 'leave' });
    await world.run(1_000);
    // The hasty one freezes at once, as its own clock would have told it much later.
    const packet = await commitOf(world, hasty, [{ kind: 'remove', memberId: leaver.memberId }]);
    await receive(world, observer, packet);
    world.delivery = () => [];
    await world.run(10_000);
    expect(has(world, observer, leaver.memberId)).toBe(false);
    expect(score()).toBe(before);
    expect(plugins(draftOf(world, observer)).scoring.scoreFor(hasty.memberId)).toBeGreaterThan(100n);
  });
});
