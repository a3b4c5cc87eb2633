/** Lies about votes: who may vote, how often, about what, and in whose name (H-1, H-5, H-9, H-13, H-20). */
import type { ProposalId } from '../../../shared/model/ids.ts';
import { selfLeaveId } from '../../../main/protocol/consensus/index.ts';
import { buildProposal, proposalHash } from '../../../main/protocol/consensus/proposal.ts';
import { buildVote } from '../../../main/protocol/consensus/vote.ts';
import { removalRequest } from '../../../main/protocol/conversation/requests.ts';
import { createIdentity, memberIdToBytes, type Identity } from '../../../main/protocol/identity/index.ts';
import {
  encodeConversationUpdateRequest,
  ViolationType,
  type ConversationUpdateRequestInit,
  type Proposal,
  type Vote,
} from '../../../main/protocol/wire/index.ts';
import { byteStream } from '../world/chance.ts';
import { even, odd, say, type Accomplice } from './accomplice.ts';

type Signer = Pick<Identity, 'memberId' | 'sign'>;

interface Claim {
  readonly proposalId?: ProposalId;
  readonly payload: Uint8Array;
  readonly expectedVoters?: number;
  readonly livenessCriteriaYes?: boolean;
  readonly name?: string;
}

const EXPIRY_SECONDS = 60;

/** A proposal that says whatever it is told to. */
export function proposalOf({ state, device, dice, mls }: Accomplice, claim: Claim): Proposal {
  const { settings } = state.rules;
  return buildProposal({
    name: claim.name ?? 'lie',
    payload: claim.payload,
    proposalId: claim.proposalId ?? (dice.whole(1, 2 ** 31) as ProposalId),
    owner: device.memberId,
    expectedVoters: claim.expectedVoters ?? mls.members(state.group).length,
    expirySeconds: Math.max(EXPIRY_SECONDS, settings.proposalExpirationMs / 1000),
    livenessCriteriaYes: claim.livenessCriteriaYes ?? settings.removalLivenessCriteriaYes,
    epoch: state.group.epoch,
    now: device.now,
  });
}

/** A vote that is signed by whoever signs it. */
export function voteOf(proposal: Proposal, choice: boolean, signer: Signer, voteId: number): Vote {
  return buildVote(
    {
      voteId,
      proposalId: proposal.proposalId,
      proposalHash: proposalHash(proposal),
      timestampSeconds: proposal.timestamp,
      choice,
      votes: [],
    },
    signer,
  );
}

const withVotes = (proposal: Proposal, votes: readonly Vote[]): Proposal => ({ ...proposal, votes: [...votes] });

const tellProposal = (accomplice: Accomplice, value: Proposal, reaches?: (index: number) => boolean): Promise<void> =>
  say(accomplice, { payload: { case: 'proposal', value } }, reaches);
const tellVote = (accomplice: Accomplice, value: Vote, reaches?: (index: number) => boolean): Promise<void> =>
  say(accomplice, { payload: { case: 'vote', value } }, reaches);

/** Its own name on what it signs, or the name of another with its own signature. */
const inTheNameOf = ({ identity }: Accomplice, memberId: Identity['memberId']): Signer => ({
  memberId,
  sign: (payload) => identity.sign(payload),
});

/** A vote that is open, its own included. */
function openVote({ state, dice }: Accomplice): Proposal | undefined {
  const open = state.consensus.sessions.filter((session) => session.state.kind === 'active');
  return open.length === 0 ? undefined : { ...dice.pick(open).proposal };
}

/** Opens the removal of the target as an honest member would, so that there is something to lie about. */
const removalOf = (accomplice: Accomplice, claim: Partial<Claim> = {}): Proposal =>
  proposalOf(accomplice, { payload: removalRequest(accomplice.target.memberId, ''), ...claim });

export async function voteTwice(accomplice: Accomplice): Promise<void> {
  const proposal = openVote(accomplice);
  if (proposal === undefined) return;
  await tellVote(accomplice, voteOf(proposal, true, accomplice.identity, 1), even);
  await tellVote(accomplice, voteOf(proposal, false, accomplice.identity, 2), odd);
  await tellVote(accomplice, voteOf(proposal, true, accomplice.identity, 3));
}

/** Opens a removal and votes for it in everybody's name. */
export async function voteAsOthers(accomplice: Accomplice): Promise<void> {
  const { mls, state, gang } = accomplice;
  const proposal = removalOf(accomplice);
  await tellProposal(accomplice, withVotes(proposal, [voteOf(proposal, true, accomplice.identity, 1)]));
  for (const { memberId } of mls.members(state.group)) {
    if (memberId === accomplice.identity.memberId) continue;
    await tellVote(accomplice, voteOf(proposal, true, inTheNameOf(accomplice, memberId), 2));
  }
  // Genuine votes of the others in the gang, who are perhaps no members, and of wallets that it made up.
  const others = gang.filter((device) => device !== accomplice.device).map(({ identity }) => identity);
  const wallets = byteStream(`${accomplice.world.seed}/made up ${accomplice.dice.whole(0, 1e9)}`);
  const made = Array.from({ length: 3 }, () => createIdentity(wallets(32)));
  for (const identity of [...others, ...made]) await tellVote(accomplice, voteOf(proposal, true, identity, 3));
}

