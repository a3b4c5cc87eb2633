/** Several logins in one process: each hears its own packets, also after another has come and gone. */
import { describe, expect, it } from 'vitest';
import { friendsPreset } from '../../shared/api/settings.ts';
import { directory, login } from './inProcess.ts';
import { quickRules } from './support.ts';

/** Ana and Bo, members of one group. */
async function pair() {
  const [first, second] = [directory(), directory()];
  const ana = await login(first);
  await ana.node.messenger['identity.create']({ displayName: 'Ana' });
  const { listenAddresses } = await ana.node.messenger['app.info']({});
  const { conversationId } = await ana.node.messenger['conversation.create']({
    name: 'Garden',
    settings: { ...friendsPreset, ...quickRules },
  });
  const { invite } = await ana.node.messenger['invite.create']({ conversationId });
  const bo = await login(second, listenAddresses);
  await bo.node.messenger['identity.create']({ displayName: 'Bo' });
  const joined = new Promise<void>((resolve) => {
    bo.node.subscribe((event) => {
      if (event.type === 'conversation.stateChanged' && event.state === 'working') resolve();
    });
  });
  await bo.node.messenger['conversation.join']({ invite });
  await joined;
  return { ana, bo, second, listenAddresses, conversationId };
}

describe('a second login in one process', () => {
  it('R-309 W-46 receives its packets, beside another node and after its first one has ended', async () => {
    const { ana, bo, second, listenAddresses, conversationId } = await pair();
    await ana.node.messenger['message.send']({ conversationId, text: 'to the first login' });
    await bo.hears('to the first login');
    await bo.node.stop();
    const again = await login(second, listenAddresses);
    // Said until it is connected again; a packet of before that is for catching up, not for this test.
    let said = 0;
    while (!again.heard.some((text) => text.startsWith('to the second login'))) {
      await ana.node.messenger['message.send']({ conversationId, text: `to the second login ${said}` });
      said += 1;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await again.node.messenger['message.send']({ conversationId, text: 'and back' });
    await ana.hears('and back');
    // The first login hears nothing more: it is gone, not deaf.
    expect(bo.heard).toContain('to the first login');
    expect(bo.heard.some((text) => text.startsWith('to the second login'))).toBe(false);
  });
});

describe('leaving a group', () => {
  it('R-007 ends the listening to both of its topics, and to no others', async () => {
    const { bo, conversationId } = await pair();
    const other = await bo.node.messenger['conversation.create']({ name: 'Other', settings: friendsPreset });
    const heard = async () =>
      (await bo.node.messenger['diagnostics.network']({})).topics.map((topic) => topic.conversationId).sort();
    expect(await heard()).toEqual([conversationId, other.conversationId].sort());
    const over = new Promise<void>((resolve) => {
      bo.node.subscribe((event) => {
        if (event.type === 'conversation.stateChanged' && event.state === 'left') resolve();
      });
    });
    await bo.node.messenger['conversation.leave']({ conversationId });
    await over;
    expect(await heard()).toEqual([other.conversationId]);
  });
});
