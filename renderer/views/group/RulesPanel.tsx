/** The rules of a group in words, for its size as it is now. */
import type { ConversationDetail } from '../../../shared/api/model.ts';
import { text } from '../../text/index.ts';
import { durationWords } from '../../text/time.ts';

const words = text.rules;

export function RulesPanel({ detail }: { detail: ConversationDetail }) {
  const { settings, members } = detail;
  const rows = [
    [words.labels.join, words.join(members.length, settings.membersMayInvite, settings.livenessCriteriaYes)],
    [words.labels.removal, words.removal(members.length, settings.removalLivenessCriteriaYes)],
    [words.labels.window, words.window(durationWords(settings.consensusTimeoutMs))],
    [words.labels.stewards, words.stewards(settings.stewardsMin, settings.stewardsMax)],
    [words.labels.score, words.score(settings.peerScoreDefault, settings.peerScoreThreshold)],
  ] as const;
  return (
    <div className="facts">
      <h2>{words.heading}</h2>
      <p className="soft">{words.lead}</p>
      <dl className="facts">
        {rows.map(([name, sentence]) => (
          <div key={name}>
            <dt className="soft small">{name}</dt>
            <dd>{sentence}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
