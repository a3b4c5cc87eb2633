/** The steward list as bytes and back; the bytes are our own. Versioned and checked. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { memberIdFromBytes, memberIdToBytes } from '../identity/index.ts';
import {
  StewardListSnapshotSchema,
  type StewardListSnapshot as StoredSnapshot,
} from '../wire/generated/conclave/v1/snapshots_pb.js';
import type { StewardListSnapshot } from './contract.ts';
import { StewardListError } from './errors.ts';
import { validateStewardListConfig } from './generation.ts';

const VERSION = 1;

export function encodeStewardListSnapshot(snapshot: StewardListSnapshot): Uint8Array {
  const { config, list } = snapshot;
  const stored = create(StewardListSnapshotSchema, {
    version: VERSION,
    ...config,
    retryCounter: snapshot.retryCounter,
    maxReelectionAttempts: snapshot.maxReelectionAttempts,
    ...(list === undefined
      ? {}
      : {
          list: {
            stewards: list.stewards.map(memberIdToBytes),
            electionEpoch: list.electionEpoch,
            retryRound: list.retryRound,
          },
        }),
  });
  return toBinary(StewardListSnapshotSchema, stored);
}

/** Throws StewardListError InvalidSnapshot for bytes that are damaged or of another version. */
export function decodeStewardListSnapshot(bytes: Uint8Array): StewardListSnapshot {
  try {
    return restore(fromBinary(StewardListSnapshotSchema, bytes, { readUnknownFields: false }));
  } catch {
    // No protobuf, an id of a wrong length, an impossible configuration: all the same, the file is damaged.
    throw new StewardListError('InvalidSnapshot');
  }
}

function restore(stored: StoredSnapshot): StewardListSnapshot {
  if (stored.version !== VERSION) throw new StewardListError('InvalidSnapshot');
  const { min, max, allowSubsetCandidates, list } = stored;
  validateStewardListConfig({ min, max, allowSubsetCandidates });
  return {
    config: { min, max, allowSubsetCandidates },
    retryCounter: stored.retryCounter,
    maxReelectionAttempts: stored.maxReelectionAttempts,
    ...(list === undefined
      ? {}
      : {
          list: {
            stewards: list.stewards.map(memberIdFromBytes),
            electionEpoch: list.electionEpoch,
            retryRound: list.retryRound,
          },
        }),
  };
}
