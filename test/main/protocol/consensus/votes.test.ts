/** Votes with real wallet signatures, their chain, certificates and the stored form, against the vectors. */
import { describe, expect, it } from 'vitest';
import {
  certificateOf,
  certified,
  createConsensus,
  decodeConsensusSnapshot,
  encodeConsensusSnapshot,
  ETHEREUM_SCHEME,
  type SignatureScheme,
} from '../../../../main/protocol/consensus/index.ts';
import { buildVote, validateVote, validateVoteChain, voteHash } from '../../../../main/protocol/consensus/vote.ts';
import { validateProposal } from '../../../../main/protocol/consensus/proposal.ts';
import { decodeProposal, decodeVote, encodeVote } from '../../../../main/protocol/wire/index.ts';
import type { Vote } from '../../../../main/protocol/wire/index.ts';
import { hex, toHex, vectors, wallet } from '../vectors.ts';

const NOW = 1_750_000_000_000;
const names = ['alice', 'bob', 'charlie', 'dave'] as const;
const wallets = names.map((name) => wallet(name));
const roster = wallets.map((each) => each.memberId);
const votes = vectors.votes.map((vector) => decodeVote(hex(vector.encoded_vote)));
const lifetime = { timestamp: 1_750_000_000n, expirationTimestamp: 1_750_000_600n };
const code = (name: string): unknown => expect.objectContaining({ code: name });
const first = (): Vote => votes[0] ?? expect.fail();

describe('votes', () => {
  it.each(vectors.votes.map((vector, index) => [index, vector] as const))(
    'R-103 R-104 vote %i has the hash and signature of the vector, and its owner verifies',
    (index, vector) => {
      const vote = votes[index] ?? expect.fail();
      expect(toHex(voteHash(vote))).toBe(vector.vote_hash);
      const signer = wallet(vector.voter as (typeof names)[number]);
      expect(validateVote(vote, lifetime, lifetime.timestamp, ETHEREUM_SCHEME)).toBe(signer.memberId);
    },
  );

  it('R-103 R-104 R-105 R-106 building the votes of the chain anew gives their bytes', () => {
    for (const [index, vector] of vectors.votes.slice(0, 4).entries()) {
      const built = buildVote(
        {
          voteId: vector.vote_id,
          proposalId: vector.proposal_id,
          proposalHash: new Uint8Array(),
          timestampSeconds: BigInt(vector.timestamp),
          choice: vector.vote,
          votes: votes.slice(0, index),
        },
        wallet(vector.voter as (typeof names)[number]),
      );
      expect(toHex(encodeVote(built))).toBe(vector.encoded_vote);
    }
  });

  it.each([
    ['EmptyVoteOwner', { voteOwner: new Uint8Array() }],
    ['EmptyVoteHash', { voteHash: new Uint8Array() }],
    ['EmptySignature', { signature: new Uint8Array() }],
    ['InvalidVoteHash', { vote: false }],
    ['InvalidVoteSignature', { signature: decodeVote(hex(vectors.votes[1]?.encoded_vote ?? '')).signature }],
    ['SignatureScheme', { signature: new Uint8Array(64) }],
  ])('R-108 R-109 a damaged vote is %s', (expected, part) => {
    expect(() => validateVote({ ...first(), ...part }, lifetime, lifetime.timestamp, ETHEREUM_SCHEME)).toThrow(
      code(expected),
    );
  });

  it('R-108 with several faults the first in the order of the text is told', () => {
    const bad = { ...first(), voteOwner: new Uint8Array(), voteHash: new Uint8Array(), signature: new Uint8Array() };
    expect(() => validateVote(bad, lifetime, 0n, ETHEREUM_SCHEME)).toThrow(code('EmptyVoteOwner'));
  });

  it('R-110 a vote older than its proposal or later than its expiry is refused', () => {
    const check =
      (part: Partial<typeof lifetime>, now = lifetime.timestamp) =>
      () =>
        validateVote(first(), { ...lifetime, ...part }, now, ETHEREUM_SCHEME);
    expect(check({ timestamp: 1_750_000_001n })).toThrow(code('TimestampOlderThanCreationTime'));
    expect(check({ timestamp: 0n, expirationTimestamp: 1_749_999_999n })).toThrow(code('VoteExpired'));
    expect(check({}, lifetime.expirationTimestamp + 1n)).toThrow(code('VoteExpired'));
    expect(check({}, lifetime.expirationTimestamp)).not.toThrow();
  });

  it.each(vectors.vote_chain.cases.map((row) => [row.votes.join(' '), row] as const))(
    'R-113 the chain %s is judged as in the vector',
    (_name, row) => {
      const check = (): void => {
        validateVoteChain(row.votes.map((index) => votes[index] ?? expect.fail()));
      };
      if (row.valid) expect(check).not.toThrow();
      else expect(check).toThrow(code(row.error ?? ''));
    },
  );

  it("R-113 another owner's vote is no parent", () => {
    const stolen = { ...(votes[1] ?? expect.fail()), parentHash: first().voteHash };
    expect(() => validateVoteChain([first(), stolen])).toThrow(code('ParentHashMismatch'));
  });

  it('R-113 a vote that is older than the vote it names as received is out of order', () => {
    const second = { ...(votes[1] ?? expect.fail()), timestamp: first().timestamp - 1n };
    expect(() => validateVoteChain([first(), second])).toThrow(code('ReceivedHashMismatch'));
  });

  it('R-112 an embedded vote of another proposal is refused, an expired proposal before it', () => {
    const proposal = decodeProposal(hex(vectors.proposals[0]?.encoded ?? ''));
    const other = { ...proposal, votes: proposal.votes.map((vote) => ({ ...vote, proposalId: 7 })) };
    expect(() => validateProposal(other, NOW, ETHEREUM_SCHEME)).toThrow(code('VoteProposalIdMismatch'));
    expect(() => validateProposal(other, NOW + 600_000, ETHEREUM_SCHEME)).toThrow(code('ProposalExpired'));
    // The reference's vote names no proposal hash: it would fit any payload under this id.
    expect(() => validateProposal(proposal, NOW, ETHEREUM_SCHEME)).toThrow(code('VoteOfAnotherProposal'));
  });
});

