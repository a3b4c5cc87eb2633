/** What a large group makes: syncs and welcomes stay within one packet, so that its steps never fail. */
import { describe, expect, it } from 'vitest';
import { MAX_PACKET_BYTES } from '../../../../shared/limits.ts';
import type { ProposalId } from '../../../../shared/model/ids.ts';
import type { ConversationContext } from '../../../../main/protocol/conversation/context.ts';
import { beginDraft, type Draft } from '../../../../main/protocol/conversation/draft.ts';
import { defaultConversationOptions } from '../../../../main/protocol/conversation/index.ts';
import { buildSync } from '../../../../main/protocol/conversation/sync.ts';
import { publishWelcome } from '../../../../main/protocol/conversation/welcomes.ts';
import { memberIdFromBytes } from '../../../../main/protocol/identity/index.ts';
import { createPluginsFactory } from '../../../../main/protocol/plugins.ts';
import { decodeWelcomeMessage, encodeAppMessage } from '../../../../main/protocol/wire/index.ts';
import { World } from '../support/world.ts';

/** A member's draft, with what `change` makes of its roster. */
async function draftOf(electorates: Draft['state']['roster']['electorates'] = []): Promise<Draft> {
  const world = new World();
  const [node] = await world.group(['Alice']);
  const { identity, mls, random } = node!;
  const context: ConversationContext = {
    identity,
    mls,
    random,
    plugins: createPluginsFactory({ signer: identity, random }),
    options: defaultConversationOptions,
    displayName: () => 'Alice',
  };
  const state = node!.steps.at(-1)?.after;
  if (state?.kind !== 'active') throw new Error('no member');
  return beginDraft(context, { ...state, roster: { ...state.roster, electorates } }, world.now);
}

describe('in a large group', () => {
  it('a sync names as many electorates as fit into a packet', async () => {
    const members = Array.from({ length: 256 }, (_, index) => memberIdFromBytes(new Uint8Array(20).fill(index)));
    const electorates = Array.from({ length: 64 }, (_, index) => ({ proposalId: index as ProposalId, members }));
    const sync = buildSync(await draftOf(electorates));
    if (sync?.payload?.case !== 'conversationSync') throw new Error('no sync');
    expect(sync.payload.value.electorates).toHaveLength(8);
    expect(encodeAppMessage(sync).length).toBeLessThan(MAX_PACKET_BYTES / 2);
  });

  it('a welcome goes without the sync when both do not fit, and is given up when it alone does not', async () => {
    const draft = await draftOf();
    publishWelcome(draft, new Uint8Array(200_000), new Uint8Array(100_000).fill(1), ['aa']);
    publishWelcome(draft, new Uint8Array(100_000), new Uint8Array(100_000).fill(1), ['bb']);
    publishWelcome(draft, new Uint8Array(300_000), new Uint8Array(), ['cc']);
    const syncs = draft.effects.flatMap((effect) => {
      if (effect.kind !== 'publish') return [];
      const { payload } = decodeWelcomeMessage(effect.payload);
      return payload.case === 'invitationToJoin' ? [payload.value.conversationSync.length] : [];
    });
    expect(syncs).toEqual([0, 100_000]);
    expect(draft.state.volatile.counters).toMatchObject({ WelcomeTooLarge: 1 });
  });
});