/** Votes of wallets that nobody knows, inside the proposal and after it. */
export async function inventVoters(accomplice: Accomplice): Promise<void> {
  const { dice, mls, state, world } = accomplice;
  const proposal = removalOf(accomplice);
  const wallets = byteStream(`${world.seed}/invented ${dice.whole(0, 1e9)}`);
  const invented = mls
    .members(state.group)
    .map((_, index) => voteOf(proposal, true, createIdentity(wallets(32)), index));
  await tellProposal(accomplice, withVotes(proposal, invented));
  const other = { ...proposal, proposalId: dice.whole(1, 2 ** 31) };
  await tellProposal(accomplice, withVotes(other, [voteOf(other, true, accomplice.identity, 1)]));
  for (let index = 0; index < 3; index += 1)
    await tellVote(accomplice, voteOf(other, true, createIdentity(wallets(32)), 10 + index));
}

/** A removal that only a few are asked about, or more than there are, or whose silence counts as it must not. */
export async function wrongElectorate(accomplice: Accomplice): Promise<void> {
  const { dice, mls, state } = accomplice;
  const count = mls.members(state.group).length;
  const expectedVoters = dice.pick([1, 2, Math.max(1, count - 1), count + 1]);
  const proposal = removalOf(accomplice, { expectedVoters });
  await tellProposal(accomplice, withVotes(proposal, [voteOf(proposal, true, accomplice.identity, 1)]));
  const silent = removalOf(accomplice, { livenessCriteriaYes: !state.rules.settings.removalLivenessCriteriaYes });
  await tellProposal(accomplice, withVotes(silent, [voteOf(silent, true, accomplice.identity, 1)]));
}

/** One id, two payloads: half of the group votes about something else. */
export async function twoPayloads(accomplice: Accomplice): Promise<void> {
  const { devices, dice } = accomplice;
  const first = removalOf(accomplice);
  const second = { ...first, payload: removalRequest(dice.pick(devices).memberId, 'other') };
  await tellProposal(accomplice, withVotes(first, [voteOf(first, true, accomplice.identity, 1)]), even);
  await tellProposal(accomplice, withVotes(second, [voteOf(second, true, accomplice.identity, 2)]), odd);
}

/** Takes the id of the target's leave, and claims that the target wants to go. */
export async function squatSelfLeave(accomplice: Accomplice): Promise<void> {
  const { target } = accomplice;
  const proposalId = selfLeaveId(target.memberId);
  const claim = { proposalId, expectedVoters: 1, livenessCriteriaYes: true, name: `self-leave:${proposalId}` };
  const forged = removalOf(accomplice, claim);
  await tellProposal(accomplice, withVotes(forged, [voteOf(forged, true, accomplice.identity, 1)]));
  const asTarget = { ...forged, proposalOwner: memberIdToBytes(target.memberId) };
  await tellProposal(
    accomplice,
    withVotes(asTarget, [voteOf(asTarget, true, inTheNameOf(accomplice, target.memberId), 2)]),
  );
}

export async function banRequest(accomplice: Accomplice): Promise<void> {
  const value = { userToBan: memberIdToBytes(accomplice.target.memberId), conversationName: '' };
  await say(accomplice, { payload: { case: 'banRequest', value } });
}

/** As many votes as nobody wants to see. */
export async function flood(accomplice: Accomplice): Promise<void> {
  const { dice, devices } = accomplice;
  const votes = dice.whole(20, 90);
  for (let index = 0; index < votes; index += 1) {
    const payload = removalRequest(dice.pick(devices).memberId, `flood ${index}`);
    await tellProposal(accomplice, proposalOf(accomplice, { payload }));
  }
}

/** Opens a vote that nobody needs, with its own YES and nothing to show for it. */
async function file(
  accomplice: Accomplice,
  request: ConversationUpdateRequestInit,
  livenessCriteriaYes: boolean,
): Promise<void> {
  const payload = encodeConversationUpdateRequest(request);
  const proposal = proposalOf(accomplice, { payload, livenessCriteriaYes });
  await tellProposal(accomplice, withVotes(proposal, [voteOf(proposal, true, accomplice.identity, 1)]));
}

/** Itself as the only steward, or the true stewards in an order that it likes better, now or later; silence mostly as it must count. */
export async function bogusElection(accomplice: Accomplice): Promise<void> {
  const { dice, mls, state, device } = accomplice;
  const everybody = mls.members(state.group).map(({ memberId }) => memberId);
  const proposedStewards = dice.chance(0.5) ? [device.memberId] : dice.some(everybody, everybody.length);
  await file(
    accomplice,
    {
      payload: {
        case: 'stewardElection',
        value: {
          proposedStewards: proposedStewards.map(memberIdToBytes),
          electionEpoch: state.group.epoch + BigInt(dice.chance(0.6) ? 0 : dice.whole(1, 2)),
          retryRound: dice.chance(0.6) ? 0 : dice.whole(1, 3),
        },
      },
    },
    dice.chance(0.2),
  );
}

/** Accuses the target of what it did not do, or calls for a recovery that nobody needs. */
export async function bogusEmergency(accomplice: Accomplice): Promise<void> {
  const { dice, target, device, state } = accomplice;
  const violationType = dice.pick([
    ViolationType.BROKEN_COMMIT,
    ViolationType.BROKEN_MLS_PROPOSAL,
    ViolationType.CENSORSHIP_INACTIVITY,
    ViolationType.SCORE_BELOW_THRESHOLD,
    ViolationType.DEADLOCK,
    ViolationType.MISBEHAVING_COMMIT,
  ]);
  const evidence = {
    violationType,
    targetMemberId: violationType === ViolationType.DEADLOCK ? new Uint8Array() : memberIdToBytes(target.memberId),
    evidencePayload: dice.chance(0.5) ? dice.bytes(dice.whole(0, 64)) : new Uint8Array(),
    epoch: state.group.epoch,
    creatorMemberId: memberIdToBytes(device.memberId),
  };
  await file(accomplice, { payload: { case: 'emergencyCriteria', value: { evidence } } }, dice.chance(0.2));
}
