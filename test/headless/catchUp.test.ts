/** Members who were away get everything that they missed from whoever is there, whoever wrote it. Real processes, real sockets. */
import { describe, expect, it } from 'vitest';
import type { ConversationId, MemberId } from '../../shared/model/ids.ts';
import {
  acquaint,
  agree,
  askIn,
  connected,
  groupOf,
  hears,
  say,
  texts,
  until,
  useHouse,
  type Person,
} from './support.ts';

const house = useHouse();

/** A vote that removes somebody, carried by `voters`. */
async function remove(voters: readonly Person[], conversationId: ConversationId, memberId: MemberId): Promise<void> {
  const [first, ...others] = voters;
  if (first === undefined) throw new Error('nobody votes');
  const { proposalId } = await first.node.call('member.remove', { conversationId, memberId });
  for (const voter of others) {
    const { proposal } = await voter.node.waitForEvent(
      'proposal.opened',
      (event) => event.proposal.kind === 'removeMember' && event.proposal.target === memberId,
    );
    await voter.node.call('proposal.vote', { conversationId, proposalId: proposal.proposalId, approve: true });
  }
  if (proposalId === undefined) throw new Error('no vote was opened');
}

/** Everything that was said, by all of `authors`, as somebody has it. */
async function hasAll(person: Person, conversationId: ConversationId, expected: readonly string[]): Promise<string[]> {
  return until(
    [person],
    `${person.name} has everything`,
    async () => {
      const own = await texts(person, conversationId);
      return expected.every((text) => own.includes(text)) ? own : undefined;
    },
    90_000,
  );
}

/** Of somebody's texts, those with a mark, in the order in which they are shown. */
const marked = (all: readonly string[], mark: string): string[] => all.filter((text) => text.startsWith(mark));

describe('a member who was away', () => {
  it('gets what was said and decided over several epochs from another member, in order, although its author is gone', async () => {
    const [ana, bo, cy, di, eve, finn] = await house.persons('Ana', 'Bo', 'Cy', 'Di', 'Eve', 'Finn');
    const conversationId = await groupOf([ana, bo, cy, di]);
    await acquaint([ana, bo, cy, di, eve, finn]);
    await connected([ana, bo, cy, di], conversationId);
    const said: string[] = [];
    /** Says it, and waits until those have it who will be there when Di comes back. */
    const tell = async (person: Person, text: string): Promise<void> => {
      said.push(text);
      await say(person, conversationId, text);
      for (const reader of [bo, cy]) await hears(reader, text);
    };
    await di.node.kill('SIGKILL');
    for (let i = 0; i < 20; i += 1) await tell(ana, `ana, while Di is away ${i}`);
    await tell(bo, 'bo, while Di is away 0');
    await askIn(ana, eve, conversationId);
    await agree([ana, bo, cy, eve], conversationId, 5);
    await tell(eve, 'eve, as a new member 0');
    for (let i = 20; i < 30; i += 1) await tell(ana, `ana, while Di is away ${i}`);
    await askIn(bo, finn, conversationId);
    await agree([ana, bo, cy, eve, finn], conversationId, 6);
    await tell(finn, 'finn, for a short time 0');
    await connected([ana, bo, cy, eve, finn], conversationId);
    await remove([ana, bo, cy, eve], conversationId, finn.memberId);
    await until(
      [ana, bo, cy, eve],
      'Finn is out',
      async () => {
        const views = await Promise.all(
          [ana, bo, cy, eve].map((person) => person.node.call('conversation.get', { conversationId })),
        );
        return views.every(({ members, epoch }) => members.length === 5 && epoch === views[0]?.epoch)
          ? true
          : undefined;
      },
      120_000,
    );
    for (let i = 30; i < 40; i += 1) await tell(ana, `ana, while Di is away ${i}`);

    for (const gone of [ana, eve, finn]) await gone.node.kill('SIGKILL');
    await house.restart(di);
    const own = await hasAll(di, conversationId, said);
    expect(marked(own, 'ana')).toEqual(Array.from({ length: 40 }, (_, i) => `ana, while Di is away ${i}`));
    expect(own).toHaveLength(said.length);
    const views = await agree([bo, cy, di], conversationId, 5);
    expect(views.map((view) => view.journalHead)).toEqual(Array.from({ length: 3 }, () => views[0]?.journalHead));
    await tell(di, 'di, back again 0');
  }, 300_000);
});
