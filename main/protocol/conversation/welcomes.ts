/**
 * Welcomes that our own commits made: published once, and again for a joiner that shows that it missed its own (H-17).
 */
import { MAX_OWN_WELCOMES, MAX_PACKET_BYTES, OWN_WELCOME_MS, WELCOME_RESEND_MS } from '../../../shared/limits.ts';
import { encodeWelcomeMessage } from '../wire/index.ts';
import { count, emit, governance, hashOf, publish, type Draft } from './draft.ts';
import { logWelcome } from './packetLog.ts';

/** Room for the two fields and their envelope. */
const MAX_WELCOME_BYTES = MAX_PACKET_BYTES - 64;

/** With the sync inside when both fit; the sync is broadcast too, and a joiner asks for one that it lacks. */
function packetOf(welcome: Uint8Array, sync: Uint8Array): Uint8Array | undefined {
  if (welcome.length > MAX_WELCOME_BYTES) return undefined;
  const conversationSync = welcome.length + sync.length > MAX_WELCOME_BYTES ? new Uint8Array() : sync;
  const value = { mlsMessageOutBytes: welcome, conversationSync };
  return encodeWelcomeMessage({ payload: { case: 'invitationToJoin', value } });
}

/** Publishes InvitationToJoin and keeps it. `references`: KeyPackageRefs (hex) of those that it lets in. §14.6 */
export function publishWelcome(
  draft: Draft,
  welcome: Uint8Array,
  sync: Uint8Array,
  references: readonly string[],
): void {
  const { now } = draft;
  const packet = packetOf(welcome, sync);
  if (packet === undefined) {
    // The commit stands: whoever it lets in announces itself anew and gets in by a smaller one.
    count(draft, 'WelcomeTooLarge');
    emit(draft, {
      kind: 'Error',
      operation: 'welcome',
      message: 'The group is too large to tell a joiner everything.',
    });
    return;
  }
  const kept = draft.state.welcomes.filter((own) => now < own.createdAt + OWN_WELCOME_MS);
  const own = { id: hashOf(packet), packet, references, createdAt: now, lastSentAt: now };
  draft.state.welcomes = [...kept, own].slice(-MAX_OWN_WELCOMES);
  logWelcome(draft, packet);
  publish(draft, { subtopic: 'welcome', payload: packet, subject: governance, expiresAt: now + OWN_WELCOME_MS });
}

/** Somebody announces a key package that is in already: whoever committed it sends its welcome again. */
export function resendWelcome(draft: Draft, reference: string): void {
  const { now } = draft;
  const own = draft.state.welcomes.find((welcome) => welcome.references.includes(reference));
  if (own === undefined || now >= own.createdAt + OWN_WELCOME_MS || now < own.lastSentAt + WELCOME_RESEND_MS) {
    count(draft, 'KeyPackageUsed');
    return;
  }
  draft.state.welcomes = draft.state.welcomes.map((other) => (other === own ? { ...own, lastSentAt: now } : other));
  publish(draft, {
    subtopic: 'welcome',
    payload: own.packet,
    subject: governance,
    expiresAt: own.createdAt + OWN_WELCOME_MS,
  });
}