/** A vote of all four wallets, YES from the first `yes` of them; the session as the first wallet sees it. */
function poll(yes: number) {
  let counter = 0;
  const random = (length: number): Uint8Array => new Uint8Array(length).fill((counter += 1));
  const [own, ...others] = wallets.map((signer) => createConsensus({ signer, random, scheme: ETHEREUM_SCHEME }));
  if (own === undefined) return expect.fail();
  const window = { timeoutMs: 30_000 };
  const context = { roster, epoch: 3n, now: NOW };
  const { proposal, proposalId } = own.openProposal({
    ...context,
    window,
    payload: Uint8Array.of(1),
    expirySeconds: 600,
    livenessCriteriaYes: true,
    ownVote: yes > 0,
  });
  for (const [index, other] of others.entries()) {
    other.processProposal(proposal, { ...context, window, sender: roster[0] ?? expect.fail() });
    const { vote } = other.castVote(proposalId, index + 1 < yes, NOW + 1000);
    own.processVote(vote, { ...context, sender: roster[index + 1] ?? expect.fail(), now: NOW + 1000 });
  }
  return { plugin: own, session: own.session(proposalId) ?? expect.fail() };
}

describe('decision certificates', () => {
  it('three YES of four prove the acceptance to anybody who knows the members', async () => {
    const certificate = certificateOf(poll(3).session) ?? expect.fail();
    expect(await certified(certificate, roster, ETHEREUM_SCHEME)).toEqual(certificate);
    expect(await certified(certificate, roster.slice(0, 3), ETHEREUM_SCHEME)).toBeUndefined();
  });

  it('the votes of one decision prove nothing about another payload', async () => {
    const certificate = certificateOf(poll(3).session) ?? expect.fail();
    expect(await certified({ ...certificate, payload: Uint8Array.of(2) }, roster, ETHEREUM_SCHEME)).toBeUndefined();
    expect(await certified({ ...certificate, name: 'other' }, roster, ETHEREUM_SCHEME)).toBeUndefined();
  });

  it('votes that are too few, repeated, damaged or NO prove nothing', async () => {
    const certificate = certificateOf(poll(3).session) ?? expect.fail();
    const [one, two] = certificate.votes;
    if (one === undefined || two === undefined) return expect.fail();
    for (const list of [
      [one, two],
      [one, two, two],
      [one, two, { ...two, voteOwner: hex(vectors.identities[3]?.member_id ?? '') }],
    ]) {
      expect(await certified({ ...certificate, votes: list }, roster, ETHEREUM_SCHEME)).toBeUndefined();
    }
    const refused = poll(1).session;
    expect(refused.votes.length).toBe(4);
    expect(certificateOf(refused)).toBeUndefined();
    expect(await certified(refused.proposal, roster, ETHEREUM_SCHEME)).toBeUndefined();
  });

  it('H-41 cost no more than one signature check each, none when they are too few, and none after the first forged one', async () => {
    const certificate = certificateOf(poll(3).session) ?? expect.fail();
    const [one, two, three] = certificate.votes;
    if (one === undefined || two === undefined || three === undefined) return expect.fail();
    const checksOf = async (votes: readonly Vote[]): Promise<number> => {
      let checks = 0;
      const scheme: SignatureScheme = {
        verify: (...args) => {
          checks += 1;
          return ETHEREUM_SCHEME.verify(...args);
        },
      };
      await certified({ ...certificate, votes: [...votes] }, roster, scheme);
      return checks;
    };
    expect(await checksOf([one, two, three])).toBe(3);
    expect(await checksOf([one, ...Array.from({ length: 200 }, () => two)])).toBe(0);
    const forged = (vote: Vote): Vote => ({ ...vote, signature: new Uint8Array(65).fill(1) });
    expect(await checksOf([one, two, three].map(forged))).toBe(1);
  });

  it('a decision by silence has no certificate', () => {
    const random = (length: number): Uint8Array => new Uint8Array(length).fill(9);
    const plugin = createConsensus({ signer: wallets[0] ?? expect.fail(), random, scheme: ETHEREUM_SCHEME });
    const { proposalId } = plugin.openProposal({
      payload: new Uint8Array(),
      expirySeconds: 60,
      livenessCriteriaYes: true,
      window: { timeoutMs: 1000 },
      roster,
      epoch: 0n,
      now: NOW,
      ownVote: true,
    });
    const decided = plugin.handleTimeout(proposalId, NOW + 60_000);
    expect(decided.state).toMatchObject({ result: true, by: 'timeout' });
    expect(certificateOf(decided)).toBeUndefined();
  });
});

describe('the stored form', () => {
  it('R-308 any snapshot comes back equal, and equal snapshots have equal bytes', () => {
    const { plugin } = poll(2);
    plugin.openSelfLeave({ roster, epoch: 4n, now: NOW, expirySeconds: 600 });
    const snapshot = plugin.snapshot();
    const bytes = encodeConsensusSnapshot(snapshot);
    const restored = decodeConsensusSnapshot(bytes);
    expect(restored).toEqual(snapshot);
    expect(encodeConsensusSnapshot(restored)).toEqual(bytes);
  });

  it('damaged bytes and another version are refused', () => {
    const bytes = encodeConsensusSnapshot(poll(2).plugin.snapshot());
    for (const bad of [new Uint8Array(), bytes.subarray(0, bytes.length - 3), bytes.with(1, 2)]) {
      expect(() => decodeConsensusSnapshot(bad)).toThrow(code('InvalidSnapshot'));
    }
  });
});
