/**
 * The last resort of a member that cannot get on (H-28, H-17): it announces a fresh key package and stays where it is until a
 * welcome for it comes from somebody whom it knows as a member. Its history stays, and what others have not acknowledged it says again;
 * what was written meanwhile it does not get.
 */
import { ANNOUNCE_INTERVAL_MS, REJOIN_AFTER_MS, REJOIN_FRESH_MS, REJOIN_KEPT_MS } from '../../../shared/limits.ts';
import type { MemberId } from '../../../shared/model/ids.ts';
import type { Joined, MlsGroup } from '../mls/contract.ts';
import { MlsError } from '../mls/errors.ts';
import { encodeWelcomeMessage, type InvitationToJoin } from '../wire/index.ts';
import { authenticatorOf } from './appliedCommits.ts';
import { bundledSync } from './bundledSync.ts';
import { forgetGoneMembers, sayAllAgain } from './delivery/own.ts';
import { count, emit, hexOf, publish, type Draft } from './draft.ts';
import { emptyActiveParts, emptySnapshots } from './initial.ts';
import { inviteMac } from './invite.ts';
import { isSynced } from './leadership.ts';
import { logEpoch } from './packetLog.ts';
import { note, systemMessage } from './records.ts';
import { isOnBranchWeLeave } from './refusedWelcomes.ts';
import { epochOf, isMember } from './roster.ts';
import { syncScoredMembers } from './scores.ts';
import { abandonedFrom, apartSince, isGoingOver, isOutvoted, leftBehindSince } from './standing.ts';
import type { RejoinPart } from './forkState.ts';
import { transition } from './transitions.ts';
import { wishesOf } from './wishes.ts';

/** When we begin to ask, or ask again; undefined while we have no reason to. */
export function rejoinDueAt(draft: Draft): number | undefined {
  const { rejoin } = draft.state;
  const cause = causeNow(draft);
  if (rejoin === undefined) return cause?.at;
  return rejoin.announcedAt + (cause === undefined ? REJOIN_KEPT_MS : ANNOUNCE_INTERVAL_MS);
}

function causeNow(draft: Draft): { readonly cause: RejoinPart['cause']; readonly at: number } | undefined {
  if (draft.state.restored !== undefined) return { cause: 'behind', at: draft.now };
  if (isOutvoted(draft)) return { cause: 'otherBranch', at: draft.now };
  const apart = apartSince(draft);
  if (apart !== undefined) return { cause: 'otherBranch', at: apart + REJOIN_AFTER_MS };
  const since = leftBehindSince(draft);
  return since === undefined ? undefined : { cause: 'behind', at: since + REJOIN_AFTER_MS };
}

export async function askToRejoin(draft: Draft): Promise<void> {
  const { rejoin } = draft.state;
  const cause = causeNow(draft)?.cause;
  if (rejoin !== undefined && cause === undefined) {
    // We got on after all, and whoever agreed to our wish meanwhile has carried it out by now.
    draft.state.rejoin = undefined;
    return;
  }
  const isFresh = rejoin !== undefined && draft.now < rejoin.madeAt + REJOIN_FRESH_MS;
  const { keyPackage, madeAt } = isFresh
    ? rejoin
    : { keyPackage: await draft.context.mls.generateKeyPackage(draft.now), madeAt: draft.now };
  const refused = rejoin?.refused ?? [];
  const earlier = isFresh ? rejoin.earlier : rejoin?.keyPackage;
  const since = rejoin?.since ?? draft.now;
  draft.state.rejoin = {
    keyPackage,
    earlier,
    since,
    madeAt,
    cause: cause ?? 'behind',
    announcedAt: draft.now,
    refused,
  };
  if (rejoin === undefined) emit(draft, { kind: 'Rejoining', cause: cause ?? 'behind' });
  // A welcome that we did not hear, or the commit after all.
  draft.effects.push({ kind: 'catchUp' });
  const { invite } = draft.state;
  const payload = encodeWelcomeMessage({
    payload: {
      case: 'userKeyPackage',
      value: {
        keyPackageBytes: keyPackage.keyPackage,
        keyPackageTls: keyPackage.keyPackage,
        inviteMac: invite === undefined ? new Uint8Array() : inviteMac(invite.secret, keyPackage.keyPackage),
        displayName: draft.context.displayName(),
      },
    },
  });
  publish(draft, {
    subtopic: 'welcome',
    payload,
    subject: { kind: 'announcement' },
    expiresAt: draft.now + ANNOUNCE_INTERVAL_MS,
  });
}

