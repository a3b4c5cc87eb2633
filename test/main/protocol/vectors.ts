/** The independent test vectors, read once, and the little that every user of them needs. */
import { readFileSync } from 'node:fs';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { createIdentity, memberIdFromBytes } from '../../../main/protocol/identity/index.ts';
import type { Identity } from '../../../main/protocol/identity/index.ts';
import type { ConversationId, MemberId } from '../../../shared/model/ids.ts';

export interface VoteVector {
  readonly voter: string;
  readonly vote_id: number;
  readonly vote_owner: string;
  readonly proposal_id: number;
  readonly timestamp: string;
  readonly vote: boolean;
  readonly parent_hash: string;
  readonly received_hash: string;
  readonly hash_preimage: string;
  readonly vote_hash: string;
  readonly signed_bytes: string;
  readonly signature: string;
  readonly encoded_vote: string;
}

export type DecisionRow = readonly [
  expectedVoters: number,
  yes: number,
  no: number,
  livenessYes: boolean,
  isTimeout: boolean,
  compat: boolean | null,
  strict: boolean | null,
];

export interface Vectors {
  readonly identities: readonly { readonly name: string; readonly private_key: string; readonly member_id: string }[];
  readonly steward_hash: readonly {
    readonly epoch: string;
    readonly retry_round: number;
    readonly member_id: string;
    readonly conversation_id: string;
    readonly sha256: string;
  }[];
  readonly steward_lists: readonly {
    readonly label: string;
    readonly members: readonly string[];
    readonly election_epoch: string;
    readonly retry_round: number;
    readonly conversation_id: string;
    readonly sn_min: number;
    readonly sn_max: number;
    readonly sn: number;
    readonly full_order_indices: readonly number[];
    readonly list: readonly string[];
  }[];
  readonly rotation: readonly {
    readonly list: readonly string[];
    readonly election_epoch: number;
    readonly epoch: number;
    readonly ineligible: readonly string[];
    readonly exhausted: boolean;
    readonly epoch_steward: string | null;
    readonly backup_steward: string | null;
  }[];
  readonly steward_sizes: readonly {
    readonly sn_min: number;
    readonly sn_max: number;
    readonly total: number;
    readonly min_valid: number;
    readonly max_valid: number;
    readonly chosen: number;
  }[];
  readonly self_leave_id: readonly {
    readonly label: string;
    readonly identity: string;
    readonly proposal_id: number;
    readonly proposal_name: string;
  }[];
  readonly id_fold: readonly { readonly uuid: string; readonly id: number }[];
  readonly votes: readonly VoteVector[];
  readonly vote_chain: {
    readonly cases: readonly { readonly votes: readonly number[]; readonly valid: boolean; readonly error?: string }[];
  };
  readonly proposals: readonly { readonly label: string; readonly encoded: string; readonly app_message: string }[];
  readonly encodings: readonly { readonly message: string; readonly hex: string }[];
  readonly score_evidence_payload: readonly { readonly score: string; readonly bytes: string }[];
  readonly content_topics: readonly {
    readonly conversation: string;
    readonly subtopic: 'app_msg' | 'welcome';
    readonly topic: string;
  }[];
  readonly commit_hash: readonly { readonly input_utf8: string; readonly sha256: string }[];
  readonly thresholds: readonly {
    readonly expected_voters: number;
    readonly required_votes: number;
    readonly p2p_max_rounds: number;
    readonly gossipsub_max_rounds: number;
  }[];
  readonly decisions: readonly DecisionRow[];
  readonly score_deltas_v3: Readonly<Record<string, number>>;
  readonly score_deltas_v4: Readonly<Record<string, number>>;
  readonly score_runs: readonly {
    readonly start: number;
    readonly threshold: number;
    readonly steps: readonly { readonly event: string; readonly score: number; readonly crossing: string | null }[];
  }[];
  readonly pending_expiry: readonly {
    readonly current_epoch: number;
    readonly max_age: number;
    readonly first_seen: number;
    readonly dropped: boolean;
  }[];
}

export const vectors = JSON.parse(
  readFileSync(new URL('../../vectors/vectors.json', import.meta.url), 'utf8'),
) as Vectors;

export const hex = (text: string): Uint8Array => hexToBytes(text);
export const toHex = bytesToHex;
export const text = (value: string): Uint8Array => new TextEncoder().encode(value);
export const memberOf = (bytesHex: string): MemberId => memberIdFromBytes(hex(bytesHex));
/** A member id of 20 equal bytes. */
export const filled = (byte: number): MemberId => memberIdFromBytes(new Uint8Array(20).fill(byte));
/** Vectors use readable conversation ids. */
export const conversation = (id: string): ConversationId => id as ConversationId;

/** One of the four development wallets of the vectors. */
export function wallet(name: 'alice' | 'bob' | 'charlie' | 'dave'): Identity {
  const entry = vectors.identities.find((identity) => identity.name === name);
  if (entry === undefined) throw new Error(`no wallet ${name}`);
  return createIdentity(hex(entry.private_key));
}
