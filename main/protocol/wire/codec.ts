/**
 * One way in and one way out for every message: limits first, then the generated codec, then the message's own check.
 * Knows protobuf, not what any message means.
 */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { DescMessage, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import { WireError } from './errors.ts';

/** Throws a WireError when a decoded or to-be-encoded message, of `size` bytes, breaks a limit. */
export type MessageCheck<Desc extends DescMessage> = (message: MessageShape<Desc>, size: number) => void;

export interface MessageCodec<Desc extends DescMessage> {
  /** Canonical proto3 bytes (§6). Throws WireError TooLarge, InvalidField for what no receiver would take. */
  readonly encode: (message: MessageInitShape<Desc>) => Uint8Array;
  /** Unknown fields are ignored and forgotten (§6). Throws WireError TooLarge, Malformed, InvalidField. */
  readonly decode: (bytes: Uint8Array) => MessageShape<Desc>;
}

/** The codec of one message type. `maxBytes` may depend on the first bytes, for the candidate's own limit (§18.5). */
export function messageCodec<Desc extends DescMessage>(
  schema: Desc,
  maxBytes: number | ((bytes: Uint8Array) => number),
  check: MessageCheck<Desc>,
): MessageCodec<Desc> {
  const checkSize = (bytes: Uint8Array): void => {
    const limit = typeof maxBytes === 'number' ? maxBytes : maxBytes(bytes);
    if (bytes.length > limit) throw new WireError('TooLarge', `${schema.name} of ${bytes.length} bytes`, limit);
  };
  return {
    encode(init) {
      const message = create(schema, init);
      const bytes = encodeCanonical(schema, message);
      checkSize(bytes);
      check(message, bytes.length);
      return bytes;
    },
    decode(bytes) {
      checkSize(bytes);
      const message = decodeUnchecked(schema, bytes);
      check(message, bytes.length);
      return message;
    },
  };
}

/** Ascending field numbers, defaults omitted, no unknown fields: the bytes that get hashed and signed. §6 */
export function encodeCanonical<Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>): Uint8Array {
  try {
    return toBinary(schema, message, { writeUnknownFields: false });
  } catch (cause) {
    // A number out of its range is the only thing that the generated encoder refuses.
    throw new WireError('InvalidField', `${schema.name}: ${cause instanceof Error ? cause.message : 'not encodable'}`);
  }
}

function decodeUnchecked<Desc extends DescMessage>(schema: Desc, bytes: Uint8Array): MessageShape<Desc> {
  try {
    return fromBinary(schema, bytes, { readUnknownFields: false });
  } catch {
    // Truncated, wrong wire type, or nested too deep: the library's words add nothing that we would act on.
    throw new WireError('Malformed', `not a ${schema.name}`);
  }
}
