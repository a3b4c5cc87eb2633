/**
 * How our client votes where a rule decides, not a judgement (architecture 4): joins with a valid invite, elections, emergencies.
 * Knows which rule is asked, nothing of timers.
 */
import type { ConsensusSession } from '../consensus/contract.ts';
import { admitJoin } from './admission.ts';
import type { RuleVote } from './automaticVotes.ts';
import type { Draft } from './draft.ts';
import { judgeElection } from './elections.ts';
import { judgeEmergency } from './emergencies.ts';
import { parseRequest } from './requests.ts';

/** What the rule of a session says now. The link may have been made useless, or the group have moved on, since it was opened. */
export async function ruleVoteOf(draft: Draft, session: ConsensusSession): Promise<RuleVote> {
  if (!session.roster.includes(draft.self)) return { kind: 'person' };
  const request = parseRequest(session.proposal.payload);
  switch (request?.kind) {
    case 'addMember': {
      const admission = await admitJoin(draft, request);
      return admission.kind === 'admissible' && admission.byRule ? { kind: 'vote', approve: true } : { kind: 'person' };
    }
    case 'stewardElection':
      return judgeElection(draft, request, session.owner);
    case 'emergency':
      return judgeEmergency(draft, request);
    case 'removeMember':
    case undefined:
      return { kind: 'person' };
  }
}
