/** Byte-exact encodings against the independent vectors, both ways. */
import { describe, expect, it } from 'vitest';
import { create, toBinary } from '@bufbuild/protobuf';
import type { DescMessage, MessageInitShape } from '@bufbuild/protobuf';
import {
  commitHash,
  contentTopic,
  decodeAppMessage,
  decodeConversationUpdateRequest,
  decodeProposal,
  decodeScoreEvidence,
  decodeVote,
  decodeWelcomeMessage,
  encodeAppMessage,
  encodeConversationUpdateRequest,
  encodeProposal,
  encodeScoreEvidence,
  encodeVote,
  encodeVoteForSigning,
  encodeWelcomeMessage,
  parseContentTopic,
  ViolationType,
} from '../../../../main/protocol/wire/index.ts';
import { PeerScoreSchema } from '../../../../main/protocol/wire/generated/de_mls/messages/v1/messages_pb.js';
import type {
  AppMessageSchema,
  ConversationUpdateRequestSchema,
} from '../../../../main/protocol/wire/generated/de_mls/messages/v1/messages_pb.js';
import { conversation, hex, text, toHex, vectors } from '../vectors.ts';

const [alice = new Uint8Array(), bob = new Uint8Array()] = vectors.identities.map((entry) => hex(entry.member_id));
const firstVote = decodeVote(hex(vectors.votes[0]?.encoded_vote ?? ''));
const removeBob = { payload: { case: 'removeMember', value: { identity: bob } } } as const;

const app = (payload: NonNullable<MessageInitShape<typeof AppMessageSchema>['payload']>): Uint8Array =>
  encodeAppMessage({ payload });
const request = (
  payload: NonNullable<MessageInitShape<typeof ConversationUpdateRequestSchema>['payload']>,
): Uint8Array => encodeConversationUpdateRequest({ payload });
const raw = <Desc extends DescMessage>(schema: Desc, init: MessageInitShape<Desc>): Uint8Array =>
  toBinary(schema, create(schema, init));

/** One line for each vector of `encodings`, in its order: built from values, compared with bytes. */
const encodings: readonly (() => Uint8Array)[] = [
  () =>
    app({
      case: 'conversationMessage',
      value: {
        message: text('hi'),
        sender: '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266',
        conversationName: 'mls-devs',
      },
    }),
  () => app({ case: 'banRequest', value: { userToBan: bob, conversationName: 'mls-devs' } }),
  () => app({ case: 'vote', value: firstVote }),
  () =>
    app({
      case: 'votePayload',
      value: {
        conversationId: 'mls-devs',
        proposalId: 42,
        payload: encodeConversationUpdateRequest(removeBob),
        timestamp: 1750000000n,
      },
    }),
  () => app({ case: 'userVote', value: { proposalId: 42, vote: true, conversationName: 'mls-devs' } }),
  () => app({ case: 'proposalAdded', value: { conversationId: 'mls-devs', request: removeBob } }),
  () =>
    app({
      case: 'commitCandidate',
      value: {
        conversationName: text('mls-devs'),
        mlsProposals: [text('P0'), text('P1')],
        commitMessage: text('COMMIT'),
        stewardIdentity: alice,
      },
    }),
  () =>
    app({
      case: 'conversationSync',
      value: {
        stewardMembers: [alice, bob],
        electionEpoch: 0n,
        snMin: 1,
        snMax: 2,
        peerScores: [{ memberId: bob, score: -10n }],
        timing: {
          commitInactivityDurationMs: 60000n,
          freezeDurationMs: 30000n,
          proposalExpirationMs: 600000n,
          consensusTimeoutMs: 30000n,
          recoveryInactivityDurationMs: 5000n,
        },
        maxReelectionAttempts: 1,
        livenessCriteriaYes: true,
        pendingUpdateMaxEpochs: 3,
      },
    }),
  () => request({ case: 'inviteMember', value: { keyPackageBytes: text('KP'), identity: bob } }),
  () => encodeConversationUpdateRequest(removeBob),
  () =>
    request({
      case: 'emergencyCriteria',
      value: {
        evidence: {
          violationType: ViolationType.BROKEN_COMMIT,
          targetMemberId: hex('aabb'),
          evidencePayload: hex('dead'),
          epoch: 5n,
          creatorMemberId: hex('01'),
        },
      },
    }),
  () =>
    request({
      case: 'emergencyCriteria',
      value: {
        evidence: {
          violationType: ViolationType.SCORE_BELOW_THRESHOLD,
          targetMemberId: bob,
          evidencePayload: encodeScoreEvidence(-10n),
          epoch: 3n,
          creatorMemberId: alice,
        },
      },
    }),
  () =>
    request({
      case: 'emergencyCriteria',
      value: { evidence: { violationType: ViolationType.DEADLOCK, epoch: 3n, creatorMemberId: alice } },
    }),
  () => request({ case: 'emergencyCriteria', value: {} }),
  () =>
    request({
      case: 'stewardElection',
      value: { proposedStewards: [alice, bob], electionEpoch: 4n, retryRound: 1 },
    }),
  () => encodeWelcomeMessage({ payload: { case: 'userKeyPackage', value: { keyPackageBytes: text('KP') } } }),
  () => encodeWelcomeMessage({ payload: { case: 'invitationToJoin', value: { mlsMessageOutBytes: text('WELCOME') } } }),
  () => raw(PeerScoreSchema, { memberId: bob, score: -10n }),
];

