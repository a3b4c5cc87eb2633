/**
 * Sentences for proposals and for lines of the journal, from API objects. Pure: `self` says who reads.
 */
import type {
  ConversationDetail,
  GovernanceEntry,
  Member,
  Message,
  Proposal,
  ProposalVote,
} from '../../shared/api/model.ts';
import type { MemberId } from '../../shared/model/ids.ts';
import { text } from './index.ts';
import { personOf, type Person } from './people.ts';
import { fullTime } from './time.ts';

type Self = MemberId | undefined;

const optionalPerson = (id: MemberId | undefined, name: string | undefined, self: Self): Person | undefined =>
  id === undefined ? undefined : personOf(id, name, self);

export const proposerOf = (proposal: Proposal, self: Self): Person =>
  personOf(proposal.proposer, proposal.proposerName, self);
export const targetOf = (proposal: Proposal, self: Self): Person | undefined =>
  optionalPerson(proposal.target, proposal.targetName, self);
export const voterOf = (vote: ProposalVote, self: Self): Person => personOf(vote.memberId, vote.displayName, self);

export interface Tally {
  readonly yes: number;
  readonly no: number;
}

export function tallyOf(votes: readonly ProposalVote[] | undefined): Tally {
  const yes = (votes ?? []).filter((vote) => vote.approve).length;
  return { yes, no: (votes ?? []).length - yes };
}

/** What a proposal asks for: "Ana asks to add Bo"; once it is decided, "Ana asked to add Bo". */
export function describeProposal(proposal: Proposal, self: Self): string {
  const proposer = proposerOf(proposal, self);
  const target = targetOf(proposal, self);
  const past = proposal.outcome !== 'open';
  switch (proposal.kind) {
    case 'addMember':
      return text.votes.add(proposer, target ?? proposer, past);
    case 'removeMember':
      if (proposal.selfLeave === true) return text.votes.leave(target ?? proposer, past);
      return text.votes.remove(proposer, target ?? proposer, past);
    case 'stewardElection':
      return text.votes.election(proposer, past);
    case 'emergency':
      if (proposal.violation === 'DEADLOCK') return text.votes.deadlock(past);
      return proposal.violation === 'SCORE_BELOW_THRESHOLD' && target !== undefined
        ? text.votes.removeByRules(target)
        : text.votes.emergency(proposer, target, past);
  }
}

/** What an emergency says happened, in a sentence; empty for a name that this version does not know. */
export function describeViolation(violation: string): string {
  const sentences: Readonly<Record<string, string>> = text.votes.violations;
  return sentences[violation] ?? '';
}

/** Whom an election proposes, in their order, and which attempt it is when others failed; empty where there is no list. */
export function describeList(proposal: Proposal, members: readonly Member[], self: Self): string {
  const { stewards = [], retryRound = 0 } = proposal;
  const nameOf = (id: MemberId): string | undefined => members.find(({ memberId }) => memberId === id)?.displayName;
  if (stewards.length === 0) return '';
  return text.votes.list(
    text.governance.names(stewards.map((id) => personOf(id, nameOf(id), self))),
    retryRound > 0 ? retryRound + 1 : undefined,
  );
}

/** What silence counts as in a vote, or counted as; undefined when that was not told. */
export function describeSilence(proposal: Proposal): string | undefined {
  const { silenceCountsAsYes, outcome } = proposal;
  if (silenceCountsAsYes === undefined) return undefined;
  if (outcome === 'open') return silenceCountsAsYes ? text.votes.silenceYes : text.votes.silenceNo;
  return silenceCountsAsYes ? text.votes.silenceWasYes : text.votes.silenceWasNo;
}

/** The line that a change of members leaves in the conversation. */
export function describeEntry(entry: GovernanceEntry, self: Self): string {
  const lines = text.governance.lines;
  const actor = optionalPerson(entry.actor, entry.actorName, self);
  const proposer = optionalPerson(entry.proposer, entry.proposerName, self);
  const target = optionalPerson(entry.target, entry.targetName, self);
  const subject = target ?? actor ?? proposer;
  switch (entry.kind) {
    case 'joined':
      if (subject === undefined) return text.governance.lines.changed;
      if (entry.rule === 'created') return lines.started(subject);
      if (entry.missedSince !== undefined) return lines.rejoined(subject, fullTime(entry.missedSince));
      if (entry.rule === 'welcome' && actor !== undefined && actor.memberId !== subject.memberId)
        return lines.welcomed(actor, subject);
      if (proposer === undefined || proposer.memberId === subject.memberId) return lines.joinedAlone(subject);
      return lines.added(proposer, subject);
    case 'left':
      if (subject === undefined) return lines.changed;
      if (entry.violation === 'SCORE_BELOW_THRESHOLD') return lines.votedOutByRules(subject, countOf(entry));
      if (entry.cause === 'removed') return lines.votedOut(proposer, subject, countOf(entry));
      return entry.cause === 'expired' ? lines.expired(subject) : lines.left(subject);
    case 'decided':
      return describeDecision(entry, self);
    case 'proposed':
      return describeRequest(entry, actor ?? proposer, target);
    case 'voted':
      return actor === undefined ? lines.changed : lines.voted(actor, entry.approve === true);
    case 'committed':
      return lines.committed(actor, entry.epoch);
    case 'elected':
      return lines.elected(
        text.governance.names((entry.stewards ?? []).map((steward) => personOf(steward, undefined, self))),
      );
    case 'forked':
      return subject === undefined ? lines.changed : lines.forked(subject);
    case 'healed':
      return lines.healed;
    case 'lost':
      return subject === undefined ? lines.changed : lines.lost(subject, entry.missing ?? 0);
    case 'deviceChanged':
      return subject === undefined ? lines.changed : lines.deviceChanged(subject);
    case 'scored':
      return subject === undefined || entry.score === undefined ? lines.changed : lines.scored(subject, entry.score);
  }
}

