/** The head of a group: its name, who is here, inviting, the panel, leaving. */
import { MoreHorizontal, PanelRight, UserPlus } from 'lucide-react';
import type { ConversationDetail } from '../../../shared/api/model.ts';
import type { ConversationId } from '../../../shared/model/ids.ts';
import { Avatar } from '../../components/Avatar.tsx';
import { Button, IconButton } from '../../components/Button.tsx';
import { Menu, type MenuItem } from '../../components/Menu.tsx';
import { call, messageOf } from '../../state/call.ts';
import { useConversations } from '../../state/conversations.ts';
import { valueOf } from '../../state/remote.ts';
import { showDialog, showPanel, toast, useUi } from '../../state/ui.ts';
import { text } from '../../text/index.ts';

const words = text.conversation.header;

async function setMuted(conversationId: ConversationId, muted: boolean): Promise<void> {
  try {
    await call('conversation.setMuted', { conversationId, muted });
  } catch (error) {
    toast('error', messageOf(error));
  }
}

export function Header({ detail }: { detail: ConversationDetail }) {
  const panel = useUi((state) => state.panel);
  const { id: conversationId, state } = detail;
  const muted = useConversations(
    ({ list }) => valueOf(list)?.find((summary) => summary.id === conversationId)?.muted === true,
  );
  const active = state !== 'left' && state !== 'pendingJoin';
  const stateWords = active && detail.mode === 'recovery' ? text.groups.recovery : text.groups.states[state];
  const online = detail.members.filter((member) => member.online).length;
  const items: readonly MenuItem[] = [
    { label: words.members, run: () => showPanel('members') },
    { label: words.votes, run: () => showPanel('votes') },
    { label: words.rules, run: () => showPanel('rules') },
    { label: muted ? words.unmute : words.mute, run: () => void setMuted(conversationId, !muted) },
    ...(active
      ? [
          { label: words.resetInvite, run: () => showDialog({ kind: 'resetInvite', conversationId }) },
          { label: words.leave, danger: true, run: () => showDialog({ kind: 'leave', conversationId }) },
        ]
      : []),
  ];
  return (
    <header className="group-header">
      <Avatar id={conversationId} name={detail.name} size={40} group />
      <div className="grow">
        <h1 className="ellipsis" tabIndex={-1} data-view-heading>
          {detail.name}
        </h1>
        <p className="small soft ellipsis">
          {state !== 'pendingJoin' && text.common.memberCount(detail.members.length)}
          {active && ` · ${words.online(online)}`}
          {stateWords !== '' && `${state === 'pendingJoin' ? '' : ' · '}${stateWords}`}
        </p>
      </div>
      {active && (
        <Button onClick={() => showDialog({ kind: 'invite', conversationId })}>
          <UserPlus size={16} aria-hidden />
          {words.invite}
        </Button>
      )}
      {state !== 'pendingJoin' && (
        <>
          <IconButton
            label={panel === undefined ? words.showPanel : words.hidePanel}
            aria-pressed={panel !== undefined}
            onClick={() => showPanel(panel === undefined ? 'members' : undefined)}
          >
            <PanelRight size={18} aria-hidden />
          </IconButton>
          <Menu items={items}>
            <IconButton label={words.more}>
              <MoreHorizontal size={18} aria-hidden />
            </IconButton>
          </Menu>
        </>
      )}
    </header>
  );
}
