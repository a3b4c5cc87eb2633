/**
 * Epoch beacons (H-27): a little after a commit every member says in which state it is, signed so that others can pass it on.
 * A beacon is encrypted in the epoch that the commit ended: there everybody can still read it, whichever commit they followed,
 * and also who follows none yet. Knows the message; what a difference means is in forks.ts.
 */
import { BEACON_DELAY_MS, BEACON_JITTER_MS } from '../../../shared/limits.ts';
import { encodeAppMessage, type EpochBeacon } from '../wire/index.ts';
import { hexToBytes } from '@noble/hashes/utils.js';
import { appliedAt } from './appliedCommits.ts';
import { attestationsOf, learnAttestation } from './attestations.ts';
import { count, governance, hexOf, publish, type Draft } from './draft.ts';
import { compareBranches } from './forks.ts';
import { epochOf, rosterAt } from './roster.ts';
import type { Origin } from './proposals.ts';

const MINUTE_MS = 60_000;
const HASH_BYTES = 32;
const AUTHENTICATOR_BYTES = 16;

/** After a commit was applied. Alone before it, nobody is there to hear of it. */
export function scheduleBeacon(draft: Draft): void {
  if (draft.state.grace === undefined) return;
  const [high = 0, low = 0] = draft.context.random(2);
  const jitter = Math.floor(((high * 256 + low) * BEACON_JITTER_MS) / 65_536);
  draft.state.forks = { ...draft.state.forks, beaconDueAt: draft.now + BEACON_DELAY_MS + jitter };
}

export const beaconDueAt = (draft: Draft): number | undefined => draft.state.forks.beaconDueAt;

export async function sendBeacon(draft: Draft): Promise<void> {
  draft.state.forks = { ...draft.state.forks, beaconDueAt: undefined };
  const { grace } = draft.state;
  const epoch = epochOf(draft.state);
  const applied = appliedAt(draft, epoch);
  if (grace?.epoch !== epoch - 1 || applied === undefined) return;
  const own = attestationsOf(draft, epoch).find(({ memberId }) => memberId === draft.self);
  const value = {
    epoch: BigInt(epoch),
    authenticator: applied.authenticator,
    commitHash: hexToBytes(applied.hash),
    journalHead: draft.state.journal.head ?? new Uint8Array(),
    ...(own === undefined ? {} : { attestation: own.signature }),
  };
  const message = encodeAppMessage({ payload: { case: 'epochBeacon', value } });
  const { group, ciphertext } = await draft.context.mls.encrypt(grace.before.group, message);
  draft.state.grace = { ...grace, before: { ...grace.before, group } };
  publish(draft, { subtopic: 'app_msg', payload: ciphertext, subject: governance, expiresAt: draft.now + MINUTE_MS });
}

/** A beacon that MLS vouches for. */
export function receiveBeacon(draft: Draft, beacon: EpochBeacon, { sender, epoch }: Origin): void {
  const { authenticator, commitHash, attestation } = beacon;
  const isWellFormed =
    beacon.epoch === epoch + 1n && commitHash.length === HASH_BYTES && authenticator.length === AUTHENTICATOR_BYTES;
  const told = { memberId: sender, hash: hexOf(commitHash), signature: attestation.slice() };
  const led = Number(beacon.epoch);
  if (!isWellFormed || !learnAttestation(draft, led, told, rosterAt(draft, epoch))) {
    count(draft, 'BeaconRefused');
    return;
  }
  compareJournals(draft, led, beacon);
  compareBranches(draft, { epoch: led, memberId: sender, hash: told.hash, authenticator });
}

/** Two members in the same state whose journals differ: one of them was told another past. */
function compareJournals(draft: Draft, epoch: number, { authenticator, journalHead }: EpochBeacon): void {
  const { head } = draft.state.journal;
  if (epoch !== epochOf(draft.state) || head === undefined || journalHead.length === 0) return;
  const isSameState = Buffer.compare(appliedAt(draft, epoch)?.authenticator ?? new Uint8Array(), authenticator) === 0;
  if (isSameState && Buffer.compare(head, journalHead) !== 0) count(draft, 'JournalDiffers');
}
