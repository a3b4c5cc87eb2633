/**
 * What a person who looks for a fault may see of a group: where it stands, what waits, and what was dropped for which reason.
 * Reads only.
 */
import type { ConversationDiagnostics } from '../../shared/api/model.ts';
import type { ConversationId } from '../../shared/model/ids.ts';
import { REASONS, type Counters, type Reason } from '../protocol/conversation/index.ts';
import type { Handlers } from './contract.ts';
import { requireConversation, type UseCaseContext } from './context.ts';
import type { Session } from './session.ts';

type DiagnosticsHandlers = Pick<Handlers, 'diagnostics.conversation'>;

export function diagnosticsHandlers(context: UseCaseContext): DiagnosticsHandlers {
  return {
    'diagnostics.conversation': async ({ conversationId }) => {
      const session = context.session();
      const detail = requireConversation(session, conversationId);
      const view = session.user.view(conversationId);
      return {
        state: detail.state,
        mode: detail.mode,
        epoch: detail.epoch,
        electionEpoch: detail.electionEpoch,
        retryRound: detail.retryRound,
        round: detail.freeze,
        ...(detail.journalHead === undefined ? {} : { journalHead: detail.journalHead }),
        log: logStateOf(session, conversationId),
        queues: { ...view?.queues },
        counters: countersOf(view?.counters ?? {}),
      };
    },
  };
}

/** Whether the stored log is whole, as the App API says it. */
export function logStateOf(session: Session, conversationId: ConversationId): ConversationDiagnostics['log'] {
  const state = session.storage.journal.check(conversationId);
  return state.kind === 'intact' ? { state: 'intact', length: state.length } : { state: 'broken', at: state.position };
}

/** The most frequent first, each with what it means. */
function countersOf(counters: Counters): ConversationDiagnostics['counters'] {
  const entries = Object.entries(counters) as [Reason, number][];
  return entries
    .map(([reason, count]) => ({ reason, count, meaning: REASONS[reason] }))
    .sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1));
}
