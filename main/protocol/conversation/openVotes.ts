/** Which changes are under vote. Knows sessions, changes none. */
import type { MemberId } from '../../../shared/model/ids.ts';
import { plugins, type Draft } from './draft.ts';
import { parseRequest, targetOf, type UpdateRequest } from './requests.ts';

/** Whether a running vote is about that change. */
export function hasOpenVote(draft: Draft, kind: UpdateRequest['kind'], memberId: MemberId): boolean {
  return plugins(draft)
    .consensus.sessions()
    .some((session) => {
      if (session.state.kind !== 'active') return false;
      const request = parseRequest(session.proposal.payload);
      return request?.kind === kind && targetOf(request) === memberId;
    });
}
