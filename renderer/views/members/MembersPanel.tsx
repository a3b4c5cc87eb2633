/** Who is in the group: role in words, presence, reliability, who is leaving; removing somebody, leaving. */
import type { ReactNode } from 'react';
import { BadgeCheck, MoreHorizontal } from 'lucide-react';
import type { ConversationDetail, Member } from '../../../shared/api/model.ts';
import { PresenceAvatar } from '../../components/Avatar.tsx';
import { Button, IconButton } from '../../components/Button.tsx';
import { copyText } from '../../components/Copy.tsx';
import { Menu, type MenuItem } from '../../components/Menu.tsx';
import { Tooltip } from '../../components/Tooltip.tsx';
import { showDialog } from '../../state/ui.ts';
import { text } from '../../text/index.ts';
import { reliabilityWord } from './reliability.ts';

const words = text.members;

/** Oneself first, then who is here, then by name. */
export function orderMembers(members: readonly Member[]): readonly Member[] {
  return [...members].sort(
    (a, b) =>
      Number(b.self) - Number(a.self) ||
      Number(b.online) - Number(a.online) ||
      a.displayName.localeCompare(b.displayName),
  );
}

export function MembersPanel({ detail }: { detail: ConversationDetail }) {
  const ended = detail.state === 'left';
  return (
    <div className="stack-wide">
      <h2>{words.heading(detail.members.length)}</h2>
      <ul aria-label={words.listLabel}>
        {orderMembers(detail.members).map((member) => (
          <MemberItem key={member.memberId} member={member} detail={detail} ended={ended} />
        ))}
      </ul>
      {!ended && (
        <Button kind="danger" onClick={() => showDialog({ kind: 'leave', conversationId: detail.id })}>
          {words.leaveGroup}
        </Button>
      )}
    </div>
  );
}

/** What is under way that ends somebody's membership, in words; undefined when nothing is. */
function goingWords(member: Member, detail: ConversationDetail): string | undefined {
  if (member.pendingLeave) return words.leaving;
  if (member.pendingRemoval) return words.beingRemoved;
  const isAsked = detail.openProposals.some(
    (proposal) => proposal.kind === 'removeMember' && proposal.target === member.memberId,
  );
  return isAsked ? words.voteToRemove : undefined;
}

function MemberItem({ member, detail, ended }: { member: Member; detail: ConversationDetail; ended: boolean }) {
  const { memberId, displayName } = member;
  const role = words.roles[member.role];
  const going = goingWords(member, detail);
  const score = words.reliability(words.reliabilityWords[reliabilityWord(member.score, detail.settings)], member.score);
  const remove: MenuItem = {
    label: words.remove,
    danger: true,
    run: () => showDialog({ kind: 'removeMember', conversationId: detail.id, memberId }),
  };
  const items: readonly MenuItem[] = [
    ...(member.self || ended
      ? []
      : [{ label: words.verify, run: () => showDialog({ kind: 'verify', conversationId: detail.id, memberId }) }]),
    { label: words.copyId, run: () => void copyText(memberId) },
    ...(member.self || ended || going !== undefined ? [] : [remove]),
  ];
  return (
    <li className="member-item">
      <PresenceAvatar id={memberId} name={displayName} online={member.online} />
      <div className="grow">
        <p className="row">
          <strong className="ellipsis">{displayName}</strong>
          {member.self && <span className="soft">{words.you}</span>}
          {member.verified && (
            <Hint
              words={words.verifiedHint}
              label={
                <span className="badge badge-verified">
                  <BadgeCheck size={14} aria-hidden /> {words.verified}
                </span>
              }
            />
          )}
        </p>
        <div className="member-facts">
          <span>{member.online ? words.online : words.offline}</span>
          <Hint words={words.roleHints[member.role]} label={role} />
          <Hint words={words.reliabilityHint} label={score} />
          {going !== undefined && <span className="badge badge-warning">{going}</span>}
        </div>
      </div>
      <Menu items={items}>
        <IconButton label={words.actions(displayName)}>
          <MoreHorizontal size={18} aria-hidden />
        </IconButton>
      </Menu>
    </li>
  );
}

/** A word whose one-line explanation appears on hover and focus. */
function Hint({ label, words: explanation }: { label: ReactNode; words: string }) {
  return (
    <Tooltip words={explanation}>
      <button type="button" className="hint-button">
        {label}
      </button>
    </Tooltip>
  );
}
