/** A member's state opened for one look or one call, as a step would: for tests of the smaller parts of a step. */
import type { ConversationContext } from '../../../../main/protocol/conversation/context.ts';
import { beginDraft, type Draft } from '../../../../main/protocol/conversation/draft.ts';
import { defaultConversationOptions } from '../../../../main/protocol/conversation/index.ts';
import type { ActiveState } from '../../../../main/protocol/conversation/state.ts';
import { createPluginsFactory } from '../../../../main/protocol/plugins.ts';
import type { Node, World } from './world.ts';

/** The state that the node's last step left. */
export function stateOf(node: Node): ActiveState {
  const state = node.steps.at(-1)?.after;
  if (state?.kind !== 'active') throw new Error(`${node.name} is no member`);
  return state;
}

/** A draft on that state, now; nothing of it is installed. */
export function draftOf(world: World, node: Node): Draft {
  const { identity, mls, random } = node;
  const context: ConversationContext = {
    identity,
    mls,
    random,
    plugins: createPluginsFactory({ signer: identity, random }),
    options: defaultConversationOptions,
    displayName: () => node.name,
  };
  return beginDraft(context, stateOf(node), world.now);
}
