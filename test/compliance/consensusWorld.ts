/** A few nodes with a quick signature scheme and handed-over packets, for the suite of ConsensusPlugin. */
import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import type {
  ConsensusOptions,
  ConsensusPlugin,
  ConsensusSession,
  ConsensusSnapshot,
  ProposalContext,
  SignatureScheme,
  VoteSigner,
} from '../../main/protocol/consensus/contract.ts';
import { encodeVoteForSigning } from '../../main/protocol/wire/index.ts';
import type { Vote } from '../../main/protocol/wire/index.ts';
import { memberIdToBytes } from '../../main/protocol/identity/index.ts';
import type { MemberId, ProposalId } from '../../shared/model/ids.ts';
import { filled } from '../main/protocol/vectors.ts';

export type CreateConsensus = (options: ConsensusOptions, snapshot?: ConsensusSnapshot) => ConsensusPlugin;

export const START = 1_750_000_000_000;
export const WINDOW = 30_000;
export const GRACE = 2_000;
export const EXPIRY_SECONDS = 600;

/** A scheme that is quick and wrong for real use, to show that nothing but the scheme knows signatures. */
const seal = (memberId: MemberId, payload: Uint8Array): Uint8Array =>
  createHash('sha256').update(memberId).update(payload).digest();
export const QUICK_SCHEME: SignatureScheme = {
  verify: (memberId, payload, signature) =>
    signature.length !== 32
      ? 'malformed'
      : Buffer.compare(seal(memberId, payload), signature) === 0
        ? 'valid'
        : 'otherSigner',
};
export const signerOf = (memberId: MemberId): VoteSigner => ({ memberId, sign: (payload) => seal(memberId, payload) });

/** Bytes that differ with every call, from a seed. */
export function randomOf(seed: string): (length: number) => Uint8Array {
  let calls = 0;
  return (length) => {
    calls += 1;
    return createHash('sha256').update(`${seed}/${calls}`).digest().subarray(0, length);
  };
}

export interface Node {
  readonly memberId: MemberId;
  readonly plugin: ConsensusPlugin;
}

/** An error with this code. */
export const code = (name: string): unknown => expect.objectContaining({ code: name });

/** Helpers around plug-ins that `create` makes. */
export function consensusWorld(create: CreateConsensus) {
  const nodeOf = (byte: number): Node => {
    const memberId = filled(byte);
    return {
      memberId,
      plugin: create({ signer: signerOf(memberId), random: randomOf(memberId), scheme: QUICK_SCHEME }),
    };
  };
  const group = (size: number): readonly Node[] => Array.from({ length: size }, (_, index) => nodeOf(index + 1));
  const rosterOf = (nodes: readonly Node[]): readonly MemberId[] => nodes.map((node) => node.memberId);
  const contextOf = (sender: Node, nodes: readonly Node[], now = START): ProposalContext => ({
    sender: sender.memberId,
    roster: rosterOf(nodes),
    epoch: 1n,
    now,
    window: { timeoutMs: WINDOW },
  });
  const at = (nodes: readonly Node[], index: number): Node => nodes[index] ?? expect.fail(`no node ${index}`);

  function open(
    node: Node,
    nodes: readonly Node[],
    options: { ownVote?: boolean; liveness?: boolean; payload?: Uint8Array; now?: number } = {},
  ): ConsensusSession {
    return node.plugin.openProposal({
      payload: options.payload ?? Uint8Array.of(1, 2, 3),
      expirySeconds: EXPIRY_SECONDS,
      livenessCriteriaYes: options.liveness ?? true,
      window: { timeoutMs: WINDOW },
      roster: rosterOf(nodes),
      epoch: 1n,
      now: options.now ?? START,
      ...(options.ownVote === undefined ? {} : { ownVote: options.ownVote }),
    });
  }

  /** A proposal that everybody knows, from the first node, without votes. */
  function shared(nodes: readonly Node[], liveness = true): ProposalId {
    const session = open(at(nodes, 0), nodes, { liveness });
    for (const node of nodes.slice(1)) node.plugin.processProposal(session.proposal, contextOf(at(nodes, 0), nodes));
    return session.proposalId;
  }

  /** Votes cast at their voters, unsent. */
  const votesOf = (
    nodes: readonly Node[],
    id: ProposalId,
    choices: readonly boolean[],
  ): readonly { from: Node; vote: Vote }[] =>
    choices.map((choice, index) => ({
      from: at(nodes, index),
      vote: at(nodes, index).plugin.castVote(id, choice, START + 1000).vote,
    }));

  const outcomes = (plugin: ConsensusPlugin): readonly (boolean | 'failed')[] => {
    const seen: (boolean | 'failed')[] = [];
    for (const event of plugin.drainEvents()) {
      if (event.kind === 'consensusReached') seen.push(event.result);
      if (event.kind === 'consensusFailed') seen.push('failed');
    }
    return seen;
  };

  const resign = (vote: Vote, owner: MemberId): Vote => {
    const unsigned = { ...vote, voteOwner: memberIdToBytes(owner) };
    return { ...unsigned, signature: seal(owner, encodeVoteForSigning(unsigned)) };
  };

  return { create, nodeOf, group, rosterOf, contextOf, at, open, shared, votesOf, outcomes, resign };
}

export type ConsensusWorld = ReturnType<typeof consensusWorld>;
