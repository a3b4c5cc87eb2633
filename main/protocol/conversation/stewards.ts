/**
 * Keeping a steward list in force without a vote (§12.6, D-23): in a group that is small enough every member computes the same
 * new list. Above that an election renews it, and until then the listed ones go on in their turn.
 */
import { plugins, type Draft } from './draft.ts';
import { note } from './records.ts';
import { memberJoins, members, settledMembers } from './roster.ts';

/** After a commit, before the sync is built from it. Every member computes the same. */
export function renewStewards(draft: Draft): void {
  const { stewardList } = plugins(draft);
  if (stewardList.list() === undefined) return;
  const { epoch } = draft.state.group;
  const renewed = stewardList.reconcile(memberJoins(draft.context, draft.state), epoch) ?? replaceDeparted(draft);
  if (renewed === undefined) return;
  // Nobody voted on it: whoever applied the commits computes the same.
  draft.state.mandate = { ...draft.state.mandate, election: undefined };
  note(draft, { kind: 'elected', stewards: [...renewed.stewards] });
}

/** Whether everybody on the list has left. */
export function hasNoStewardLeft(draft: Draft): boolean {
  const present = members(draft);
  return !(plugins(draft).stewardList.list()?.stewards ?? []).some((memberId) => present.includes(memberId));
}

/** A list of people who are all gone is renewed as an exhausted one is. */
function replaceDeparted(draft: Draft) {
  if (!hasNoStewardLeft(draft)) return undefined;
  const { stewardList } = plugins(draft);
  const settled = settledMembers(draft.context, draft.state);
  if (settled.length > stewardList.config().max) return undefined;
  return stewardList.regenerate(settled.length > 0 ? settled : members(draft), draft.state.group.epoch, 0);
}
