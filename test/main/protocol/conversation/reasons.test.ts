/**
 * Every name of the protocol's section 19 (errors and no-op reasons): the counter that stands for it, or why it cannot occur
 * here; and every reason of ours is counted somewhere.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REASONS, type Reason } from '../../../../main/protocol/conversation/index.ts';
import { CONVERSATION, forge, World } from '../support/world.ts';

/** A counter of ours, or why there is none. */
type Standing = Reason | { readonly never: string };

const never = (why: string): Standing => ({ never: why });

/** Section 19.1, as the text lists them. */
const NO_OPS: Readonly<Record<string, Standing>> = {
  UnknownAppMessage: 'UnknownAppMessage',
  FastPathRejected: 'FastPathRejected',
  BanTargetNotMember: 'BanTargetNotMember',
  DecryptIgnored: 'DecryptIgnored',
  UnexpectedMlsType: 'UnexpectedMlsType',
  NoApprovedProposals: 'CandidateStashedEarly',
  CandidateStashedEarly: 'CandidateStashedEarly',
  AlreadyCommitted: 'AlreadyCommitted',
  EmptyCandidatePayload: 'EmptyCandidatePayload',
  EmptyStewardIdentity: 'EmptyStewardIdentity',
  WireKindMismatch: 'WireKindMismatch',
  SelectionLocked: never('Selection begins and ends within one step: nothing can arrive in it.'),
  StaleEpoch: 'StaleEpoch',
  DuplicateBufferedHash: 'DuplicateBufferedHash',
  CandidateBufferFull: never('One candidate of each steward is kept; a second one is EquivocatingCandidate.'),
  EmptyWelcomePayload: 'EmptyWelcomePayload',
  DuplicateWelcomeBroadcast: 'WelcomeIgnored',
};

/** Section 19.2. */
const CORE: Readonly<Record<string, Standing>> = {
  ConversationAlreadyExists: 'ConversationAlreadyExists',
  ConversationNotFound: 'ConversationNotFound',
  AlreadyLeaving: never('Reserved in the reference; leaving twice is one wish.'),
  ConversationBlocked: 'ConversationBlocked',
  PartialFreeze: 'PartialFreeze',
  MlsGroupNotInitialized: 'ConversationBlocked',
  NotASteward: never(
    'A candidate is built by whoever may commit, and by nobody else; one by others is CommitterNotAuthorised.',
  ),
  NoProposals: 'CandidateNoChanges',
  UnexpectedNonMlsProposals: never('The queue is typed: only changes of members can enter it.'),
  InvalidConversationUpdateRequest: 'InvalidConversationUpdateRequest',
  InvalidSubtopic: never('A packet comes with a typed subtopic; other topics are not listened to.'),
  EmptyMembersList: 'EmptyMembersList',
  InvalidConfigSize: 'SyncSettings',
  Message: 'MessageError',
  Mls: 'MlsTampered',
  Consensus: 'InvalidVoteSignature',
  Transport: never('The outbox keeps a packet until the network took it.'),
  SystemTime: never('The clock is handed in.'),
  LockPoisoned: never('An artefact of the reference.'),
};

/** Section 19.3. */
const MLS: Readonly<Record<string, Standing>> = {
  KeyPackageCreation: 'MlsInternal',
  InvalidKeyPackageBytes: 'Malformed',
  SignerCreation: never('The device key is made with the identity, outside of any conversation.'),
  WireDecode: 'MlsMalformed',
  ProcessMessage: 'MlsTampered',
  CreateMessage: never('Held proposals are kept apart from the group: encryption does not wait for them.'),
  Commit: 'CandidateInternal',
  Merge: 'CandidateNotApplied',
  Propose: 'CandidateInvalidKeyPackage',
  Join: 'WelcomeRefused',
  Storage: 'DamagedState',
  UnexpectedMessageType: 'UnexpectedMlsType',
  ConversationNotFound: 'ConversationNotFound',
  NoPendingStagedCommit: never('The group after a commit is a value: it is there or it is not.'),
  UnknownLeafIndex: never('Removals name members, not leaves.'),
};

