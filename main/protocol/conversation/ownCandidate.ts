/**
 * Our own candidate (§14.2): which approved changes it would carry out, building it, and offering it. Knows no candidates of others.
 */
import { MAX_CANDIDATE_BYTES, MAX_CANDIDATE_PROPOSALS } from '../../../shared/limits.ts';
import type { OwnRoundCandidate } from '../freeze/round.ts';
import type { MemberId } from '../../../shared/model/ids.ts';
import type { CommitInput } from '../mls/contract.ts';
import { MlsError } from '../mls/errors.ts';
import { encodeCandidate } from './candidatePacket.ts';
import { count, emit, governance, hashOf, publish, type Draft } from './draft.ts';
import { isUrgentRemoval } from './emergencies.ts';
import { isSynced, leadership, pendingRemovals } from './leadership.ts';
import { mandateCertificates } from './mandates.ts';
import { epochOf, isMember } from './roster.ts';
import { isGoingOver } from './standing.ts';
import type { ApprovedEntry } from './state.ts';

/** A candidate is worth delivering for as long as somebody may lag behind. */
const CANDIDATE_MS = 24 * 3_600_000;
/** Key packages may fill this share of a candidate. The rest of the joiners goes into the next. */
const KEY_PACKAGE_BYTES = MAX_CANDIDATE_BYTES / 4;

interface Plan {
  readonly entries: readonly ApprovedEntry[];
  readonly updates: readonly CommitInput[];
}

/** The entries that our candidate would carry out, FIFO, and the MLS updates for them; empty when we must not commit. §14.2 */
export function planCandidate(draft: Draft): Plan {
  const leaving = pendingRemovals(draft);
  const entries: ApprovedEntry[] = [];
  const updates: CommitInput[] = [];
  let bytes = 0;
  const isOut = leaving.has(draft.self) || isGoingOver(draft);
  if (!isSynced(draft) || isOut || !leadership(draft).mayCommit(draft.self)) return { entries, updates };
  for (const entry of inTurn(draft, leaving)) {
    const changes = updatesFor(draft, entry, leaving);
    const isTaken = entries.some(({ change }) => change.memberId === entry.change.memberId);
    if (changes.length === 0 || isTaken || updates.length + changes.length > MAX_CANDIDATE_PROPOSALS) continue;
    const size = entry.change.kind === 'add' ? entry.change.keyPackage.length : 0;
    if (entries.length > 0 && bytes + size > KEY_PACKAGE_BYTES) continue;
    bytes += size;
    entries.push(entry);
    updates.push(...changes);
  }
  return { entries, updates };
}

/**
 * Joins go before removals when both wait: a joiner refuses a group that its inviter is no member of (H-33), and every removal
 * makes the links of before useless. A removal gives way once; after that it goes alone. Whoever is on the way out holds up
 * nothing by asking to come in again.
 */
function inTurn(draft: Draft, leaving: ReadonlySet<MemberId>): readonly ApprovedEntry[] {
  const approved = draft.state.queues.approved.filter((entry) => updatesFor(draft, entry, leaving).length > 0);
  const urgentRemovals = approved.filter((entry) => isUrgentRemoval(draft, entry));
  if (urgentRemovals.length > 0) return urgentRemovals;
  const removals = approved.filter(({ change }) => change.kind === 'remove');
  const joins = approved.filter(({ change }) => change.kind === 'add');
  if (removals.length === 0 || joins.length === 0) return approved;
  return removals.some(({ epoch }) => epoch < epochOf(draft.state)) ? removals : joins;
}

function updatesFor(draft: Draft, { change }: ApprovedEntry, leaving: ReadonlySet<MemberId>): readonly CommitInput[] {
  const { memberId } = change;
  if (change.kind === 'remove') return isMember(draft, memberId) ? [{ kind: 'remove', memberId }] : [];
  const add: CommitInput = { kind: 'add', keyPackage: change.keyPackage };
  if (!isMember(draft, memberId)) return [add];
  // A re-join (H-17), unless the member is on its way out, or is ourselves on another device.
  return leaving.has(memberId) || memberId === draft.self ? [] : [{ kind: 'remove', memberId }, add];
}

/** Builds our candidate for this round and broadcasts it, welcome kept back. §14.2 */
export async function offerCandidate(draft: Draft): Promise<void> {
  const { round } = draft.state;
  if (round === undefined || round.failed || round.candidates.some(({ kind }) => kind === 'own')) return;
  const plan = planCandidate(draft);
  if (plan.updates.length === 0) return;
  const built = await buildAsMuch(draft, plan);
  if (built === undefined) {
    // Once a round: what could not be built now cannot be built a moment later.
    draft.state.round = { ...round, failed: true };
    return;
  }
  draft.state.round = { ...round, candidates: [...round.candidates, built] };
  const { proposals, commit } = built;
  const certificates = [...mandateCertificates(draft), ...plan.entries.flatMap(({ certificate }) => certificate ?? [])];
  const payload = encodeCandidate(draft, { committer: draft.self, proposals, commit, attestations: [], certificates });
  publish(draft, { subtopic: 'app_msg', payload, subject: governance, expiresAt: draft.now + CANDIDATE_MS });
}

/** All of the plan, or its first entry when the whole cannot be written: one bad entry must not stop the others. */
async function buildAsMuch(draft: Draft, { entries, updates }: Plan): Promise<OwnRoundCandidate | undefined> {
  const built = await build(draft, updates);
  const [first] = entries;
  if (built !== undefined || first === undefined || entries.length === 1) return built;
  return build(draft, updatesFor(draft, first, pendingRemovals(draft)));
}

async function build(draft: Draft, updates: readonly CommitInput[]): Promise<OwnRoundCandidate | undefined> {
  try {
    const made = await draft.context.mls.createCandidate(draft.state.group, updates, draft.now);
    draft.state.group = made.base;
    const { proposals, commit, actions, next, welcome } = made;
    return { kind: 'own', hash: hashOf(commit), committer: draft.self, proposals, commit, actions, next, welcome };
  } catch (error) {
    if (!(error instanceof MlsError)) throw error;
    // Row 7: a failure is noted, the transition stands; another steward may do better.
    count(draft, `Candidate${error.code}`);
    emit(draft, { kind: 'Error', operation: 'commit', message: 'An approved change could not be written.' });
    return undefined;
  }
}
