/** What emergencies change when they are decided, what goes before what, and what nobody gets through with them. §11.1, §11.3, §16 */
import { describe, expect, it } from 'vitest';
import { nextList } from '../../../../main/protocol/conversation/elections.ts';
import { openEmergencies } from '../../../../main/protocol/conversation/emergencies.ts';
import { plugins, type Draft } from '../../../../main/protocol/conversation/draft.ts';
import { enterFreezing } from '../../../../main/protocol/conversation/freezing.ts';
import {
  electionRequest,
  isGovernance,
  kindOf,
  parseRequest,
  removalRequest,
  type Violation,
} from '../../../../main/protocol/conversation/requests.ts';
import { receiveCandidate } from '../../../../main/protocol/conversation/inbound/candidate.ts';
import {
  decodeAppMessage,
  encodeConversationUpdateRequest,
  encodeScoreEvidence,
  ViolationType,
} from '../../../../main/protocol/wire/index.ts';
import { draftOf } from '../support/drafts.ts';
import { decide, emergencyOf, file } from '../support/governance.ts';
import { commitOf, has } from '../support/hostile.ts';
import { CONVERSATION, World, type Node } from '../support/world.ts';

const NAMES = ['Alice', 'Bob', 'Carol', 'Dave', 'Eve', 'Frank'];

async function groupOfFive(settings = {}) {
  const world = new World();
  const nodes = (await world.group(NAMES.slice(0, 5), settings)) as [Node, Node, Node, Node, Node];
  await world.run(30_000);
  return { world, nodes };
}

const scoreIn = (draft: Draft, { memberId }: Node): bigint => plugins(draft).scoring.scoreFor(memberId)!;
const scoreAt = (world: World, at: Node, { memberId }: Node): number =>
  world.view(at).members.find((member) => member.memberId === memberId)!.score;
const scored = (draft: Draft) =>
  draft.effects.flatMap((effect) =>
    effect.kind === 'journal' && effect.entry.kind === 'scored' ? [effect.entry] : [],
  );

describe('kinds of requests', () => {
  it('R-160 are told apart by their payload, and what has none of them is no request', async () => {
    const { nodes } = await groupOfFive();
    const [alice, bob] = nodes;
    const kinds = [
      removalRequest(bob.memberId, ''),
      electionRequest({ stewards: [alice.memberId], electionEpoch: 3n, retryRound: 0 }),
      emergencyOf(alice, { target: bob.memberId }),
    ].map((payload) => parseRequest(payload)!);
    expect(kinds.map(kindOf)).toEqual(['removeMember', 'stewardElection', 'emergency']);
    expect(kinds.map(isGovernance)).toEqual([false, true, true]);
    expect(parseRequest(encodeConversationUpdateRequest({ payload: { case: undefined } }))).toBeUndefined();
  });

  it('R-160 R-161 an emergency goes before elections, elections and changes of members do not go before it', async () => {
    const { world, nodes } = await groupOfFive();
    const [alice, bob, carol] = nodes;
    world.delivery = (_packet, to) => (to === carol.name ? [5] : []);
    await file(world, alice, emergencyOf(alice, { target: bob.memberId }));
    await world.run(20);
    await file(world, bob, electionRequest(nextList(draftOf(world, bob))));
    await file(world, bob, removalRequest(alice.memberId, ''));
    await world.run(20);
    expect(world.view(carol).openProposals.map(({ kind }) => kind)).toEqual(['emergency']);
    expect(world.view(carol).counters).toMatchObject({ PartialFreeze: 2 });
    await file(world, bob, emergencyOf(bob, { target: alice.memberId }));
    await world.run(20);
    expect(world.view(carol).openProposals.map(({ kind }) => kind)).toEqual(['emergency', 'emergency']);
  });
});

