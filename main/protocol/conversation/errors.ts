/**
 * The error with which a conversation or the registry refuses a command. Knows codes, never contents; bad packets are counted,
 * not thrown.
 */
import type { Phase } from './contract.ts';

/** Names of §19.2 where it has one; the codes after the blank line are ours. */
export type ProtocolErrorCode =
  | 'ConversationAlreadyExists'
  | 'ConversationNotFound'
  /** Not allowed in the state that `state` names. §9.3 */
  | 'ConversationBlocked'
  | 'PartialFreeze'
  | 'UserAlreadyVoted'
  | 'SessionNotFound'
  | 'SessionNotActive'
  | 'InvalidConfig'

  /** The target of a removal is not a member. */
  | 'NotAMember'
  /** Leaving is its own command. */
  | 'CannotRemoveSelf'
  /** A removal of that member is open or approved. */
  | 'AlreadyProposed'
  | 'TextTooLarge'
  | 'TooMuchQueued'
  /** Too many votes are open. H-18 */
  | 'TooManyProposals'
  /** Stored parts that are damaged, incomplete or of another version. */
  | 'DamagedState'
  /** A transition that the table of §9.2 lacks: a programming error. */
  | 'IllegalTransition';

/** The only error that this folder and `user/` throw on purpose. */
export class ProtocolError extends Error {
  readonly code: ProtocolErrorCode;
  /** The state in which the command cannot be; set for ConversationBlocked. */
  readonly state: Phase | undefined;

  constructor(code: ProtocolErrorCode, data: { readonly state?: Phase; readonly detail?: string } = {}) {
    super(data.detail === undefined ? code : `${code}: ${data.detail}`);
    this.name = 'ProtocolError';
    this.code = code;
    this.state = data.state;
  }
}
