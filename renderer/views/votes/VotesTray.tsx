/**
 * Open votes between the messages and the box: they take room, they never cover anything. Those that wait for this
 * person are whole cards; the others are one line that opens to the card.
 */
import type { ConversationDetail, Proposal } from '../../../shared/api/model.ts';
import { Disclosure } from '../../components/Disclosure.tsx';
import { waitsForMe } from '../../state/conversations.ts';
import { describeProposal, tallyOf } from '../../text/describe.ts';
import { text } from '../../text/index.ts';
import { VoteCard } from './VoteCard.tsx';

/** Those that wait for this person first, then the oldest. */
export function orderVotes(proposals: readonly Proposal[]): readonly Proposal[] {
  return [...proposals].sort((a, b) => Number(waitsForMe(b)) - Number(waitsForMe(a)) || a.createdAt - b.createdAt);
}

export function VotesTray({ detail }: { detail: ConversationDetail }) {
  // An election is over in a moment and asks nobody: the panel shows it, here it would only flicker.
  const open = detail.openProposals.filter(({ kind }) => kind !== 'stewardElection');
  if (open.length === 0 && detail.approvedProposals.length === 0) return null;
  return (
    <section className="votes-tray" aria-label={text.votes.region}>
      {orderVotes(open).map((proposal) => {
        const card = (
          <VoteCard
            key={proposal.proposalId}
            proposal={proposal}
            conversationId={detail.id}
            members={detail.members}
            self={detail.self}
          />
        );
        if (waitsForMe(proposal)) return card;
        return (
          <div key={proposal.proposalId} className="vote-line">
            <Disclosure label={<Line proposal={proposal} detail={detail} />}>{card}</Disclosure>
          </div>
        );
      })}
      {detail.approvedProposals.map((proposal) => (
        <p key={proposal.proposalId} className="small soft">
          {text.votes.approved(describeProposal(proposal, detail.self))}
        </p>
      ))}
    </section>
  );
}

/** How a vote stands that does not wait for this person any more. */
function Line({ proposal, detail }: { proposal: Proposal; detail: ConversationDetail }) {
  const { yes, no } = tallyOf(proposal.votes);
  return (
    <span>
      <strong>{describeProposal(proposal, detail.self)}</strong>
      {proposal.selfLeave !== true && <span className="soft"> · {text.votes.tally(yes, no)}</span>}
      {proposal.ownVote !== undefined && <span className="soft"> · {text.votes.own(proposal.ownVote)}</span>}
    </span>
  );
}