/** Decodes and encodes again with the codec that the vector's name asks for. */
function again(name: string, bytes: Uint8Array): Uint8Array {
  if (name.startsWith('AppMessage')) return encodeAppMessage(decodeAppMessage(bytes));
  if (name.startsWith('ConversationUpdateRequest')) {
    return encodeConversationUpdateRequest(decodeConversationUpdateRequest(bytes));
  }
  return encodeWelcomeMessage(decodeWelcomeMessage(bytes));
}

describe('encodings', () => {
  it('has a case for every vector', () => {
    expect(encodings.length).toBe(vectors.encodings.length);
  });

  it.each(vectors.encodings.map((vector, index) => [vector.message, vector.hex, encodings[index]] as const))(
    'R-009 R-010 %s has the bytes of the vector',
    (_name, expected, build) => {
      expect(toHex(build?.() ?? new Uint8Array())).toBe(expected);
    },
  );

  it.each(
    vectors.encodings
      .filter((vector) => !vector.message.startsWith('PeerScore'))
      .map((v) => [v.message, v.hex] as const),
  )('R-009 %s comes back equal after decoding', (name, expected) => {
    expect(toHex(again(name, hex(expected)))).toBe(expected);
  });

  it.each(vectors.proposals.map((vector) => [vector.label, vector] as const))(
    'R-009 the proposal "%s" has the bytes of the vector',
    (_label, vector) => {
      const proposal = decodeProposal(hex(vector.encoded));
      expect(toHex(encodeProposal(proposal))).toBe(vector.encoded);
      expect(toHex(app({ case: 'proposal', value: proposal }))).toBe(vector.app_message);
    },
  );

  it.each(vectors.votes.map((vector, index) => [index, vector] as const))(
    'R-009 vote %i has the bytes of the vector, signed and unsigned',
    (_index, vector) => {
      const vote = {
        voteId: vector.vote_id,
        voteOwner: hex(vector.vote_owner),
        proposalId: vector.proposal_id,
        timestamp: BigInt(vector.timestamp),
        vote: vector.vote,
        parentHash: hex(vector.parent_hash),
        receivedHash: hex(vector.received_hash),
        voteHash: hex(vector.vote_hash),
        signature: hex(vector.signature),
      };
      expect(toHex(encodeVote(vote))).toBe(vector.encoded_vote);
      expect(toHex(encodeVoteForSigning(decodeVote(hex(vector.encoded_vote))))).toBe(vector.signed_bytes);
    },
  );

  it('R-011 unknown fields are ignored and are not sent on', () => {
    // Field 1099 of AppMessage and field 1099 of the vote inside, both varint 1.
    const unknown = 'd84401';
    const vote = `${vectors.votes[0]?.encoded_vote ?? ''}${unknown}`;
    const message = hex(`22${varint(vote.length / 2)}${vote}${unknown}`);
    const decoded = decodeAppMessage(message);
    expect(decoded.payload.case).toBe('vote');
    expect(decoded.$unknown).toBeUndefined();
    expect(toHex(encodeAppMessage(decoded))).toBe(vectors.encodings[2]?.hex);
  });

  it('R-009 our extension fields travel in every message that has them', () => {
    const bytes = app({
      case: 'conversationMessage',
      value: {
        message: text('hi'),
        messageId: '018f0000-0000-7000-8000-000000000000',
        sequence: 7n,
        sentAtMs: 1750000000123n,
        replyTo: '018f0000-0000-7000-8000-000000000001',
      },
    });
    const { payload } = decodeAppMessage(bytes);
    expect(payload.case === 'conversationMessage' && payload.value.sequence).toBe(7n);
    expect(payload.case === 'conversationMessage' && payload.value.sentAtMs).toBe(1750000000123n);
    expect(toHex(bytes)).toContain('c23e24'); // field 1000, 36 bytes
  });

  it('R-013 the five durations of a timing come back without any two swapped', () => {
    const timing = {
      commitInactivityDurationMs: 1n,
      freezeDurationMs: 2n,
      proposalExpirationMs: 3n,
      consensusTimeoutMs: 4n,
      recoveryInactivityDurationMs: 5n,
    };
    const { payload } = decodeAppMessage(app({ case: 'conversationSync', value: { timing } }));
    expect(payload.case === 'conversationSync' && payload.value.timing).toMatchObject(timing);
  });
});

