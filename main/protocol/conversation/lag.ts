/**
 * Being behind (H-28): packets or signed words of a later epoch, and no commit that leads there. Then we say in the clear where we
 * are, signed by our wallet, since nobody may be able to read our epoch any more; and members answer with the commit that we lack.
 */
import { hexToBytes } from '@noble/hashes/utils.js';
import {
  CLEAR_BEACON_PAUSE_MS,
  LAG_LONGEST_REPEAT,
  LAG_PATIENCE_MS,
  LAG_REPEAT_MS,
  MAX_CLOCK_SKEW_MS,
  MAX_MEMBERS,
  MAX_STRANGERS,
  MEMBER_ID_BYTES,
  STATUS_PAUSE_MS,
  STATUS_SPREAD_MS,
} from '../../../shared/limits.ts';
import type { MemberId } from '../../../shared/model/ids.ts';
import { memberIdFromBytes, memberIdToBytes, verifyMemberSignature } from '../identity/index.ts';
import { encodeAppMessage, type EpochBeacon } from '../wire/index.ts';
import { formerMembers, hasStrangersToTell, learnAbsence, noteStranger, strangersToTell } from './absences.ts';
import { appliedAt, authenticatorOf } from './appliedCommits.ts';
import { attestationsOf, learnAttestation } from './attestations.ts';
import { count, governance, hexOf, publish, type Draft } from './draft.ts';
import { compareBranches } from './forks.ts';
import { claimedEpoch } from './inbound/peek.ts';
import { scheduleAnswer } from './rebroadcast.ts';
import { epochOf, members } from './roster.ts';

const DOMAIN = 'conclave beacon 1';
const HASH_BYTES = 32;
const AUTHENTICATOR_BYTES = 16;
const MINUTE_MS = 60_000;

/** Since when, ms, there are signs of an epoch after ours; undefined when there are none. */
export function behindSince(draft: Draft): number | undefined {
  const { parked, group } = draft.state;
  const claimed = parked.filter(({ payload }) => (claimedEpoch(payload) ?? 0n) > group.epoch).map(({ at }) => at);
  return earliest([...claimed, ...signedSigns(draft)]);
}

/** The same by the signed words of members alone: a packet that merely claims a later epoch may be anybody's. */
export const knownBehindSince = (draft: Draft): number | undefined => earliest(signedSigns(draft));

const earliest = (times: readonly number[]): number | undefined =>
  times.length === 0 ? undefined : Math.min(...times);

function signedSigns(draft: Draft): readonly number[] {
  // Who has left need not be caught up with, whatever it said.
  const present = members(draft);
  return [
    ...draft.state.attested.filter(({ epoch }) => epoch > epochOf(draft.state)).map(({ since }) => since),
    ...draft.state.forks.ahead
      .filter(({ memberId, epoch }) => epoch > epochOf(draft.state) && present.includes(memberId))
      .map(({ since }) => since),
  ];
}

/**
 * Somebody is there again, or nothing goes on here: saying where we are shows who is behind, we or they. Not more often than
 * once in a while, and one member after the other.
 */
export function scheduleStatus(draft: Draft): void {
  const { forks } = draft.state;
  const present = members(draft);
  // The last member tells nobody where it is, but whoever is none any more that it is none.
  if (forks.statusDueAt !== undefined || (present.length < 2 && !hasStrangersToTell(draft))) return;
  const turn = draft.now + CLEAR_BEACON_PAUSE_MS + present.indexOf(draft.self) * STATUS_SPREAD_MS;
  draft.state.forks = { ...forks, statusDueAt: Math.max(turn, (forks.told?.at ?? 0) + STATUS_PAUSE_MS) };
}

/** When we say where we are: because we are behind, or because somebody may be. */
export function lagDueAt(draft: Draft): number | undefined {
  const { statusDueAt } = draft.state.forks;
  const due = behindDueAt(draft);
  return due === undefined || statusDueAt === undefined ? (due ?? statusDueAt) : Math.min(due, statusDueAt);
}

