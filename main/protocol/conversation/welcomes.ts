/**
 * Welcomes that our own commits made: published once, and again for a joiner that shows that it missed its own (H-17).
 */
import { MAX_OWN_WELCOMES, OWN_WELCOME_MS, WELCOME_RESEND_MS } from '../../../shared/limits.ts';
import { encodeWelcomeMessage } from '../wire/index.ts';
import { count, governance, hashOf, publish, type Draft } from './draft.ts';

/** Publishes InvitationToJoin and keeps it. `references`: KeyPackageRefs (hex) of those that it lets in. §14.6 */
export function publishWelcome(
  draft: Draft,
  welcome: Uint8Array,
  sync: Uint8Array,
  references: readonly string[],
): void {
  const { now } = draft;
  const packet = encodeWelcomeMessage({
    payload: { case: 'invitationToJoin', value: { mlsMessageOutBytes: welcome, conversationSync: sync } },
  });
  const kept = draft.state.welcomes.filter((own) => now < own.createdAt + OWN_WELCOME_MS);
  const own = { id: hashOf(packet), packet, references, createdAt: now, lastSentAt: now };
  draft.state.welcomes = [...kept, own].slice(-MAX_OWN_WELCOMES);
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
