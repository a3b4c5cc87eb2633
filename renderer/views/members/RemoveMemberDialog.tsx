/** Asking the group to remove somebody: a reason first, since everybody decides by it. */
import { useState, type SubmitEvent } from 'react';
import { MAX_REASON_LENGTH } from '../../../shared/limits.ts';
import type { ConversationId, MemberId } from '../../../shared/model/ids.ts';
import { Button } from '../../components/Button.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { Field } from '../../components/Field.tsx';
import { useWork } from '../../components/useWork.ts';
import { call } from '../../state/call.ts';
import { refreshConversation, useConversations } from '../../state/conversations.ts';
import { valueOf } from '../../state/remote.ts';
import { announce, closeDialog } from '../../state/ui.ts';
import { text } from '../../text/index.ts';
import { personOf } from '../../text/people.ts';
import { durationWords } from '../../text/time.ts';

const words = text.members;

export function RemoveMemberDialog(props: { conversationId: ConversationId; memberId: MemberId }) {
  const { conversationId, memberId } = props;
  const detail = useConversations((state) => valueOf(state.details[conversationId]));
  const [reason, setReason] = useState('');
  const { busy, error, run, fail } = useWork();
  if (detail === undefined) return null;
  const member = detail.members.find((each) => each.memberId === memberId);
  const { name } = personOf(memberId, member?.displayName, undefined);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (reason.trim() === '') {
      fail(words.reasonMissing);
      return;
    }
    run(async () => {
      await call('member.remove', { conversationId, memberId, reason: reason.trim() });
      refreshConversation(conversationId);
      announce(words.opened);
      closeDialog();
    });
  };
  return (
    <Dialog
      title={words.removeTitle(name)}
      lead={words.removeBody(durationWords(detail.settings.consensusTimeoutMs))}
      onClose={closeDialog}
    >
      <form className="stack-wide" onSubmit={submit} noValidate>
        <p className="soft">{text.rules.removal(detail.members.length, detail.settings.removalLivenessCriteriaYes)}</p>
        <Field
          multiline
          data-autofocus
          label={words.reasonLabel}
          hint={words.reasonHint}
          error={error}
          value={reason}
          maxLength={MAX_REASON_LENGTH}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <div className="row-end">
          <Button onClick={closeDialog}>{text.common.cancel}</Button>
          <Button type="submit" kind="danger-strong" disabled={busy}>
            {busy ? words.opening : words.removeConfirm}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
