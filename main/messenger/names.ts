/**
 * Puts people's names beside member ids in what the App API shows. Names are this device's knowledge, never the
 * protocol's: a name that is unknown is left out. Knows no network.
 */
import type { GovernanceEntry, Message, Proposal, ProposalVote } from '../../shared/api/model.ts';
import type { MemberId } from '../../shared/model/ids.ts';

/** Looks a member's name up; undefined when it was never told. */
export type NameOf = (memberId: MemberId) => string | undefined;

/** How a member without a name is called: the short form of its address. */
export function shortMemberId(memberId: MemberId): string {
  return `${memberId.slice(0, 6)}…${memberId.slice(-4)}`;
}

const named = <Key extends string>(key: Key, name: string | undefined): Partial<Record<Key, string>> =>
  name === undefined ? {} : ({ [key]: name } as Record<Key, string>);

const lookUp = (nameOf: NameOf, memberId: MemberId | undefined): string | undefined =>
  memberId === undefined ? undefined : nameOf(memberId);

const withVoterName =
  (nameOf: NameOf) =>
  (vote: ProposalVote): ProposalVote => ({ ...vote, ...named('displayName', nameOf(vote.memberId)) });

export function nameProposal(proposal: Proposal, nameOf: NameOf): Proposal {
  return {
    ...proposal,
    // The protocol tells the name that a joiner announced; what the person calls itself later wins.
    ...named('targetName', lookUp(nameOf, proposal.target) ?? proposal.targetName),
    ...named('proposerName', nameOf(proposal.proposer)),
    votes: proposal.votes.map(withVoterName(nameOf)),
  };
}

export function nameEntry(entry: GovernanceEntry, nameOf: NameOf): GovernanceEntry {
  return {
    ...entry,
    ...named('targetName', lookUp(nameOf, entry.target) ?? entry.targetName),
    ...named('actorName', lookUp(nameOf, entry.actor)),
    ...named('proposerName', lookUp(nameOf, entry.proposer)),
    ...(entry.votes === undefined ? {} : { votes: entry.votes.map(withVoterName(nameOf)) }),
  };
}

export function nameMessage(message: Message, nameOf: NameOf): Message {
  return {
    ...message,
    ...named('senderName', nameOf(message.sender)),
    ...(message.system === undefined ? {} : { system: nameEntry(message.system, nameOf) }),
  };
}
