/** Verifies somebody else's candidate on a copy of the group; nothing is installed. §7.3, H-12 */
import { MlsError, type MlsGroup, type RemoteCandidate, type Staged } from '../../../main/protocol/mls/index.ts';
import {
  MAX_CANDIDATE_BYTES,
  MAX_CANDIDATE_PROPOSALS,
  MAX_FORWARD_MESSAGES,
  MAX_OUT_OF_ORDER_MESSAGES,
} from '../../../shared/limits.ts';
import type { MemberId } from '../../../shared/model/ids.ts';
import { equalBytes, nameOf } from './bytes.ts';
import {
  actionOf,
  decodeChange,
  decodeCommit,
  followingContext,
  followingEpoch,
  followingLeaves,
  referenceOf,
  type Change,
  type CommitContent,
} from './changes.ts';
import { decodeFrame, type PrivateFrame } from './frames.ts';
import { contentOf, makeGroup, type GroupContent } from './group.ts';
import { openSealed } from './keys.ts';
import { checkBinding, isLeafSigned, type Leaf } from './leaf.ts';
import { open, openSender, type Opened } from './messages.ts';
import { handshakeKey } from './schedule.ts';

interface HeldProposal {
  readonly change: Change;
  readonly sender: MemberId;
}

/** See MlsService.stageCandidate. */
export function stageCandidate(group: MlsGroup, candidate: RemoteCandidate, now: number): Staged {
  const content = contentOf(group);
  try {
    return stage(content, candidate, now);
  } catch (error) {
    if (error instanceof MlsError) return { kind: 'aborted', reason: error.message };
    throw error;
  }
}

function stage(content: GroupContent, candidate: RemoteCandidate, now: number): Staged {
  checkSizes(candidate);
  const openNext = handshakeOpener(content);
  const held = holdProposals(content, candidate.proposals, openNext);
  const opened = openNext(frameFor(content, candidate.commit, 'commit'));
  const commit = decodeCommit(opened.content);
  const proposals = checkedProposals(commit, held);
  const committer = checkCommitter(content, opened.leaf, opened.leafIndex, commit.leaf);
  const { leaves: leavesBefore } = content.public;
  const { leafIndex: own, privateKey } = content.epoch;
  if (opened.leafIndex === own) throw new MlsError('Tampered', 'own commit');
  const changes = proposals.map(({ change }) => change);
  const actions = changes.map((change) => actionOf(leavesBefore, change, now, 'committed'));
  const proposalSenders = [...held.values()].map(({ sender }) => sender);

  const { leaves, recipients } = followingLeaves(leavesBefore, changes, opened.leafIndex, commit.leaf);
  const forAll =
    commit.shares.length === recipients.length &&
    recipients.every(({ leafIndex }, index) => commit.shares[index]?.leafIndex === leafIndex);
  if (!forAll) throw new MlsError('Malformed', 'recipients');
  const share = commit.shares.find(({ leafIndex }) => leafIndex === own);
  if (share === undefined)
    return { kind: 'staged', next: undefined, committer, proposalSenders, actions, selfRemoved: true };

  const context = followingContext(content.public, leaves, opened);
  const commitSecret = openSealed(privateKey, commit.fresh, content.public.context.hash, share.sealed);
  const next = followingEpoch(content, leaves, context, commitSecret, privateKey).content;
  if (!equalBytes(next.public.confirmationTag, opened.confirmationTag))
    throw new MlsError('Tampered', 'confirmation tag');
  return { kind: 'staged', next: makeGroup(next), committer, proposalSenders, actions, selfRemoved: false };
}

function checkSizes({ proposals, commit }: RemoteCandidate): void {
  if (proposals.length === 0 || proposals.length > MAX_CANDIDATE_PROPOSALS) throw new MlsError('TooManyUpdates');
  const total = proposals.reduce((bytes, proposal) => bytes + proposal.length, commit.length);
  if (total > MAX_CANDIDATE_BYTES) throw new MlsError('TooLarge', 'candidate');
}

