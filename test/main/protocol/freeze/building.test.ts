/** Who builds a candidate, of what, and what a freeze does with those of others. §14.2 to §14.6, H-25, H-26 */
import { describe, expect, it } from 'vitest';
import { MAX_CANDIDATE_PROPOSALS } from '../../../../shared/limits.ts';
import type { ProposalId } from '../../../../shared/model/ids.ts';
import { enterFreezing } from '../../../../main/protocol/conversation/freezing.ts';
import { decodeAppMessage } from '../../../../main/protocol/wire/index.ts';
import type { CommitInput } from '../../../../main/protocol/mls/index.ts';
import { encodePart } from '../../../../main/protocol/conversation/partCodec.ts';
import { draftOf, stateOf } from '../support/drafts.ts';
import { announcement, commitOf, has, isCandidate, receive } from '../support/hostile.ts';
import { agreed, CONVERSATION, World, type Node } from '../support/world.ts';

const candidatesOf = (node: Node) =>
  node.sent.filter(isCandidate).flatMap(({ payload }) => {
    const message = decodeAppMessage(payload).payload;
    return message.case === 'commitCandidate' ? [message.value] : [];
  });

const roleOf = (world: World, nodes: readonly Node[], role: string): Node =>
  nodes.find(
    ({ memberId }) => world.view(nodes[0]!).members.find((member) => member.role === role)?.memberId === memberId,
  )!;

const scoreOf = (world: World, at: Node, of: Node): number =>
  world.view(at).members.find(({ memberId }) => memberId === of.memberId)!.score;

/** Removes a member by the votes of these. */
async function voteOut(world: World, target: Node, voters: readonly Node[]) {
  const [asker, ...others] = voters as [Node, ...Node[]];
  const { reply } = await world.input(asker, { kind: 'removeMember', memberId: target.memberId });
  await world.run(10);
  for (const node of others) {
    if (node.proposals.get(reply.proposalId!)?.outcome !== 'open') continue;
    await world.input(node, { kind: 'vote', proposalId: reply.proposalId!, approve: true });
  }
  await world.run(10);
  return reply.proposalId!;
}

