/**
 * Packets on the app_msg subtopic (§18.2): in the clear only candidates, everything else decrypted, attributed to its
 * authenticated sender, and dispatched. A bad packet is counted by name and never throws.
 */
import { MAX_PACKET_BYTES } from '../../../../shared/limits.ts';
import { MlsError } from '../../mls/errors.ts';
import { decodeAppMessage, WireError, type AppMessage } from '../../wire/index.ts';
import { receiveBanRequest } from '../banRequests.ts';
import { receiveBeacon } from '../beacons.ts';
import { receiveChat } from '../chat.ts';
import { receiveNotice, showElection } from '../decisionNotices.ts';
import { earn } from '../delivery/budget.ts';
import { receiveAcknowledgements } from '../delivery/vectors.ts';
import { count, type Draft } from '../draft.ts';
import { receiveInviteReset } from '../invite.ts';
import { keepMessage } from '../keptMessages.ts';
import { receiveProposal, receiveVote, type Origin } from '../proposals.ts';
import { receiveClearBeacon } from '../lag.ts';
import { isMember, learnName } from '../roster.ts';
import { receiveSync } from '../sync.ts';
import { receiveSyncRequest } from '../syncRequests.ts';
import { replayAttested } from './candidate.ts';
import { receiveOffered } from './lateCandidates.ts';
import { park } from './parking.ts';
import { claimedEpoch } from './peek.ts';

/** An MLSMessage begins with the version 0x0001, which is no protobuf tag. §18.2 */
const MLS_FIRST_BYTE = 0;

export async function receiveAppPacket(draft: Draft, packet: Uint8Array): Promise<void> {
  if (packet[0] === MLS_FIRST_BYTE) await receiveCiphertext(draft, packet);
  else await receiveClear(draft, packet);
}

async function receiveClear(draft: Draft, packet: Uint8Array): Promise<void> {
  const message = decoded(draft, packet);
  if (message === undefined) return;
  if (message.payload.case === 'commitCandidate') await receiveOffered(draft, message.payload.value, packet);
  else if (message.payload.case === 'epochBeacon') {
    if (receiveClearBeacon(draft, message.payload.value)) showElection(draft);
  } else count(draft, 'UnknownAppMessage');
}

function decoded(draft: Draft, bytes: Uint8Array): AppMessage | undefined {
  try {
    return decodeAppMessage(bytes);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    count(draft, 'MessageError');
    return undefined;
  }
}

async function receiveCiphertext(draft: Draft, packet: Uint8Array): Promise<void> {
  if (packet.length > MAX_PACKET_BYTES) {
    count(draft, 'TooLarge');
    return;
  }
  const opened = await open(draft, packet);
  if (opened === undefined) return;
  const { message, origin } = opened;
  draft.effects.push(...keepMessage(origin.epoch, message, packet));
  if (message.payload.case === 'conversationMessage') earn(draft, packet.length);
  await dispatch(draft, message, origin);
}

/** Decrypts a packet at this epoch or one of the past-epoch window; future ones are parked. */
export async function open(
  draft: Draft,
  packet: Uint8Array,
): Promise<{ readonly message: AppMessage; readonly origin: Origin } | undefined> {
  // Those of an exchange come in order, and what they skip is not to be had.
  const keepSkipped = !draft.isLate || draft.isOfNow;
  try {
    const opened = await draft.context.mls.decrypt(draft.state.group, packet, draft.now, { keepSkipped });
    if (opened.kind === 'ignored') {
      if (opened.reason === 'futureEpoch') park(draft, 'app_msg', packet);
      else count(draft, opened.reason === 'handshake' ? 'UnexpectedMlsType' : 'DecryptIgnored');
      return undefined;
    }
    draft.state.group = opened.group;
    const message = decoded(draft, opened.payload);
    return message === undefined ? undefined : { message, origin: { sender: opened.sender, epoch: opened.epoch } };
  } catch (error) {
    if (!(error instanceof MlsError)) throw error;
    count(draft, `Mls${error.code}`);
    if (error.code === 'TooFarAhead' && keepSkipped) {
      // Reading it now would cost us those in between, which members have.
      park(draft, 'app_msg', packet);
      draft.effects.push({ kind: 'catchUp' });
    }
    if (mayBeOfOtherBranch(draft, packet)) park(draft, 'app_msg', packet);
    return undefined;
  }
}

/** What nobody of this branch can have written may be of another, to which we may still roll back (H-27). */
function mayBeOfOtherBranch({ state }: Draft, packet: Uint8Array): boolean {
  const isPossible = state.grace !== undefined && state.grace.abandoned === undefined;
  return isPossible && claimedEpoch(packet) === state.group.epoch;
}

async function dispatch(draft: Draft, { payload }: AppMessage, origin: Origin): Promise<void> {
  switch (payload.case) {
    case 'conversationMessage':
      receiveChat(draft, payload.value, origin.sender);
      return;
    case 'acknowledgements':
      receiveAcknowledgements(draft, payload.value, origin.sender);
      return;
    case 'proposal':
      await receiveProposal(draft, payload.value, origin);
      return;
    case 'vote':
      receiveVote(draft, payload.value, origin);
      return;
    case 'banRequest':
      await receiveBanRequest(draft, payload.value.userToBan);
      return;
    case 'conversationSync':
      await receiveSync(draft, payload.value, origin.sender);
      return;
    case 'decisionNotice':
      await receiveNotice(draft, payload.value.certificates, origin.sender);
      return;
    case 'syncRequest':
      receiveSyncRequest(draft, origin.sender);
      return;
    case 'inviteReset':
      await receiveInviteReset(draft, payload.value, origin.epoch);
      return;
    case 'epochBeacon':
      receiveBeacon(draft, payload.value, origin);
      await replayAttested(draft);
      return;
    case 'memberNotice':
      if (isMember(draft, origin.sender)) learnName(draft, origin.sender, payload.value.displayName);
      return;
    // Candidates travel in the clear (§5.5); the rest is of the reference's own screens, its later line, or not there yet.
    case 'commitCandidate':
    case 'votePayload':
    case 'userVote':
    case 'proposalAdded':
    case 'memberWelcome':
    case 'membershipChange':
    case undefined:
      count(draft, 'UnknownAppMessage');
      return;
    default:
      payload satisfies never;
  }
}
