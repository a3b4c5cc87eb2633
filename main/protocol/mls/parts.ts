/**
 * The stored form of a group, in parts by how often they change. A chat message rewrites the ratchets only: small, and the
 * used key is overwritten. Each part is encoded once per value; an unchanged one is the identical array.
 */
import { contramapBufferEncoders, encode, type BufferEncoder } from 'ts-mls/codec/tlsEncoder.js';
import { mapDecoders, type Decoder } from 'ts-mls/codec/tlsDecoder.js';
import {
  decodeUint32,
  decodeUint64,
  decodeUint8,
  uint32Encoder,
  uint64Encoder,
  uint8Encoder,
} from 'ts-mls/codec/number.js';
import {
  decodeVarLenData,
  decodeVarLenType,
  varLenDataEncoder,
  varLenTypeEncoder,
} from 'ts-mls/codec/variableLength.js';
import { decodeGroupContext, groupContextEncoder, type GroupContext } from 'ts-mls/groupContext.js';
import { decodeKeySchedule, keyScheduleEncoder, type KeySchedule } from 'ts-mls/keySchedule.js';
import { decodePrivateKeyPath, privateKeyPathEncoder, type PrivateKeyPath } from 'ts-mls/privateKeyPath.js';
import { decodeRatchetTree, type RatchetTree } from 'ts-mls/ratchetTree.js';
import { decodeGenerationSecret, generationSecretEncoder } from 'ts-mls/secretTree.js';
import { leafWidth } from 'ts-mls/treemath.js';
import { memberIdFromBytes, memberIdToBytes } from '../identity/index.ts';
import type { MlsGroup, MlsGroupParts, MlsMember } from './contract.ts';
import type { MlsEnvironment } from './environment.ts';
import { MlsError } from './errors.ts';
import { decodeCompletely } from './framing.ts';
import {
  contentOf,
  makeGroup,
  NO_HISTORY,
  type EpochState,
  type GroupContent,
  type PastEpoch,
  type PublicState,
  type Ratchets,
} from './group.ts';
import { equalInConstantTime } from './provider/hash.ts';
import { leafAt, membersOf } from './tree.ts';
import { treeEncoder } from './treeEncoding.ts';

const VERSION = 1;

interface Versioned<Value> {
  readonly version: number;
  /** Binds the part to the group's epoch. */
  readonly epoch: bigint;
  readonly value: Value;
}

const ratchetsEncoder: BufferEncoder<Ratchets> = (ratchets) =>
  varLenTypeEncoder(generationSecretEncoder)([...ratchets]);
const decodeRatchets: Decoder<Ratchets> = decodeVarLenType(decodeGenerationSecret);

const publicEncoder = contramapBufferEncoders<[GroupContext, RatchetTree, Uint8Array], PublicState>(
  [groupContextEncoder, treeEncoder, varLenDataEncoder],
  (value) => [value.groupContext, value.ratchetTree, value.confirmationTag],
);
const decodePublic: Decoder<PublicState> = mapDecoders(
  [decodeGroupContext, decodeRatchetTree, decodeVarLenData],
  (groupContext, ratchetTree, confirmationTag) => ({ groupContext, ratchetTree, confirmationTag }),
);

const epochEncoder = contramapBufferEncoders<[KeySchedule, PrivateKeyPath, Ratchets], EpochState>(
  [keyScheduleEncoder, privateKeyPathEncoder, ratchetsEncoder],
  (value) => [value.keySchedule, value.privatePath, value.handshake],
);
const decodeEpoch: Decoder<EpochState> = mapDecoders(
  [decodeKeySchedule, decodePrivateKeyPath, decodeRatchets],
  (keySchedule, privatePath, handshake) => ({
    keySchedule,
    privatePath,
    handshake,
  }),
);

const memberEncoder = contramapBufferEncoders<[number, Uint8Array, Uint8Array], MlsMember>(
  [uint32Encoder, varLenDataEncoder, varLenDataEncoder],
  (member) => [member.leafIndex, memberIdToBytes(member.memberId), member.signatureKey],
);
const decodeMember: Decoder<MlsMember> = mapDecoders(
  [decodeUint32, decodeVarLenData, decodeVarLenData],
  (leafIndex, memberId, signatureKey) => ({
    leafIndex,
    memberId: memberIdFromBytes(memberId),
    signatureKey,
  }),
);

