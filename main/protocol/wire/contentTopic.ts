/** Content topics: where the packets of a conversation travel (§5.2). Knows names, not transports. */
import { MAX_CONVERSATION_ID_BYTES } from '../../../shared/limits.ts';
import type { ConversationId } from '../../../shared/model/ids.ts';
import { WireError } from './errors.ts';

export type Subtopic = 'app_msg' | 'welcome';

export interface ContentTopic {
  readonly conversationId: ConversationId;
  readonly subtopic: Subtopic;
}

const VERSION = '1';
const SUBTOPICS: readonly string[] = ['app_msg', 'welcome'] satisfies readonly Subtopic[];
/** §18.5; a `/` or an empty id would break the topic apart (§5.2). */
const CONVERSATION_ID = /^[A-Za-z0-9._-]+$/;

/** Whether a text can be a conversation id on the wire: 1-64 bytes of `A-Z a-z 0-9 . _ -`. §18.5 */
export function isConversationId(text: string): text is ConversationId {
  return text.length <= MAX_CONVERSATION_ID_BYTES && CONVERSATION_ID.test(text);
}

/** `/{conversation id}/1/{subtopic}/proto`. Throws WireError InvalidTopic. §5.2 */
export function contentTopic(conversationId: ConversationId, subtopic: Subtopic): string {
  if (!isConversationId(conversationId)) throw new WireError('InvalidTopic', 'conversation id');
  return `/${conversationId}/${VERSION}/${subtopic}/proto`;
}

/** The conversation and subtopic of a topic; its version is not looked at (§5.2). Throws WireError InvalidTopic. */
export function parseContentTopic(topic: string): ContentTopic {
  const [before, conversationId = '', , subtopic = '', encoding, ...rest] = topic.split('/', 8);
  if (before !== '' || encoding !== 'proto' || rest.length > 0) throw new WireError('InvalidTopic', 'shape');
  if (!isConversationId(conversationId)) throw new WireError('InvalidTopic', 'conversation id');
  if (!isSubtopic(subtopic)) throw new WireError('InvalidTopic', 'subtopic');
  return { conversationId, subtopic };
}

function isSubtopic(text: string): text is Subtopic {
  return SUBTOPICS.includes(text);
}