/** Section 19.4. */
const CONSENSUS: Readonly<Record<string, Standing>> = {
  InvalidConsensusThreshold: 'InvalidConsensusThreshold',
  InvalidTimeout: 'InvalidTimeout',
  InvalidExpectedVotersCount: 'InvalidExpectedVotersCount',
  InvalidMaxRounds: 'InvalidMaxRounds',
  InvalidVoteSignature: 'InvalidVoteSignature',
  EmptySignature: 'EmptySignature',
  SignatureScheme: 'SignatureScheme',
  DuplicateVote: 'DuplicateVote',
  VoteExpired: 'VoteExpired',
  EmptyVoteOwner: 'EmptyVoteOwner',
  InvalidVoteHash: 'InvalidVoteHash',
  EmptyVoteHash: 'EmptyVoteHash',
  ProposalExpired: 'ProposalExpired',
  VoteProposalIdMismatch: 'VoteProposalIdMismatch',
  ReceivedHashMismatch: 'ReceivedHashMismatch',
  ParentHashMismatch: 'ParentHashMismatch',
  TimestampOlderThanCreationTime: 'TimestampOlderThanCreationTime',
  InvalidVoteTimestamp: 'InvalidVoteTimestamp',
  UserAlreadyVoted: 'UserAlreadyVoted',
  SessionNotActive: 'SessionNotActive',
  SessionNotFound: 'SessionNotFound',
  ProposalAlreadyExist: 'ProposalAlreadyExist',
  ScopeNotFound: never('A scope is the conversation itself.'),
  InsufficientVotesAtTimeout: 'InsufficientVotesAtTimeout',
  MaxRoundsExceeded: 'MaxRoundsExceeded',
  ConsensusNotReached: 'ConsensusNotReached',
  ConsensusFailed: 'ConsensusFailed',
};

const sections = { '19.1': NO_OPS, '19.2': CORE, '19.3': MLS, '19.4': CONSENSUS };

/** The protocol's own sources, without the files that only name reasons. */
function sources(directory = 'main/protocol'): string {
  return readdirSync(directory, { withFileTypes: true })
    .filter(({ name }) => !['generated', 'proto', 'reasons.ts', 'errorMeanings.ts', 'errors.ts'].includes(name))
    .map((entry) => {
      const path = join(directory, entry.name);
      return entry.isDirectory() ? sources(path) : readFileSync(path, 'utf8');
    })
    .join('\n');
}

describe('the names of section 19', () => {
  it.each(Object.entries(sections))('§%s each have a counter with a meaning, or cannot occur', (_, names) => {
    for (const [name, standing] of Object.entries(names)) {
      const meaning = typeof standing === 'string' ? REASONS[standing] : standing.never;
      expect(meaning, name).toMatch(/^[A-Z].*\.$/);
    }
  });

  it('every reason has one line of meaning for people', () => {
    for (const [reason, meaning] of Object.entries(REASONS)) {
      expect(meaning, reason).toMatch(/^[A-Z][^\n]{5,150}\.$/);
    }
  });

  it('no reason is a mere name: each is counted or thrown somewhere in the protocol', () => {
    const text = sources();
    // Reserved in §19.4.
    const reserved = new Set(['InvalidVoteTimestamp']);
    // With a prefix they are whatever MLS threw.
    const bare = Object.keys(REASONS).filter(
      (reason) => !/^(Mls|Candidate)[A-Z]/.test(reason) || text.includes(`'${reason}'`),
    );
    const unused = bare.filter((reason) => !reserved.has(reason) && !text.includes(`'${reason}'`));
    expect(unused).toEqual([]);
  });
});

describe('counters', () => {
  it('name what was dropped, and how often', async () => {
    const world = new World();
    const [alice, bob, carol] = await world.group(['Alice', 'Bob', 'Carol']);
    await forge(world, bob!, { payload: { case: 'banRequest', value: { userToBan: Uint8Array.of(1) } } });
    await forge(world, carol!, { payload: { case: undefined } });
    for (const payload of [Uint8Array.of(0xff), Uint8Array.of(0xff, 1)])
      world.send({ from: 'Bob', subtopic: 'app_msg', payload, conversationId: CONVERSATION });
    await world.run(100);
    expect(world.view(alice!).counters).toMatchObject({ BanTargetNotMember: 1, UnknownAppMessage: 1, MessageError: 2 });
  });

  it('EmptyWelcomePayload: an invitation without a welcome leaves a joiner waiting', async () => {
    const world = new World();
    const alice = world.node('Alice');
    const bob = world.node('Bob');
    await world.create(alice);
    world.delivery = () => [];
    await world.join(bob, world.invite(alice));
    // InvitationToJoin, field 2 of WelcomeMessage, empty.
    const payload = Uint8Array.of(0x12, 0x00);
    await world.input(bob, { kind: 'packet', subtopic: 'welcome', payload });
    expect(world.view(bob)).toMatchObject({ phase: 'pendingJoin', counters: { EmptyWelcomePayload: 1 } });
  });
});
