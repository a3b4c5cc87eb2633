/**
 * What every use case may reach: the opened profile, time, and the checks that most of them begin with.
 */
import { ApiError } from '../../shared/api/errors.ts';
import type { ConversationDetail } from '../../shared/api/model.ts';
import type { ConversationId } from '../../shared/model/ids.ts';
import type { Clock } from '../clock.ts';
import type { Session } from './session.ts';

export interface UseCaseContext {
  readonly clock: Clock;
  /** The opened profile. Throws ApiError NO_IDENTITY, or the problem that keeps it closed. */
  session(): Session;
}

/** The conversation as shown. Throws ApiError NOT_FOUND. */
export function requireConversation(session: Session, conversationId: ConversationId): ConversationDetail {
  const detail = session.detail(conversationId);
  if (detail === undefined) throw new ApiError('NOT_FOUND', 'There is no such group.');
  return detail;
}

/** The conversation as shown, if it still runs. Throws ApiError NOT_FOUND, WRONG_STATE. */
export function requireRunning(session: Session, conversationId: ConversationId): ConversationDetail {
  const detail = requireConversation(session, conversationId);
  if (detail.state === 'left') throw new ApiError('WRONG_STATE', 'You are no longer in this group.', { state: 'left' });
  return detail;
}

/** The conversation as shown, if we are a member. Throws ApiError NOT_FOUND, WRONG_STATE. */
export function requireMembership(session: Session, conversationId: ConversationId): ConversationDetail {
  const detail = requireRunning(session, conversationId);
  if (detail.state === 'pendingJoin')
    throw new ApiError('WRONG_STATE', 'The group has not let you in yet.', { state: 'pendingJoin' });
  return detail;
}
