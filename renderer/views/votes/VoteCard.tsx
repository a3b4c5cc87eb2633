/** A decision to be taken: who asks, about whom, why, how it stands, what silence means, Yes and No. */
import { useId } from 'react';
import type { Member, Proposal } from '../../../shared/api/model.ts';
import type { ConversationId, MemberId } from '../../../shared/model/ids.ts';
import { Button } from '../../components/Button.tsx';
import { useWork } from '../../components/useWork.ts';
import { call, CallError } from '../../state/call.ts';
import { refreshConversation, waitsForMe } from '../../state/conversations.ts';
import { useFineNow } from '../../state/now.ts';
import {
  describeList,
  describeProposal,
  describeSilence,
  describeViolation,
  tallyOf,
  voterOf,
} from '../../text/describe.ts';
import { text } from '../../text/index.ts';
import { personOf, type Person } from '../../text/people.ts';
import { remaining } from '../../text/time.ts';

const words = text.votes;
/** Names listed on a card; more are counted. */
const MAX_NAMES = 8;

const namesOf = (people: readonly Person[]): string => text.governance.names(people);

export function VoteCard(props: {
  proposal: Proposal;
  conversationId: ConversationId;
  members: readonly Member[];
  self: MemberId;
}) {
  const { proposal, self } = props;
  const title = useId();
  const now = useFineNow();
  const left = remaining(proposal.expiresAt, now);
  const asked = waitsForMe(proposal);
  return (
    <article className={`vote-card ${asked ? '' : 'vote-card-done'}`} aria-labelledby={title}>
      <div className="vote-head">
        <h2 id={title}>{describeProposal(proposal, self)}</h2>
        {proposal.selfLeave !== true && (
          <span className="small soft">{left === undefined ? words.timeOver : words.timeLeft(left)}</span>
        )}
      </div>
      {proposal.selfLeave === true ? (
        <p className="soft">{words.leaveNote}</p>
      ) : (
        <>
          <Reason proposal={proposal} members={props.members} self={self} />
          <Standing proposal={proposal} members={props.members} self={self} />
          <Choice proposal={proposal} conversationId={props.conversationId} titleId={title} />
        </>
      )}
    </article>
  );
}

function Reason({ proposal, members, self }: { proposal: Proposal; members: readonly Member[]; self: MemberId }) {
  if (proposal.target === self) return <p>{`${words.aboutYou} ${reasonWords(proposal)}`}</p>;
  const reason = describeList(proposal, members, self) || reasonWords(proposal);
  return reason === '' ? null : <p className="vote-reason">{reason}</p>;
}

function reasonWords(proposal: Proposal): string {
  if (proposal.reason !== undefined && proposal.reason !== '') return words.why(proposal.reason);
  if (proposal.violation !== undefined) return describeViolation(proposal.violation);
  return proposal.kind === 'removeMember' ? words.noReason : '';
}

/** Tally with names, what is needed, who has not answered, what silence will count as. */
function Standing({ proposal, members, self }: { proposal: Proposal; members: readonly Member[]; self: MemberId }) {
  const { yes, no } = tallyOf(proposal.votes);
  const voters = (approve: boolean): readonly Person[] =>
    proposal.votes.filter((vote) => vote.approve === approve).map((vote) => voterOf(vote, self));
  const open = members
    .filter((member) => !proposal.votes.some((vote) => vote.memberId === member.memberId))
    .map((member) => personOf(member.memberId, member.displayName, self));
  const silence = describeSilence(proposal);
  const openCount = Math.max(0, proposal.expectedVoters - proposal.votes.length);
  return (
    <div className="vote-facts">
      <span>
        <strong>{words.tally(yes, no)}</strong> · {words.needed(proposal.needed, proposal.expectedVoters)}
      </span>
      {proposal.votes.length === 0 && <span>{words.nobodyYet}</span>}
      {yes > 0 && yes <= MAX_NAMES && <span>{words.yesNames(namesOf(voters(true)))}</span>}
      {no > 0 && no <= MAX_NAMES && <span>{words.noNames(namesOf(voters(false)))}</span>}
      {openCount > 0 && proposal.votes.length > 0 && (
        <span>
          {open.length === openCount && openCount <= MAX_NAMES
            ? words.waitingFor(namesOf(open))
            : words.waitingCount(openCount)}
        </span>
      )}
      {silence !== undefined && <span>{silence}</span>}
    </div>
  );
}

function Choice(props: { proposal: Proposal; conversationId: ConversationId; titleId: string }) {
  const { proposal, conversationId } = props;
  const { busy, error, run } = useWork();
  if (proposal.ownVote !== undefined) {
    const byRule = proposal.votes.some((vote) => vote.byRule === true);
    const reason =
      proposal.votedByClients === true ? words.ownByClient : proposal.ownVote ? words.ownByRule : undefined;
    return (
      <p>
        <strong>{words.own(proposal.ownVote)}</strong>
        {byRule && reason !== undefined && <span className="soft"> · {reason}</span>}
      </p>
    );
  }
  if (proposal.outcome !== 'open') return null;
  if (proposal.votedByClients === true) return <p className="soft">{words.clientsVote}</p>;
  const vote = (approve: boolean) => (): void =>
    run(async () => {
      try {
        await call('proposal.vote', { conversationId, proposalId: proposal.proposalId, approve });
      } catch (error) {
        // A rule was quicker: the card says at once how it voted.
        if (!(error instanceof CallError && error.code === 'NOT_ALLOWED')) throw error;
      }
      refreshConversation(conversationId);
    });
  return (
    <div className="vote-actions">
      <Button disabled={busy} aria-describedby={props.titleId} onClick={vote(true)}>
        {words.voteYes}
      </Button>
      <Button disabled={busy} aria-describedby={props.titleId} onClick={vote(false)}>
        {words.voteNo}
      </Button>
      {error !== undefined && (
        <span className="field-error" role="alert">
          {error}
        </span>
      )}
    </div>
  );
}
