/**
 * Layer 3 of §13: Recovery mode, in which any member may commit, and the ways into it and out of it (H-24, D-9).
 * Knows the phase, not who asked for it.
 */
import type { ProposalId } from '../../../shared/model/ids.ts';
import type { Draft } from './draft.ts';
import { epochOf } from './roster.ts';

/** The proof of a decision about who may commit. */
export interface Proof {
  readonly proposalId: ProposalId;
  /** The epoch whose members voted. */
  readonly votedIn: bigint;
  /** The encoded proposal with the votes that accepted it. */
  readonly certificate: Uint8Array;
}

/** An accepted DEADLOCK: Recovery mode, and candidates are collected at once. True when that is new. §13, row 9 */
export function openRecovery(draft: Draft, { proposalId, certificate }: Proof): boolean {
  const epoch = epochOf(draft.state);
  draft.state.mandate = { ...draft.state.mandate, deadlock: { proposalId, epoch, proposal: certificate } };
  if (draft.state.phase.mode === 'recovery') return false;
  draft.state.phase = { ...draft.state.phase, mode: 'recovery' };
  forceFreeze(draft);
  return true;
}

/** Asks for the forced freeze of row 9; from states other than Working and Reelection it never comes (row 10). */
export function forceFreeze(draft: Draft): void {
  const { phase } = draft.state;
  if (phase.phase !== 'working' && phase.phase !== 'reelection') return;
  draft.state.phase = { ...phase, forced: true };
}

/** Either an accepted election or the first commit ends Recovery mode (D-9). True when it was on. */
export function closeRecovery(draft: Draft): boolean {
  if (draft.state.phase.mode === 'normal') return false;
  draft.state.phase = { ...draft.state.phase, mode: 'normal' };
  return true;
}
