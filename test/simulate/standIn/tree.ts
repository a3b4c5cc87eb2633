/** The encoding of a group's public state, in a Welcome and in the store. Must not know secrets. */
import { MlsError } from '../../../main/protocol/mls/index.ts';
import type { Reader, Writer } from './bytes.ts';
import type { PublicState } from './group.ts';
import { SECRET_BYTES } from './keys.ts';
import { readLeaf } from './leaf.ts';
import { makeContext } from './schedule.ts';

export function writePublic(writer: Writer, { context, leaves, confirmationTag }: PublicState): Writer {
  writer.vector(context.groupId).uint64(context.epoch).raw(context.transcript).uint32(leaves.length);
  for (const leaf of leaves) {
    if (leaf === undefined) writer.uint8(0);
    else writer.uint8(1).raw(leaf.bytes);
  }
  return writer.raw(confirmationTag);
}

/** Throws MlsError Malformed. */
export function readPublic(reader: Reader): PublicState {
  const groupId = reader.vector();
  const epoch = reader.uint64();
  const transcript = reader.raw(SECRET_BYTES);
  const leaves = reader.list(() => {
    const present = reader.uint8();
    if (present > 1) throw new MlsError('Malformed', 'leaf');
    return present === 1 ? readLeaf(reader) : undefined;
  });
  const confirmationTag = reader.raw(SECRET_BYTES);
  return { context: makeContext(groupId, epoch, leaves, transcript), leaves, confirmationTag };
}
