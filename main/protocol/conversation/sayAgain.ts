/**
 * What we said in an epoch that was given up, said again in the one that replaced it (H-27): those of the other branch could not
 * read it. Chat excepted, which is kept for longer anyway. Knows what of it still makes sense.
 */
import type { ProposalId } from '../../../shared/model/ids.ts';
import { memberIdFromBytes } from '../identity/index.ts';
import { decodeAppMessage, type Proposal } from '../wire/index.ts';
import { broadcastEncoded, count, plugins, type Draft } from './draft.ts';
import { ProtocolError } from './errors.ts';
import { resetInvite } from './invite.ts';
import { proposeOwnLeave, proposeRemoval } from './proposals.ts';
import { isSelfLeave } from './records.ts';
import { parseRequest } from './requests.ts';
import { members } from './roster.ts';
import type { ActiveState, SentMessage } from './state.ts';

/** After a rollback, in the order in which it was said. `since`: the state that was given up. */
export async function sayAgain(draft: Draft, since: ActiveState): Promise<void> {
  if (members(draft).length < 2) return;
  for (const sent of since.sent) {
    try {
      await again(draft, sent);
    } catch (error) {
      // It makes no sense any more: whoever it was about is gone, or is voted on already.
      if (!(error instanceof ProtocolError)) throw error;
      count(draft, error.code);
    }
  }
}

async function again(draft: Draft, sent: SentMessage): Promise<void> {
  const { payload } = decodeAppMessage(sent.message);
  switch (payload.case) {
    case 'memberNotice':
    case 'banRequest':
      await broadcastEncoded(draft, sent.message, sent.subject, sent.expiresAt);
      return;
    case 'vote':
      if (isKnown(draft, payload.value.proposalId))
        await broadcastEncoded(draft, sent.message, sent.subject, sent.expiresAt);
      return;
    case 'proposal':
      if (isKnown(draft, payload.value.proposalId))
        await broadcastEncoded(draft, sent.message, sent.subject, sent.expiresAt);
      else await proposeAgain(draft, payload.value);
      return;
    case 'inviteReset':
      await resetInvite(draft);
      return;
    // Chat is kept until everybody has it (delivery/own.ts); the rest answers to an epoch that is no more.
    case 'conversationMessage':
    case 'acknowledgements':
    case 'conversationSync':
    case 'syncRequest':
    case 'epochBeacon':
    case 'decisionNotice':
    case 'userVote':
    case 'votePayload':
    case 'proposalAdded':
    case 'commitCandidate':
    case 'memberWelcome':
    case 'membershipChange':
    case undefined:
      return;
    default:
      payload satisfies never;
  }
}

const isKnown = (draft: Draft, proposalId: number): boolean =>
  plugins(draft).consensus.session(proposalId as ProposalId) !== undefined;

/** Our own wish, put to the members of now. Joiners are remembered anyway, and proposed by whose turn it is. */
async function proposeAgain(draft: Draft, proposal: Proposal): Promise<void> {
  const request = parseRequest(proposal.payload);
  if (request?.kind !== 'removeMember' || memberIdFromBytes(proposal.proposalOwner) !== draft.self) return;
  if (isSelfLeave(proposal)) await proposeOwnLeave(draft);
  else await proposeRemoval(draft, request.memberId, request.reason);
}
