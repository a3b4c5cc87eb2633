/**
 * Joiners' announcements as members see them (H-33, H-37): checked in the order of what they cost, then remembered.
 */
import { MAX_ANNOUNCEMENTS_PER_MINUTE, MAX_REJOINS_PER_MINUTE } from '../../../shared/limits.ts';
import type { ValidatedKeyPackage } from '../mls/contract.ts';
import { MlsError } from '../mls/errors.ts';
import type { UserKeyPackage } from '../wire/index.ts';
import { noteStranger } from './absences.ts';
import { admitJoin, isDeviceOfMember } from './admission.ts';
import { count, hexOf, type Draft } from './draft.ts';
import { inviteMacVerifies } from './invite.ts';
import { scheduleStatus } from './lag.ts';
import { isSynced } from './leadership.ts';
import { rememberJoiner } from './pendingUpdates.ts';
import { cleanName, isMember } from './roster.ts';
import type { PendingUpdate } from './state.ts';
import { resendWelcome } from './welcomes.ts';

const MINUTE_MS = 60_000;

/** A joiner's announcement on the welcome subtopic. Only who knows the invite secret gets as far as costing anything. */
export async function receiveAnnouncement(draft: Draft, announcement: UserKeyPackage): Promise<void> {
  const { invite } = draft.state;
  const keyPackage = (
    announcement.keyPackageTls.length > 0 ? announcement.keyPackageTls : announcement.keyPackageBytes
  ).slice();
  const mac = announcement.inviteMac.slice();
  if (!isSynced(draft) || invite === undefined) {
    count(draft, 'NotSynced');
    return;
  }
  if (!inviteMacVerifies(invite.secret, keyPackage, mac)) {
    const valid = await validatedRejoin(draft, keyPackage);
    if (valid === undefined || !isDeviceOfMember(draft, valid)) {
      count(draft, 'InviteMacInvalid');
      // Perhaps let in on a branch that everybody else has left: it shall not ask for ever.
      if (valid !== undefined && !isMember(draft, valid.memberId) && noteStranger(draft, valid.memberId))
        scheduleStatus(draft);
      return;
    }
  }
  const reference = await referenceOf(draft, keyPackage);
  if (reference === undefined) return;
  if (draft.state.roster.usedKeyPackages.includes(hexOf(reference))) {
    resendWelcome(draft, hexOf(reference));
    // Who let it in may be a stranger to it: those whom it knows say which state they are in.
    scheduleStatus(draft);
    return;
  }
  await bufferAnnouncement(draft, {
    keyPackage,
    mac,
    reference,
    displayName: cleanName(announcement.displayName) ?? '',
  });
}

/** Who made a key package that no link of now vouches for: a member may ask for its place, whatever was reset. Few are looked at. H-17 */
async function validatedRejoin(draft: Draft, keyPackage: Uint8Array): Promise<ValidatedKeyPackage | undefined> {
  const { volatile } = draft.state;
  const recent = volatile.rejoins.filter((at) => at > draft.now - MINUTE_MS);
  if (recent.length >= MAX_REJOINS_PER_MINUTE) return undefined;
  draft.state.volatile = { ...volatile, rejoins: [...recent, draft.now] };
  try {
    return await draft.context.mls.validateKeyPackage(keyPackage, draft.now);
  } catch (error) {
    if (!(error instanceof MlsError)) throw error;
    return undefined;
  }
}

async function referenceOf(draft: Draft, keyPackage: Uint8Array): Promise<Uint8Array | undefined> {
  try {
    return await draft.context.mls.keyPackageReferenceOf(keyPackage);
  } catch (error) {
    if (!(error instanceof MlsError)) throw error;
    count(draft, error.code);
    return undefined;
  }
}

type Announced = Pick<PendingUpdate, 'keyPackage' | 'mac' | 'reference' | 'displayName'>;

async function bufferAnnouncement(draft: Draft, announced: Announced): Promise<void> {
  const { pendingUpdates } = draft.state;
  const reference = hexOf(announced.reference);
  if (pendingUpdates.entries.some((entry) => hexOf(entry.reference) === reference)) {
    count(draft, 'AnnouncementRepeated');
    return;
  }
  if (pendingUpdates.refused.includes(reference)) {
    count(draft, 'AnnouncementRefused');
    return;
  }
  const recent = pendingUpdates.recent.filter((at) => at > draft.now - MINUTE_MS);
  if (recent.length >= MAX_ANNOUNCEMENTS_PER_MINUTE) {
    count(draft, 'AnnouncementsLimited');
    return;
  }
  // Counted before it is checked: checking is what costs.
  draft.state.pendingUpdates = { ...pendingUpdates, recent: [...recent, draft.now] };
  const admission = await admitJoin(draft, announced);
  if (admission.kind === 'refused') {
    count(draft, admission.reason);
    return;
  }
  rememberJoiner(draft, { ...announced, memberId: admission.memberId });
}
