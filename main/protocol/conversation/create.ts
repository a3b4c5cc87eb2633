/** Creating a conversation (§8.2): its creator is the only member and the only steward, at epoch 0. */
import { conversationNameSchema } from '../../../shared/api/common.ts';
import { conversationSettingsSchema, type ConversationSettings } from '../../../shared/api/settings.ts';
import type { ConversationId } from '../../../shared/model/ids.ts';
import type { ConversationContext } from './context.ts';
import { beginDraft, emit, plugins, type Draft } from './draft.ts';
import { ProtocolError } from './errors.ts';
import { beginJournal } from './groupJournal.ts';
import { emptyActiveParts, emptySnapshots, initialPhase } from './initial.ts';
import { adoptInvite, deriveInviteSecret } from './invite.ts';
import { logEpoch } from './packetLog.ts';
import { note, systemMessage } from './records.ts';
import { learnName } from './roster.ts';
import { syncScoredMembers } from './scores.ts';
import { emptyVolatile, type ActiveState } from './state.ts';

/** Throws ProtocolError InvalidConfig when the rules do not fit together or the name is none. R-091 */
export function checkConfig(
  name: string,
  settings: ConversationSettings,
): { readonly name: string; readonly settings: ConversationSettings } {
  const checkedName = conversationNameSchema.safeParse(name);
  const checked = conversationSettingsSchema.safeParse(settings);
  if (!checkedName.success) throw new ProtocolError('InvalidConfig', { detail: 'name' });
  if (!checked.success)
    throw new ProtocolError('InvalidConfig', { detail: checked.error.issues[0]?.path.join('.') ?? 'settings' });
  return { name: checkedName.data, settings: checked.data };
}

export async function createConversation(
  context: ConversationContext,
  conversationId: ConversationId,
  rules: { readonly name: string; readonly settings: ConversationSettings },
  now: number,
): Promise<Draft> {
  const group = await context.mls.createGroup(conversationId, now);
  const state: ActiveState = {
    kind: 'active',
    conversationId,
    rules,
    group,
    phase: initialPhase,
    ...emptySnapshots(context, conversationId, rules.settings),
    ...emptyActiveParts,
    sync: { awaiting: undefined, answers: [], lastAnswerAt: undefined },
    parked: [],
    volatile: emptyVolatile,
  };
  const draft = beginDraft(context, state, now);
  logEpoch(draft);
  emit(draft, { kind: 'PhaseChange', phase: 'working' });
  beginJournal(draft);
  plugins(draft).stewardList.regenerate([draft.self], 0n, 0);
  syncScoredMembers(draft);
  adoptInvite(draft, await deriveInviteSecret(context, state));
  learnName(draft, draft.self, context.displayName());
  const line = note(draft, { kind: 'joined', target: draft.self, actor: draft.self, rule: 'created' });
  systemMessage(draft, draft.self, line);
  note(draft, { kind: 'elected', stewards: [draft.self] });
  return draft;
}
