/**
 * How a state is stored: which part holds what, what changed between two states (by reference), and the way back.
 * A chat message writes the MLS ratchets and what is known of its author's messages, an own one itself and the chat part; scores
 * are single writes; each parked packet is a part of its own.
 */
import type { ConversationId, MemberId } from '../../../shared/model/ids.ts';
import { ConsensusError, decodeConsensusSnapshot, encodeConsensusSnapshot } from '../consensus/index.ts';
import type { Round, RoundCandidate, StashedCandidate } from '../freeze/round.ts';
import type { MlsGroup, MlsGroupParts, MlsService } from '../mls/contract.ts';
import { MlsError } from '../mls/errors.ts';
import { decodeStewardListSnapshot, encodeStewardListSnapshot, StewardListError } from '../steward-list/index.ts';
import type { ConversationWrites, StoredConversation } from './contract.ts';
import type { HeardMember, OwnMessage } from './delivery/state.ts';
import { ProtocolError } from './errors.ts';
import { decodePart, encodePart, openPart, sealPart } from './partCodec.ts';
import {
  emptyVolatile,
  type ActiveState,
  type AppliedCommit,
  type AttestedEpoch,
  type ForkGrace,
  type OwnWelcome,
  type ParkedPacket,
  type PendingState,
  type State,
} from './state.ts';

/** Parts that are one JSON value each. */
const PLAIN_PARTS = [
  'rules',
  'phase',
  'queues',
  'emergencies',
  'mandate',
  'pendingUpdates',
  'votes',
  'roster',
  'chat',
  'sync',
  'journal',
  'forks',
] as const;
const MLS_PARTS = ['tree', 'epoch', 'ratchets', 'history'] as const;
/** The part of every kept group that changes with its epoch. */
const EPOCH_SECRETS = '.epoch';
const JOINER = 'joiner';
const REJOIN = 'rejoin';
const WISHES = 'wishes';
const RESTORED = 'restored';
const GRACE = 'grace';
const BEFORE = 'before.';
const BEFORE_SCORES = 'beforeScores';

/** Encoded parts by name; a value that is undefined is not stored. */
type Encoder = () => Uint8Array;
type PartSources = ReadonlyMap<string, { readonly source: unknown; readonly encode: Encoder }>;

/** What has to be written so that `after` is stored; everything when nothing was before. */
export function writesBetween(
  mls: MlsService,
  before: State | undefined,
  after: State | undefined,
): ConversationWrites {
  const old = before === undefined ? new Map<string, never>() : partsOf(mls, before);
  const now: PartSources = after === undefined ? new Map<string, never>() : partsOf(mls, after);
  const changed = [...now].flatMap(([name, part]) =>
    old.get(name)?.source === part.source ? [] : [{ name, bytes: part.encode() }],
  );
  const gone = [...old.keys()].filter((name) => !now.has(name)).map((name) => ({ name, bytes: null }));
  const replaced = changed.filter(({ name }) => old.has(name));
  const forgets =
    [...replaced, ...gone].some(({ name }) => name.endsWith(EPOCH_SECRETS)) ||
    gone.some(({ name }) => name === JOINER || name === REJOIN) ||
    endsPastEpoch(mls, before, after);
  return { parts: [...changed, ...gone], scores: scoreWrites(scoresOf(before), scoresOf(after)), forgets };
}

/** Whether receive secrets of a past epoch go. H-31 */
function endsPastEpoch(mls: MlsService, before: State | undefined, after: State | undefined): boolean {
  if (before?.kind !== 'active' || after?.kind !== 'active') return false;
  const next = mls.nextPruneAt(before.group);
  return next !== undefined && next !== mls.nextPruneAt(after.group);
}

const scoresOf = (state: State | undefined): ReadonlyMap<MemberId, bigint> =>
  state?.kind === 'active' ? state.scores : new Map<MemberId, bigint>();

