/** What is over a limit of §18.5, or is no message at all, never gets past the decoder. */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { create, toBinary } from '@bufbuild/protobuf';
import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  decodeAppMessage,
  decodeCommitCandidate,
  decodeConversationSync,
  decodeConversationUpdateRequest,
  decodeHello,
  decodeInviteOffer,
  decodeInviteOfferReply,
  decodeProposal,
  decodeVote,
  decodeWelcomeMessage,
  encodeAppMessage,
  encodeConversationSync,
  encodeConversationUpdateRequest,
  encodeHello,
  encodeInviteOffer,
  encodeInviteOfferReply,
  encodeProposal,
  encodeWelcomeMessage,
  WireError,
} from '../../../../main/protocol/wire/index.ts';
import {
  AppMessageSchema,
  WelcomeMessageSchema,
} from '../../../../main/protocol/wire/generated/de_mls/messages/v1/messages_pb.js';
import {
  MAX_CANDIDATE_BYTES,
  MAX_CANDIDATE_PROPOSALS,
  MAX_DISPLAY_NAME_LENGTH,
  MAX_EVIDENCE_BYTES,
  MAX_IDENTITY_BYTES,
  MAX_KEY_PACKAGE_BYTES,
  MAX_MEMBERS,
  MAX_MESSAGE_TEXT_BYTES,
  MAX_PACKET_BYTES,
  MAX_PROPOSAL_NAME_BYTES,
  MAX_PROPOSAL_PAYLOAD_BYTES,
  MAX_REASON_LENGTH,
} from '../../../../shared/limits.ts';

type AppPayload = NonNullable<MessageInitShape<typeof AppMessageSchema>['payload']>;
const bytes = (length: number): Uint8Array => new Uint8Array(length);
const tooLarge = expect.objectContaining({ code: 'TooLarge' }) as WireError;

/** Encoded past our own checks, as a hostile sender would. */
const hostile = (payload: AppPayload): Uint8Array => toBinary(AppMessageSchema, create(AppMessageSchema, { payload }));

/** For each limit: a message with one value, of the given size, that the limit bounds. */
const bounded: readonly (readonly [name: string, limit: number, build: (size: number) => AppPayload])[] = [
  ['chat text', MAX_MESSAGE_TEXT_BYTES, (n) => ({ case: 'conversationMessage', value: { message: bytes(n) } })],
  ['message id', 36, (n) => ({ case: 'conversationMessage', value: { messageId: 'x'.repeat(n) } })],
  ['proposal payload', MAX_PROPOSAL_PAYLOAD_BYTES, (n) => ({ case: 'proposal', value: { payload: bytes(n) } })],
  ['proposal name', MAX_PROPOSAL_NAME_BYTES, (n) => ({ case: 'proposal', value: { name: 'x'.repeat(n) } })],
  [
    'proposal name in bytes',
    MAX_PROPOSAL_NAME_BYTES / 2,
    (n) => ({ case: 'proposal', value: { name: 'ä'.repeat(n) } }),
  ],
  [
    'embedded votes',
    MAX_MEMBERS,
    (n) => ({ case: 'proposal', value: { votes: Array.from({ length: n }, () => ({})) } }),
  ],
  ['vote owner', MAX_IDENTITY_BYTES, (n) => ({ case: 'vote', value: { voteOwner: bytes(n) } })],
  ['vote hash', 64, (n) => ({ case: 'vote', value: { voteHash: bytes(n) } })],
  ['vote signature', 128, (n) => ({ case: 'vote', value: { signature: bytes(n) } })],
  [
    'proposals of a candidate',
    MAX_CANDIDATE_PROPOSALS,
    (n) => ({ case: 'commitCandidate', value: { mlsProposals: Array.from({ length: n }, () => bytes(1)) } }),
  ],
  [
    'certificates of a candidate',
    MAX_CANDIDATE_PROPOSALS,
    (n) => ({ case: 'commitCandidate', value: { certificates: Array.from({ length: n }, () => ({})) } }),
  ],
  ['banned identity', MAX_IDENTITY_BYTES, (n) => ({ case: 'banRequest', value: { userToBan: bytes(n) } })],
  [
    'stewards of a sync',
    MAX_MEMBERS,
    (n) => ({ case: 'conversationSync', value: { stewardMembers: Array.from({ length: n }, () => bytes(1)) } }),
  ],
  [
    'scores of a sync',
    MAX_MEMBERS,
    (n) => ({ case: 'conversationSync', value: { peerScores: Array.from({ length: n }, () => ({})) } }),
  ],
  ['display name', MAX_DISPLAY_NAME_LENGTH, (n) => ({ case: 'memberNotice', value: { displayName: 'x'.repeat(n) } })],
  [
    'removal reason',
    MAX_REASON_LENGTH,
    (n) => ({
      case: 'proposalAdded',
      value: { request: { payload: { case: 'removeMember', value: { reason: 'x'.repeat(n) } } } },
    }),
  ],
  [
    'key package of an invite',
    MAX_KEY_PACKAGE_BYTES,
    (n) => ({
      case: 'proposalAdded',
      value: { request: { payload: { case: 'inviteMember', value: { keyPackageBytes: bytes(n) } } } },
    }),
  ],
  [
    'evidence',
    MAX_EVIDENCE_BYTES,
    (n) => ({
      case: 'proposalAdded',
      value: {
        request: { payload: { case: 'emergencyCriteria', value: { evidence: { evidencePayload: bytes(n) } } } },
      },
    }),
  ],
];