describe('building a candidate', () => {
  it('R-230 is for stewards, and only with something to commit', async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol', 'Dave'], { stewardsMax: 1 });
    const steward = nodes.find(({ memberId }) => world.view(nodes[0]!).stewards.includes(memberId))!;
    const others = nodes.filter((node) => node !== steward);
    const counts = () => nodes.map((node) => node.sent.filter(isCandidate).length);
    const before = counts();
    await world.run(120_000);
    expect(counts()).toEqual(before);
    await world.input(others[0]!, { kind: 'leave' });
    await world.run(30_000);
    expect(has(world, steward, others[0]!.memberId)).toBe(false);
    expect(nodes.map((node, index) => node.sent.filter(isCandidate).length - before[index]!)).toEqual(
      nodes.map((node) => (node === steward ? 1 : 0)),
    );
  });

  it('R-231 is not for somebody whose own removal is approved; another steward commits, and nothing is an error', async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol', 'Dave', 'Eve']);
    const target = roleOf(world, nodes, 'epochSteward');
    const others = nodes.filter((node) => node !== target);
    const before = target.sent.filter(isCandidate).length;
    await voteOut(world, target, others);
    await world.run(30_000);
    expect(target.sent.filter(isCandidate).length).toBe(before);
    expect(target.events.some(({ kind }) => kind === 'Error')).toBe(false);
    expect(target.user.conversations()).toEqual([]);
    for (const node of others) {
      expect(has(world, node, target.memberId)).toBe(false);
      expect(agreed(world.view(node))).toEqual(agreed(world.view(others[0]!)));
    }
  });

  it('R-232 takes what is approved in its order, and leaves out what the group is already like', async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol', 'Dave', 'Eve', 'Frank', 'Grace'], {
      stewardsMax: 1,
      commitInactivityMs: 5_000,
    });
    const steward = nodes.find(({ memberId }) => world.view(nodes[0]!).stewards.includes(memberId))!;
    const others = nodes.filter((node) => node !== steward);
    const [one, two, three] = others as [Node, Node, Node];
    const ids = [];
    for (const target of [three, one, two])
      ids.push(await voteOut(world, target, [steward, ...others.filter((node) => node !== target)]));
    expect(world.view(steward).approvedProposals.map(({ target }) => target)).toEqual(
      [three, one, two].map(({ memberId }) => memberId),
    );
    const before = steward.events.length;
    await world.run(30_000);
    const applied = steward.events.slice(before).flatMap((event) => (event.kind === 'CommitApplied' ? [event] : []));
    expect(applied.map(({ changes }) => changes.map(({ memberId }) => memberId))).toEqual([
      [three, one, two].map(({ memberId }) => memberId),
    ]);
    // All three are done now: there is nothing left to build a candidate of.
    const count = steward.sent.filter(isCandidate).length;
    await world.run(120_000);
    expect(steward.sent.filter(isCandidate).length).toBe(count);
    expect(world.view(steward).approvedProposals).toEqual([]);
    expect(ids.map((proposalId) => steward.proposals.get(proposalId)?.outcome)).toEqual([
      'accepted',
      'accepted',
      'accepted',
    ]);
  });

  it('R-232 W-25 H-25 drops what is done already when the freeze begins, and builds the rest', async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol', 'Dave', 'Eve'], { stewardsMax: 1 });
    const steward = nodes.find(({ memberId }) => world.view(nodes[0]!).stewards.includes(memberId))!;
    const [target, ...others] = nodes.filter((node) => node !== steward) as [Node, ...Node[]];
    await voteOut(world, target, [steward, ...others]);
    const draft = draftOf(world, steward);
    const [entry] = draft.state.queues.approved;
    if (entry === undefined) throw new Error('nothing approved');
    const stranger = world.node('Stranger');
    const gone = { ...entry, proposalId: 7 as ProposalId, change: { ...entry.change, memberId: stranger.memberId } };
    draft.state.queues = { ...draft.state.queues, approved: [gone, entry] };
    await enterFreezing(draft, 'inactivityElapsed');
    expect(draft.state.queues.approved).toEqual([entry]);
    expect(draft.state.volatile.counters).toMatchObject({ ApprovedEntryStale: 1 });
    expect(draft.state.round?.candidates[0]?.actions).toEqual([{ kind: 'remove', memberId: target.memberId }]);
  });

  for (const isElected of [false, true])
    it(`R-249 R-232 W-25 commits more than fifty approvals over several epochs, fifty at most in one${isElected ? ', also with the proofs of who may commit beside theirs' : ''}`, async () => {
      const world = new World();
      const alice = world.node('Alice');
      await world.create(alice, { commitInactivityMs: 300_000 });
      const { secret } = world.invite(alice);
      const order: string[] = [];
      const total = MAX_CANDIDATE_PROPOSALS + 4;
      for (let index = 0; index < total; index += 1) {
        // So many that may announce themselves in a minute.
        if (index % 30 === 0) await world.run(61_000);
        const joiner = world.node(`J${index}`);
        world.nodes.delete(joiner.name);
        order.push(joiner.memberId);
        const packet = announcement(joiner, await joiner.mls.generateKeyPackage(world.now), secret);
        await world.input(alice, { kind: 'packet', subtopic: 'welcome', payload: packet.payload });
      }
      expect(world.view(alice)).toMatchObject({ phase: 'working', epoch: 0 });
      expect(world.view(alice).approvedProposals).toHaveLength(total);
      if (isElected) {
        const { parts } = alice.stored.get(CONVERSATION)!;
        const { proposalId, certificate } = stateOf(alice).queues.approved[0]!;
        const mandate = { proposalId, epoch: 0, proposal: certificate! };
        parts.set('mandate', encodePart('mandate', { election: mandate, deadlock: mandate }));
        world.restart(alice);
      }
      const added = () =>
        alice.events.flatMap((event) =>
          event.kind === 'CommitApplied' ? [event.changes.map(({ memberId }) => memberId)] : [],
        );
      await world.run(320_000);
      expect(added()).toEqual([order.slice(0, MAX_CANDIDATE_PROPOSALS)]);
      expect(world.view(alice).approvedProposals).toHaveLength(total - MAX_CANDIDATE_PROPOSALS);
      await world.run(320_000);
      expect(added()).toEqual([order.slice(0, MAX_CANDIDATE_PROPOSALS), order.slice(MAX_CANDIDATE_PROPOSALS)]);
      expect(world.view(alice)).toMatchObject({ epoch: 2, approvedProposals: [] });
      expect(candidatesOf(alice).map(({ mlsProposals }) => mlsProposals.length)).toEqual([50, total - 50]);
    });
});