function scoreWrites(
  before: ReadonlyMap<MemberId, bigint>,
  after: ReadonlyMap<MemberId, bigint>,
): ConversationWrites['scores'] {
  if (before === after) return [];
  const changed = [...after].filter(([memberId, score]) => before.get(memberId) !== score);
  const gone = [...before.keys()].filter((memberId) => !after.has(memberId));
  return [
    ...changed.map(([memberId, score]) => ({ memberId, score })),
    ...gone.map((memberId) => ({ memberId, score: null })),
  ];
}

/** Every stored part with the value that it is made of: two states share a part when they share that value. */
function partsOf(mls: MlsService, state: State): PartSources {
  const parts = memberParts(mls, state);
  if (state.kind === 'pending' || state.grace === undefined) return parts;
  const { before, ...grace } = state.grace;
  parts.set(GRACE, { source: state.grace, encode: () => encodePart(GRACE, grace) });
  // The whole state before the last commit, each part under its own name behind the prefix. H-27
  for (const [name, part] of memberParts(mls, before)) parts.set(`${BEFORE}${name}`, part);
  parts.set(BEFORE_SCORES, { source: before.scores, encode: () => encodePart(BEFORE_SCORES, [...before.scores]) });
  return parts;
}

function memberParts(mls: MlsService, state: State): Map<string, { source: unknown; encode: Encoder }> {
  const parts = new Map<string, { source: unknown; encode: Encoder }>();
  const add = (name: string, source: unknown, encode: Encoder): void => {
    if (source !== undefined) parts.set(name, { source, encode });
  };
  const addPlain = (name: string, source: unknown): void => {
    add(name, source, () => encodePart(name, source));
  };
  if (state.kind === 'pending') {
    addPlain(JOINER, state.joiner);
    return parts;
  }
  for (const name of PLAIN_PARTS) addPlain(name, state[name]);
  addPlain('invite', state.invite);
  add('consensus', state.consensus, () => sealPart('consensus', encodeConsensusSnapshot(state.consensus)));
  add('stewardList', state.stewardList, () => sealPart('stewardList', encodeStewardListSnapshot(state.stewardList)));
  addGroup(parts, mls, 'mls', state.group);
  const { round } = state;
  add('round', round, () => encodePart('round', round === undefined ? undefined : withoutGroups(round)));
  const own = round?.candidates.find((candidate) => candidate.kind === 'own');
  if (own !== undefined) addGroup(parts, mls, 'candidate', own.next);
  for (const packet of state.parked) addPlain(`parked.${packet.id}`, packet);
  for (const packet of state.stash) addPlain(`stash.${packet.hash}`, packet);
  for (const welcome of state.welcomes) addPlain(`welcome.${welcome.id}`, welcome);
  addPlain(REJOIN, state.rejoin);
  addPlain(WISHES, state.wishes);
  addPlain(RESTORED, state.restored);
  addPlain('sent', state.sent.length === 0 ? undefined : state.sent);
  for (const message of state.own) addPlain(`own.${message.number}`, message);
  for (const heard of state.heard) addPlain(`heard.${heard.memberId}`, heard);
  for (const applied of state.applied) addPlain(`applied.${applied.epoch}`, applied);
  for (const attested of state.attested) addPlain(`attested.${attested.epoch}`, attested);
  return parts;
}

function addGroup(
  parts: Map<string, { source: unknown; encode: Encoder }>,
  mls: MlsService,
  prefix: string,
  group: MlsGroup,
): void {
  const encoded = mls.encodeParts(group);
  for (const part of MLS_PARTS) {
    const name = `${prefix}.${part}`;
    parts.set(name, { source: encoded[part], encode: () => sealPart(name, encoded[part]) });
  }
}

/** Staged groups are made anew; our own is stored beside. */
function withoutGroups(round: Round): unknown {
  return { ...round, candidates: round.candidates.map((candidate) => ({ ...candidate, next: undefined })) };
}