const countOf = (entry: GovernanceEntry): string | undefined => {
  if (entry.votes === undefined) return undefined;
  const { yes, no } = tallyOf(entry.votes);
  return text.governance.tally(yes, no);
};

function describeDecision(entry: GovernanceEntry, self: Self): string {
  const lines = text.governance.lines;
  const actor = optionalPerson(entry.proposer ?? entry.actor, entry.proposerName ?? entry.actorName, self);
  const target = optionalPerson(entry.target, entry.targetName, self);
  const accepted = entry.outcome === 'accepted';
  const count = countOf(entry) ?? '';
  switch (entry.proposalKind) {
    case 'addMember':
      if (actor === undefined || target === undefined) return lines.changed;
      return accepted ? lines.addAccepted(actor, target, count) : lines.addRefused(actor, target, count);
    case 'removeMember':
      if (actor === undefined || target === undefined) return lines.changed;
      if (entry.rule === 'selfLeave') return lines.decidedSelfLeave(target);
      return accepted ? lines.removalAccepted(actor, target, count) : lines.removalRefused(actor, target, count);
    case 'stewardElection':
      return accepted ? lines.electionAccepted : lines.electionRefused;
    case 'emergency':
      return accepted ? lines.emergencyAccepted(target) : lines.emergencyRefused(target);
    case undefined:
      return lines.changed;
  }
}

function describeRequest(entry: GovernanceEntry, actor: Person | undefined, target: Person | undefined): string {
  const lines = text.governance.lines;
  if (actor === undefined) return lines.changed;
  switch (entry.proposalKind) {
    case 'addMember':
      return target === undefined ? lines.changed : lines.proposedAdd(actor, target);
    case 'removeMember':
      return target === undefined ? lines.changed : lines.proposedRemoval(actor, target);
    case 'stewardElection':
      return lines.proposedElection(actor);
    case 'emergency':
      return lines.proposedEmergency(actor, target);
    case undefined:
      return lines.changed;
  }
}

/** How far an own message got, and who has it, in names. */
export function describeDelivery(
  message: Message,
  members: readonly Member[],
  self: Self,
): { readonly status: string; readonly names: string } {
  const words = text.conversation;
  const { status, deliveredTo = [], expected = 0 } = message;
  const nameOf = (id: MemberId): string | undefined => members.find(({ memberId }) => memberId === id)?.displayName;
  const persons = (ids: readonly MemberId[]): Person[] => ids.map((id) => personOf(id, nameOf(id), self));
  const others = members.map(({ memberId }) => memberId).filter((id) => id !== self && !deliveredTo.includes(id));
  const left = expected - deliveredTo.length;
  // Who came after it was said is not waited for.
  const notYet =
    left === others.length ? words.notYetNames(text.governance.names(persons(others))) : words.notYetCount(left);
  return {
    status:
      deliveredTo.length > 0 && expected > 1 ? words.deliveredTo(deliveredTo.length, expected) : words.status[status],
    names: [
      ...(deliveredTo.length > 0 ? [words.deliveredNames(text.governance.names(persons(deliveredTo)))] : []),
      ...(left > 0 ? [notYet] : []),
    ].join(' '),
  };
}

/** What has not reached us yet, and whose it is. */
export function describeGaps(
  gaps: NonNullable<ConversationDetail['gaps']>,
  members: readonly Member[],
  self: Self,
): { readonly line: string; readonly names: string } {
  const nameOf = (id: MemberId): string | undefined => members.find(({ memberId }) => memberId === id)?.displayName;
  return {
    line: text.conversation.gap(gaps.reduce((sum, { missing }) => sum + missing, 0)),
    names: gaps
      .map(({ sender, missing }) => text.conversation.gapFrom(personOf(sender, nameOf(sender), self).name, missing))
      .join(', '),
  };
}

/** A message's words in one line: its text, or the line that the app wrote. */
export function messageLine(message: Message, self: Self): string {
  return message.system === undefined ? message.text : describeEntry(message.system, self);
}

/** The rule that decided, in words; undefined when the entry tells none. */
export function describeRule(entry: Pick<GovernanceEntry, 'rule' | 'needed' | 'expectedVoters'>): string | undefined {
  const { rules } = text.governance.record;
  switch (entry.rule) {
    case 'votes':
      return rules.votes(entry.needed, entry.expectedVoters);
    case 'timeout':
      return rules.timeout(entry.needed, entry.expectedVoters);
    case 'selfLeave':
      return rules.selfLeave;
    case 'created':
      return rules.created;
    case 'welcome':
      return rules.welcome;
    case 'attested':
      return rules.attested;
    case undefined:
      return undefined;
  }
}
