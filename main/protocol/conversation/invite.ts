/**
 * The secret that an invite link carries (H-33): its derivation, its order, and the MAC with which a joiner proves it.
 * Knows MLS exporters, not votes.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { INVITE_SECRET_BYTES, MAX_INVITE_RESETS_LOST } from '../../../shared/limits.ts';
import type { InviteReset } from '../wire/index.ts';
import { broadcast, count, governance, type Draft } from './draft.ts';
import type { ConversationContext } from './context.ts';
import { isSynced, leadership } from './leadership.ts';
import { epochOf, isMember } from './roster.ts';
import type { ActiveState, InviteSecret } from './state.ts';

const LABEL = 'conclave invite';
const DAY_MS = 24 * 3_600_000;
/** So many of those who lead hand a reset on: one of them may be gone. */
const HANDING_ON = 3;

/** HMAC-SHA-256 over "announce" and the key package. H-33 */
export function inviteMac(secret: Uint8Array, keyPackage: Uint8Array): Uint8Array {
  return new Uint8Array(createHmac('sha256', secret).update('announce', 'utf8').update(keyPackage).digest());
}

export function inviteMacVerifies(secret: Uint8Array, keyPackage: Uint8Array, mac: Uint8Array): boolean {
  const expected = inviteMac(secret, keyPackage);
  return mac.length === expected.length && timingSafeEqual(mac, expected);
}

/** The secret of a fresh group or of an epoch whose commit removed somebody: whoever is gone cannot compute it. */
export async function deriveInviteSecret(
  context: ConversationContext,
  state: Pick<ActiveState, 'group'>,
  counter = 0,
): Promise<InviteSecret> {
  const exported =
    counter === 0 ? new Uint8Array() : Uint8Array.of(counter >>> 24, counter >>> 16, counter >>> 8, counter);
  const secret = await context.mls.exportSecret(state.group, LABEL, exported, INVITE_SECRET_BYTES);
  return { epoch: epochOf(state), counter, secret };
}

/** By epoch, then counter, then secret. */
export function isLaterSecret(candidate: InviteSecret, current: InviteSecret | undefined): boolean {
  if (current === undefined) return true;
  if (candidate.epoch !== current.epoch) return candidate.epoch > current.epoch;
  if (candidate.counter !== current.counter) return candidate.counter > current.counter;
  return Buffer.compare(candidate.secret, current.secret) > 0;
}

/** Makes all links handed out so far useless and tells the group. */
export async function resetInvite(draft: Draft): Promise<void> {
  const { invite } = draft.state;
  const counter = invite !== undefined && invite.epoch === epochOf(draft.state) ? invite.counter + 1 : 1;
  const next = await deriveInviteSecret(draft.context, draft.state, counter);
  adoptInvite(draft, next);
  const value = { epoch: BigInt(next.epoch), counter: next.counter, secret: next.secret };
  await broadcast(draft, { payload: { case: 'inviteReset', value } }, governance, draft.now + DAY_MS);
}

/**
 * A peer's reset counts for the epoch in which it was made, and only forward: members that see it before and after a commit end
 * with the same secret, and a removal's own secret is later than every reset before it.
 */
export async function receiveInviteReset(draft: Draft, reset: InviteReset, epoch: bigint): Promise<void> {
  const candidate: InviteSecret = { epoch: Number(epoch), counter: reset.counter, secret: reset.secret.slice() };
  const { invite } = draft.state;
  const known = invite?.epoch === candidate.epoch ? invite.counter : 0;
  const isFarAhead = candidate.counter > known + MAX_INVITE_RESETS_LOST;
  if (reset.epoch !== epoch || isFarAhead || candidate.secret.length !== INVITE_SECRET_BYTES) {
    count(draft, 'InviteResetRefused');
    return;
  }
  // What a removal made at this epoch is nobody's to replace with what was before it.
  const isHandedOn = candidate.counter === 0 && invite?.epoch === candidate.epoch;
  if (isHandedOn || !isLaterSecret(candidate, invite)) {
    count(draft, 'InviteResetOutdated');
    return;
  }
  adoptInvite(draft, candidate);
  await handOn(draft, candidate);
}

/**
 * A reset that came after a commit: whoever came in by it was told the secret of before, and cannot read what was said in an epoch before
 * its own. The same secret, dated now and behind every reset of now; so are the links that people made of it since.
 */
async function handOn(draft: Draft, { epoch, secret }: InviteSecret): Promise<void> {
  const now = epochOf(draft.state);
  const { order } = leadership(draft);
  if (epoch >= now || !isSynced(draft) || !order.slice(0, HANDING_ON).includes(draft.self)) return;
  adoptInvite(draft, { epoch: now, counter: 0, secret });
  const value = { epoch: BigInt(now), counter: 0, secret };
  await broadcast(draft, { payload: { case: 'inviteReset', value } }, governance, draft.now + DAY_MS);
}

/** Installs a secret; joiners that wait with an older one have to be invited anew. */
export function adoptInvite(draft: Draft, secret: InviteSecret): void {
  draft.state.invite = secret;
  const { pendingUpdates } = draft.state;
  const entries = pendingUpdates.entries.filter(
    (entry) => inviteMacVerifies(secret.secret, entry.keyPackage, entry.mac) || isMember(draft, entry.memberId),
  );
  if (entries.length !== pendingUpdates.entries.length) draft.state.pendingUpdates = { ...pendingUpdates, entries };
}
