/** Elections and emergencies as a test puts them: decided in a draft at once, or filed by a member outside of its own core. */
import type { ProposalId } from '../../../../shared/model/ids.ts';
import { applyDecisions } from '../../../../main/protocol/conversation/decisions.ts';
import { plugins, type Draft } from '../../../../main/protocol/conversation/draft.ts';
import { emergencyRequest, type EmergencyRequest } from '../../../../main/protocol/conversation/requests.ts';
import { buildProposal } from '../../../../main/protocol/consensus/proposal.ts';
import type { Proposal } from '../../../../main/protocol/wire/index.ts';
import { forge, groupOf, type Node, type World } from './world.ts';

/** Opens a vote of this payload in which the draft's own member alone is asked, and decides it. */
export async function decide(draft: Draft, payload: Uint8Array, approve = true): Promise<ProposalId> {
  const { proposalId } = plugins(draft).consensus.openProposal({
    payload,
    expirySeconds: 600,
    livenessCriteriaYes: false,
    window: { timeoutMs: 60_000 },
    roster: [draft.self],
    epoch: draft.state.group.epoch,
    now: draft.now,
    ownVote: approve,
  });
  await applyDecisions(draft);
  return proposalId;
}

/** An emergency of this member, now; what is not said is a broken commit. */
export function emergencyOf(node: Node, request: Partial<EmergencyRequest>): Uint8Array {
  return emergencyRequest({
    kind: 'emergency',
    violation: 'BROKEN_COMMIT',
    target: undefined,
    evidence: new Uint8Array(),
    epoch: groupOf(node).epoch,
    creator: node.memberId,
    ...request,
  });
}

/** Opens a vote as that member, outside its own core: everybody else sees it. */
export async function file(world: World, node: Node, payload: Uint8Array): Promise<Proposal> {
  const value = buildProposal({
    name: `filed by ${node.name} at ${world.now}`,
    payload,
    proposalId: Buffer.from(node.random(4)).readUInt32BE(0) as ProposalId,
    owner: node.memberId,
    expectedVoters: world.view(node).members.length,
    expirySeconds: 600,
    livenessCriteriaYes: false,
    epoch: groupOf(node).epoch,
    now: world.now,
  });
  await forge(world, node, { payload: { case: 'proposal', value } });
  return value;
}