/** When we say that we are behind: after some patience, then again and again, less and less often. */
function behindDueAt(draft: Draft): number | undefined {
  const since = behindSince(draft);
  if (since === undefined || members(draft).length < 2) return undefined;
  const { told } = draft.state.forks;
  if (told?.epoch !== epochOf(draft.state))
    return Math.max(since + LAG_PATIENCE_MS, (told?.at ?? 0) + CLEAR_BEACON_PAUSE_MS);
  return told.at + LAG_REPEAT_MS * Math.min(told.times, LAG_LONGEST_REPEAT);
}

export async function tellLag(draft: Draft): Promise<void> {
  if (behindSince(draft) !== undefined) {
    count(draft, 'Behind');
    draft.effects.push({ kind: 'catchUp' });
  }
  sendClearBeacon(draft);
}

/** Says in which epoch we are, to whoever can hear. */
function sendClearBeacon(draft: Draft): void {
  const epoch = epochOf(draft.state);
  const { told } = draft.state.forks;
  const times = told?.epoch === epoch ? told.times + 1 : 1;
  draft.state.forks = { ...draft.state.forks, told: { epoch, at: draft.now, times }, statusDueAt: undefined };
  const applied = appliedAt(draft, epoch);
  const own = attestationsOf(draft, epoch).find(
    ({ memberId, hash }) => memberId === draft.self && hash === applied?.hash,
  );
  const said = {
    epoch: BigInt(epoch),
    authenticator: authenticatorOf(draft),
    commitHash: applied === undefined ? new Uint8Array() : hexToBytes(applied.hash),
    sentAt: BigInt(Math.floor(draft.now / 1000)),
    absent: strangersToTell(draft).map(memberIdToBytes),
  };
  const value = {
    ...said,
    attestation: own?.signature ?? new Uint8Array(),
    sender: memberIdToBytes(draft.self),
    signature: draft.context.identity.sign(signedBytes(draft.state.conversationId, said)),
  };
  const payload = encodeAppMessage({ payload: { case: 'epochBeacon', value } });
  publish(draft, { subtopic: 'app_msg', payload, subject: governance, expiresAt: draft.now + MINUTE_MS });
}

type Said = Pick<EpochBeacon, 'epoch' | 'authenticator' | 'commitHash' | 'sentAt' | 'absent'>;

function signedBytes(conversationId: string, { epoch, authenticator, commitHash, sentAt, absent }: Said): Uint8Array {
  const said = [DOMAIN, conversationId, epoch, hexOf(authenticator), hexOf(commitHash), sentAt];
  const lines = [...said, ...absent.map(hexOf)];
  return new TextEncoder().encode(lines.join('\n'));
}

/**
 * A beacon in the clear: only its own signature says whose it is, and its time that it is no old one. True when it comes from a member
 * that is where we are.
 */
export function receiveClearBeacon(draft: Draft, beacon: EpochBeacon): boolean {
  const sender = senderOf(draft, beacon);
  if (sender === undefined) {
    count(draft, 'BeaconRefused');
    return false;
  }
  const { heard } = draft.state.forks;
  const others = heard.filter(({ memberId }) => memberId !== sender).slice(1 - MAX_MEMBERS);
  draft.state.forks = { ...draft.state.forks, heard: [...others, { memberId: sender, sentAt: Number(beacon.sentAt) }] };
  const epoch = Number(beacon.epoch);
  const own = epochOf(draft.state);
  if (!members(draft).includes(sender) && noteStranger(draft, sender)) scheduleStatus(draft);
  learnAbsence(draft, sender, beacon.absent);
  noteBehind(draft, sender, epoch);
  const hash = beacon.commitHash.length === 0 ? undefined : hexOf(beacon.commitHash);
  if (epoch > own) {
    noteAhead(draft, sender, epoch, hexOf(beacon.authenticator));
    return false;
  }
  const roster = appliedAt(draft, epoch)?.roster;
  if (hash !== undefined && roster !== undefined)
    learnAttestation(draft, epoch, { memberId: sender, hash, signature: beacon.attestation.slice() }, roster);
  const isSame = compareBranches(draft, { epoch, memberId: sender, hash, authenticator: beacon.authenticator });
  // Whoever was welcomed to another state knows no commit, and cannot tell ours from its own by that.
  if (isSame === false && hash === undefined) scheduleStatus(draft);
  if (isSame === false) return false;
  if (epoch === own) return members(draft).includes(sender);
  if (appliedAt(draft, epoch + 1) !== undefined) scheduleAnswer(draft, epoch + 1);
  else answerWithBeacon(draft);
  return false;
}

