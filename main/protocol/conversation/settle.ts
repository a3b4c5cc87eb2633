/**
 * What follows from an input before the step ends: decisions, candidates that waited for them, deadlines, parked packets, chat
 * that waited, until nothing is left to do at this moment.
 */
import { receiveAppPacket } from './inbound/appMessage.ts';
import { replayStash } from './inbound/candidate.ts';
import { replayLate } from './inbound/lateCandidates.ts';
import { unpark } from './inbound/parking.ts';
import { applyDecisions } from './decisions.ts';
import { forgetGoneMembers } from './delivery/own.ts';
import { askWhoCameAgain } from './delivery/questions.ts';
import { sayWaiting } from './delivery/say.ts';
import { scheduleVector } from './delivery/vectors.ts';
import { count, type Draft } from './draft.ts';
import { anchorScoreRemoval } from './filing.ts';
import { anchorInactivity } from './freezing.ts';
import { endWhenAllLeave } from './lastOnes.ts';
import type { ActiveState } from './state.ts';
import { runDueDeadline } from './timers.ts';

/** More rounds than any honest input needs: each changes the state of one vote, candidate, deadline or epoch. */
const MAX_ROUNDS = 10_000;

/** `before`: the state that the step began with, when it was a member's. */
export async function settle(draft: Draft, before: ActiveState | undefined): Promise<void> {
  if (draft.state.restored !== undefined) {
    await runDueDeadline(draft);
    return;
  }
  let settled = branchOf(before ?? draft.state);
  for (let round = 0; round < MAX_ROUNDS && draft.ended === undefined; round += 1) {
    if (await applyDecisions(draft)) {
      await replayStash(draft);
      await replayLate(draft);
      continue;
    }
    if (endWhenAllLeave(draft)) return;
    anchorInactivity(draft);
    anchorScoreRemoval(draft);
    if (await runDueDeadline(draft)) continue;
    const branch = branchOf(draft.state);
    if (branch !== settled) {
      settled = branch;
      forgetGoneMembers(draft);
      askWhoCameAgain(draft);
      await replayParked(draft);
      continue;
    }
    if (await sayWaiting(draft)) continue;
    scheduleVector(draft);
    return;
  }
  if (draft.ended === undefined) count(draft, 'SettleOverrun');
}

/** Names the state of the group: another one after a commit, and after a rollback. */
const branchOf = ({ group, applied }: Pick<ActiveState, 'group' | 'applied'>): string =>
  `${group.epoch} ${applied.at(-1)?.hash ?? ''}`;

/**
 * Packets that had to wait for this epoch; what is still ahead is parked again. They came as messages of now, whichever packet led to
 * the epoch: reading one of them would cost us those before it. `isAll`: we took those that members have.
 */
export async function replayParked(draft: Draft, isAll = false): Promise<void> {
  draft.isOfNow = !isAll;
  for (const { payload } of unpark(draft)) await receiveAppPacket(draft, payload);
  draft.isOfNow = false;
}
