/** Chat in and out of the stand-in: padding, sender, replay, and the past epochs of H-31. §7.3 */
import {
  MlsError,
  type Decrypted,
  type IgnoredReason,
  type MlsGroup,
  type MlsMember,
} from '../../../main/protocol/mls/index.ts';
import { paddedLength } from '../../../main/protocol/mls/padding.ts';
import { MAX_FORWARD_MESSAGES, MAX_OUT_OF_ORDER_MESSAGES, MAX_PACKET_BYTES } from '../../../shared/limits.ts';
import { equalBytes, nameOf } from './bytes.ts';
import { decodeFrame, type PrivateFrame } from './frames.ts';
import {
  contentOf,
  makeGroup,
  membersOf,
  type GroupContent,
  type PastEpoch,
  type StandInEnvironment,
} from './group.ts';
import { open, openSender, protect, signContent, signedContent } from './messages.ts';
import { takeKey, type Ratchets } from './schedule.ts';

/** See MlsService.encrypt. */
export function encrypt(
  { random, signatureKey }: StandInEnvironment,
  group: MlsGroup,
  plaintext: Uint8Array,
): { group: MlsGroup; ciphertext: Uint8Array } {
  if (plaintext.length > MAX_PACKET_BYTES) throw new MlsError('TooLarge', 'plaintext');
  const content = contentOf(group);
  const { context } = content.public;
  const { leafIndex, secrets } = content.epoch;
  const ratchet = content.application[leafIndex];
  const taken = ratchet === undefined ? undefined : takeKey(ratchet, ratchet.generation);
  if (ratchet === undefined || ratchet.secret?.length === 0 || taken === undefined)
    throw new MlsError('Internal', 'own ratchet');
  const ciphertext = protect(random, {
    context,
    contentType: 'application',
    senderDataSecret: secrets.senderData,
    key: taken.key,
    leafIndex,
    generation: ratchet.generation,
    content: plaintext,
    signature: signContent(signatureKey, signedContent(context, 'application', leafIndex, plaintext)),
    padding: paddedLength(plaintext.length) - plaintext.length,
  });
  if (ciphertext.length > MAX_PACKET_BYTES) throw new MlsError('TooLarge', 'plaintext');
  return {
    group: makeGroup({ ...content, application: content.application.with(leafIndex, taken.ratchet) }),
    ciphertext,
  };
}

/** What it takes to read messages of one epoch, present or past. */
type ReadableEpoch = Omit<PastEpoch, 'expiresAt'>;

/** See MlsService.decrypt. */
export function decrypt(group: MlsGroup, ciphertext: Uint8Array, now: number, keepSkipped: boolean): Decrypted {
  const content = contentOf(group);
  const frame = decodeFrame(ciphertext, MAX_PACKET_BYTES);
  if (frame.kind !== 'private') return ignored('handshake');
  if (!equalBytes(frame.groupId, content.public.context.groupId)) return ignored('otherGroup');
  if (frame.contentType !== 'application') return ignored('handshake');
  if (frame.epoch > group.epoch) return ignored('futureEpoch');
  const epoch = frame.epoch === group.epoch ? presentEpoch(content) : pastEpoch(content, frame.epoch, now);
  if (epoch === undefined) return ignored('pastEpoch');
  const read = readMessage(epoch, frame, keepSkipped);
  if (read === 'replay') return ignored('replay');
  return {
    kind: 'application',
    group: makeGroup(withEpochRatchets(content, frame.epoch, read.application)),
    payload: read.payload,
    sender: read.sender.memberId,
    epoch: frame.epoch,
  };
}

function ignored(reason: IgnoredReason): Decrypted {
  return { kind: 'ignored', reason };
}

function presentEpoch({ public: { context, leaves }, epoch, application }: GroupContent): ReadableEpoch {
  return { context, senderDataSecret: epoch.secrets.senderData, members: membersOf(leaves), application };
}

function pastEpoch({ history }: GroupContent, epoch: bigint, now: number): ReadableEpoch | undefined {
  return history.find(({ context, expiresAt }) => context.epoch === epoch && expiresAt > now);
}

function withEpochRatchets(content: GroupContent, epoch: bigint, application: Ratchets): GroupContent {
  if (epoch === content.public.context.epoch) return { ...content, application };
  return {
    ...content,
    history: content.history.map((past) => (past.context.epoch === epoch ? { ...past, application } : past)),
  };
}

function readMessage(
  epoch: ReadableEpoch,
  frame: PrivateFrame,
  keepSkipped: boolean,
): { payload: Uint8Array; sender: MlsMember; application: Ratchets } | 'replay' {
  const senderData = openSender(epoch.senderDataSecret, frame);
  const { leafIndex, generation } = senderData;
  const sender = epoch.members.find((member) => member.leafIndex === leafIndex);
  const ratchet = epoch.application[leafIndex];
  if (sender === undefined || ratchet === undefined) throw new MlsError('Tampered', 'sender');
  const farthest = keepSkipped ? MAX_OUT_OF_ORDER_MESSAGES - ratchet.skipped.length : MAX_FORWARD_MESSAGES;
  if (generation - ratchet.generation > Math.max(0, farthest)) throw new MlsError('TooFarAhead');
  const taken = takeKey(ratchet, generation);
  if (taken === undefined) return 'replay'; // Also our own echo: our ratchet moved when we sent.
  const { content } = open(frame, epoch.context, senderData, taken.key, nameOf(sender.signatureKey));
  return { payload: content.slice(), sender, application: epoch.application.with(leafIndex, taken.ratchet) };
}
