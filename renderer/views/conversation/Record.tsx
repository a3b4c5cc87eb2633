/** The whole record of a change or a vote: who asked, who voted how, which rule, who wrote it down. */
import type { ReactNode } from 'react';
import type { GovernanceEntry, Member, Proposal, ProposalVote } from '../../../shared/api/model.ts';
import type { MemberId } from '../../../shared/model/ids.ts';
import {
  describeList,
  describeRule,
  describeSilence,
  describeViolation,
  proposerOf,
  targetOf,
  voterOf,
} from '../../text/describe.ts';
import { text } from '../../text/index.ts';
import { personOf } from '../../text/people.ts';
import { fullTime } from '../../text/time.ts';

const words = text.governance.record;

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Votes(props: { votes: readonly ProposalVote[]; expected: number | undefined; self: MemberId | undefined }) {
  const silent = (props.expected ?? props.votes.length) - props.votes.length;
  return (
    <ul>
      {props.votes.length === 0 && <li>{words.noVotes}</li>}
      {props.votes.map((vote) => (
        <li key={vote.memberId}>
          {words.voteLine(voterOf(vote, props.self), vote.approve)}
          {vote.byRule === true && ` (${words.byRule})`}
        </li>
      ))}
      {props.votes.length > 0 && silent > 0 && <li>{words.silent(silent)}</li>}
    </ul>
  );
}

/** Answers "Why?" below a line about a change of members. */
export function EntryRecord({ entry, self }: { entry: GovernanceEntry; self: MemberId | undefined }) {
  const rule = describeRule(entry);
  const wasVoted = entry.votes !== undefined && entry.rule !== 'selfLeave';
  return (
    <dl className="record">
      {entry.proposer !== undefined && (
        <Row name={words.proposedBy}>{text.governance.subject(personOf(entry.proposer, entry.proposerName, self))}</Row>
      )}
      {entry.target !== undefined && (
        <Row name={words.about}>{text.governance.subject(personOf(entry.target, entry.targetName, self))}</Row>
      )}
      {entry.reason !== undefined && entry.reason !== '' && <Row name={words.reason}>“{entry.reason}”</Row>}
      {entry.violation !== undefined && <Row name={words.reason}>{describeViolation(entry.violation)}</Row>}
      {wasVoted && (
        <Row name={words.votes}>
          <Votes votes={entry.votes ?? []} expected={entry.expectedVoters} self={self} />
        </Row>
      )}
      {rule !== undefined && <Row name={words.rule}>{rule}</Row>}
      {(entry.kind === 'joined' || entry.kind === 'left') && entry.actor !== undefined && entry.rule !== 'created' && (
        <Row name={words.steward}>
          {text.governance.subject(personOf(entry.actor, entry.actorName, self))}
          <span className="soft"> · {words.stewardHint}</span>
        </Row>
      )}
      {entry.outcome !== undefined && <Row name={words.outcome}>{words.outcomes[entry.outcome]}</Row>}
      {entry.epoch >= 0 && <Row name={words.change}>{words.changeNumber(entry.epoch)}</Row>}
      <Row name={words.when}>{fullTime(entry.at)}</Row>
      {entry.commitHash !== undefined && (
        <Row name={words.check}>
          <code>{entry.commitHash.slice(0, 16)}</code>
        </Row>
      )}
    </dl>
  );
}

/** The record of a vote, open or decided. */
export function ProposalRecord(props: { proposal: Proposal; members: readonly Member[]; self: MemberId | undefined }) {
  const { proposal, self } = props;
  const list = describeList(proposal, props.members, self);
  const target = targetOf(proposal, self);
  const silence = describeSilence(proposal);
  return (
    <dl className="record">
      <Row name={words.proposedBy}>{text.governance.subject(proposerOf(proposal, self))}</Row>
      {target !== undefined && <Row name={words.about}>{text.governance.subject(target)}</Row>}
      {list !== '' && <Row name={words.about}>{list}</Row>}
      {proposal.kind === 'removeMember' && proposal.selfLeave !== true && (
        <Row name={words.reason}>
          {proposal.reason === undefined || proposal.reason === '' ? words.noReason : `“${proposal.reason}”`}
        </Row>
      )}
      {proposal.violation !== undefined && <Row name={words.reason}>{describeViolation(proposal.violation)}</Row>}
      {proposal.selfLeave === true ? (
        <Row name={words.rule}>{words.rules.selfLeave}</Row>
      ) : (
        <>
          <Row name={words.votes}>
            <Votes votes={proposal.votes} expected={proposal.expectedVoters} self={self} />
          </Row>
          <Row name={words.rule}>
            {text.votes.needed(proposal.needed, proposal.expectedVoters)}
            {silence !== undefined && ` · ${silence}`}
          </Row>
        </>
      )}
      <Row name={words.outcome}>{words.outcomes[proposal.outcome]}</Row>
      <Row name={words.when}>{fullTime(proposal.decidedAt ?? proposal.createdAt)}</Row>
    </dl>
  );
}