/** A welcome while we ask: false when it is not for us. */
export async function receiveRejoinWelcome(draft: Draft, invitation: InvitationToJoin): Promise<boolean> {
  const { rejoin } = draft.state;
  if (rejoin === undefined) return false;
  try {
    const joined = await joinWith(draft, rejoin, invitation.mlsMessageOutBytes);
    if (joined.kind === 'notForUs') return false;
    const isOfOurBranch = isOnBranchWeLeave(draft, joined.welcomeSigner, epochOf(joined));
    if (isOfOurBranch || !isKnownDevice(draft, joined.group, joined.welcomeSigner)) {
      count(draft, 'WelcomeRefused');
      return true;
    }
    await enterAgain(draft, joined.group, joined.welcomeSigner, invitation);
    return true;
  } catch (error) {
    if (!(error instanceof MlsError)) throw error;
    count(draft, 'WelcomeRefused');
    return true;
  }
}

/** With the key package that the welcome is for, the fresh one or the one before. */
async function joinWith(draft: Draft, { keyPackage, earlier }: RejoinPart, welcome: Uint8Array): Promise<Joined> {
  const { context, state, now } = draft;
  const { conversationId } = state;
  const joined = await context.mls.join({ conversationId, welcome, keyPackage, now });
  if (joined.kind !== 'notForUs' || earlier === undefined) return joined;
  return context.mls.join({ conversationId, welcome, keyPackage: earlier, now });
}

/**
 * Anybody can make a group of announced key packages: only a member of ours, on the device that we know, lets us in. H-33. Where we leave
 * a branch, its removals are none: whoever was a member before it went its own way is one still. We keep no key of whom it took out; that
 * the leaf is that person's is vouched for by the wallet (H-10). Whoever let us in and never told us the group's rules is worth no more than
 * anybody else who lets us in.
 */
function isKnownDevice(draft: Draft, group: MlsGroup, signer: MemberId): boolean {
  const keyIn = (other: MlsGroup): Uint8Array | undefined =>
    draft.context.mls.members(other).find(({ memberId }) => memberId === signer)?.signatureKey;
  const known = keyIn(draft.state.group);
  const now = keyIn(group);
  if (signer === draft.self || now === undefined) return false;
  if (!isSynced(draft)) return true;
  if (known !== undefined) return Buffer.compare(known, now) === 0;
  return wasMemberBeforeBranch(draft, signer) || isVouchedFor(draft, group);
}

/**
 * Whether a member whom we know signed that it is in this very state: who let us in may have come in after we were left behind. Its word
 * counts as its welcome would.
 */
function isVouchedFor(draft: Draft, group: MlsGroup): boolean {
  const authenticator = hexOf(authenticatorOf(draft, group));
  return draft.state.forks.ahead.some(
    (said) =>
      said.epoch === Number(group.epoch) && said.authenticator === authenticator && isMember(draft, said.memberId),
  );
}

function wasMemberBeforeBranch(draft: Draft, memberId: MemberId): boolean {
  const from = isGoingOver(draft) ? abandonedFrom(draft) : undefined;
  const first = draft.state.applied.find(({ epoch }) => epoch === from);
  return first?.roster.includes(memberId) === true;
}

async function enterAgain(
  draft: Draft,
  group: MlsGroup,
  signer: MemberId,
  invitation: InvitationToJoin,
): Promise<void> {
  const abandoned = draft.state.rejoin?.cause === 'otherBranch' ? abandonedFrom(draft) : undefined;
  const wishes = wishesOf(draft, abandoned);
  transition(draft, 'rejoined');
  const { state, context } = draft;
  if (abandoned !== undefined) draft.effects.push({ kind: 'abandoned', from: abandoned });
  const { rules, chat, own, heard, roster, phase, conversationId, parked } = state;
  Object.assign(state, {
    ...emptySnapshots(context, conversationId, rules.settings),
    ...emptyActiveParts,
    group,
    phase: { ...phase, mode: 'normal', censured: [], blamed: [] },
    chat,
    own,
    heard,
    parked,
    wishes,
    roster: { ...emptyActiveParts.roster, names: roster.names },
    sync: {
      awaiting: { from: signer, nextRequestAt: draft.now + context.options.firstSyncRequestMs },
      answers: [],
      lastAnswerAt: undefined,
    },
  });
  draft.restored = undefined;
  draft.scoresChanged = false;
  const epoch = epochOf(state);
  const ownJoin = { memberId: draft.self, epoch, memberSince: epoch, at: draft.now, committer: signer };
  state.roster = { ...state.roster, joins: [ownJoin] };
  syncScoredMembers(draft);
  logEpoch(draft);
  await bundledSync(draft, invitation);
  forgetGoneMembers(draft);
  sayAllAgain(draft);
  emit(draft, { kind: 'Rejoined' });
  const joinedAt = roster.joins.find(({ memberId }) => memberId === draft.self)?.at ?? 0;
  const missedSince = Math.max(joinedAt, ...heard.map(({ latestAt }) => latestAt));
  const entry = { kind: 'joined', target: draft.self, actor: signer, rule: 'welcome', missedSince } as const;
  systemMessage(draft, signer, note(draft, entry));
}
