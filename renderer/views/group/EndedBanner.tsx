/** How the group ended for this person, why, and what can still be done. */
import { useState } from 'react';
import { Collapsible } from 'radix-ui';
import type { ConversationDetail } from '../../../shared/api/model.ts';
import { Button } from '../../components/Button.tsx';
import { useNow } from '../../state/now.ts';
import { showDialog } from '../../state/ui.ts';
import { tallyOf } from '../../text/describe.ts';
import { text } from '../../text/index.ts';
import { moment } from '../../text/time.ts';
import { ProposalRecord } from '../conversation/Record.tsx';

const words = text.conversation.ended;

/** "The group voted you out at 14:02: 5 yes, 1 no." */
export function endedSentence(ended: NonNullable<ConversationDetail['ended']>, now: number): string {
  const time = moment(ended.at, now);
  switch (ended.cause) {
    case 'left':
      return words.left(time);
    case 'expired':
      return `${words.expired(time)} ${words.again}`;
    case 'removed': {
      if (ended.proposal === undefined) return words.removed(time);
      const { yes, no } = tallyOf(ended.proposal.votes);
      return words.votedOut(time, yes, no);
    }
  }
}

export function EndedBanner({ detail }: { detail: ConversationDetail }) {
  const now = useNow();
  const [open, setOpen] = useState(false);
  const { ended } = detail;
  return (
    <Collapsible.Root className="composer" open={open} onOpenChange={setOpen}>
      <div className="row" role="status">
        <p className="grow">
          {ended === undefined ? text.groups.ended : endedSentence(ended, now)}{' '}
          {ended?.proposal !== undefined && (
            <Collapsible.Trigger className="button button-link">
              {open ? text.governance.hideWhy : text.governance.why}
            </Collapsible.Trigger>
          )}
          <br />
          <span className="small soft">{words.keeps}</span>
        </p>
        <Button kind="danger" onClick={() => showDialog({ kind: 'deleteHistory', conversationId: detail.id })}>
          {words.delete}
        </Button>
      </div>
      <Collapsible.Content>
        {ended?.proposal !== undefined && (
          <ProposalRecord proposal={ended.proposal} members={detail.members} self={detail.self} />
        )}
      </Collapsible.Content>
    </Collapsible.Root>
  );
}
