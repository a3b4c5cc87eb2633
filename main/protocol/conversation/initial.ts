/** What a conversation begins with: empty parts, and the snapshots of fresh plug-ins. */
import type { ConversationSettings } from '../../../shared/api/settings.ts';
import type { ConversationId, MemberId } from '../../../shared/model/ids.ts';
import type { ConversationContext } from './context.ts';
import { emptyChat } from './delivery/state.ts';
import { unknownJournal } from './groupJournal.ts';
import type { ActiveState } from './state.ts';

/** The phase of a group that has just begun, or that we have just come into. */
export const initialPhase: ActiveState['phase'] = {
  phase: 'working',
  mode: 'normal',
  anchor: undefined,
  censured: [],
  blamed: [],
  noticed: false,
  noticeDueAt: undefined,
  forced: false,
  stalls: 0,
};

/** Parts that are empty at first. */
export const emptyActiveParts = {
  queues: { approved: [], resolved: [], committed: [], votedOut: [], leavingSince: undefined },
  emergencies: {
    urgent: undefined,
    observations: [],
    filed: [],
    pausedUntil: undefined,
    lowSince: undefined,
    omissions: [],
    declined: [],
  },
  mandate: { election: undefined, deadlock: undefined, recoveredIn: undefined },
  pendingUpdates: { entries: [], recent: [], refused: [], unanswered: [] },
  votes: { early: [], automatic: [], byRule: [] },
  round: undefined,
  stash: [],
  invite: undefined,
  roster: { names: [], joins: [], departures: [], past: [], electorates: [], usedKeyPackages: [] },
  chat: emptyChat,
  own: [],
  heard: [],
  welcomes: [],
  journal: unknownJournal,
  applied: [],
  attested: [],
  grace: undefined,
  sent: [],
  rejoin: undefined,
  wishes: undefined,
  restored: undefined,
  forks: {
    beaconDueAt: undefined,
    fork: undefined,
    told: undefined,
    statusDueAt: undefined,
    heard: [],
    ahead: [],
    behind: [],
    strangers: [],
    absentFor: [],
    answers: [],
  },
} as const satisfies Partial<ActiveState>;

/** Snapshots of plug-ins that nobody used yet. §8.3 */
export function emptySnapshots(
  context: ConversationContext,
  conversationId: ConversationId,
  settings: ConversationSettings,
): Pick<ActiveState, 'consensus' | 'stewardList' | 'scores'> {
  const scores = new Map<MemberId, bigint>();
  const storage = { get: () => undefined, set: () => {}, remove: () => {}, all: () => [] };
  const { consensus, stewardList } = context.plugins.create(conversationId, { settings, scores: storage });
  return { consensus: consensus.snapshot(), stewardList: stewardList.snapshot(), scores };
}
