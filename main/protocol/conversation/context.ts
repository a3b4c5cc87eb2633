/**
 * What every step of every conversation of one user stands on: identity, MLS, plug-ins, randomness and options.
 * Knows no conversation.
 */
import type { Breather } from '../breather.ts';
import type { Identity } from '../identity/contract.ts';
import type { MlsService } from '../mls/contract.ts';
import type { ConversationPluginsFactory } from '../plugins.ts';
import type { Random } from '../random.ts';

export interface ConversationOptions {
  /** How long a joiner waits: people vote, so a week by default (§8.3 counts seconds). */
  readonly pendingJoinMs: number;
  /** How long somebody may take to answer a SyncRequest, and how often one is sent again, in ms. H-17 */
  readonly firstSyncRequestMs: number;
  readonly syncRequestIntervalMs: number;
}

export const defaultConversationOptions: ConversationOptions = {
  pendingJoinMs: 7 * 24 * 3_600_000,
  firstSyncRequestMs: 5_000,
  syncRequestIntervalMs: 10_000,
};

export interface ConversationContext {
  readonly identity: Identity;
  readonly mls: MlsService;
  readonly plugins: ConversationPluginsFactory;
  readonly random: Random;
  readonly options: ConversationOptions;
  /** Lets the event loop turn between signatures; never when absent. */
  readonly breathe?: Breather;
  /** Our own name as others shall see it. */
  readonly displayName: () => string;
}
