/** The one dialog that may be open. */
import { ConfirmDialog } from '../components/Dialog.tsx';
import { call } from '../state/call.ts';
import { loadConversations, refreshConversation, summaryOf, useConversations } from '../state/conversations.ts';
import { closeDialog, navigate, showDialog, toast, useUi } from '../state/ui.ts';
import { valueOf } from '../state/remote.ts';
import { text } from '../text/index.ts';
import type { ConversationId } from '../../shared/model/ids.ts';
import { NewGroupDialog } from '../views/groups/NewGroupDialog.tsx';
import { InviteDialog } from '../views/invite/InviteDialog.tsx';
import { OpenInviteDialog } from '../views/invite/OpenInviteDialog.tsx';
import { RemoveMemberDialog } from '../views/members/RemoveMemberDialog.tsx';
import { VerifyDialog } from '../views/members/VerifyDialog.tsx';
import { ShortcutsDialog } from '../views/settings/KeyboardSheet.tsx';

const words = text.conversation;

export function Dialogs() {
  const dialog = useUi((state) => state.dialog);
  if (dialog === undefined) return null;
  switch (dialog.kind) {
    case 'newGroup':
      return <NewGroupDialog />;
    case 'openInvite':
      return <OpenInviteDialog key={dialog.invite} invite={dialog.invite} />;
    case 'invite':
      return <InviteDialog key={dialog.conversationId} conversationId={dialog.conversationId} />;
    case 'shortcuts':
      return <ShortcutsDialog />;
    case 'removeMember':
      return <RemoveMemberDialog conversationId={dialog.conversationId} memberId={dialog.memberId} />;
    case 'verify':
      return <VerifyDialog conversationId={dialog.conversationId} memberId={dialog.memberId} />;
    case 'leave':
      return <LeaveDialog conversationId={dialog.conversationId} />;
    case 'cancelJoin':
      return <CancelJoinDialog conversationId={dialog.conversationId} />;
    case 'deleteHistory':
      return <DeleteDialog conversationId={dialog.conversationId} />;
    case 'resetInvite':
      return <ResetInviteDialog conversationId={dialog.conversationId} />;
  }
}

interface About {
  readonly conversationId: ConversationId;
}

const nameOf = (conversationId: ConversationId): string => summaryOf(conversationId)?.name ?? '';

async function leave(conversationId: ConversationId): Promise<void> {
  await call('conversation.leave', { conversationId });
  refreshConversation(conversationId);
  await loadConversations();
}

function LeaveDialog({ conversationId }: About) {
  const members = useConversations((state) => valueOf(state.details[conversationId])?.members.length);
  return (
    <ConfirmDialog
      danger
      title={words.leave.title(nameOf(conversationId))}
      body={members === 1 ? words.leave.bodyAlone : words.leave.body}
      confirm={words.leave.confirm}
      onConfirm={() => leave(conversationId)}
      onClose={closeDialog}
    />
  );
}

function CancelJoinDialog({ conversationId }: About) {
  return (
    <ConfirmDialog
      danger
      title={words.cancelRequest.title}
      body={words.cancelRequest.body}
      confirm={words.cancelRequest.confirm}
      cancel={words.cancelRequest.keep}
      onConfirm={() => leave(conversationId)}
      onClose={closeDialog}
    />
  );
}

function DeleteDialog({ conversationId }: About) {
  return (
    <ConfirmDialog
      danger
      title={words.ended.deleteTitle(nameOf(conversationId))}
      body={words.ended.deleteBody}
      confirm={words.ended.deleteConfirm}
      onConfirm={async () => {
        await call('conversation.delete', { conversationId });
        navigate({ screen: 'start' });
      }}
      onClose={closeDialog}
    />
  );
}

/** Switches the link off and shows the new one. */
function ResetInviteDialog({ conversationId }: About) {
  return (
    <ConfirmDialog
      danger
      title={text.invite.resetTitle}
      body={text.invite.resetBody}
      confirm={text.invite.resetConfirm}
      onConfirm={async () => {
        await call('invite.reset', { conversationId });
        toast('info', text.invite.resetDone);
      }}
      onClose={() => showDialog({ kind: 'invite', conversationId })}
    />
  );
}