const pastEpochEncoder = contramapBufferEncoders<[GroupContext, Uint8Array, MlsMember[], Ratchets, bigint], PastEpoch>(
  [groupContextEncoder, varLenDataEncoder, varLenTypeEncoder(memberEncoder), ratchetsEncoder, uint64Encoder],
  (past) => [past.groupContext, past.senderDataSecret, [...past.members], past.application, BigInt(past.expiresAt)],
);
const decodePastEpoch: Decoder<PastEpoch> = mapDecoders(
  [decodeGroupContext, decodeVarLenData, decodeVarLenType(decodeMember), decodeRatchets, decodeUint64],
  (groupContext, senderDataSecret, members, application, expiresAt) => ({
    groupContext,
    senderDataSecret,
    members,
    application,
    expiresAt: Number(expiresAt),
  }),
);
const historyEncoder: BufferEncoder<readonly PastEpoch[]> = (history) =>
  varLenTypeEncoder(pastEpochEncoder)([...history]);
const decodeHistory: Decoder<readonly PastEpoch[]> = decodeVarLenType(decodePastEpoch);

/** Encodings by the value that they encode; gone with it. */
const encodings = new WeakMap<object, Uint8Array>();

/** See MlsService.encodeParts. */
export function encodeParts(group: MlsGroup): MlsGroupParts {
  const content = contentOf(group);
  const part = <Value extends object>(encoder: BufferEncoder<Value>, value: Value, epoch = group.epoch): Uint8Array => {
    const known = encodings.get(value);
    if (known !== undefined) return known;
    const bytes = encode(versioned(encoder))({ version: VERSION, epoch, value });
    encodings.set(value, bytes);
    return bytes;
  };
  return {
    tree: part(publicEncoder, content.public),
    epoch: part(epochEncoder, content.epoch),
    ratchets: part(ratchetsEncoder, content.application),
    // No history is one value for all groups and epochs; its members carry their own epochs.
    history: part(historyEncoder, content.history, 0n),
  };
}

/** See MlsService.decodeParts. */
export function decodeParts(environment: MlsEnvironment, parts: MlsGroupParts): MlsGroup {
  const content = decodeContent(parts);
  const own = leafAt(content.public.ratchetTree, content.epoch.privatePath.leafIndex);
  if (own === undefined) throw new MlsError('DamagedState', 'own leaf');
  if (!equalInConstantTime(own.signaturePublicKey, environment.signatureKey.publicKey))
    throw new MlsError('OtherDevice');
  encodings.set(content.public, parts.tree);
  encodings.set(content.epoch, parts.epoch);
  encodings.set(content.application, parts.ratchets);
  if (content.history !== NO_HISTORY) encodings.set(content.history, parts.history);
  return makeGroup(content);
}

function decodeContent(parts: MlsGroupParts): GroupContent {
  try {
    const publicState = decodePart(decodePublic, parts.tree);
    const epoch = decodePart(decodeEpoch, parts.epoch);
    const application = decodePart(decodeRatchets, parts.ratchets);
    const history = decodePart(decodeHistory, parts.history);
    checkTogether(publicState, epoch, application, history);
    membersOf(publicState.value.ratchetTree); // Refuses a tree whose leaves name nobody.
    return {
      public: publicState.value,
      epoch: epoch.value,
      application: application.value,
      history: history.value.length === 0 ? NO_HISTORY : history.value,
    };
  } catch (error) {
    if (error instanceof MlsError && error.code === 'DamagedState') throw error;
    throw new MlsError('DamagedState');
  }
}

function checkTogether(
  publicState: Versioned<PublicState>,
  epoch: Versioned<EpochState>,
  application: Versioned<Ratchets>,
  history: Versioned<readonly PastEpoch[]>,
): void {
  const { groupContext, ratchetTree } = publicState.value;
  if ([publicState, epoch, application].some((part) => part.epoch !== groupContext.epoch))
    throw new MlsError('DamagedState', 'parts of different epochs');
  const leaves = leafWidth(ratchetTree.length);
  if (epoch.value.handshake.length !== leaves || application.value.length !== leaves)
    throw new MlsError('DamagedState', 'ratchets');
  for (const past of history.value) {
    const same =
      equalInConstantTime(past.groupContext.groupId, groupContext.groupId) &&
      past.groupContext.epoch < groupContext.epoch;
    if (!same) throw new MlsError('DamagedState', 'history of another group');
  }
}

function decodePart<Value>(decoder: Decoder<Value>, bytes: Uint8Array): Versioned<Value> {
  const decoded = decodeCompletely(
    mapDecoders([decodeUint8, decodeUint64, decoder], (version, epoch, value): Versioned<Value> => ({
      version,
      epoch,
      value,
    })),
    bytes,
  );
  if (decoded.version !== VERSION) throw new MlsError('DamagedState', 'version');
  return decoded;
}

function versioned<Value>(encoder: BufferEncoder<Value>): BufferEncoder<Versioned<Value>> {
  return contramapBufferEncoders<[number, bigint, Value], Versioned<Value>>(
    [uint8Encoder, uint64Encoder, encoder],
    ({ version, epoch, value }) => [version, epoch, value],
  );
}
