/**
 * Votes that a rule casts, not a person: they wait for their delay, and a manual vote or an outcome cancels them (architecture 4).
 */
import type { ProposalId } from '../../../shared/model/ids.ts';
import type { Draft } from './draft.ts';

/** What a rule says about a vote at this moment. */
export type RuleVote =
  | { readonly kind: 'vote'; readonly approve: boolean }
  /** What it depends on is not there yet: ask again. */
  | { readonly kind: 'wait' }
  /** No rule decides: the person does. */
  | { readonly kind: 'person' };

/** Registering one again replaces it. */
export function scheduleAutomaticVote(draft: Draft, proposalId: ProposalId, dueAt: number): void {
  const { votes } = draft.state;
  const others = votes.automatic.filter((vote) => vote.proposalId !== proposalId);
  draft.state.votes = { ...votes, automatic: [...others, { proposalId, dueAt }] };
}

export function cancelAutomaticVote(draft: Draft, proposalId: ProposalId): void {
  const { votes } = draft.state;
  if (!votes.automatic.some((vote) => vote.proposalId === proposalId)) return;
  draft.state.votes = { ...votes, automatic: votes.automatic.filter((vote) => vote.proposalId !== proposalId) };
}

/** Own votes by rule that are remembered: as many as there can be sessions, twice. */
const MAX_RULE_VOTES = 128;

/** Remembers that the group's rule cast our vote, for display. */
export function rememberRuleVote(draft: Draft, proposalId: ProposalId): void {
  const { votes } = draft.state;
  draft.state.votes = { ...votes, byRule: [...votes.byRule, proposalId].slice(-MAX_RULE_VOTES) };
}