describe('an accepted emergency', () => {
  const cases: readonly (readonly [Violation, bigint])[] = [
    ['BROKEN_COMMIT', -50n],
    ['BROKEN_MLS_PROPOSAL', -30n],
    ['CENSORSHIP_INACTIVITY', -40n],
    ['MISBEHAVING_COMMIT', -10n],
  ];
  it('R-180 R-230 R-268 about a fault rewards its creator, then fines the accused, and queues nothing', async () => {
    const { world, nodes } = await groupOfFive();
    const [alice, creator, accused] = nodes;
    for (const [violation, delta] of cases) {
      const draft = draftOf(world, alice);
      const [ofCreator, ofAccused] = [scoreIn(draft, creator), scoreIn(draft, accused)];
      await decide(draft, emergencyOf(creator, { violation, target: accused.memberId }));
      expect(scoreIn(draft, creator)).toBe(ofCreator + 20n);
      expect(scoreIn(draft, accused), violation).toBe(ofAccused + delta);
      expect(scored(draft).map(({ target }) => target)).toEqual([creator.memberId, accused.memberId]);
      expect(draft.state.queues.approved).toEqual([]);
      expect(draft.state.emergencies.urgent).toBeUndefined();
      expect(draft.state.phase).toMatchObject({ phase: 'working', forced: false });
    }
  });

  it('R-168 R-177 R-268 about a score queues one removal and makes it urgent, for the reward alone; the urgency ends with the removal', async () => {
    const { world, nodes } = await groupOfFive();
    const [alice, creator, accused] = nodes;
    const draft = draftOf(world, alice);
    const [ofCreator, ofAccused] = [scoreIn(draft, creator), scoreIn(draft, accused)];
    expect(draft.state.emergencies.urgent).toBeUndefined();
    const request = emergencyOf(creator, {
      violation: 'SCORE_BELOW_THRESHOLD',
      target: accused.memberId,
      evidence: encodeScoreEvidence(-1n),
    });
    await decide(draft, request);
    // Again: one entry, still urgent (D-13).
    await decide(draft, request);
    expect(draft.state.queues.approved.map(({ change }) => change)).toEqual([
      { kind: 'remove', memberId: accused.memberId, selfLeave: false },
    ]);
    expect(draft.state.emergencies.urgent).toBe(accused.memberId);
    expect(draft.state.phase.forced).toBe(true);
    expect(scoreIn(draft, creator)).toBe(ofCreator + 40n);
    expect(scoreIn(draft, accused)).toBe(ofAccused);
    const refused = draftOf(world, alice);
    await decide(refused, request, false);
    expect(refused.state.queues.approved).toEqual([]);
    expect(refused.state.emergencies.urgent).toBeUndefined();
    expect(refused.state.phase.forced).toBe(false);
  });

  it('R-233 of an urgent removal is committed alone, whatever else is approved', async () => {
    const { world, nodes } = await groupOfFive();
    const [alice, creator, accused, other] = nodes;
    const steward = nodes.find(({ memberId }) => world.view(alice).stewards[0] === memberId)!;
    const [target, second] = [accused, other, creator].filter((node) => node !== steward) as [Node, Node];
    const draft = draftOf(world, steward);
    await decide(draft, removalRequest(second.memberId, ''));
    await decide(
      draft,
      emergencyOf(creator, {
        violation: 'SCORE_BELOW_THRESHOLD',
        target: target.memberId,
        evidence: encodeScoreEvidence(-1n),
      }),
    );
    expect(draft.state.queues.approved).toHaveLength(2);
    await enterFreezing(draft, 'emergencyAccepted');
    const own = draft.state.round!.candidates.find(({ kind }) => kind === 'own')!;
    expect(own.actions).toEqual([{ kind: 'remove', memberId: target.memberId }]);
  });

  it('R-250 H-26 beside a second one, learned in another order, splits nobody: each is as urgent as the other', async () => {
    const { world, nodes } = await groupOfFive();
    const [alice, bob, first, second, creator] = nodes;
    const draft = draftOf(world, alice);
    for (const target of [first, second])
      await decide(
        draft,
        emergencyOf(creator, {
          violation: 'SCORE_BELOW_THRESHOLD',
          target: target.memberId,
          evidence: encodeScoreEvidence(0n),
        }),
      );
    expect(draft.state.emergencies.urgent).toBe(second.memberId);
    // Whoever heard of the other one last commits that one.
    const packet = await commitOf(world, bob, [{ kind: 'remove', memberId: first.memberId }]);
    const { payload } = decodeAppMessage(packet);
    if (payload.case !== 'commitCandidate') throw new Error('no candidate');
    await receiveCandidate(draft, payload.value, packet);
    const round = draft.state.round?.candidates ?? [];
    expect(round.map(({ committer }) => committer).sort()).toEqual([alice.memberId, bob.memberId].sort());
    expect(round.find(({ kind }) => kind === 'own')?.actions.map(({ memberId }) => memberId)).toEqual([
      first.memberId,
      second.memberId,
    ]);
    expect(draft.state.volatile.counters.UrgentRemovalMissing).toBeUndefined();
  });

  it('R-179 R-268 of a deadlock opens Recovery, queues nothing, is for the reward alone; refused it does nothing', async () => {
    const { world, nodes } = await groupOfFive();
    const [alice, creator] = nodes;
    const draft = draftOf(world, alice);
    const before = nodes.map((node) => scoreIn(draft, node));
    await decide(draft, emergencyOf(creator, { violation: 'DEADLOCK' }));
    expect(nodes.map((node) => scoreIn(draft, node))).toEqual(
      nodes.map((node, index) => before[index]! + (node === creator ? 20n : 0n)),
    );
    expect(draft.state.phase.mode).toBe('recovery');
    expect(draft.state.emergencies.urgent).toBeUndefined();
    expect(draft.state.queues.approved).toEqual([]);
    const refused = draftOf(world, alice);
    await decide(refused, emergencyOf(creator, { violation: 'DEADLOCK' }), false);
    expect(refused.state.phase.mode).toBe('normal');
  });

  it('R-268 that was rejected fines its creator alone, whatever it was about', async () => {
    const { world, nodes } = await groupOfFive();
    const [alice, creator, accused] = nodes;
    const requests = [
      ...cases.map(([violation]) => emergencyOf(creator, { violation, target: accused.memberId })),
      emergencyOf(creator, { violation: 'DEADLOCK' }),
      emergencyOf(creator, {
        violation: 'SCORE_BELOW_THRESHOLD',
        target: accused.memberId,
        evidence: encodeScoreEvidence(0n),
      }),
    ];
    for (const request of requests) {
      const draft = draftOf(world, alice);
      const [ofCreator, ofAccused] = [scoreIn(draft, creator), scoreIn(draft, accused)];
      await decide(draft, request, false);
      expect([scoreIn(draft, creator), scoreIn(draft, accused)]).toEqual([ofCreator - 50n, ofAccused]);
    }
    // A type that nobody knows is no emergency: it moves no score at all (H-9).
    const draft = draftOf(world, alice);
    await decide(
      draft,
      encodeConversationUpdateRequest({
        payload: {
          case: 'emergencyCriteria',
          value: {
            evidence: {
              violationType: ViolationType.VIOLATION_UNSPECIFIED,
              creatorMemberId: Buffer.from(creator.memberId.slice(2), 'hex'),
            },
          },
        },
      }),
    );
    expect(scored(draft)).toEqual([]);
  });
});

