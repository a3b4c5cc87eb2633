/** Two people from the first link to the last leave, and the small things of every day between them. */
import { describe, expect, it } from 'vitest';
import { strictPreset } from '../../shared/api/settings.ts';
import type { MessageId } from '../../shared/model/ids.ts';
import {
  acquaint,
  agree,
  askIn,
  chatGoesOn,
  errorOf,
  groupOf,
  hears,
  history,
  quickRules,
  say,
  texts,
  until,
  useHouse,
} from './support.ts';

const house = useHouse();

describe('two people', () => {
  it('meet by a link, chat both ways in order, and part; the history stays until it is deleted', async () => {
    const [ana, bo] = await house.persons('Ana', 'Bo');
    const conversationId = await groupOf([ana, bo]);
    const count = 50;
    const talk = async (person: typeof ana): Promise<void> => {
      for (let index = 0; index < count; index += 1) await say(person, conversationId, `${person.name} ${index}`);
    };
    await Promise.all([talk(ana), talk(bo)]);
    await Promise.all([hears(ana, `Bo ${count - 1}`), hears(bo, `Ana ${count - 1}`)]);
    for (const reader of [ana, bo]) {
      const all = await texts(reader, conversationId);
      expect(all).toHaveLength(2 * count);
      for (const { name } of [ana, bo]) {
        const expected = Array.from({ length: count }, (_, index) => `${name} ${index}`);
        expect(all.filter((text) => text.startsWith(name))).toEqual(expected);
      }
    }
    const [first, second] = await agree([ana, bo], conversationId);
    expect(first?.epochAuthenticator).toMatch(/^[0-9a-f]{64}$/);
    expect(second?.epochAuthenticator).toBe(first?.epochAuthenticator);
    expect(second?.settings).toEqual(first?.settings);

    await bo.node.call('conversation.leave', { conversationId });
    await bo.node.waitForEvent('conversation.stateChanged', ({ state }) => state === 'left');
    await ana.node.waitForEvent('member.left', ({ memberId }) => memberId === bo.memberId);
    const ended = await bo.node.call('conversation.get', { conversationId });
    expect(ended).toMatchObject({ state: 'left', ended: { cause: 'left' } });
    expect(await texts(bo, conversationId)).toHaveLength(2 * count);
    expect((await bo.node.call('conversation.list', {})).conversations).toMatchObject([{ state: 'left' }]);

    await agree([ana], conversationId);
    const { messageId } = await say(ana, conversationId, 'alone now');
    await bo.node.call('conversation.delete', { conversationId });
    await bo.node.waitForEvent('conversation.removed');
    expect((await errorOf(bo.node.call('conversation.get', { conversationId }))).code).toBe('NOT_FOUND');
    expect((await errorOf(bo.node.call('message.list', { conversationId }))).code).toBe('NOT_FOUND');
    expect((await texts(ana, conversationId)).at(-1)).toBe('alone now');

    await ana.node.call('conversation.leave', { conversationId });
    await ana.node.waitForEvent('conversation.stateChanged', ({ state }) => state === 'left');
    expect((await history(ana, conversationId)).some((message) => message.messageId === messageId)).toBe(true);
    await ana.node.end();
    await house.restart(ana);
    expect((await ana.node.call('conversation.list', {})).conversations).toMatchObject([{ state: 'left' }]);
  });

  it('meet again: who left opens a fresh link and is let in, and cannot read what was said meanwhile', async () => {
    const [ana, bo] = await house.persons('Ana', 'Bo');
    const conversationId = await groupOf([ana, bo]);
    await chatGoesOn([ana, bo], conversationId, 'first time');
    await bo.node.call('conversation.leave', { conversationId });
    await bo.node.waitForEvent('conversation.stateChanged', ({ state }) => state === 'left');
    await agree([ana], conversationId);
    await say(ana, conversationId, 'between us');
    await askIn(ana, bo, conversationId);
    await agree([ana, bo], conversationId);
    await chatGoesOn([ana, bo], conversationId, 'second time');
    const read = await texts(bo, conversationId);
    expect(read).toContain('first time from Ana');
    expect(read).not.toContain('between us');
    expect(await texts(ana, conversationId)).toContain('between us');
  });

  it('keep what one writes while the other is away, and it arrives when the other is back', async () => {
    const [ana, bo] = await house.persons('Ana', 'Bo');
    const conversationId = await groupOf([ana, bo]);
    expect(await bo.node.end()).toEqual({ code: 0, signal: null });
    await ana.node.waitForEvent('peer.lost');
    for (let index = 0; index < 5; index += 1) await say(ana, conversationId, `while away ${index}`);
    expect((await history(ana, conversationId)).at(-1)).toMatchObject({ status: 'pending' });
    await house.restart(bo);
    for (let index = 0; index < 5; index += 1) await hears(bo, `while away ${index}`);
    expect((await texts(bo, conversationId)).filter((text) => text.startsWith('while'))).toHaveLength(5);
    await until([ana], 'the last message was delivered', async () => {
      const last = (await history(ana, conversationId)).at(-1);
      return last?.status === 'delivered' && last.expected === 1 ? true : undefined;
    });
  });

  it('cancel: a join that waits can be taken back, leaves nothing behind, and may be tried again', async () => {
    const [ana, bo] = await house.persons('Ana', 'Bo');
    const { conversationId } = await ana.node.call('conversation.create', { name: 'Choir', settings: strictPreset });
    await askIn(ana, bo, conversationId);
    const waiting = await until([bo], 'the announcement was taken', async () => {
      const detail = await bo.node.call('conversation.get', { conversationId });
      return detail.waiting?.announced === true ? detail : undefined;
    });
    expect(waiting).toMatchObject({ state: 'pendingJoin', epoch: -1, waiting: { invitedByName: 'Ana' } });
    await bo.node.call('conversation.leave', { conversationId });
    expect((await bo.node.call('conversation.list', {})).conversations).toEqual([]);
    await askIn(ana, bo, conversationId);
    expect((await bo.node.call('conversation.list', {})).conversations).toMatchObject([{ state: 'pendingJoin' }]);
  });

  it('reset an invite: the old link is not even asked about, the new one lets in', async () => {
    const [ana, bo] = await house.persons('Ana', 'Bo');
    const { conversationId } = await ana.node.call('conversation.create', {
      name: 'Choir',
      settings: { commitInactivityMs: 200, freezeMs: 400 },
    });
    const { invite: old } = await ana.node.call('invite.create', { conversationId });
    await ana.node.call('invite.reset', { conversationId });
    const { invite: fresh } = await ana.node.call('invite.create', { conversationId });
    expect(fresh).not.toBe(old);
    await bo.node.call('conversation.join', { invite: old });
    await until([bo], 'the announcement was taken', async () => {
      const detail = await bo.node.call('conversation.get', { conversationId });
      return detail.waiting?.announced === true ? detail : undefined;
    });
    await bo.node.call('conversation.leave', { conversationId });
    await bo.node.call('conversation.join', { invite: fresh });
    await agree([ana, bo], conversationId);
    const { entries } = await ana.node.call('governance.log', { conversationId });
    expect(
      entries.filter(({ kind, proposalKind }) => kind === 'proposed' && proposalKind === 'addMember'),
    ).toHaveLength(1);
  });
});

