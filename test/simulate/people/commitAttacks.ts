/** Lies in commits: what nobody approved, two at once, in another's name, or none at all (H-7, H-12, H-26, H-28). */
import type { ProposalId } from '../../../shared/model/ids.ts';
import { removalRequest } from '../../../main/protocol/conversation/requests.ts';
import { memberIdToBytes } from '../../../main/protocol/identity/index.ts';
import type { CommitInput } from '../../../main/protocol/mls/index.ts';
import {
  decodeAppMessage,
  decodeWelcomeMessage,
  encodeAppMessage,
  type UserKeyPackage,
} from '../../../main/protocol/wire/index.ts';
import { candidate, even, odd, publish, say, type Accomplice } from './accomplice.ts';
import { proposalOf, voteOf } from './votingAttacks.ts';

/** The first byte of an AppMessage with a commit candidate, which travels in the clear. */
const CANDIDATE_TAG = 0x42;
const SILENCE_MS = 60_000;
/** How long somebody waits for something to commit. */
const LOOK_MS = 100;
const MOST_LOOKS = 200;

const isMember = ({ mls, state, target }: Accomplice): boolean =>
  mls.members(state.group).some(({ memberId }) => memberId === target.memberId);

const removesTarget = (accomplice: Accomplice): CommitInput[] =>
  isMember(accomplice) && accomplice.target !== accomplice.device
    ? [{ kind: 'remove', memberId: accomplice.target.memberId }]
    : [];

/** Removes the target, and nobody was asked. */
export async function unapprovedCommit(accomplice: Accomplice): Promise<void> {
  const packet = await candidate(accomplice, removesTarget(accomplice));
  if (packet !== undefined) publish(accomplice, 'app_msg', packet);
}

/** Key packages that joiners announced, the newest first. */
export function announcements({ device, conversationId }: Accomplice): UserKeyPackage[] {
  return device.heard
    .filter((packet) => packet.subtopic === 'welcome' && packet.conversationId === conversationId)
    .flatMap(({ payload }) => {
      try {
        const message = decodeWelcomeMessage(payload).payload;
        return message.case === 'userKeyPackage' ? [message.value] : [];
      } catch {
        // Damaged on the way.
        return [];
      }
    })
    .reverse();
}

/** Lets somebody in who only asked. */
export async function unapprovedJoin(accomplice: Accomplice): Promise<void> {
  const [announced] = announcements(accomplice);
  if (announced === undefined) return;
  const packet = await candidate(accomplice, [{ kind: 'add', keyPackage: announced.keyPackageTls.slice() }]);
  if (packet !== undefined) publish(accomplice, 'app_msg', packet);
}

/** Removes the target with a proof in which everybody voted, as it says. */
export async function forgedCertificate(accomplice: Accomplice): Promise<void> {
  const { mls, state, identity, dice, target } = accomplice;
  const proposal = proposalOf(accomplice, {
    payload: removalRequest(target.memberId, ''),
    proposalId: dice.whole(1, 2 ** 31) as ProposalId,
    ...(dice.chance(0.3) ? { expectedVoters: 1 } : {}),
  });
  const votes = mls
    .members(state.group)
    .map(({ memberId }, index) =>
      voteOf(
        proposal,
        true,
        memberId === identity.memberId ? identity : { memberId, sign: (bytes) => identity.sign(bytes) },
        index,
      ),
    );
  const packet = await candidate(accomplice, removesTarget(accomplice), [{ ...proposal, votes }]);
  if (packet !== undefined) publish(accomplice, 'app_msg', packet);
}

/** Two commits of what was approved, one for each half of the group, as soon as something is. */
export async function twoCandidates(accomplice: Accomplice): Promise<void> {
  const { device, conversationId, world } = accomplice;
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    const state = device.active(conversationId);
    if (state !== undefined && state.queues.approved.length > 0) {
      await offerTwo({ ...accomplice, state });
      return;
    }
    await new Promise<void>((resolve) => {
      world.after(LOOK_MS, resolve);
    });
  }
}

async function offerTwo(accomplice: Accomplice): Promise<void> {
  const { state, device } = accomplice;
  const updates = state.queues.approved.flatMap(({ change }): CommitInput[] => {
    if (change.kind === 'add') return [{ kind: 'add', keyPackage: change.keyPackage }];
    return change.memberId === device.memberId ? [] : [{ kind: 'remove', memberId: change.memberId }];
  });
  const first = await candidate(accomplice, updates.slice(0, 1));
  const second = await candidate(accomplice, updates.slice(0, 1));
  if (first === undefined || second === undefined) return;
  publish(accomplice, 'app_msg', first, even);
  publish(accomplice, 'app_msg', second, odd);
}

/** Somebody else's commit with another name on it, and a broken one in the target's name. */
export async function forgedSteward(accomplice: Accomplice): Promise<void> {
  const { device, target, dice } = accomplice;
  const heard = device.heard.filter(({ payload }) => payload[0] === CANDIDATE_TAG);
  const own = await candidate(accomplice, removesTarget(accomplice));
  for (const payload of [...heard.slice(-1).map((packet) => packet.payload), ...(own === undefined ? [] : [own])]) {
    const message = decodeAppMessage(payload).payload;
    if (message.case !== 'commitCandidate') continue;
    const stewardIdentity = memberIdToBytes(target.memberId);
    publish(
      accomplice,
      'app_msg',
      encodeAppMessage({ payload: { ...message, value: { ...message.value, stewardIdentity } } }),
    );
    const commitMessage = message.value.commitMessage.slice();
    const at = dice.whole(0, commitMessage.length - 1);
    commitMessage[at] = (commitMessage[at] ?? 0) ^ 1;
    const broken = { ...message.value, stewardIdentity, commitMessage };
    publish(accomplice, 'app_msg', encodeAppMessage({ payload: { ...message, value: broken } }));
  }
}

/** Keeps its commits to itself for a while. */
export function silence({ device, world }: Accomplice): void {
  device.withholds = ({ payload }) => payload[0] === CANDIDATE_TAG;
  world.after(SILENCE_MS, () => {
    device.withholds = () => false;
  });
}

/** Commits, and lets nobody hear that they are in. */
export function withholdWelcomes({ device, world }: Accomplice): void {
  device.withholds = ({ subtopic }) => subtopic === 'welcome';
  world.after(SILENCE_MS, () => {
    device.withholds = () => false;
  });
}

/** Says that the group is elsewhere. */
export async function lyingBeacon(accomplice: Accomplice): Promise<void> {
  const { state, dice } = accomplice;
  const value = {
    epoch: state.group.epoch + BigInt(dice.whole(-1, 3)),
    authenticator: dice.bytes(16),
    commitHash: dice.bytes(32),
  };
  if (value.epoch >= 0n) await say(accomplice, { payload: { case: 'epochBeacon', value } });
}
