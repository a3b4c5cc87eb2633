/**
 * What was typed in each group and not sent. It is kept in the encrypted store: written there every second while somebody types, and at
 * once when the window is left or the app ends. A message that is on its way stays in the store as a draft until it is a message.
 */
import { create } from 'zustand';
import type { Message } from '../../shared/api/model.ts';
import type { ConversationId } from '../../shared/model/ids.ts';
import { text as catalogue } from '../text/index.ts';
import { call } from './call.ts';
import { toast } from './ui.ts';

export interface Draft {
  readonly text: string;
  readonly replyTo?: Message;
}

interface DraftsState {
  readonly drafts: Readonly<Record<ConversationId, Draft>>;
}

/** What somebody types is written this often, ms: so much is lost when the power fails. */
const PAUSE_MS = 1_000;

export const useDrafts = create<DraftsState>()(() => ({ drafts: {} }));

const emptyDraft: Draft = { text: '' };
export const draftOf = (state: DraftsState, conversationId: ConversationId): Draft =>
  state.drafts[conversationId] ?? emptyDraft;
const current = (conversationId: ConversationId): Draft => draftOf(useDrafts.getState(), conversationId);

/** Changes that are not stored yet. */
const waiting = new Map<ConversationId, ReturnType<typeof setTimeout>>();
/** Messages on their way: what is stored stays until they are there. */
const sending = new Map<ConversationId, number>();
/** Where somebody typed since the window opened: what is here is newer than what is stored. */
const touched = new Set<ConversationId>();
/** Where the store has a draft, as far as this page knows. */
const kept = new Set<ConversationId>();

const isBlank = ({ text, replyTo }: Draft): boolean => text === '' && replyTo === undefined;

function put(conversationId: ConversationId, draft: Draft): void {
  touched.add(conversationId);
  useDrafts.setState((state) => {
    const { [conversationId]: _old, ...others } = state.drafts;
    return { drafts: isBlank(draft) ? others : { ...others, [conversationId]: draft } };
  });
}

export function setDraft(conversationId: ConversationId, draft: Draft): void {
  put(conversationId, draft);
  if (!waiting.has(conversationId))
    waiting.set(
      conversationId,
      setTimeout(() => void store(conversationId), PAUSE_MS),
    );
}

async function store(conversationId: ConversationId): Promise<void> {
  // When the message is there, it is stored again.
  if (sending.has(conversationId)) return;
  clearTimeout(waiting.get(conversationId));
  waiting.delete(conversationId);
  const draft = current(conversationId);
  if (isBlank(draft) && !kept.has(conversationId)) return;
  if (isBlank(draft)) kept.delete(conversationId);
  else kept.add(conversationId);
  try {
    await call('draft.set', {
      conversationId,
      text: draft.text.toWellFormed(),
      ...(draft.replyTo === undefined ? {} : { replyTo: draft.replyTo.messageId }),
    });
  } catch {
    // Whatever is stored now, it is not this: the next change tries again.
    kept.add(conversationId);
    toast('warning', catalogue.conversation.draftNotKept);
  }
}

/** Stores what waits, without a pause: the window is about to be left. */
export function storeDrafts(): void {
  for (const conversationId of [...waiting.keys()]) void store(conversationId);
}

/** Shows what an earlier window left; what was typed in this one stays. */
export async function loadDrafts(): Promise<void> {
  try {
    const { drafts } = await call('draft.list', {});
    for (const { conversationId } of drafts) kept.add(conversationId);
    const untouched = drafts
      .filter(({ conversationId }) => !touched.has(conversationId))
      .map(({ conversationId, ...draft }) => [conversationId, draft] as const);
    useDrafts.setState((state) => ({ drafts: { ...state.drafts, ...Object.fromEntries(untouched) } }));
  } catch {
    toast('warning', catalogue.conversation.draftsNotRead);
  }
}

/** A group is gone, and everything of it. */
export function forgetDraft(conversationId: ConversationId): void {
  put(conversationId, emptyDraft);
  clearTimeout(waiting.get(conversationId));
  waiting.delete(conversationId);
  kept.delete(conversationId);
  touched.delete(conversationId);
}

/**
 * Sends what is in the box, which is empty at once. Rejects with a CallError when it was not stored: then it is back in the box, in front
 * of what was typed meanwhile.
 */
export async function sendDraft(conversationId: ConversationId): Promise<void> {
  const sent = current(conversationId);
  put(conversationId, emptyDraft);
  sending.set(conversationId, (sending.get(conversationId) ?? 0) + 1);
  try {
    await call('message.send', {
      conversationId,
      // A name that was put in ends with a space.
      text: sent.text.trimEnd(),
      ...(sent.replyTo === undefined ? {} : { replyTo: sent.replyTo.messageId }),
    });
  } catch (error) {
    const typed = current(conversationId).text;
    put(conversationId, { ...sent, text: typed === '' ? sent.text : `${sent.text}\n${typed}` });
    throw error;
  } finally {
    const others = (sending.get(conversationId) ?? 1) - 1;
    if (others > 0) sending.set(conversationId, others);
    else sending.delete(conversationId);
    void store(conversationId);
  }
}
