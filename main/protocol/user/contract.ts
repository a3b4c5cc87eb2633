/**
 * The registry of conversations of one identity (§8.1). Types only. Sans-I/O: it computes steps; the messenger makes them
 * durable and installs them. Must not know storage, network or timers.
 */
import type { ConversationId, MemberId } from '../../../shared/model/ids.ts';
import type { ConversationSettings } from '../../../shared/api/settings.ts';
import type {
  ConversationInput,
  ConversationState,
  ConversationView,
  ConversationWrites,
  Step,
  StoredConversation,
} from '../conversation/contract.ts';
import type { Standing } from '../conversation/whereabouts.ts';

/** What a joiner takes from an invite link (H-33). */
export interface JoinInvite {
  readonly conversationId: ConversationId;
  readonly conversationName: string;
  readonly inviter: MemberId;
  readonly inviterName: string;
  readonly secret: Uint8Array;
}

export type StartConversation =
  { readonly kind: 'create'; readonly name: string } | { readonly kind: 'join'; readonly invite: JoinInvite };

/**
 * All methods that compute leave the registry as it is until `install`. The caller serialises per conversation: it
 * asks for the next step of a conversation only after it installed or dropped the one before.
 */
export interface User<State extends ConversationState = ConversationState> {
  readonly memberId: MemberId;

  /** `createConversationWithConfig` with the Friends rules and a fresh id, or a join. */
  startConversation(start: StartConversation, now: number): Promise<Step<State>>;

  /**
   * Creates a conversation. The id is reserved at once, so of two concurrent calls with one id the second fails, until the step
   * is installed or dropped. Throws ProtocolError ConversationAlreadyExists, InvalidConfig (rules that do not fit together).
   */
  createConversationWithConfig(
    input: { readonly conversationId?: ConversationId; readonly name: string; readonly settings: ConversationSettings },
    now: number,
  ): Promise<Step<State>>;

  /** `step` with a `leave` input: at once when pending or alone, else a self-leave (§8.4). */
  leaveConversation(conversationId: ConversationId, now: number): Promise<Step<State>>;

  /** One input of one conversation. Throws ProtocolError for a command that cannot be; bad packets never throw. */
  step(conversationId: ConversationId, input: ConversationInput, now: number): Promise<Step<State>>;

  /** Makes a step the present. Several may be installed one after the other before they are committed together. */
  install(step: Step<State>): void;
  /**
   * Takes a step back that could not be committed, installed or not (the newest first when there are several): the state
   * before it is the present again, and an id that it reserved is free.
   */
  drop(step: Step<State>): void;

  /** Puts a stored conversation back at start-up; answers with when it wants to wake. Throws when the parts are damaged. */
  restore(stored: StoredConversation, now: number): number | undefined;
  /**
   * What to write over a stored conversation so that it can go on although it went on elsewhere, as after a copy of the store was
   * put in its place: it holds no secret of its group any more, asks for its place again, and sends nothing else before.
   */
  renewedWrites(stored: StoredConversation, now: number): Promise<ConversationWrites>;
  /** What to write for a step. */
  writesOf(step: Step<State>): ConversationWrites;

  conversations(): readonly ConversationId[];
  view(conversationId: ConversationId): ConversationView | undefined;
  /** The same of any state, such as the one before a conversation ended. */
  viewOf(state: State): ConversationView;
  /** Where we are in a conversation, for an exchange; undefined when there is none. */
  standing(conversationId: ConversationId, now: number): Standing | undefined;
  /** Whether a packet of the welcome topic lets in whoever made the key package with this KeyPackageRef. */
  isWelcomeFor(packet: Uint8Array, reference: Uint8Array): boolean;
  /** Whether we share a conversation with that member. */
  sharesConversationWith(memberId: MemberId): boolean;
  setDisplayName(displayName: string): void;
}
