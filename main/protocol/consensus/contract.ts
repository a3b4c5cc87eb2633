/**
 * The consensus of one conversation as the rest of the protocol sees it: who may be asked what, and the data of a
 * voting session (§10, H-1, H-2, H-3, H-18, H-20, H-22). Types only. Knows nothing about what a payload decides.
 */
import type { MemberId, ProposalId } from '../../../shared/model/ids.ts';
import type { Random } from '../random.ts';
import type { Proposal, Vote } from '../wire/generated/consensus/v1/consensus_pb.js';

/** Who signs our votes; `Identity` fits. */
export interface VoteSigner {
  readonly memberId: MemberId;
  sign(payload: Uint8Array): Uint8Array;
}

export type SignatureVerdict = 'valid' | 'otherSigner' | 'malformed';

/** How votes are signed; all members of a network must agree (§10.4). */
export interface SignatureScheme {
  verify(memberId: MemberId, payload: Uint8Array, signature: Uint8Array): SignatureVerdict;
}

/** Rounds of a session: one for all (gossipsub) or one a vote (p2p). §10.1 */
export type NetworkType = 'gossipsub' | 'p2p';

/** What holds for every session of the conversation unless a session says otherwise. §10.1 */
export interface ScopeConfig {
  readonly networkType: NetworkType;
  /** Share of the expected voters in 0..1; 2/3 is taken exactly. */
  readonly threshold: number;
  readonly timeoutMs: number;
  readonly livenessCriteriaYes: boolean;
  /** Absent: the network type's own. 0 (dynamic) is legal for p2p only. */
  readonly maxRounds?: number;
}

/** The configuration that one session ended up with. §10.1 */
export interface SessionConfig {
  readonly threshold: number;
  readonly timeoutMs: number;
  /** 0: ceil(expected voters * threshold). */
  readonly maxRounds: number;
  readonly gossipsubRounds: boolean;
  readonly livenessCriteriaYes: boolean;
}

export type SessionState =
  | { readonly kind: 'active' }
  | { readonly kind: 'reached'; readonly result: boolean; readonly by: 'votes' | 'timeout' }
  | { readonly kind: 'failed' };

/** A vote of a session, with the time it came to us. */
export interface SessionVote {
  readonly owner: MemberId;
  readonly vote: Readonly<Vote>;
  readonly receivedAtMs: number;
}

/** One voting session. Immutable: every change makes a new object. §10.1 */
export interface ConsensusSession {
  readonly proposalId: ProposalId;
  readonly owner: MemberId;
  /** The wire object with the votes collected so far and the recomputed round. Never changed in place. */
  readonly proposal: Readonly<Proposal>;
  readonly votes: readonly SessionVote[];
  readonly state: SessionState;
  readonly config: SessionConfig;
  /** Members of the epoch in which the proposal was decrypted: the electorate. */
  readonly roster: readonly MemberId[];
  readonly epoch: bigint;
  readonly createdAtMs: number;
  /** When it left the state `active`. */
  readonly resolvedAtMs?: number;
}

/** Proof that one member said two things in one place. H-1 (e) */
export interface Equivocation {
  readonly kind: 'proposal' | 'vote';
  readonly memberId: MemberId;
  readonly proposalId: ProposalId;
  readonly atMs: number;
}

/** Subscribers must tolerate repeated outcomes of one proposal. §10.8 */
export type ConsensusEvent =
  | {
      readonly kind: 'consensusReached';
      readonly proposalId: ProposalId;
      readonly result: boolean;
      readonly atMs: number;
    }
  | { readonly kind: 'consensusFailed'; readonly proposalId: ProposalId; readonly atMs: number }
  | { readonly kind: 'equivocation'; readonly equivocation: Equivocation };

/** Plain immutable data; the same reference as long as nothing changed. */
export interface ConsensusSnapshot {
  readonly scope: ScopeConfig;
  /** In the order in which they came. */
  readonly sessions: readonly ConsensusSession[];
  /** The newest last; bounded. */
  readonly equivocations: readonly Equivocation[];
}

export interface ConsensusStatistics {
  readonly total: number;
  readonly active: number;
  readonly failed: number;
  readonly reached: number;
}

/** Voting window of a session: the group's own, or up to the proposal's expiry (§10.1). Every member must use the same. */
export type VotingWindow = { readonly timeoutMs: number } | 'untilExpiration';

/** What the MLS layer vouches for about an inbound message, and the group's rule. */
export interface InboundContext {
  /** Authenticated MLS sender. */
  readonly sender: MemberId;
  /** Members of the epoch in which the message was decrypted. */
  readonly roster: readonly MemberId[];
  readonly epoch: bigint;
  readonly now: number;
}

