/** What we said since the last commit, bounded: the oldest gives way. Knows no meaning of it. */
import { MAX_SENT_BYTES, MAX_SENT_MESSAGES } from '../../../shared/limits.ts';
import type { SentMessage } from './state.ts';

/** The newest messages that fit the bounds. */
export function withSent(sent: readonly SentMessage[], message: SentMessage): readonly SentMessage[] {
  const kept = [...sent, message].slice(-MAX_SENT_MESSAGES);
  let bytes = kept.reduce((total, other) => total + other.message.length, 0);
  let first = 0;
  for (; bytes > MAX_SENT_BYTES && first < kept.length; first += 1) bytes -= kept[first]?.message.length ?? 0;
  return kept.slice(first);
}
