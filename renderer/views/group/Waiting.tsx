/** Waiting to be let in: what is known, what to do when nobody is there, and the way out. */
import type { ConversationDetail } from '../../../shared/api/model.ts';
import { Button } from '../../components/Button.tsx';
import { useNow } from '../../state/now.ts';
import { navigate, showDialog } from '../../state/ui.ts';
import { tallyOf } from '../../text/describe.ts';
import { text } from '../../text/index.ts';
import { personOf } from '../../text/people.ts';
import { moment } from '../../text/time.ts';

const words = text.waiting;

export function Waiting({ detail }: { detail: ConversationDetail }) {
  const now = useNow();
  const { waiting } = detail;
  const own = detail.openProposals.find((proposal) => proposal.target === detail.self);
  const inviter = waiting === undefined ? undefined : personOf(waiting.invitedBy, waiting.invitedByName, undefined);
  return (
    <div className="page">
      <div className="waiting waiting-card">
        <h2>{words.title}</h2>
        {inviter !== undefined && <p>{words.invitedBy(inviter.name)}</p>}
        <div role="status" className="stack">
          {waiting !== undefined && inviter !== undefined && (
            <p>{waiting.announced ? words.told(inviter.name) : words.notTold}</p>
          )}
          {own !== undefined && <p>{words.progress(tallyOf(own.votes).yes, own.needed)}</p>}
        </div>
        {waiting?.announced === false && inviter !== undefined && (
          <>
            <h3>{words.nobodyTitle}</h3>
            <p>{words.nobody(inviter.name)}</p>
            <Button kind="link" onClick={() => navigate({ screen: 'settings', tab: 'network' })}>
              {words.networkPage}
            </Button>
          </>
        )}
        {waiting !== undefined && (
          <p className="small soft">
            {words.since(moment(waiting.since, now))} {words.until(moment(waiting.expiresAt, now))}
          </p>
        )}
        <div className="row-end">
          <Button onClick={() => showDialog({ kind: 'cancelJoin', conversationId: detail.id })}>{words.cancel}</Button>
        </div>
      </div>
    </div>
  );
}
