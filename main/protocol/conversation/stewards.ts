/**
 * Keeping a steward list in force without a vote (§12.6, D-23). While elections are not there, a list that only an election
 * could renew goes on with the same people, so that the group never stands still.
 */
import { plugins, type Draft } from './draft.ts';
import { note } from './records.ts';
import { memberJoins, members, settledMembers } from './roster.ts';

/** After a commit, before the sync is built from it. Every member computes the same. */
export function renewStewards(draft: Draft): void {
  const { stewardList } = plugins(draft);
  const before = stewardList.list();
  if (before === undefined) return;
  const { epoch } = draft.state.group;
  const renewed = stewardList.reconcile(memberJoins(draft.context, draft.state), epoch) ?? prolong(draft);
  if (renewed !== undefined) note(draft, { kind: 'elected', stewards: [...renewed.stewards] });
}

/** The same stewards for another round; the settled members when none of them is left. */
function prolong(draft: Draft) {
  const { stewardList } = plugins(draft);
  const { epoch } = draft.state.group;
  const present = members(draft);
  const remaining = (stewardList.list()?.stewards ?? []).filter((memberId) => present.includes(memberId));
  if (remaining.length > 0 && !stewardList.exhausted(epoch)) return undefined;
  if (remaining.length > 0) return stewardList.regenerate(remaining, epoch, 0);
  const settled = settledMembers(draft.context, draft.state);
  return stewardList.regenerate(settled.length > 0 ? settled : present, epoch, 0);
}