describe('a crowd', () => {
  it('opens one link at the same moment, and everybody is let in', async () => {
    const [ana, ...crowd] = await house.persons('Ana', 'Bo', 'Cy', 'Dee');
    const { conversationId } = await ana.node.call('conversation.create', { name: 'Choir', settings: quickRules });
    const { invite } = await ana.node.call('invite.create', { conversationId });
    await Promise.all(crowd.map((joiner) => joiner.node.call('conversation.join', { invite })));
    const everybody = [ana, ...crowd];
    const [view] = await agree(everybody, conversationId);
    expect(view?.members.map(({ memberId }) => memberId).sort()).toEqual(
      everybody.map(({ memberId }) => memberId).sort(),
    );
    await chatGoesOn(everybody, conversationId, 'hello all');
    await Promise.all(crowd.map((person) => person.node.call('conversation.leave', { conversationId })));
    await agree([ana], conversationId);
    for (const person of crowd)
      await person.node.waitForEvent('conversation.stateChanged', ({ state }) => state === 'left');
  });
});

describe('who started a group', () => {
  it.each([2, 3])('may leave it, one of %i, and the others chat on and let somebody new in', async (size) => {
    const [ana, bo, cy, dee] = await house.persons('Ana', 'Bo', 'Cy', 'Dee');
    const rest: readonly [typeof bo, ...(typeof bo)[]] = size === 3 ? [bo, cy] : [bo];
    const conversationId = await groupOf([ana, ...rest]);
    await acquaint(rest);
    await ana.node.call('conversation.leave', { conversationId });
    await ana.node.waitForEvent('conversation.stateChanged', ({ state }) => state === 'left');
    await agree(rest, conversationId);
    await ana.node.end();
    await chatGoesOn(rest, conversationId, 'without Ana');
    await askIn(bo, dee, conversationId);
    await agree([...rest, dee], conversationId);
    await chatGoesOn([...rest, dee], conversationId, 'with Dee');
  });
});

