/** What a hostile member or outsider can make: certificates, commits and announcements that are genuine only in part. */
import { expect } from 'vitest';
import type { MemberId, ProposalId } from '../../../../shared/model/ids.ts';
import { buildProposal, proposalHash } from '../../../../main/protocol/consensus/proposal.ts';
import { buildVote } from '../../../../main/protocol/consensus/vote.ts';
import { inviteMac } from '../../../../main/protocol/conversation/invite.ts';
import { memberIdToBytes } from '../../../../main/protocol/identity/index.ts';
import type { CommitInput, JoinerKeyPackage } from '../../../../main/protocol/mls/index.ts';
import { encodeAppMessage, encodeWelcomeMessage, type Proposal } from '../../../../main/protocol/wire/index.ts';
import { CONVERSATION, groupOf, World, type Node, type Packet } from './world.ts';

export const isCandidate = ({ payload }: Packet): boolean => payload[0] === 0x42;

interface Claim {
  readonly payload: Uint8Array;
  readonly owner: Node;
  readonly voters: readonly Node[];
  /** Votes without a valid signature in the name of these. */
  readonly forgedVoters?: readonly Node[];
  readonly expected: number;
  readonly epoch: bigint;
  readonly openedAt?: number;
}

/** A proposal with votes, as a certificate has it. */
export function certificate(world: World, claim: Claim): Proposal {
  const now = claim.openedAt ?? world.now;
  const proposal = buildProposal({
    name: 'x',
    payload: claim.payload,
    proposalId: 4711 as ProposalId,
    owner: claim.owner.memberId,
    expectedVoters: claim.expected,
    expirySeconds: 600,
    livenessCriteriaYes: false,
    epoch: claim.epoch,
    now,
  });
  const vote = (voter: Node, sign: (payload: Uint8Array) => Uint8Array, voteId: number) =>
    buildVote(
      {
        voteId,
        proposalId: proposal.proposalId,
        proposalHash: proposalHash(proposal),
        timestampSeconds: proposal.timestamp,
        choice: true,
        votes: [],
      },
      { memberId: voter.memberId, sign },
    );
  return {
    ...proposal,
    votes: [
      ...claim.voters.map((voter, index) => vote(voter, (payload) => voter.identity.sign(payload), index)),
      ...(claim.forgedVoters ?? []).map((voter, index) => vote(voter, () => new Uint8Array(65), 100 + index)),
    ],
  };
}

/** A genuine commit by `node` with these updates and certificates, as a packet. */
export async function commitOf(
  world: World,
  node: Node,
  updates: readonly CommitInput[],
  certificates: readonly Proposal[] = [],
): Promise<Uint8Array> {
  const made = await node.mls.createCandidate(groupOf(node), updates, world.now);
  return encodeAppMessage({
    payload: {
      case: 'commitCandidate',
      value: {
        conversationName: new TextEncoder().encode(CONVERSATION),
        mlsProposals: [...made.proposals],
        commitMessage: made.commit,
        stewardIdentity: memberIdToBytes(node.memberId),
        certificates: certificates.map((proposal) => ({ proposal })),
      },
    },
  });
}

export const receive = (world: World, node: Node, payload: Uint8Array) =>
  world.input(node, { kind: 'packet', subtopic: 'app_msg', payload });

export const has = (world: World, node: Node, memberId: MemberId): boolean =>
  world.view(node).members.some((member) => member.memberId === memberId);

export const epochOf = (world: World, node: Node): bigint => BigInt(world.view(node).epoch);

/** A steward, somebody it wants out, and somebody who looks on. */
export async function cast(names: readonly string[] = ['Alice', 'Bob', 'Carol', 'Dave']) {
  const world = new World();
  const nodes = await world.group(names);
  const byId = (memberId: MemberId): Node => nodes.find((node) => node.memberId === memberId) ?? expect.fail('nobody');
  const steward = byId(world.view(nodes[0]!).stewards[0]!);
  const [victim, observer, ...rest] = nodes.filter((node) => node !== steward) as [Node, Node, ...Node[]];
  return { world, nodes, steward, victim, observer, rest };
}

/** Whether the observer lets this candidate remove the victim. */
export async function removes(world: World, observer: Node, victim: Node, packet: Uint8Array): Promise<boolean> {
  world.delivery = () => [];
  await receive(world, observer, packet);
  await world.run(20_000);
  return !has(world, observer, victim.memberId);
}

/** Announces a key package as its joiner would. */
export function announcement(node: Node, { keyPackage }: JoinerKeyPackage, secret: Uint8Array): Packet {
  const value = { keyPackageTls: keyPackage, keyPackageBytes: keyPackage, inviteMac: inviteMac(secret, keyPackage) };
  const payload = encodeWelcomeMessage({
    payload: { case: 'userKeyPackage', value: { ...value, displayName: node.name } },
  });
  return { from: 'nobody', subtopic: 'welcome', payload, conversationId: CONVERSATION };
}