describe('limits', () => {
  it.each(bounded)(
    'R-014 W-41 %s at its limit is taken, one more is refused on the way in and out',
    (_name, limit, build) => {
      expect(() => decodeAppMessage(encodeAppMessage({ payload: build(limit) }))).not.toThrow();
      expect(() => decodeAppMessage(hostile(build(limit + 1)))).toThrow(tooLarge);
      expect(() => encodeAppMessage({ payload: build(limit + 1) })).toThrow(tooLarge);
    },
  );

  it('R-014 an announced key package over its limit is refused', () => {
    const payload = { case: 'userKeyPackage', value: { keyPackageTls: bytes(MAX_KEY_PACKAGE_BYTES + 1) } } as const;
    expect(() => encodeWelcomeMessage({ payload })).toThrow(tooLarge);
    expect(() =>
      decodeWelcomeMessage(toBinary(WelcomeMessageSchema, create(WelcomeMessageSchema, { payload }))),
    ).toThrow(tooLarge);
  });

  it('R-014 W-41 a packet over 256 KiB is refused unread, a candidate only over 512 KiB', () => {
    const big = (payload: (size: number) => AppPayload, size: number): Uint8Array => hostile(payload(size));
    const welcome = (n: number): AppPayload => ({ case: 'memberWelcome', value: { welcomeBytes: bytes(n) } });
    const candidate = (n: number): AppPayload => ({ case: 'commitCandidate', value: { commitMessage: bytes(n) } });
    expect(() => decodeAppMessage(big(welcome, MAX_PACKET_BYTES))).toThrow(tooLarge);
    expect(decodeAppMessage(big(candidate, MAX_PACKET_BYTES)).payload.case).toBe('commitCandidate');
    expect(() => decodeAppMessage(big(candidate, MAX_CANDIDATE_BYTES))).not.toThrow();
    expect(() => decodeAppMessage(big(candidate, MAX_CANDIDATE_BYTES + 16))).toThrow(tooLarge);
  });

  it('R-014 a large message cannot hide behind the tag of a candidate', () => {
    // An empty candidate first: protobuf lets the last member of a oneof win.
    const disguised = Buffer.concat([
      hostile({ case: 'commitCandidate', value: {} }),
      hostile({ case: 'memberWelcome', value: { welcomeBytes: bytes(MAX_PACKET_BYTES) } }),
    ]);
    expect(() => decodeAppMessage(disguised)).toThrow(tooLarge);
  });
});