export interface ProposalContext extends InboundContext {
  readonly window: VotingWindow;
  /** It reached us by a member's hands after we were away: it may be old, as long as its window is open. */
  readonly late?: boolean;
}

export interface OpenProposalRequest {
  readonly payload: Uint8Array;
  /** Seconds until the proposal expires, 1 s to 24 h (H-22). */
  readonly expirySeconds: number;
  readonly livenessCriteriaYes: boolean;
  readonly window: VotingWindow;
  /** The members of the current epoch, ourselves included: all of them are expected to vote. */
  readonly roster: readonly MemberId[];
  readonly epoch: bigint;
  readonly now: number;
  /** Our own vote to bundle; absent: the proposal goes out without votes. */
  readonly ownVote?: boolean;
}

/** A self-leave: one expected voter, our YES bundled, decided at once (§8.4). */
export interface OpenSelfLeaveRequest {
  readonly expirySeconds: number;
  readonly roster: readonly MemberId[];
  readonly epoch: bigint;
  readonly now: number;
}

/** What to broadcast, round 1 as §8.4 has it, and the session, which is decided already. */
export interface OpenedSelfLeave {
  readonly proposal: Readonly<Proposal>;
  readonly session: ConsensusSession;
}

/** A vote to broadcast. `recorded` is false when the session was decided already and the vote changed nothing. */
export interface CastVote {
  readonly vote: Readonly<Vote>;
  readonly session: ConsensusSession;
  readonly recorded: boolean;
}

/**
 * All failures are a `ConsensusError` with a code of §19.4 or one of ours (errors.ts). A failure changes no session, but
 * MaxRoundsExceeded, which ends it as failed. Proposals and votes that are handed in are kept: do not change them afterwards.
 */
export interface ConsensusPlugin {
  /** Opens a session; broadcast `session.proposal`. The id never collides with a self-leave id of the roster (H-20). §10.3 */
  openProposal(request: OpenProposalRequest): ConsensusSession;
  /** Opens our own self-leave; broadcast `proposal`. ProposalAlreadyExist: broadcast nothing. §8.4 */
  openSelfLeave(request: OpenSelfLeaveRequest): OpenedSelfLeave;
  /** A peer's proposal: H-1, H-20, H-22, then §10.5. */
  processProposal(proposal: Proposal, context: ProposalContext): ConsensusSession;
  /** Our own decision as a person or rule made it. UserAlreadyVoted is a benign race. §10.8 */
  castVote(proposalId: ProposalId, choice: boolean, now: number): CastVote;
  /** A peer's vote. A decided session repeats its outcome as an event. §10.8 */
  processVote(vote: Vote, context: InboundContext): ConsensusSession;
  /** Decides at the deadline; earlier it does nothing. Repeating it is harmless. §10.8, H-3 */
  handleTimeout(proposalId: ProposalId, now: number): ConsensusSession;
  session(proposalId: ProposalId): ConsensusSession | undefined;
  /** In the order in which they came. */
  sessions(): readonly ConsensusSession[];
  /** Throws ConsensusNotReached, ConsensusFailed or SessionNotFound. §10.8 */
  result(proposalId: ProposalId): boolean;
  statistics(): ConsensusStatistics;
  reachedProposals(): readonly { readonly proposalId: ProposalId; readonly result: boolean }[];
  /** Deletes a session; unknown is fine. */
  forget(proposalId: ProposalId): void;
  /** After a commit removed the member: its self-leave id becomes usable again. H-20 */
  forgetMember(memberId: MemberId): void;
  /** Deletes all sessions and the configuration (`delete scope`). §10.8 */
  reset(): void;
  scopeConfig(): ScopeConfig;
  /** Replaces the whole configuration; running sessions keep theirs. InvalidConsensusThreshold, InvalidTimeout, InvalidMaxRounds. */
  setScopeConfig(config: ScopeConfig): void;
  /** Earliest deadline of an active session in ms. H-3 */
  nextTimeoutAt(): number | undefined;
  /** Active sessions whose deadline has come, earliest first. */
  dueTimeouts(now: number): readonly ProposalId[];
  /** In insertion order; empties the buffer. */
  drainEvents(): readonly ConsensusEvent[];
  snapshot(): ConsensusSnapshot;
}

export interface ConsensusOptions {
  readonly signer: VoteSigner;
  readonly random: Random;
  readonly scheme: SignatureScheme;
  readonly scope?: ScopeConfig;
  /** Time after the voting window in which last votes may arrive, in ms (H-3). Default 2 s. */
  readonly graceMs?: number;
}
