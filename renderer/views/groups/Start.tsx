/** The right side while no group is open: the ways on. */
import { Button } from '../../components/Button.tsx';
import { useConversations } from '../../state/conversations.ts';
import { showDialog } from '../../state/ui.ts';
import { text } from '../../text/index.ts';

const words = text.groups;

export function Start() {
  const nothingYet = useConversations((state) => state.list.kind === 'empty');
  return (
    <div className="state state-fill">
      <h1 tabIndex={-1} data-view-heading>
        {nothingYet ? words.emptyTitle : words.nothingOpenTitle}
      </h1>
      <p>{nothingYet ? words.emptyLead : words.nothingOpenLead}</p>
      <div className="actions-row">
        <Button kind="primary" onClick={() => showDialog({ kind: 'newGroup' })}>
          {words.startGroup}
        </Button>
        <Button onClick={() => showDialog({ kind: 'openInvite', invite: '' })}>{words.openAnInvite}</Button>
      </div>
    </div>
  );
}
