/**
 * A joiner that waits (§8.3): it announces one key package again and again, follows the one Welcome that fits, or gives up.
 * Knows nothing of the group until then.
 */
import { ANNOUNCE_INTERVAL_MS, ANNOUNCE_PAUSE_MS } from '../../../shared/limits.ts';
import { friendsPreset } from '../../../shared/api/settings.ts';
import { MlsError } from '../mls/errors.ts';
import type { MlsGroup } from '../mls/contract.ts';
import type { MemberId } from '../../../shared/model/ids.ts';
import type { JoinInvite } from '../user/contract.ts';
import { encodeWelcomeMessage, type InvitationToJoin } from '../wire/index.ts';
import { admissionOf } from './admissions.ts';
import type { ConversationContext } from './context.ts';
import type { ConversationInput, Effect, EndCause } from './contract.ts';
import { bundledSync } from './bundledSync.ts';
import { beginDraft, broadcast, counted, emit, governance, hashOf, rememberOwn, type Draft } from './draft.ts';
import { ProtocolError } from './errors.ts';
import { decodedWelcome } from './inbound/welcome.ts';
import { withParked } from './inbound/parking.ts';
import { inviteMac } from './invite.ts';
import { logEpoch } from './packetLog.ts';
import type { Reason } from './reasons.ts';
import { note, systemMessage } from './records.ts';
import { epochOf, members } from './roster.ts';
import { syncScoredMembers } from './scores.ts';
import { emptyActiveParts, emptySnapshots, initialPhase } from './initial.ts';
import { emptyVolatile, type ActiveState, type PendingState } from './state.ts';

const NOTICE_MS = 24 * 3_600_000;

/** What a joiner's step made: still waiting, a member (its draft goes on), or over. */
export type PendingOutcome =
  | { readonly kind: 'waiting'; readonly state: PendingState; readonly effects: readonly Effect[] }
  | { readonly kind: 'joined'; readonly draft: Draft }
  | { readonly kind: 'ended'; readonly cause: EndCause; readonly effects: readonly Effect[] };

/** Begins to wait; the first announcement is in the effects. */
export async function beginJoin(
  context: ConversationContext,
  invite: JoinInvite,
  now: number,
): Promise<{ readonly state: PendingState; readonly effects: readonly Effect[] }> {
  const keyPackage = await context.mls.generateKeyPackage(now);
  const { conversationId, conversationName, inviter, inviterName, secret } = invite;
  const state: PendingState = {
    kind: 'pending',
    conversationId,
    joiner: {
      name: conversationName,
      inviter,
      inviterName,
      secret: secret.slice(),
      keyPackage,
      startedAt: now,
      expiresAt: now + context.options.pendingJoinMs,
      lastAnnouncedAt: now,
    },
    early: [],
    volatile: emptyVolatile,
  };
  const announced = announce(context, state, now);
  const started: Effect = { kind: 'event', event: { kind: 'PhaseChange', phase: 'pendingJoin' } };
  return { state: announced.state, effects: [started, ...announced.effects] };
}

/** Always the same key package: a repeated announcement is the same wish. */
function announce(
  context: ConversationContext,
  state: PendingState,
  now: number,
): { readonly state: PendingState; readonly effects: readonly Effect[] } {
  const { keyPackage } = state.joiner.keyPackage;
  const payload = encodeWelcomeMessage({
    payload: {
      case: 'userKeyPackage',
      value: {
        keyPackageBytes: keyPackage,
        keyPackageTls: keyPackage,
        inviteMac: inviteMac(state.joiner.secret, keyPackage),
        displayName: context.displayName(),
      },
    },
  });
  return {
    state: {
      ...state,
      joiner: { ...state.joiner, lastAnnouncedAt: now },
      volatile: rememberOwn(state.volatile, payload),
    },
    effects: [
      {
        kind: 'publish',
        subtopic: 'welcome',
        payload,
        subject: { kind: 'announcement' },
        expiresAt: now + ANNOUNCE_INTERVAL_MS,
      },
      // We may have been let in while nobody told us.
      { kind: 'catchUp' },
    ],
  };
}

export function pendingWakeupAt(state: PendingState): number {
  return Math.min(state.joiner.lastAnnouncedAt + ANNOUNCE_INTERVAL_MS, state.joiner.expiresAt);
}