/** The state that `stored` holds. Throws ProtocolError DamagedState. */
export function decodeState(mls: MlsService, stored: StoredConversation): State {
  try {
    return stored.parts.has(JOINER) ? decodePending(stored) : decodeActive(mls, stored);
  } catch (error) {
    const isDamage = error instanceof MlsError || error instanceof ConsensusError || error instanceof StewardListError;
    if (isDamage) throw new ProtocolError('DamagedState', { detail: error.code });
    throw error;
  }
}

/** One part as it was encoded; its checksum vouches for its type. */
function plain(stored: StoredConversation, name: string): unknown {
  return decodePart(name, required(stored, name));
}

function required(stored: StoredConversation, name: string): Uint8Array {
  const bytes = stored.parts.get(name);
  if (bytes === undefined) throw new ProtocolError('DamagedState', { detail: `${name} is missing` });
  return bytes;
}

function decodePending(stored: StoredConversation): PendingState {
  return {
    kind: 'pending',
    conversationId: stored.conversationId,
    joiner: plain(stored, JOINER) as PendingState['joiner'],
    early: [],
    volatile: emptyVolatile,
  };
}

function decodeActive(mls: MlsService, stored: StoredConversation): ActiveState {
  const group = decodeGroup(mls, stored, 'mls');
  checkConversation(group, stored.conversationId);
  return {
    kind: 'active',
    conversationId: stored.conversationId,
    rules: plain(stored, 'rules') as ActiveState['rules'],
    group,
    phase: plainPhase(stored),
    consensus: decodeConsensusSnapshot(openPart('consensus', required(stored, 'consensus'))),
    stewardList: decodeStewardListSnapshot(openPart('stewardList', required(stored, 'stewardList'))),
    scores: new Map(stored.scores),
    queues: plainQueues(stored),
    emergencies: plainEmergencies(stored),
    mandate: plainMandate(stored),
    pendingUpdates: plain(stored, 'pendingUpdates') as ActiveState['pendingUpdates'],
    votes: plain(stored, 'votes') as ActiveState['votes'],
    round: stored.parts.has('round') ? decodeRound(mls, stored) : undefined,
    stash: listed<StashedCandidate>(stored, 'stash.'),
    invite: stored.parts.has('invite') ? (plain(stored, 'invite') as NonNullable<ActiveState['invite']>) : undefined,
    roster: plain(stored, 'roster') as ActiveState['roster'],
    chat: plain(stored, 'chat') as ActiveState['chat'],
    own: listed<OwnMessage>(stored, 'own.')
      .map(plainOwn)
      .sort((a, b) => a.number - b.number),
    heard: listed<HeardMember>(stored, 'heard.'),
    sync: plainSync(stored),
    journal: plainJournal(stored),
    welcomes: listed<OwnWelcome>(stored, 'welcome.').sort((a, b) => a.createdAt - b.createdAt),
    parked: listed<ParkedPacket>(stored, 'parked.').sort((a, b) => a.at - b.at),
    applied: listed<AppliedCommit>(stored, 'applied.').sort((a, b) => a.epoch - b.epoch),
    attested: listed<AttestedEpoch>(stored, 'attested.'),
    forks: plainForks(stored),
    rejoin: stored.parts.has(REJOIN) ? (plain(stored, REJOIN) as NonNullable<ActiveState['rejoin']>) : undefined,
    wishes: stored.parts.has(WISHES) ? (plain(stored, WISHES) as NonNullable<ActiveState['wishes']>) : undefined,
    restored: stored.parts.has(RESTORED)
      ? (plain(stored, RESTORED) as NonNullable<ActiveState['restored']>)
      : undefined,
    sent: stored.parts.has('sent') ? (plain(stored, 'sent') as ActiveState['sent']) : [],
    grace: stored.parts.has(GRACE) ? decodeGrace(mls, stored) : undefined,
    volatile: emptyVolatile,
  };
}

function checkConversation(group: MlsGroup, conversationId: ConversationId): void {
  if (group.conversationId !== conversationId)
    throw new ProtocolError('DamagedState', { detail: 'another conversation' });
}

