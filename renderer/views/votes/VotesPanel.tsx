/** Every vote of a group: open ones, agreed ones that wait to be written, and decided ones with their whole record. */
import { useEffect } from 'react';
import type { ConversationDetail, Proposal } from '../../../shared/api/model.ts';
import { Disclosure } from '../../components/Disclosure.tsx';
import { Failed, Loading } from '../../components/States.tsx';
import { loadVotes, retryVotes, useConversations } from '../../state/conversations.ts';
import { describeProposal, tallyOf } from '../../text/describe.ts';
import { text } from '../../text/index.ts';
import { ProposalRecord } from '../conversation/Record.tsx';
import { VoteCard } from './VoteCard.tsx';
import { orderVotes } from './VotesTray.tsx';

const words = text.votes.panel;

export function VotesPanel({ detail }: { detail: ConversationDetail }) {
  const votes = useConversations((state) => state.votes[detail.id]);
  useEffect(() => {
    void loadVotes(detail.id);
  }, [detail.id]);
  if (votes === undefined || votes.kind === 'loading') return <Loading />;
  if (votes.kind === 'failed')
    return (
      <Failed title={text.errors.headings.votes} message={votes.message} onRetry={() => void retryVotes(detail.id)} />
    );
  const { open, recent } = votes.kind === 'ready' ? votes.value : { open: [], recent: [] };
  return (
    <div className="stack-wide">
      <section className="stack" aria-label={words.open}>
        <h2>{words.open}</h2>
        {open.length === 0 && <p className="soft">{words.openEmpty}</p>}
        {orderVotes(open).map((proposal) => (
          <VoteCard
            key={proposal.proposalId}
            proposal={proposal}
            conversationId={detail.id}
            members={detail.members}
            self={detail.self}
          />
        ))}
      </section>
      {detail.approvedProposals.length > 0 && (
        <section className="stack" aria-label={words.agreed}>
          <h2>{words.agreed}</h2>
          <Folded proposals={detail.approvedProposals} detail={detail} />
        </section>
      )}
      <section className="stack" aria-label={words.recent}>
        <h2>{words.recent}</h2>
        {recent.length === 0 && <p className="soft">{words.recentEmpty}</p>}
        <Folded proposals={recent} detail={detail} />
      </section>
    </div>
  );
}

/** One line a vote, which opens to the record. */
function Folded({ proposals, detail }: { proposals: readonly Proposal[]; detail: ConversationDetail }) {
  return (
    <ul className="stack">
      {proposals.map((proposal) => (
        <li key={proposal.proposalId}>
          <Disclosure label={lineOf(proposal, detail)}>
            <ProposalRecord proposal={proposal} members={detail.members} self={detail.self} />
          </Disclosure>
        </li>
      ))}
    </ul>
  );
}

function lineOf(proposal: Proposal, detail: ConversationDetail): string {
  const what = describeProposal(proposal, detail.self);
  if (proposal.selfLeave === true) return what;
  const { yes, no } = tallyOf(proposal.votes);
  return text.votes.decided(what, text.governance.record.outcomes[proposal.outcome], text.votes.tally(yes, no));
}