describe('every day', () => {
  it("unread messages are counted until they are read, also over a restart, and never one's own", async () => {
    const [ana, bo] = await house.persons('Ana', 'Bo');
    const conversationId = await groupOf([ana, bo]);
    const unread = async (): Promise<number | undefined> =>
      (await bo.node.call('conversation.list', {})).conversations[0]?.unread;
    const start = (await bo.node.call('message.list', { conversationId })).messages[0];
    if (start !== undefined)
      await bo.node.call('conversation.markRead', { conversationId, messageId: start.messageId });
    expect(await unread()).toBe(0);
    const ids: MessageId[] = [];
    for (let index = 0; index < 6; index += 1) ids.push((await say(ana, conversationId, `line ${index}`)).messageId);
    await hears(bo, 'line 5');
    expect(await unread()).toBe(6);
    await say(bo, conversationId, 'my own');
    expect(await unread()).toBe(6);
    await bo.node.call('conversation.markRead', { conversationId, messageId: ids[3] ?? '' });
    await bo.node.waitForEvent('conversation.read', ({ messageId }) => messageId === ids[3]);
    expect(await unread()).toBe(2);
    await bo.node.call('conversation.markRead', { conversationId, messageId: ids[1] ?? '' });
    expect(await unread()).toBe(2);
    await bo.node.kill('SIGKILL');
    await house.restart(bo);
    expect(await unread()).toBe(2);
    expect((await bo.node.call('conversation.get', { conversationId })).readUpTo).toBe(ids[3]);
    await bo.node.call('conversation.markRead', { conversationId, messageId: ids[5] ?? '' });
    expect(await unread()).toBe(0);
  });

  it('messages come in pages, newest first, each exactly once, and answers name what they answer', async () => {
    const [ana, bo] = await house.persons('Ana', 'Bo');
    const conversationId = await groupOf([ana, bo]);
    const { messageId: question } = await say(ana, conversationId, 'line 0');
    for (let index = 1; index < 25; index += 1) await say(ana, conversationId, `line ${index}`);
    await hears(bo, 'line 24');
    const seen: string[] = [];
    let before: string | undefined;
    let pages = 0;
    for (;;) {
      const { messages } = await bo.node.call('message.list', {
        conversationId,
        limit: 7,
        ...(before === undefined ? {} : { before }),
      });
      seen.push(...messages.filter((message) => message.system === undefined).map((message) => message.text));
      before = messages.at(-1)?.messageId;
      pages += 1;
      if (messages.length < 7) break;
    }
    expect(pages).toBeGreaterThan(3);
    expect(seen).toEqual(Array.from({ length: 25 }, (_, index) => `line ${24 - index}`));
    const around = async (params: { around?: MessageId; after?: MessageId }): Promise<readonly string[]> => {
      const { messages } = await bo.node.call('message.list', { conversationId, limit: 5, ...params });
      return messages.map((message) => message.text);
    };
    const { hits } = await bo.node.call('message.search', { query: 'LINE 1', conversationId, limit: 3 });
    expect(hits.map(({ snippet }) => snippet)).toEqual(['line 19', 'line 18', 'line 17']);
    expect(hits[0]?.message.senderName).toBe('Ana');
    const middle = hits[0]!.message.messageId;
    expect(await around({ around: middle })).toEqual(['line 21', 'line 20', 'line 19', 'line 18', 'line 17']);
    expect(await around({ after: middle })).toEqual(['line 24', 'line 23', 'line 22', 'line 21', 'line 20']);
    await bo.node.call('message.send', { conversationId, text: 'to the first', replyTo: question });
    await hears(ana, 'to the first');
    expect((await history(ana, conversationId)).at(-1)).toMatchObject({ replyTo: question, senderName: 'Bo' });
  });

  it('a changed name is seen by the others, in the group and on new messages, and after a restart', async () => {
    const [ana, bo] = await house.persons('Ana', 'Bo');
    const conversationId = await groupOf([ana, bo]);
    await bo.node.call('identity.setDisplayName', { displayName: '  Bořivoj 🎻 ' });
    await bo.node.waitForEvent('identity.changed');
    const nameOfBo = async (): Promise<string | undefined> =>
      (await ana.node.call('conversation.get', { conversationId })).members.find(
        (member) => member.memberId === bo.memberId,
      )?.displayName;
    await until([ana], 'the new name is shown', async () => ((await nameOfBo()) === 'Bořivoj 🎻' ? true : undefined));
    await say(bo, conversationId, 'it is me');
    const heard = await ana.node.waitForEvent('message.added', ({ message }) => message.text === 'it is me');
    expect(heard.message.senderName).toBe('Bořivoj 🎻');
    await Promise.all([ana.node.kill('SIGKILL'), bo.node.kill('SIGKILL')]);
    await Promise.all([house.restart(ana), house.restart(bo)]);
    expect(await nameOfBo()).toBe('Bořivoj 🎻');
    expect(await bo.node.call('identity.status', {})).toMatchObject({ displayName: 'Bořivoj 🎻' });
  });

  it('settings have defaults, keep what is set, tell of it, and survive a restart', async () => {
    const ana = await house.person('Ana');
    const defaults = {
      theme: 'system',
      visibleNearby: true,
      allowPublicAddresses: false,
      notifications: true,
      notificationText: true,
      recoveryPhraseSaved: false,
    };
    expect(await ana.node.call('settings.get', {})).toEqual(defaults);
    const patch = { theme: 'dark', recoveryPhraseSaved: true } as const;
    expect(await ana.node.call('settings.set', { patch })).toEqual({ ...defaults, ...patch });
    await ana.node.waitForEvent('settings.changed', ({ settings }) => settings.theme === 'dark');
    expect(await ana.node.call('settings.set', { patch: {} })).toEqual({ ...defaults, ...patch });
    await ana.node.kill('SIGKILL');
    await house.restart(ana);
    expect(await ana.node.call('settings.get', {})).toEqual({ ...defaults, ...patch });
  });

  it('what was typed and not sent survives a crash, stays on this device, and goes with its group', async () => {
    const [ana, bo] = await house.persons('Ana', 'Bo');
    const conversationId = await groupOf([ana, bo]);
    const { messageId } = await say(ana, conversationId, 'Shall we?');
    await until([bo], 'Bo has the question', async () => {
      const { messages } = await bo.node.call('message.list', { conversationId });
      return messages.find((message) => message.messageId === messageId);
    });
    const draft = { conversationId, text: 'On Thursday, or', replyTo: messageId };
    await bo.node.call('draft.set', draft);
    await bo.node.kill('SIGKILL');
    await house.restart(bo);
    const { drafts } = await bo.node.call('draft.list', {});
    expect(drafts).toMatchObject([{ conversationId, text: draft.text, replyTo: { messageId, text: 'Shall we?' } }]);
    expect(await ana.node.call('draft.list', {})).toEqual({ drafts: [] });
    const unknown = `${messageId.slice(0, -4)}0000`;
    expect((await errorOf(bo.node.call('draft.set', { ...draft, replyTo: unknown }))).code).toBe('NOT_FOUND');
    await bo.node.call('draft.set', { conversationId, text: ' ' });
    expect(await bo.node.call('draft.list', {})).toEqual({ drafts: [] });
  });

  it('an invite says what it is for before it is opened, and the network page what is connected', async () => {
    const [ana, bo] = await house.persons('Ana', 'Bo');
    const conversationId = await groupOf([ana, bo], {}, 'Chór Łódź 合唱');
    const { invite } = await ana.node.call('invite.create', { conversationId });
    const cy = await house.person('Cy');
    expect(await cy.node.call('invite.inspect', { invite })).toMatchObject({
      conversationId,
      conversationName: 'Chór Łódź 合唱',
      invitedBy: ana.memberId,
      invitedByName: 'Ana',
      alreadyIn: false,
    });
    const seen = await bo.node.call('diagnostics.network', {});
    expect(seen.topics).toEqual([{ conversationId, subscribers: 1 }]);
    expect(seen.peers).toMatchObject([{ memberId: ana.memberId, displayName: 'Ana', connected: true }]);
    expect(seen.mdns.enabled).toBe(false);
    expect((await bo.node.call('peer.list', {})).peers).toMatchObject([{ memberId: ana.memberId }]);
    expect((await bo.node.call('conversation.get', { conversationId })).name).toBe('Chór Łódź 合唱');
  });
});
