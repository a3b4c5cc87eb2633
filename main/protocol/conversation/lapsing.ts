/**
 * Decisions that silence alone made and that nobody carries out (H-25): a member that did not hear of the votes against them would wait
 * for a commit for ever. They end with the lifetime of their proposal, and whoever still wants the change asks anew. Knows no votes.
 */
import { count, plugins, type Draft } from './draft.ts';
import type { ApprovedEntry } from './state.ts';
import { transition } from './transitions.ts';

/** What no certificate proves to anybody else. */
const restsOnSilence = ({ certificate, record }: ApprovedEntry): boolean =>
  certificate === undefined && record.selfLeave !== true;

/** While a group can commit it does; only where it cannot, decisions lapse. */
export function lapseDueAt({ state }: Draft): number | undefined {
  if (state.phase.phase !== 'reelection') return undefined;
  const ends = state.queues.approved.filter(restsOnSilence).map(({ record }) => record.expiresAt);
  return ends.length === 0 ? undefined : Math.min(...ends);
}

export async function lapse(draft: Draft): Promise<void> {
  const { queues } = draft.state;
  const approved = queues.approved.filter((entry) => !restsOnSilence(entry) || entry.record.expiresAt > draft.now);
  for (let lapsed = queues.approved.length - approved.length; lapsed > 0; lapsed -= 1) count(draft, 'DecisionLapsed');
  draft.state.queues = { ...queues, approved };
  if (approved.length > 0) return;
  plugins(draft).stewardList.resetRetry();
  transition(draft, 'decisionsLapsed');
}
