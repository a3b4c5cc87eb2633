/** Open votes between the messages and the box: they take room, they never cover anything. */
import type { ConversationDetail, Proposal } from '../../../shared/api/model.ts';
import { waitsForMe } from '../../state/conversations.ts';
import { describeProposal } from '../../text/describe.ts';
import { text } from '../../text/index.ts';
import { VoteCard } from './VoteCard.tsx';

/** Those that wait for this person first, then the oldest. */
export function orderVotes(proposals: readonly Proposal[]): readonly Proposal[] {
  return [...proposals].sort((a, b) => Number(waitsForMe(b)) - Number(waitsForMe(a)) || a.createdAt - b.createdAt);
}

export function VotesTray({ detail }: { detail: ConversationDetail }) {
  if (detail.openProposals.length === 0 && detail.approvedProposals.length === 0) return null;
  return (
    <section className="votes-tray" aria-label={text.votes.region}>
      {orderVotes(detail.openProposals).map((proposal) => (
        <VoteCard
          key={proposal.proposalId}
          proposal={proposal}
          conversationId={detail.id}
          members={detail.members}
          self={detail.self}
        />
      ))}
      {detail.approvedProposals.map((proposal) => (
        <p key={proposal.proposalId} className="small soft">
          {text.votes.approved(describeProposal(proposal, detail.self))}
        </p>
      ))}
    </section>
  );
}