describe('plain values', () => {
  it.each(vectors.score_evidence_payload.map((vector) => [vector.score, vector.bytes] as const))(
    'the evidence of score %s has the bytes of the vector',
    (score, bytes) => {
      expect(toHex(encodeScoreEvidence(BigInt(score)))).toBe(bytes);
      expect(decodeScoreEvidence(hex(bytes))).toBe(BigInt(score));
    },
  );

  it('a score outside of 64 bits or evidence of another length is refused', () => {
    expect(() => encodeScoreEvidence(1n << 63n)).toThrow(expect.objectContaining({ code: 'InvalidField' }));
    expect(() => decodeScoreEvidence(new Uint8Array(7))).toThrow(expect.objectContaining({ code: 'Malformed' }));
  });

  it.each(vectors.commit_hash.map((vector) => [vector.input_utf8, vector.sha256] as const))(
    'the hash of commit "%s" is that of the vector',
    (input, sha256) => {
      expect(toHex(commitHash(text(input)))).toBe(sha256);
    },
  );

  it.each(vectors.content_topics.map((vector) => [vector.topic, vector] as const))(
    'R-002 %s is the topic of its conversation and subtopic',
    (topic, vector) => {
      expect(contentTopic(conversation(vector.conversation), vector.subtopic)).toBe(topic);
      expect(parseContentTopic(topic)).toEqual({ conversationId: vector.conversation, subtopic: vector.subtopic });
    },
  );

  it.each([
    '//1/app_msg/proto',
    '/id/1//proto',
    '/id/1/other/proto',
    '/a/b/1/app_msg/proto',
    'id/1/welcome/proto',
    '',
    '/',
  ])('R-003 R-008 the topic "%s" is not parsed', (topic) => {
    expect(() => parseContentTopic(topic)).toThrow(expect.objectContaining({ code: 'InvalidTopic' }));
  });

  it.each(['', 'a/b', 'ä', 'x'.repeat(65), 'a b'])('R-004 no topic is made for the conversation id "%s"', (id) => {
    expect(() => contentTopic(conversation(id), 'welcome')).toThrow(expect.objectContaining({ code: 'InvalidTopic' }));
  });
});

function varint(value: number): string {
  return value < 128 ? toHex(Uint8Array.of(value)) : toHex(Uint8Array.of((value & 127) | 128, value >> 7));
}
