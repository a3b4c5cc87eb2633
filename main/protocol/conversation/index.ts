/** The doors of the conversation folder; everything else in it is private. */
export { defaultConversationOptions, type ConversationContext, type ConversationOptions } from './context.ts';
export type * from './contract.ts';
export { checkConfig, createConversation } from './create.ts';
export { ProtocolError, type ProtocolErrorCode } from './errors.ts';
export { beginDraft } from './draft.ts';
export { beginJoin, pendingWakeupAt } from './joiner.ts';
export { decodeState, writesBetween } from './parts.ts';
export { renewedWrites } from './restored.ts';
export { REASONS, type Counters, type Reason } from './reasons.ts';
export type { State } from './state.ts';
export { finishStep, stepConversation } from './step.ts';
export { nextWakeupAt } from './timers.ts';
export { viewOfState } from './view.ts';
export { isWelcomeFor, standingOf, type Standing } from './whereabouts.ts';
