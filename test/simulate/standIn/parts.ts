/** The stored form of a stand-in group, in parts by how often they change; an unchanged part is the identical array. */
import { MlsError, type MlsGroup, type MlsGroupParts } from '../../../main/protocol/mls/index.ts';
import { memberIdFromBytes, memberIdToBytes } from '../../../main/protocol/identity/index.ts';
import { MEMBER_ID_BYTES } from '../../../shared/limits.ts';
import { equalBytes, Reader, Writer } from './bytes.ts';
import {
  contentOf,
  makeGroup,
  NO_HISTORY,
  type EpochState,
  type GroupContent,
  type PastEpoch,
  type StandInEnvironment,
} from './group.ts';
import { encryptionKeyOf, SECRET_BYTES } from './keys.ts';
import type { EpochSecrets, Ratchet, Ratchets } from './schedule.ts';
import { readPublic, writePublic } from './tree.ts';

const VERSION = 1;

/** Encodings by the value that they encode; gone with it. */
const encodings = new WeakMap<object, Uint8Array>();

/** See MlsService.encodeParts. */
export function encodeParts(group: MlsGroup): MlsGroupParts {
  const content = contentOf(group);
  const { epoch } = group;
  return {
    tree: part(content.public, epoch, writePublic),
    epoch: part(content.epoch, epoch, writeEpoch),
    ratchets: part(content.application, epoch, writeRatchets),
    history: part(content.history, 0n, writeHistory),
  };
}

function part<Value extends object>(
  value: Value,
  epoch: bigint,
  write: (writer: Writer, value: Value) => Writer,
): Uint8Array {
  const known = encodings.get(value);
  if (known !== undefined) return known;
  const bytes = write(new Writer().uint8(VERSION).uint64(epoch), value).finish();
  encodings.set(value, bytes);
  return bytes;
}

/** See MlsService.decodeParts. */
export function decodeParts({ signatureKey }: StandInEnvironment, parts: MlsGroupParts): MlsGroup {
  const content = decodeContent(parts);
  const own = content.public.leaves[content.epoch.leafIndex];
  if (own === undefined) throw new MlsError('DamagedState', 'own leaf');
  if (!equalBytes(own.signatureKey, signatureKey.publicKey)) throw new MlsError('OtherDevice');
  const { privateKey } = content.epoch;
  if (privateKey.length > 0 && !equalBytes(encryptionKeyOf(privateKey).publicKey, own.encryptionKey))
    throw new MlsError('DamagedState', 'own key');
  encodings.set(content.public, parts.tree);
  encodings.set(content.epoch, parts.epoch);
  encodings.set(content.application, parts.ratchets);
  if (content.history !== NO_HISTORY) encodings.set(content.history, parts.history);
  return makeGroup(content);
}

function decodeContent(parts: MlsGroupParts): GroupContent {
  try {
    const tree = readPart(parts.tree, readPublic);
    const epoch = readPart(parts.epoch, readEpoch);
    const application = readPart(parts.ratchets, readRatchets);
    const history = readPart(parts.history, readHistory);
    const { context, leaves } = tree.value;
    if ([tree, epoch, application].some((read) => read.epoch !== context.epoch))
      throw new MlsError('DamagedState', 'parts of different epochs');
    if (application.value.length !== leaves.length) throw new MlsError('DamagedState', 'ratchets');
    for (const past of history.value)
      if (!equalBytes(past.context.groupId, context.groupId) || past.context.epoch >= context.epoch)
        throw new MlsError('DamagedState', 'history of another group');
    return {
      public: tree.value,
      epoch: epoch.value,
      application: application.value,
      history: history.value.length === 0 ? NO_HISTORY : history.value,
    };
  } catch (error) {
    if (error instanceof MlsError && error.code !== 'DamagedState') throw new MlsError('DamagedState');
    throw error;
  }
}

function readPart<Value>(bytes: Uint8Array, read: (reader: Reader) => Value): { epoch: bigint; value: Value } {
  const reader = new Reader(bytes);
  if (reader.uint8() !== VERSION) throw new MlsError('DamagedState', 'version');
  const epoch = reader.uint64();
  const value = read(reader);
  reader.end();
  return { epoch, value };
}

function writeEpoch(writer: Writer, { secrets, leafIndex, privateKey, handshakeGeneration }: EpochState): Writer {
  const { init, senderData, handshake, exporter, authenticator, confirmation } = secrets;
  // A group without its secrets has none of them.
  for (const secret of [init, senderData, handshake, exporter, authenticator, confirmation]) writer.vector(secret);
  return writer.uint32(leafIndex).vector(privateKey).uint32(handshakeGeneration);
}

function readEpoch(reader: Reader): EpochState {
  const secret = (): Uint8Array => reader.vector();
  const secrets: EpochSecrets = {
    init: secret(),
    senderData: secret(),
    handshake: secret(),
    exporter: secret(),
    authenticator: secret(),
    confirmation: secret(),
  };
  return {
    secrets,
    leafIndex: reader.uint32(),
    privateKey: secret(),
    handshakeGeneration: reader.uint32(),
  };
}

function writeRatchets(writer: Writer, ratchets: Ratchets): Writer {
  writer.uint32(ratchets.length);
  for (const { secret, generation, skipped } of ratchets) {
    writer.vector(secret).uint32(generation).uint16(skipped.length);
    for (const { generation: skippedGeneration, key } of skipped) writer.uint32(skippedGeneration).raw(key);
  }
  return writer;
}

function readRatchets(reader: Reader): Ratchets {
  return reader.list((): Ratchet => {
    const secret = reader.vector();
    const generation = reader.uint32();
    const skipped = Array.from({ length: reader.uint16() }, () => ({
      generation: reader.uint32(),
      key: reader.raw(SECRET_BYTES),
    }));
    return { secret, generation, skipped };
  });
}

function writeHistory(writer: Writer, history: readonly PastEpoch[]): Writer {
  writer.uint32(history.length);
  for (const { context, senderDataSecret, members, application, expiresAt } of history) {
    writer.vector(context.groupId).uint64(context.epoch).raw(context.transcript).raw(context.hash);
    writer.raw(senderDataSecret).uint32(members.length);
    for (const { leafIndex, memberId, signatureKey } of members)
      writer.uint32(leafIndex).raw(memberIdToBytes(memberId)).raw(signatureKey);
    writeRatchets(writer, application).uint64(BigInt(expiresAt));
  }
  return writer;
}

function readHistory(reader: Reader): readonly PastEpoch[] {
  return reader.list(() => ({
    context: {
      groupId: reader.vector(),
      epoch: reader.uint64(),
      transcript: reader.raw(SECRET_BYTES),
      hash: reader.raw(SECRET_BYTES),
    },
    senderDataSecret: reader.raw(SECRET_BYTES),
    members: reader.list(() => ({
      leafIndex: reader.uint32(),
      memberId: memberIdFromBytes(reader.raw(MEMBER_ID_BYTES)),
      signatureKey: reader.raw(SECRET_BYTES),
    })),
    application: readRatchets(reader),
    expiresAt: Number(reader.uint64()),
  }));
}
