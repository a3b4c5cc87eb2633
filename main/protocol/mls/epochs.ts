/**
 * From one epoch to the next, and when the last one's receive secrets go. H-31
 * Values are shared (a fork may need the old group, H-27), so secrets are forgotten, not overwritten: what is stored loses them.
 */
import { PAST_EPOCH_MS, PAST_EPOCHS_KEPT } from '../../../shared/limits.ts';
import type { MlsGroup } from './contract.ts';
import { EMPTY } from './environment.ts';
import { MlsError } from './errors.ts';
import { contentOf, makeGroup, NO_HISTORY, type GroupContent, type PastEpoch } from './group.ts';
import { BLANK_RATCHET } from './secretTree.ts';
import { membersOf } from './tree.ts';

/** See MlsService.merge. */
export function merge(current: MlsGroup, next: MlsGroup, now: number): MlsGroup {
  const content = contentOf(next);
  if (next.conversationId !== current.conversationId || next.epoch !== current.epoch + 1n)
    throw new MlsError('NotNextEpoch');
  const before = contentOf(current);
  const history = [receiveOnly(before, now), ...before.history.filter(({ expiresAt }) => expiresAt > now)].slice(
    0,
    PAST_EPOCHS_KEPT,
  );
  return makeGroup({ ...content, history });
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
  return [...past.map((epoch) => epoch.groupContext.epoch).reverse(), group.epoch];
}

/** See MlsService.nextPruneAt. */
export function nextPruneAt(group: MlsGroup): number | undefined {
  const { history } = contentOf(group);
  return history.length === 0 ? undefined : Math.min(...history.map(({ expiresAt }) => expiresAt));
}

/** See MlsService.withoutSecrets. */
export function withoutSecrets(group: MlsGroup): MlsGroup {
  const { public: publicState, epoch, application } = contentOf(group);
  const blank = application.map(() => BLANK_RATCHET);
  const { epochAuthenticator } = epoch.keySchedule;
  const keySchedule = {
    senderDataSecret: EMPTY,
    exporterSecret: EMPTY,
    externalSecret: EMPTY,
    confirmationKey: EMPTY,
    membershipKey: EMPTY,
    resumptionPsk: EMPTY,
    initSecret: EMPTY,
    epochAuthenticator,
  };
  return makeGroup({
    public: publicState,
    epoch: { keySchedule, privatePath: { ...epoch.privatePath, privateKeys: {} }, handshake: blank },
    application: blank,
    history: NO_HISTORY,
  });
}

/** No handshake ratchets and nothing to send with; our own generation stays, so that an echo is still known as one. */
function receiveOnly({ public: publicState, epoch, application }: GroupContent, now: number): PastEpoch {
  const own = epoch.privatePath.leafIndex;
  const generation = application[own]?.generation ?? 0;
  return {
    groupContext: publicState.groupContext,
    senderDataSecret: epoch.keySchedule.senderDataSecret,
    members: membersOf(publicState.ratchetTree),
    application: application.with(own, { secret: EMPTY, generation, unusedGenerations: {} }),
    expiresAt: Math.ceil(now) + PAST_EPOCH_MS,
  };
}