describe('an emergency that is being voted on', () => {
  it('R-170 marks its target: there is one at a time, and the mark goes with the outcome', async () => {
    const { world, nodes } = await groupOfFive();
    const [alice, creator, accused] = nodes;
    world.delivery = (_packet, to) => (to === alice.name ? [5] : []);
    const marked = () => openEmergencies(draftOf(world, alice)).map(({ request }) => request.target);
    const request = emergencyOf(creator, { target: accused.memberId });
    expect(marked()).toEqual([]);
    await file(world, creator, request);
    await world.run(20);
    expect(marked()).toEqual([accused.memberId]);
    expect(marked()).toEqual([accused.memberId]);
    await file(world, creator, request);
    await world.run(20);
    expect(marked()).toEqual([accused.memberId]);
    await world.run(60_000);
    expect(marked()).toEqual([]);
  });

  it('W-40 rests on more than one opinion: a member whose own scores differ evicts nobody, and pays for asking', async () => {
    const world = new World();
    const nodes = await world.group(NAMES.slice(0, 5));
    await world.run(30_000);
    const [misled, victim, ...rest] = nodes as [Node, Node, Node, Node, Node];
    // As a sync, or a mistake, might have told it: to this member alone the victim is far below the threshold.
    misled.stored.get(CONVERSATION)!.scores.set(victim.memberId, -1_000n);
    world.restart(misled);
    expect(scoreAt(world, misled, victim)).toBe(-1_000);
    const before = rest.map((node) => scoreAt(world, node, victim));
    const { proposalId } = await file(
      world,
      misled,
      emergencyOf(misled, {
        violation: 'SCORE_BELOW_THRESHOLD',
        target: victim.memberId,
        evidence: encodeScoreEvidence(-1_000n),
      }),
    );
    await world.run(60_000);
    for (const node of rest) {
      expect(node.proposals.get(proposalId as never)).toMatchObject({ outcome: 'rejected' });
      expect(has(world, node, victim.memberId)).toBe(true);
      expect(world.view(node).approvedProposals).toEqual([]);
    }
    expect(rest.map((node) => scoreAt(world, node, victim))).toEqual(before);
    for (const node of rest) expect(scoreAt(world, node, misled)).toBeLessThan(100);
  });
});
