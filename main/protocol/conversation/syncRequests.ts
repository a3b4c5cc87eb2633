/**
 * Asking for a lost sync, and answering who asks (H-17). The member that committed the joiner's Add answers; others only when
 * it is gone, in the order of the stewards, each 5 s later.
 */
import { SYNC_ANSWER_PAUSE_MS } from '../../../shared/limits.ts';
import type { MemberId } from '../../../shared/model/ids.ts';
import { broadcast, count, governance, type Draft } from './draft.ts';
import { isSynced, leadership } from './leadership.ts';
import { isMember } from './roster.ts';
import { buildSync } from './sync.ts';

const NONCE_BYTES = 16;
const ANSWER_STEP_MS = 5_000;
const MINUTE_MS = 60_000;

export const nextSyncRequestAt = (draft: Draft): number | undefined => draft.state.sync.awaiting?.nextRequestAt;

export async function requestSync(draft: Draft): Promise<void> {
  const { awaiting } = draft.state.sync;
  if (awaiting === undefined || awaiting.nextRequestAt > draft.now) return;
  const nextRequestAt = draft.now + draft.context.options.syncRequestIntervalMs;
  draft.state.sync = { ...draft.state.sync, awaiting: { ...awaiting, nextRequestAt } };
  const value = { epoch: draft.state.group.epoch, nonce: draft.context.random(NONCE_BYTES) };
  await broadcast(draft, { payload: { case: 'syncRequest', value } }, governance, draft.now + MINUTE_MS);
}

export function receiveSyncRequest(draft: Draft, requester: MemberId): void {
  const { sync, roster } = draft.state;
  const committer = roster.joins.find(({ memberId }) => memberId === requester)?.committer;
  const rank = leadership(draft).order.indexOf(draft.self);
  const isOurs = committer === draft.self;
  const isOrphan = committer === undefined || !isMember(draft, committer);
  if (
    !isSynced(draft) ||
    (!isOurs && (!isOrphan || rank < 0)) ||
    sync.answers.some((answer) => answer.requester === requester)
  ) {
    count(draft, 'SyncRequestIgnored');
    return;
  }
  const earliest = sync.lastAnswerAt === undefined ? draft.now : sync.lastAnswerAt + SYNC_ANSWER_PAUSE_MS;
  const dueAt = Math.max(earliest, draft.now + (isOurs ? 0 : rank * ANSWER_STEP_MS));
  draft.state.sync = { ...sync, answers: [...sync.answers, { requester, dueAt }] };
}

export function nextSyncAnswerAt(draft: Draft): number | undefined {
  const { answers } = draft.state.sync;
  return answers.length === 0 ? undefined : Math.min(...answers.map(({ dueAt }) => dueAt));
}

/** One sync answers everybody who waits. */
export async function answerSyncRequests(draft: Draft): Promise<void> {
  draft.state.sync = { ...draft.state.sync, answers: [], lastAnswerAt: draft.now };
  const message = buildSync(draft);
  if (message !== undefined) await broadcast(draft, message, governance, draft.now + MINUTE_MS);
}