describe('hostile bytes', () => {
  const decoders: readonly (readonly [string, (input: Uint8Array) => unknown])[] = [
    ['AppMessage', decodeAppMessage],
    ['WelcomeMessage', decodeWelcomeMessage],
    ['ConversationUpdateRequest', decodeConversationUpdateRequest],
    ['Proposal', decodeProposal],
    ['Vote', decodeVote],
    ['CommitCandidate', decodeCommitCandidate],
    ['ConversationSync', decodeConversationSync],
    ['Hello', decodeHello],
    ['InviteOffer', decodeInviteOffer],
    ['InviteOfferReply', decodeInviteOfferReply],
  ];

  it.each(decoders)(
    'R-014 random and mutated bytes never make the decoder of %s throw anything but a WireError',
    (_n, decode) => {
      const seed = hostile({ case: 'proposal', value: { name: 'x', votes: [{ vote: true }], payload: bytes(40) } });
      const mutated = fc.array(fc.tuple(fc.nat(seed.length - 1), fc.nat(255)), { maxLength: 8 }).map((changes) => {
        const copy = seed.slice();
        for (const [index, byte] of changes) copy[index] = byte;
        return copy;
      });
      fc.assert(
        fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), mutated), (input) => {
          try {
            decode(input);
          } catch (error) {
            expect(error).toBeInstanceOf(WireError);
          }
        }),
        { numRuns: 300 },
      );
    },
  );

  it('R-014 groups nested without end are refused, not followed', () => {
    expect(() => decodeAppMessage(bytes(MAX_PACKET_BYTES).fill(0xfb))).toThrow(WireError);
    expect(() => decodeAppMessage(bytes(100_000).fill(0x7b))).toThrow(expect.objectContaining({ code: 'Malformed' }));
  });

  it('R-012 an MLS message is never taken for a message in the clear', () => {
    expect(() => decodeAppMessage(Uint8Array.of(0, 1, 0, 2, 1, 2, 3))).toThrow(
      expect.objectContaining({ code: 'Malformed' }),
    );
  });
});

describe('round trips', () => {
  const u32 = fc.nat(0xffffffff);
  const u64 = fc.bigInt(0n, (1n << 64n) - 1n);
  const i64 = fc.bigInt(-(1n << 63n), (1n << 63n) - 1n);
  const short = fc.uint8Array({ maxLength: 64 });

  it('any proposal survives encoding', () => {
    const vote = fc.record({
      voteId: u32,
      voteOwner: short,
      proposalId: u32,
      timestamp: u64,
      vote: fc.boolean(),
      parentHash: short,
      receivedHash: short,
      voteHash: short,
      signature: short,
    });
    const proposal = fc.record({
      name: fc.string({ maxLength: 30 }),
      payload: fc.uint8Array({ maxLength: 300 }),
      proposalId: u32,
      proposalOwner: short,
      votes: fc.array(vote, { maxLength: 4 }),
      expectedVotersCount: u32,
      round: u32,
      timestamp: u64,
      expirationTimestamp: u64,
      livenessCriteriaYes: fc.boolean(),
    });
    fc.assert(
      fc.property(proposal, (value) => {
        const decoded = decodeProposal(encodeProposal(value));
        expect(decoded).toMatchObject(value);
        expect(encodeProposal(decoded)).toEqual(encodeProposal(value));
      }),
    );
  });

  it('R-010 any sync survives encoding, scores of both signs too', () => {
    const sync = fc.record({
      stewardMembers: fc.array(short, { maxLength: 4 }),
      electionEpoch: u64,
      peerScores: fc.array(fc.record({ memberId: short, score: i64 }), { maxLength: 4 }),
      thresholdPeerScore: i64,
      peerScoreDefault: i64,
      membersMayInvite: fc.boolean(),
      votingDelayMs: u64,
      votedOut: fc.array(short, { maxLength: 4 }),
      memberNames: fc.array(fc.record({ memberId: short, displayName: fc.string({ maxLength: 20 }) }), {
        maxLength: 3,
      }),
      inviteState: fc.record({ epoch: u64, counter: u32, secret: short }),
    });
    fc.assert(
      fc.property(sync, (value) => {
        expect(decodeConversationSync(encodeConversationSync(value))).toMatchObject(value);
      }),
    );
  });

  it('direct messages and requests survive encoding', () => {
    const hello = {
      memberId: bytes(20),
      signature: bytes(65),
      displayName: 'Ann',
      listenAddresses: ['/ip4/127.0.0.1'],
    };
    expect(decodeHello(encodeHello(hello))).toMatchObject(hello);
    expect(decodeInviteOffer(encodeInviteOffer({ invite: 'conclave:x' })).invite).toBe('conclave:x');
    expect(decodeInviteOfferReply(encodeInviteOfferReply({ accepted: true })).accepted).toBe(true);
    const value = { keyPackageBytes: bytes(3), identity: bytes(20), inviteMac: bytes(32), displayName: 'Ann' };
    expect(
      decodeConversationUpdateRequest(encodeConversationUpdateRequest({ payload: { case: 'inviteMember', value } }))
        .payload,
    ).toMatchObject({ case: 'inviteMember', value });
  });
});