describe('a freeze', () => {
  it('R-238 applies a candidate that carries out what was approved: one epoch on, and ten points for its committer', async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol', 'Dave'], { stewardsMax: 1 });
    const steward = nodes.find(({ memberId }) => world.view(nodes[0]!).stewards.includes(memberId))!;
    const [observer, target, ...rest] = nodes.filter((node) => node !== steward) as [Node, Node, Node];
    const [{ epoch }, before] = [world.view(observer), scoreOf(world, observer, steward)];
    world.delivery = ({ from }, to) => (from === steward.name || to === steward.name ? [] : [5]);
    await voteOut(world, target, [observer, ...rest, target]);
    const packet = await commitOf(world, steward, [{ kind: 'remove', memberId: target.memberId }]);
    await receive(world, observer, packet);
    await world.run(10_000);
    expect(world.view(observer)).toMatchObject({ epoch: epoch + 1, phase: 'working', approvedProposals: [] });
    expect(scoreOf(world, observer, steward)).toBe(before + 10);
    expect(observer.events).toContainEqual({
      kind: 'CommitApplied',
      epoch: epoch + 1,
      changes: [{ kind: 'removed', memberId: target.memberId }],
    });
  });

  it('R-241 without a candidate applies nothing', async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol'], { stewardsMax: 1 });
    const steward = nodes.find(({ memberId }) => world.view(nodes[0]!).stewards.includes(memberId))!;
    const [leaver, observer] = nodes.filter((node) => node !== steward) as [Node, Node];
    world.delivery = ({ from }, to) => (from === steward.name || to === steward.name ? [] : [5]);
    const { epoch, epochAuthenticator } = world.view(observer);
    const seen = observer.events.length;
    await world.input(leaver, { kind: 'leave' });
    await world.run(15_000);
    const phases = observer.events.slice(seen).flatMap((event) => (event.kind === 'PhaseChange' ? [event.phase] : []));
    expect(phases.slice(0, 3)).toEqual(['freezing', 'selection', 'reelection']);
    expect(observer.events.slice(seen).some(({ kind }) => kind === 'CommitApplied')).toBe(false);
    expect(world.view(observer)).toMatchObject({ epoch, epochAuthenticator });
  });

  it('R-242 in which a better-placed candidate fails still applies our own', async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol', 'Dave', 'Eve', 'Frank']);
    const first = roleOf(world, nodes, 'epochSteward');
    const second = roleOf(world, nodes, 'backupSteward');
    const [leaver, other] = nodes.filter((node) => node !== first && node !== second) as [Node, Node];
    world.delivery = () => [];
    await world.input(leaver, { kind: 'leave' });
    await receive(world, second, leaver.sent.at(-1)!.payload);
    const remove = (node: Node): CommitInput => ({ kind: 'remove', memberId: node.memberId });
    // The epoch steward comes first, then says something else: both of its candidates are worth nothing.
    await receive(world, second, await commitOf(world, first, [remove(leaver)]));
    expect(world.view(second)).toMatchObject({ phase: 'freezing', freeze: { received: 2 } });
    await receive(world, second, await commitOf(world, first, [remove(leaver), remove(other)]));
    expect(world.view(second)).toMatchObject({ phase: 'freezing', freeze: { received: 1 } });
    const { epoch } = world.view(second);
    await world.run(10_000);
    expect(world.view(second)).toMatchObject({ phase: 'working', epoch: epoch + 1 });
    expect(has(world, second, leaver.memberId)).toBe(false);
    expect(has(world, second, other.memberId)).toBe(true);
    const own = candidatesOf(second).at(-1)!;
    expect(second.journal.findLast(({ kind }) => kind === 'committed')?.actor).toBe(second.memberId);
    expect(own.mlsProposals).toHaveLength(1);
  });

  it('R-248 W-36 during which something else is approved loses neither its candidates nor the approval', async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol', 'Dave', 'Eve', 'Frank']);
    const first = roleOf(world, nodes, 'epochSteward');
    const second = roleOf(world, nodes, 'backupSteward');
    const [leaver, target, ...rest] = nodes.filter((node) => node !== first && node !== second);
    // The vote on the target hangs on one voice, which arrives in the middle of the freeze.
    const { reply } = await world.input(first, { kind: 'removeMember', memberId: target!.memberId });
    await world.run(10);
    for (const node of [second, rest[0]!])
      await world.input(node, { kind: 'vote', proposalId: reply.proposalId!, approve: true });
    world.delivery = (packet) =>
      packet.from === rest[1]!.name && !isCandidate(packet) ? [3_800] : isCandidate(packet) ? [1_200] : [5];
    await world.input(rest[1]!, { kind: 'vote', proposalId: reply.proposalId!, approve: true });
    await world.input(leaver!, { kind: 'leave' });
    const queue = () => world.view(second).approvedProposals.map(({ target: whom }) => whom);
    const { epoch } = world.view(second);
    const seen = second.events.length;
    await world.run(3_700);
    expect(world.view(second).phase).toBe('freezing');
    expect(queue()).toEqual([leaver!.memberId]);
    for (let waited = 0; world.view(second).phase === 'freezing' && waited < 10_000; waited += 10) await world.run(10);
    const told = second.events
      .slice(seen)
      .flatMap((event) =>
        event.kind === 'PhaseChange'
          ? [event.phase]
          : event.kind === 'ConsensusReached'
            ? [event.proposalId === reply.proposalId ? 'approved' : 'leave']
            : [],
      );
    expect(told).toEqual(['leave', 'freezing', 'approved', 'selection', 'working']);
    expect(world.view(second)).toMatchObject({ phase: 'working', epoch: epoch + 1 });
    expect(queue()).toEqual([target!.memberId]);
    expect(has(world, second, leaver!.memberId)).toBe(false);
    const scores = world.view(second).members.map(({ score }) => score);
    world.delivery = () => [5];
    await world.run(60_000);
    for (const node of [first, second, ...rest]) {
      expect(has(world, node, target!.memberId)).toBe(false);
      expect(agreed(world.view(node))).toEqual(agreed(world.view(first)));
    }
    expect(Math.min(...scores)).toBeGreaterThanOrEqual(100);
  });
});