/** JSON leaves out what is undefined; these parts have members that may be. */
function plainPhase(stored: StoredConversation): ActiveState['phase'] {
  const phase = plain(stored, 'phase') as ActiveState['phase'];
  return { ...phase, anchor: phase.anchor, noticeDueAt: phase.noticeDueAt };
}

function plainQueues(stored: StoredConversation): ActiveState['queues'] {
  const queues = plain(stored, 'queues') as ActiveState['queues'];
  return {
    ...queues,
    leavingSince: queues.leavingSince,
    approved: queues.approved.map((entry) => ({ ...entry, certificate: entry.certificate })),
  };
}

function plainEmergencies(stored: StoredConversation): ActiveState['emergencies'] {
  const emergencies = plain(stored, 'emergencies') as ActiveState['emergencies'];
  const { urgent, pausedUntil, lowSince } = emergencies;
  return { ...emergencies, urgent, pausedUntil, lowSince };
}

function plainMandate(stored: StoredConversation): ActiveState['mandate'] {
  const { election, deadlock, recoveredIn } = plain(stored, 'mandate') as ActiveState['mandate'];
  return { election, deadlock, recoveredIn };
}

function plainOwn(message: OwnMessage): OwnMessage {
  return { ...message, replyTo: message.replyTo };
}

function plainSync(stored: StoredConversation): ActiveState['sync'] {
  const sync = plain(stored, 'sync') as ActiveState['sync'];
  return { ...sync, awaiting: sync.awaiting, lastAnswerAt: sync.lastAnswerAt };
}

function plainJournal(stored: StoredConversation): ActiveState['journal'] {
  const journal = plain(stored, 'journal') as ActiveState['journal'];
  return { ...journal, head: journal.head };
}

function plainForks(stored: StoredConversation): ActiveState['forks'] {
  const forks = plain(stored, 'forks') as ActiveState['forks'];
  const answers = forks.answers.map((answer) => ({ ...answer, dueAt: answer.dueAt }));
  const { beaconDueAt, fork, told, statusDueAt } = forks;
  return { ...forks, beaconDueAt, fork, told, statusDueAt, answers };
}

function decodeGrace(mls: MlsService, stored: StoredConversation): ForkGrace {
  const parts = new Map(
    [...stored.parts].flatMap(([name, bytes]) =>
      name.startsWith(BEFORE) ? [[name.slice(BEFORE.length), bytes] as const] : [],
    ),
  );
  const scores = plain(stored, BEFORE_SCORES) as (readonly [MemberId, bigint])[];
  const grace = plain(stored, GRACE) as Omit<ForkGrace, 'before'>;
  return {
    ...grace,
    abandoned: grace.abandoned,
    before: decodeActive(mls, { conversationId: stored.conversationId, parts, scores }),
  };
}

function listed<Value>(stored: StoredConversation, prefix: string): Value[] {
  return [...stored.parts.keys()].filter((name) => name.startsWith(prefix)).map((name) => plain(stored, name) as Value);
}

function decodeGroup(mls: MlsService, stored: StoredConversation, prefix: string): MlsGroup {
  const part = (name: (typeof MLS_PARTS)[number]): Uint8Array =>
    openPart(`${prefix}.${name}`, required(stored, `${prefix}.${name}`));
  const parts: MlsGroupParts = {
    tree: part('tree'),
    epoch: part('epoch'),
    ratchets: part('ratchets'),
    history: part('history'),
  };
  return mls.decodeParts(parts);
}

function decodeRound(mls: MlsService, stored: StoredConversation): Round {
  const round = plain(stored, 'round') as Round;
  const candidates = round.candidates.map((candidate): RoundCandidate =>
    candidate.kind === 'own'
      ? { ...candidate, next: decodeGroup(mls, stored, 'candidate'), welcome: candidate.welcome }
      : { ...candidate, next: undefined },
  );
  return { ...round, candidates };
}
