/** Sentences for a decision that was checked anew. Pure: `self` says who reads. */
import type { CheckedDecision, DecisionCheck } from '../../shared/api/model.ts';
import type { MemberId } from '../../shared/model/ids.ts';
import { text } from './index.ts';
import { personOf } from './people.ts';
import { fullTime } from './time.ts';

const words = text.check;

/** What was found, a line each; the first says whether it holds. */
export function describeCheck(check: DecisionCheck, self: MemberId | undefined): readonly string[] {
  if (check.outcome === 'refuted') {
    const sentences: Readonly<Record<string, string>> = words.faults;
    const { member } = check;
    const whose =
      member === undefined ? '' : ` (${text.governance.object(personOf(member.memberId, member.displayName, self))})`;
    return [words.fails, `${sentences[check.fault] ?? words.otherFault}${whose}`, words.faultAt(check.record + 1)];
  }
  const { beginning, checked, decisions, attested, members } = check;
  return [
    words.holds,
    ...decisions.flatMap((decision) => describeDecision(decision, self)),
    ...(attested.length > 0 ? [words.attested(members)] : []),
    beginning.isCreation ? words.chainFromCreation(checked) : words.chainFromEntry(checked, beginning.epoch),
  ];
}

function describeDecision(decision: CheckedDecision, self: MemberId | undefined): readonly string[] {
  const { asked = [], expected, needed, proposer } = decision;
  if (decision.by === 'selfLeave')
    return [words.selfLeave(text.governance.subject(personOf(proposer.memberId, proposer.displayName, self)))];
  const names = asked.map((one) => text.governance.object(personOf(one.memberId, one.displayName, self)));
  const yes = decision.votes.filter(({ approve }) => approve).length;
  const silent = expected - decision.votes.length;
  const when = fullTime(decision.closesAt);
  return [
    words.asked(names, expected),
    words.votes(yes, decision.votes.length - yes, silent),
    decision.by === 'votes'
      ? words.enough(yes, needed, expected)
      : decision.silenceCountsAsYes
        ? words.silenceYes(yes, silent, needed, when)
        : words.silenceNo(yes, needed, when),
  ];
}