/** Who signed it, a member then or now; undefined when it says nothing. What costs least is looked at first. */
function senderOf(draft: Draft, beacon: EpochBeacon): MemberId | undefined {
  const { authenticator, commitHash, sentAt } = beacon;
  const isWellFormed =
    beacon.sender.length === MEMBER_ID_BYTES &&
    authenticator.length === AUTHENTICATOR_BYTES &&
    beacon.absent.length <= MAX_STRANGERS &&
    (commitHash.length === 0 || commitHash.length === HASH_BYTES);
  if (!isWellFormed || Math.abs(Number(sentAt) * 1000 - draft.now) > MAX_CLOCK_SKEW_MS) return undefined;
  const sender = memberIdFromBytes(beacon.sender);
  const roster = appliedAt(draft, Number(beacon.epoch) + 1)?.roster ?? [];
  if (sender === draft.self) return undefined;
  const isKnown = [...roster, ...members(draft), ...formerMembers(draft)].includes(sender);
  // Whoever we do not know costs us no more than a look at a signature each time that we say where we are anyway.
  if (!isKnown && draft.state.forks.statusDueAt !== undefined) return undefined;
  const last = draft.state.forks.heard.find(({ memberId }) => memberId === sender);
  if (last !== undefined && Number(sentAt) <= last.sentAt) return undefined;
  const signed = signedBytes(draft.state.conversationId, beacon);
  if (verifyMemberSignature(sender, signed, beacon.signature).kind !== 'valid') return undefined;
  if (isKnown) return sender;
  // Perhaps let in on a branch that we never were on: it knows us, learns from our word that we are elsewhere, and asks to come over.
  scheduleStatus(draft);
  return undefined;
}

/** Remembers who is not as far as we are, and since when. */
function noteBehind(draft: Draft, memberId: MemberId, epoch: number): void {
  const { forks } = draft.state;
  const own = epochOf(draft.state);
  const known = forks.behind.find((other) => other.memberId === memberId);
  if (known === undefined && epoch >= own) return;
  const others = forks.behind.filter((other) => other.memberId !== memberId).slice(1 - MAX_MEMBERS);
  // Whoever moves on, even if not as far, is on its way.
  const since = known?.epoch === epoch ? known.since : draft.now;
  draft.state.forks = { ...forks, behind: epoch < own ? [...others, { memberId, epoch, since }] : others };
}

/** A member of ours is further than we are. */
function noteAhead(draft: Draft, memberId: MemberId, epoch: number, authenticator: string): void {
  const { forks } = draft.state;
  const known = forks.ahead.find((other) => other.memberId === memberId);
  if (known !== undefined && known.epoch > epoch) return;
  const since = known !== undefined && known.epoch > epochOf(draft.state) ? known.since : draft.now;
  const others = forks.ahead.filter((other) => other !== known).slice(1 - MAX_MEMBERS);
  draft.state.forks = { ...forks, ahead: [...others, { memberId, epoch, authenticator, since }] };
}

/** We do not keep what it lacks any more: it shall know at least how far the group is. */
function answerWithBeacon(draft: Draft): void {
  const { told } = draft.state.forks;
  if (told !== undefined && draft.now < told.at + LAG_REPEAT_MS) return;
  sendClearBeacon(draft);
}