/** One input of a joiner. Throws ProtocolError for a command that needs a member. */
export async function stepPending(
  context: ConversationContext,
  state: PendingState,
  input: ConversationInput,
  now: number,
): Promise<PendingOutcome> {
  if (input.kind === 'leave') return ended('left');
  if (now >= state.joiner.expiresAt && (input.kind === 'wake' || input.kind === 'reachable')) return ended('expired');
  switch (input.kind) {
    case 'packet':
      return receivePending(context, state, input, now);
    case 'wake':
      return now >= state.joiner.lastAnnouncedAt + ANNOUNCE_INTERVAL_MS
        ? { kind: 'waiting', ...announce(context, state, now) }
        : { kind: 'waiting', state, effects: [] };
    case 'reachable':
      return now >= state.joiner.lastAnnouncedAt + ANNOUNCE_PAUSE_MS
        ? { kind: 'waiting', ...announce(context, state, now) }
        : { kind: 'waiting', state, effects: [] };
    case 'setDisplayName':
    case 'unreachable':
    case 'caughtUp':
      return { kind: 'waiting', state, effects: [] };
    case 'sendMessage':
    case 'vote':
    case 'removeMember':
    case 'resetInvite':
      throw new ProtocolError('ConversationBlocked', { state: 'pendingJoin' });
  }
}

function ended(cause: EndCause): PendingOutcome {
  return { kind: 'ended', cause, effects: [{ kind: 'event', event: { kind: 'Leaving', cause } }] };
}

async function receivePending(
  context: ConversationContext,
  state: PendingState,
  packet: ConversationInput & { kind: 'packet' },
  now: number,
): Promise<PendingOutcome> {
  const dropped = (reason: Reason): PendingOutcome => ({
    kind: 'waiting',
    state: { ...state, volatile: counted(state.volatile, reason) },
    effects: [],
  });
  if (state.volatile.ownPayloads.includes(hashOf(packet.payload))) return dropped('OwnEcho');
  if (packet.subtopic === 'app_msg') {
    // It may have overtaken our Welcome.
    return { kind: 'waiting', state: { ...state, early: withParked(state.early, packet, now) }, effects: [] };
  }
  const message = decodedWelcome(packet.payload);
  if (message === undefined) return dropped('MessageError');
  // Other joiners' key packages are not our business (R-049).
  if (message.payload.case !== 'invitationToJoin') return dropped('AnnouncementIgnored');
  const invitation = message.payload.value;
  if (invitation.mlsMessageOutBytes.length === 0) return dropped('EmptyWelcomePayload');
  try {
    const joined = await context.mls.join({
      conversationId: state.conversationId,
      welcome: invitation.mlsMessageOutBytes,
      keyPackage: state.joiner.keyPackage,
      inviter: state.joiner.inviter,
      now,
    });
    if (joined.kind === 'notForUs') return dropped('WelcomeNotForUs');
    return { kind: 'joined', draft: await enter(context, state, joined.group, joined.welcomeSigner, invitation, now) };
  } catch (error) {
    if (!(error instanceof MlsError)) throw error;
    // The key package stays usable for the genuine one.
    return dropped('WelcomeRefused');
  }
}

/** §8.3.4: a member now, with default rules until the sync is accepted. The key package is gone with the pending state. */
async function enter(
  context: ConversationContext,
  pending: PendingState,
  group: MlsGroup,
  welcomeSigner: MemberId,
  invitation: InvitationToJoin,
  now: number,
): Promise<Draft> {
  const rules = { name: pending.joiner.name, settings: friendsPreset };
  const state: ActiveState = {
    kind: 'active',
    conversationId: pending.conversationId,
    rules,
    group,
    phase: initialPhase,
    ...emptySnapshots(context, pending.conversationId, rules.settings),
    ...emptyActiveParts,
    sync: {
      awaiting: { from: welcomeSigner, nextRequestAt: now + context.options.firstSyncRequestMs },
      answers: [],
      lastAnswerAt: undefined,
    },
    parked: pending.early,
    volatile: pending.volatile,
  };
  const draft = beginDraft(context, state, now);
  const { roster } = draft.state;
  const epoch = epochOf(state);
  const ownJoin = { memberId: draft.self, epoch, memberSince: epoch, at: now, committer: welcomeSigner };
  draft.state.roster = { ...roster, joins: [ownJoin] };
  syncScoredMembers(draft);
  logEpoch(draft);
  emit(draft, { kind: 'Joined' });
  emit(draft, { kind: 'PhaseChange', phase: 'working' });
  const sync = await bundledSync(draft, invitation);
  const details = sync === undefined ? {} : admissionOf(sync, draft.self);
  const line = { kind: 'joined', ...details, target: draft.self, actor: welcomeSigner, rule: 'welcome' } as const;
  systemMessage(draft, welcomeSigner, note(draft, line));
  await sendDisplayName(draft);
  return draft;
}

/** Tells the group our name. */
export async function sendDisplayName(draft: Draft): Promise<void> {
  const displayName = draft.context.displayName();
  if (members(draft).length < 2 || displayName === '') return;
  const message = { payload: { case: 'memberNotice', value: { displayName } } } as const;
  await broadcast(draft, message, governance, draft.now + NOTICE_MS);
}
