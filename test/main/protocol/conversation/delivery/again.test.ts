/** When an author says a message again. */
import { describe, expect, it } from 'vitest';
import { ASK_PAUSE_MS, LACKING_PATIENCE_MS } from '../../../../../shared/limits.ts';
import { againDueAt } from '../../../../../main/protocol/conversation/delivery/again.ts';
import { askDueAt, askWhoCameAgain } from '../../../../../main/protocol/conversation/delivery/questions.ts';
import { draftOf } from '../../support/drafts.ts';
import { World, type Node } from '../../support/world.ts';

/** Alice, who said something that Bob has not acknowledged. */
async function silence() {
  const world = new World();
  const [alice, bob] = (await world.group(['Alice', 'Bob', 'Carol'])) as [Node, Node];
  await world.say(alice, 'one');
  await world.run(5_000);
  const draft = draftOf(world, alice);
  const message = {
    number: 1,
    messageId: [...alice.messages.keys()][0]!,
    text: 'one',
    replyTo: undefined,
    sentAt: draft.now,
    waiting: false,
    deliveredTo: [],
    expected: 2,
    outstanding: [bob.memberId],
    lacking: [],
    lackingSince: 0,
  };
  return { draft, alice, bob, message };
}

const HOUR_MS = 3_600_000;

describe('what a member that came in again says it lacks', () => {
  it('is said again at once, however often it was said before to those who could not read it', async () => {
    const { draft, alice, bob, message } = await silence();
    const epoch = Number(draft.state.group.epoch);
    const dueAfter = (said: { epoch: number; times: number }): number => {
      draft.state.own = [
        { ...message, lacking: [bob.memberId], lackingSince: draft.now, said: { ...said, at: draft.now } },
      ];
      return againDueAt(draft)! - draft.now;
    };
    const join = { memberId: bob.memberId, epoch, memberSince: epoch, at: draft.now, committer: alice.memberId };
    draft.state.roster = { ...draft.state.roster, joins: [join] };
    expect(dueAfter({ epoch: epoch - 1, times: 4 })).toBe(LACKING_PATIENCE_MS);
    // In an epoch that it can read, ever less often.
    expect(dueAfter({ epoch, times: 1 })).toBeGreaterThan(LACKING_PATIENCE_MS);
    expect(dueAfter({ epoch, times: 4 })).toBeGreaterThan(dueAfter({ epoch, times: 1 }));
  });

  it('is asked for soon after the commit that let it in, however long it had been silent', async () => {
    const { draft, alice, bob, message } = await silence();
    const epoch = Number(draft.state.group.epoch);
    draft.state.own = [{ ...message, said: { epoch: epoch - 1, at: draft.now - HOUR_MS, times: 3 } }];
    draft.state.chat = { ...draft.state.chat, asked: { times: 3, nextAt: draft.now + HOUR_MS } };
    askWhoCameAgain(draft);
    expect(askDueAt(draft), 'nobody came').toBe(draft.now + HOUR_MS);
    const join = { memberId: bob.memberId, epoch, memberSince: epoch, at: draft.now, committer: alice.memberId };
    draft.state.roster = { ...draft.state.roster, joins: [join] };
    askWhoCameAgain(draft);
    expect(askDueAt(draft)).toBeLessThanOrEqual(draft.now + ASK_PAUSE_MS);
  });
});
