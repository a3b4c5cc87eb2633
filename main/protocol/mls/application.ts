/**
 * Chat in and out: padding, sender, replay, and the past epochs of H-31.
 * Handshake messages never get further than their outer type here. §7.3
 */
import { createApplicationMessage } from 'ts-mls/createMessage.js';
import { unprotectPrivateMessage } from 'ts-mls/messageProtection.js';
import { decryptSenderData, type PrivateMessage } from 'ts-mls/privateMessage.js';
import type { GenerationSecret } from 'ts-mls/secretTree.js';
import { MAX_FORWARD_MESSAGES, MAX_OUT_OF_ORDER_MESSAGES, MAX_PACKET_BYTES } from '../../../shared/limits.ts';
import type { Decrypted, IgnoredReason, MlsGroup, MlsMember } from './contract.ts';
import { CLIENT_CONFIG, type MlsEnvironment } from './environment.ts';
import { MlsError, orMlsError } from './errors.ts';
import { decodeFrame, encodePrivateFrame } from './framing.ts';
import {
  contentOf,
  makeGroup,
  toClientState,
  toSecretTree,
  withRatchet,
  type GroupContent,
  type PastEpoch,
  type Ratchets,
} from './group.ts';
import { applicationPadding } from './padding.ts';
import { equalInConstantTime } from './provider/hash.ts';
import { membersOf } from './tree.ts';

/** See MlsService.encrypt. */
export async function encrypt(
  environment: MlsEnvironment,
  group: MlsGroup,
  plaintext: Uint8Array,
): Promise<{ group: MlsGroup; ciphertext: Uint8Array }> {
  if (plaintext.length > MAX_PACKET_BYTES) throw new MlsError('TooLarge', 'plaintext');
  const content = contentOf(group);
  const state = toClientState(environment, content);
  if (content.application[state.privatePath.leafIndex]?.secret.length === 0)
    throw new MlsError('Internal', 'no secrets');
  const padded = { ...state, clientConfig: { ...CLIENT_CONFIG, paddingConfig: applicationPadding(plaintext.length) } };
  const { newState, privateMessage } = await orMlsError('Internal', () =>
    createApplicationMessage(padded, plaintext, environment.suite),
  );
  const ciphertext = encodePrivateFrame(privateMessage);
  if (ciphertext.length > MAX_PACKET_BYTES) throw new MlsError('TooLarge', 'plaintext');
  const application = withRatchet(content.application, newState.secretTree, state.privatePath.leafIndex);
  return { group: makeGroup({ ...content, application }), ciphertext };
}

/** What it takes to read messages of one epoch, present or past. */
type ReadableEpoch = Omit<PastEpoch, 'expiresAt'>;

/** See MlsService.decrypt. */
export async function decrypt(
  environment: MlsEnvironment,
  group: MlsGroup,
  ciphertext: Uint8Array,
  now: number,
  keepSkipped: boolean,
): Promise<Decrypted> {
  const content = contentOf(group);
  const frame = decodeFrame(ciphertext, MAX_PACKET_BYTES);
  if (frame.wireformat !== 'mls_private_message') return ignored('handshake');
  const message = frame.privateMessage;
  if (!equalInConstantTime(message.groupId, content.public.groupContext.groupId)) return ignored('otherGroup');
  if (message.contentType !== 'application') return ignored('handshake');
  if (message.epoch > group.epoch) return ignored('futureEpoch');
  const epoch = message.epoch === group.epoch ? presentEpoch(content) : pastEpoch(content, message.epoch, now);
  if (epoch === undefined) return ignored('pastEpoch');
  const read = await orMlsError('Tampered', () => readMessage(environment, epoch, message, keepSkipped));
  if (read === 'replay') return ignored('replay');
  return {
    kind: 'application',
    group: makeGroup(withEpochRatchets(content, message.epoch, read.application)),
    payload: read.payload,
    sender: read.sender.memberId,
    epoch: message.epoch,
  };
}

function ignored(reason: IgnoredReason): Decrypted {
  return { kind: 'ignored', reason };
}

function presentEpoch(content: GroupContent): ReadableEpoch {
  return {
    groupContext: content.public.groupContext,
    senderDataSecret: content.epoch.keySchedule.senderDataSecret,
    members: membersOf(content.public.ratchetTree),
    application: content.application,
  };
}

function pastEpoch(content: GroupContent, epoch: bigint, now: number): ReadableEpoch | undefined {
  return content.history.find((past) => past.groupContext.epoch === epoch && past.expiresAt > now);
}

function withEpochRatchets(content: GroupContent, epoch: bigint, application: Ratchets): GroupContent {
  if (epoch === content.public.groupContext.epoch) return { ...content, application };
  return {
    ...content,
    history: content.history.map((past) => (past.groupContext.epoch === epoch ? { ...past, application } : past)),
  };
}

async function readMessage(
  { suite }: MlsEnvironment,
  epoch: ReadableEpoch,
  message: PrivateMessage,
  keepSkipped: boolean,
): Promise<{ payload: Uint8Array; sender: MlsMember; application: Ratchets } | 'replay'> {
  // The library does not say who sent a message; the sender data does, and the signature below proves it.
  const senderData = await decryptSenderData(message, epoch.senderDataSecret, suite);
  const sender = epoch.members.find(({ leafIndex }) => leafIndex === senderData?.leafIndex);
  const ratchet = sender === undefined ? undefined : epoch.application[sender.leafIndex];
  if (senderData === undefined || sender === undefined || ratchet === undefined)
    throw new MlsError('Tampered', 'sender');
  if (isUsedUp(ratchet, senderData.generation)) return 'replay';
  if (senderData.generation - ratchet.generation > farthest(ratchet, keepSkipped)) throw new MlsError('TooFarAhead');
  const { content, tree } = await unprotectPrivateMessage(
    epoch.senderDataSecret,
    message,
    toSecretTree(undefined, epoch.application),
    [],
    epoch.groupContext,
    CLIENT_CONFIG.keyRetentionConfig,
    suite,
    sender.signatureKey,
  );
  if (content.content.contentType !== 'application') throw new MlsError('Internal', 'content');
  // A copy: the library's is a view into the whole padded plaintext.
  return {
    payload: content.content.applicationData.slice(),
    sender,
    application: withRatchet(epoch.application, tree, sender.leafIndex),
  };
}

/** How many messages of a sender may be skipped to read one; with `keepSkipped` none that was skipped is forgotten. */
function farthest(ratchet: GenerationSecret, keepSkipped: boolean): number {
  if (!keepSkipped) return MAX_FORWARD_MESSAGES;
  return Math.max(0, MAX_OUT_OF_ORDER_MESSAGES - Object.keys(ratchet.unusedGenerations).length);
}

/** Decrypted before, our own echo (our ratchet moved when we sent), or older than the out-of-order window. */
function isUsedUp(ratchet: GenerationSecret, generation: number): boolean {
  return generation < ratchet.generation && ratchet.unusedGenerations[generation] === undefined;
}
