/** From one epoch to the next at a member of the stand-in, and when the last one's receive secrets go. H-31 */
import { MlsError, type MlsGroup } from '../../../main/protocol/mls/index.ts';
import { PAST_EPOCH_MS, PAST_EPOCHS_KEPT } from '../../../shared/limits.ts';
import { EMPTY } from './bytes.ts';
import { contentOf, makeGroup, membersOf, NO_HISTORY, type GroupContent, type PastEpoch } from './group.ts';
import { closed } from './schedule.ts';

/** See MlsService.merge. */
export function merge(current: MlsGroup, next: MlsGroup, now: number): MlsGroup {
  const content = contentOf(next);
  if (next.conversationId !== current.conversationId || next.epoch !== current.epoch + 1n)
    throw new MlsError('NotNextEpoch');
  const before = contentOf(current);
  const kept = before.history.filter(({ expiresAt }) => expiresAt > now);
  return makeGroup({ ...content, history: [receiveOnly(before, now), ...kept].slice(0, PAST_EPOCHS_KEPT) });
}

/** See MlsService.prune. */
export function prune(group: MlsGroup, now: number): MlsGroup {
  const content = contentOf(group);
  const history = content.history.filter(({ expiresAt }) => expiresAt > now);
  if (history.length === content.history.length) return group;
  return makeGroup({ ...content, history: history.length === 0 ? NO_HISTORY : history });
}

/** See MlsService.readableEpochs. */
export function readableEpochs(group: MlsGroup, now: number): readonly bigint[] {
  const past = contentOf(group).history.filter(({ expiresAt }) => expiresAt > now);
  return [...past.map((epoch) => epoch.context.epoch).reverse(), group.epoch];
}

/** See MlsService.nextPruneAt. */
export function nextPruneAt(group: MlsGroup): number | undefined {
  const { history } = contentOf(group);
  return history.length === 0 ? undefined : Math.min(...history.map(({ expiresAt }) => expiresAt));
}

/** See MlsService.withoutSecrets. */
export function withoutSecrets(group: MlsGroup): MlsGroup {
  const { public: publicState, epoch, application } = contentOf(group);
  const { authenticator } = epoch.secrets;
  return makeGroup({
    public: publicState,
    epoch: {
      ...epoch,
      secrets: {
        init: EMPTY,
        senderData: EMPTY,
        handshake: EMPTY,
        exporter: EMPTY,
        confirmation: EMPTY,
        authenticator,
      },
      privateKey: EMPTY,
    },
    application: application.map(() => closed({ secret: EMPTY, generation: 0, skipped: [] })),
    history: NO_HISTORY,
  });
}

/** Nothing to send with; our own generation stays, so that an echo is still known as one. */
function receiveOnly({ public: { context, leaves }, epoch, application }: GroupContent, now: number): PastEpoch {
  return {
    context,
    senderDataSecret: epoch.secrets.senderData,
    members: membersOf(leaves),
    application: application.map((ratchet, leafIndex) => (leafIndex === epoch.leafIndex ? closed(ratchet) : ratchet)),
    expiresAt: Math.ceil(now) + PAST_EPOCH_MS,
  };
}
