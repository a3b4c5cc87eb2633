/** What somebody wrote, with the people whom it names. */
import type { Member } from '../../../shared/api/model.ts';
import type { MemberId } from '../../../shared/model/ids.ts';
import { findMentions } from '../../text/mentions.ts';

/** Whether a text names this person. */
export const isNamed = (text: string, members: readonly Member[], self: MemberId | undefined): boolean =>
  self !== undefined && findMentions(text, members).some(({ memberIds }) => memberIds.includes(self));

export function MessageText(props: { text: string; members: readonly Member[]; self: MemberId | undefined }) {
  const { text, members, self } = props;
  const mentions = findMentions(text, members);
  return (
    <>
      {mentions.map(({ start, end, memberIds }, index) => (
        <span key={start}>
          {text.slice(mentions[index - 1]?.end ?? 0, start)}
          <span className={self !== undefined && memberIds.includes(self) ? 'mention mention-self' : 'mention'}>
            {text.slice(start, end)}
          </span>
        </span>
      ))}
      {text.slice(mentions.at(-1)?.end ?? 0)}
    </>
  );
}
