/**
 * How long a vote is open. People need the group's voting window; elections and emergencies are decided by clients on evidence
 * that they have or have not, so theirs is short: a recovery must not wait for a day (architecture 4). Equal at all members.
 */
import type { ProposalKind } from '../../../shared/api/model.ts';
import type { ConversationSettings } from '../../../shared/api/settings.ts';
import { RULE_VOTE_WINDOW_MS } from '../../../shared/limits.ts';

/** In ms, from the proposal's time. */
export function votingWindowMs(settings: ConversationSettings, kind: ProposalKind): number {
  const { consensusTimeoutMs, recoveryInactivityMs, electionVotingDelayMs, votingDelayMs } = settings;
  if (kind === 'addMember' || kind === 'removeMember') return consensusTimeoutMs;
  const delay = kind === 'stewardElection' ? electionVotingDelayMs : votingDelayMs;
  return Math.min(consensusTimeoutMs, delay + Math.max(RULE_VOTE_WINDOW_MS, 4 * recoveryInactivityMs));
}
