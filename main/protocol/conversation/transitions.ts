/**
 * The state machine of §9.2 as one table. A transition that the table lacks cannot happen.
 * Knows states and timers, not what triggers a row.
 */
import type { Phase } from './contract.ts';
import { emit, type Draft } from './draft.ts';
import { ProtocolError } from './errors.ts';
import type { PhasePart } from './state.ts';

type ActivePhase = PhasePart['phase'];

interface Row {
  /** Row of §9.2, or the rule that adds one. */
  readonly row: number | 'H-25' | 'H-27' | 'H-28';
  readonly from: readonly Phase[];
  readonly to: ActivePhase;
  /** What becomes of the phase timer: cleared, started now, or kept. */
  readonly timer: 'clear' | 'start' | 'keep';
}

const TRANSITIONS = {
  welcomed: { row: 3, from: ['pendingJoin'], to: 'working', timer: 'clear' },
  inactivityElapsed: { row: 7, from: ['working'], to: 'freezing', timer: 'start' },
  /** An accepted emergency that cannot wait: a removal by score, a deadlock. */
  emergencyAccepted: { row: 9, from: ['working', 'reelection'], to: 'freezing', timer: 'start' },
  candidateArrived: { row: 8, from: ['working'], to: 'freezing', timer: 'start' },
  freezeOver: { row: 11, from: ['freezing'], to: 'selection', timer: 'keep' },
  candidateApplied: { row: 12, from: ['selection'], to: 'working', timer: 'clear' },
  nothingAppliedWithWork: { row: 14, from: ['selection'], to: 'reelection', timer: 'start' },
  nothingAppliedWithoutWork: { row: 15, from: ['selection'], to: 'working', timer: 'clear' },
  electionAccepted: { row: 16, from: ['reelection'], to: 'working', timer: 'clear' },
  emergencyResolved: { row: 20, from: ['reelection'], to: 'working', timer: 'clear' },
  /** What waited for a commit was decided by silence alone, and nobody carried it out in its lifetime. */
  decisionsLapsed: { row: 'H-25', from: ['reelection'], to: 'working', timer: 'clear' },
  candidateInReelection: { row: 23, from: ['reelection'], to: 'freezing', timer: 'start' },
  /** Layer 1 of §13: a listed steward offers another candidate. */
  rotated: { row: 23, from: ['reelection'], to: 'freezing', timer: 'start' },
  /** A welcome for the fresh key package of a member that could not get on. */
  rejoined: { row: 'H-28', from: ['working', 'freezing', 'reelection'], to: 'working', timer: 'clear' },
  /** Two thirds of the members applied a commit that we have not: there is nothing left to choose. */
  groupApplied: { row: 'H-28', from: ['working', 'freezing', 'reelection'], to: 'selection', timer: 'keep' },
  /** A better commit for the epoch before came in time: back to the choice between them. */
  rolledBack: { row: 'H-27', from: ['working', 'freezing', 'reelection'], to: 'selection', timer: 'keep' },
} as const satisfies Record<string, Row>;

export type Transition = keyof typeof TRANSITIONS;

/** The rows, for tests that compare them with the text. */
export const transitionTable: Readonly<Record<Transition, Row>> = TRANSITIONS;

/** Takes a row. Throws ProtocolError IllegalTransition when the table does not have it here. */
export function transition(draft: Draft, name: Transition): void {
  const row: Row = TRANSITIONS[name];
  const { phase } = draft.state;
  if (!row.from.includes(phase.phase)) {
    throw new ProtocolError('IllegalTransition', { state: phase.phase, detail: name });
  }
  const anchor = row.timer === 'start' ? draft.now : row.timer === 'clear' ? undefined : phase.anchor;
  draft.state.phase = { ...phase, phase: row.to, anchor, noticed: false };
  emit(draft, { kind: 'PhaseChange', phase: row.to });
}
