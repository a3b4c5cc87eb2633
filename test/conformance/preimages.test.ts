/** What the vectors say beyond results: which bytes are hashed, what the columns are, and the order-dependence that the strict rule ends. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, it, expect } from 'vitest';
import { requiredVotes } from '../../main/protocol/consensus/config.ts';
import { decide } from '../../main/protocol/consensus/decision.ts';
import { emergencyRequest, parseRequest, type EmergencyRequest } from '../../main/protocol/conversation/requests.ts';
import { voteHash } from '../../main/protocol/consensus/vote.ts';
import { stewardKey } from '../../main/protocol/steward-list/generation.ts';
import {
  decodeConversationUpdateRequest,
  decodeScoreEvidence,
  decodeVote,
  encodeConversationUpdateRequest,
  ViolationType,
} from '../../main/protocol/wire/index.ts';
import type { MemberId } from '../../shared/model/ids.ts';
import { conversation, hex, memberOf, toHex } from '../main/protocol/vectors.ts';

interface Sight {
  readonly yes: number;
  readonly no: number;
  readonly compat: boolean;
}

interface Rest {
  readonly version: number;
  readonly steward_hash: readonly {
    readonly epoch: string;
    readonly retry_round: number;
    readonly member_id: string;
    readonly conversation_id: string;
    readonly preimage: string;
    readonly sha256: string;
  }[];
  readonly votes: readonly {
    readonly hash_preimage: string;
    readonly vote_hash: string;
    readonly encoded_vote: string;
  }[];
  readonly self_leave_id: readonly {
    readonly identity: string;
    readonly sha256: string;
    readonly proposal_id: number;
  }[];
  readonly thresholds: readonly {
    readonly expected_voters: number;
    readonly required_choice_weight: number;
    readonly min_explicit_no_to_reject_liveness_yes: number;
  }[];
  readonly decisions_columns: readonly string[];
  readonly safety_break: {
    readonly peer1_sees: Sight;
    readonly peer2_sees: Sight;
    readonly same_votes_eventually: {
      readonly yes: number;
      readonly no: number;
      readonly compat_all_in: boolean;
      readonly strict_all_in: boolean;
    };
  };
  readonly encodings: readonly {
    readonly message: string;
    readonly hex: string;
    readonly fields: Readonly<Record<string, string | number>>;
  }[];
}

const TWO_THIRDS = 2 / 3;
const rest = JSON.parse(readFileSync(new URL('../vectors/vectors.json', import.meta.url), 'utf8')) as Rest;
const sha256 = (bytes: string): string => createHash('sha256').update(hex(bytes)).digest('hex');
const tally = (expectedVoters: number, yes: number, no: number) => ({
  expectedVoters,
  yes,
  no,
  threshold: TWO_THIRDS,
  livenessCriteriaYes: true,
});

describe('the bytes that are hashed', () => {
  it('R-201 of a steward are epoch, round, member and conversation, as the vector writes them out', () => {
    expect(rest.version).toBe(1);
    for (const row of rest.steward_hash) {
      const seed = {
        conversationId: conversation(row.conversation_id),
        electionEpoch: BigInt(row.epoch),
        retryRound: row.retry_round,
      };
      expect(sha256(row.preimage)).toBe(row.sha256);
      expect(toHex(stewardKey(memberOf(row.member_id), seed))).toBe(sha256(row.preimage));
    }
  });

  it('R-103 of a vote are those of the vector', () => {
    for (const row of rest.votes) {
      expect(sha256(row.hash_preimage)).toBe(row.vote_hash);
      expect(toHex(voteHash(decodeVote(hex(row.encoded_vote))))).toBe(sha256(row.hash_preimage));
    }
  });

  it('R-051 of a self-leave id are the identity alone', () => {
    for (const row of rest.self_leave_id) {
      expect(sha256(row.identity)).toBe(row.sha256);
      expect(Number.parseInt(row.sha256.slice(0, 8), 16)).toBe(row.proposal_id);
    }
  });
});

describe('the table of decisions', () => {
  it('R-141 has the columns in the order in which the tests read them', () => {
    expect(rest.decisions_columns).toEqual([
      'expected_voters',
      'yes',
      'no',
      'liveness_yes',
      'is_timeout',
      'compat_result',
      'strict_result',
    ]);
  });

  it('R-136 as many NO as the table says reject before the end, although silence would be YES; one fewer does not', () => {
    for (const row of rest.thresholds) {
      const { expected_voters: n, min_explicit_no_to_reject_liveness_yes: least } = row;
      expect(requiredVotes(n, TWO_THIRDS)).toBe(row.required_choice_weight);
      expect(decide(tally(n, 0, least), false)).toBe(false);
      expect(decide(tally(n, 0, least - 1), false)).toBeUndefined();
    }
  });

  it('R-142 W-4 the two peers of the safety break do not decide differently: neither decides before it has seen enough', () => {
    const { peer1_sees: one, peer2_sees: two, same_votes_eventually: all } = rest.safety_break;
    const voters = all.yes + all.no;
    // What the reference would have said, so that the case stays the one that broke it.
    expect([one.compat, two.compat, all.compat_all_in]).toEqual([true, false, false]);
    expect(decide(tally(voters, one.yes, one.no), false)).toBeUndefined();
    expect(decide(tally(voters, two.yes, two.no), false)).toBe(false);
    expect(decide(tally(voters, all.yes, all.no), false)).toBe(all.strict_all_in);
    expect(decide(tally(voters, all.yes, all.no), true)).toBe(all.strict_all_in);
  });
});

describe('the evidence of an emergency', () => {
  it('R-191 without a creator is no request, however it was built', () => {
    const request: EmergencyRequest = {
      kind: 'emergency',
      violation: 'DEADLOCK',
      target: undefined,
      evidence: new Uint8Array(),
      epoch: 3n,
      creator: memberOf('01'.repeat(20)),
    };
    expect(parseRequest(emergencyRequest(request))).toEqual(request);
    expect(parseRequest(emergencyRequest({ ...request, creator: '' as MemberId }))).toBeUndefined();
    const anonymous = encodeConversationUpdateRequest({
      payload: {
        case: 'emergencyCriteria',
        value: { evidence: { violationType: ViolationType.DEADLOCK, epoch: 3n } },
      },
    });
    expect(parseRequest(anonymous)).toBeUndefined();
  });

  it('R-191 keeps type, target, payload, epoch and creator through encoding', () => {
    const emergencies = rest.encodings.filter(({ message }) => message.includes('emergency_criteria'));
    expect(emergencies).toHaveLength(4);
    for (const { hex: encoded, fields } of emergencies) {
      const request = decodeConversationUpdateRequest(hex(encoded));
      expect(toHex(encodeConversationUpdateRequest(request))).toBe(encoded);
      if (request.payload.case !== 'emergencyCriteria') throw new Error('no emergency');
      const { evidence } = request.payload.value;
      if (Object.keys(fields).length === 0) {
        expect(evidence).toBeUndefined();
        continue;
      }
      expect(evidence).toMatchObject({ epoch: BigInt(fields['epoch']!) });
      expect(toHex(evidence!.creatorMemberId)).toBe(fields['creator']);
      expect(toHex(evidence!.targetMemberId)).toBe(fields['target'] ?? '');
      if ('violation_type' in fields) expect(ViolationType[evidence!.violationType]).toBe(fields['violation_type']);
      if ('evidence_payload' in fields) expect(toHex(evidence!.evidencePayload)).toBe(fields['evidence_payload']);
      if ('score' in fields) expect(decodeScoreEvidence(evidence!.evidencePayload)).toBe(BigInt(fields['score']));
    }
  });
});