/** A PrivateMessage of this group, this epoch and this kind. Throws MlsError. */
function frameFor({ public: { context } }: GroupContent, bytes: Uint8Array, kind: 'proposal' | 'commit'): PrivateFrame {
  const frame = decodeFrame(bytes, MAX_CANDIDATE_BYTES);
  if (frame.kind !== 'private' || frame.contentType !== kind) throw new MlsError('Malformed', 'wrong kind of message');
  if (!equalBytes(frame.groupId, context.groupId)) throw new MlsError('Malformed', 'another group');
  if (frame.epoch !== context.epoch) throw new MlsError('Malformed', 'another epoch');
  return frame;
}

type OpenHandshake = (frame: PrivateFrame) => Opened & { readonly leaf: Leaf; readonly leafIndex: number };

/** Opens the messages of one bundle: each handshake key once, within the windows of a ratchet, never one that we used. */
function handshakeOpener({ public: { context, leaves }, epoch }: GroupContent): OpenHandshake {
  const { secrets } = epoch;
  const next = new Map([[epoch.leafIndex, epoch.handshakeGeneration]]);
  const used = new Set<string>();
  return (frame) => {
    const senderData = openSender(secrets.senderData, frame);
    const { leafIndex, generation } = senderData;
    const leaf = leaves[leafIndex];
    if (leaf === undefined) throw new MlsError('Tampered', 'sender');
    const expected = next.get(leafIndex) ?? 0;
    const name = `${leafIndex}/${generation}`;
    const overtaken = leafIndex !== epoch.leafIndex && generation >= expected - MAX_OUT_OF_ORDER_MESSAGES;
    if (used.has(name) || (generation < expected && !overtaken)) throw new MlsError('Tampered', 'used key');
    if (generation - expected > MAX_FORWARD_MESSAGES) throw new MlsError('Tampered', 'too far ahead');
    const key = handshakeKey(secrets, leafIndex, generation);
    const opened = open(frame, context, senderData, key, leaf.signatureName);
    used.add(name);
    next.set(leafIndex, Math.max(expected, generation + 1));
    return { ...opened, leaf, leafIndex };
  };
}

/** By reference, in the order of the bundle. */
function holdProposals(
  content: GroupContent,
  bundle: readonly Uint8Array[],
  openNext: OpenHandshake,
): ReadonlyMap<string, HeldProposal> {
  const held = new Map<string, HeldProposal>();
  for (const bytes of bundle) {
    const opened = openNext(frameFor(content, bytes, 'proposal'));
    const reference = nameOf(referenceOf(opened.signed, opened.signature));
    if (held.has(reference)) throw new MlsError('Malformed', 'proposal twice');
    held.set(reference, { change: decodeChange(opened.content), sender: opened.leaf.memberId });
  }
  return held;
}

/** The commit names each proposal of the bundle once, and nothing else. In the commit's order. H-12 */
function checkedProposals(
  { references }: CommitContent,
  held: ReadonlyMap<string, HeldProposal>,
): readonly HeldProposal[] {
  const named = new Set<string>();
  const proposals = references.map((bytes) => {
    const reference = nameOf(bytes);
    const proposal = held.get(reference);
    if (proposal === undefined || named.has(reference)) throw new MlsError('Malformed', 'reference');
    named.add(reference);
    return proposal;
  });
  if (proposals.length !== held.size) throw new MlsError('Malformed', 'proposal not committed');
  return proposals;
}

/** The committer renews its keys and stays who it is. H-12, H-10 */
function checkCommitter(
  { public: { context } }: GroupContent,
  current: Leaf,
  leafIndex: number,
  renewed: Leaf,
): MemberId {
  if (renewed.source.kind !== 'commit') throw new MlsError('Malformed', 'source of leaf');
  if (current.memberId !== renewed.memberId || current.signatureName !== renewed.signatureName)
    throw new MlsError('Malformed', 'committer changed');
  checkBinding(renewed);
  if (!isLeafSigned(renewed, { groupId: context.groupId, leafIndex })) throw new MlsError('Tampered', 'leaf');
  return renewed.memberId;
}
