/** A score in words, between the rules' start value and threshold. Pure. */
import type { ConversationSettings } from '../../../shared/api/settings.ts';

export type ReliabilityWord = 'high' | 'good' | 'low' | 'critical';

export function reliabilityWord(
  score: number,
  rules: Pick<ConversationSettings, 'peerScoreDefault' | 'peerScoreThreshold'>,
): ReliabilityWord {
  const { peerScoreDefault: start, peerScoreThreshold: threshold } = rules;
  const share = (score - threshold) / (start - threshold);
  if (share > 1) return 'high';
  if (share >= 0.6) return 'good';
  return share > 0.25 ? 'low' : 'critical';
}
