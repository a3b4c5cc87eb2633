/** Writes journals by hand with real signatures, for tests that need one with exactly this or that wrong. */
import { createHash } from 'node:crypto';
import type { ConversationId, MemberId, ProposalId } from '../../../../shared/model/ids.ts';
import { selfLeaveId, type SignatureScheme } from '../../../../main/protocol/consensus/index.ts';
import { ETHEREUM_SCHEME } from '../../../../main/protocol/consensus/index.ts';
import { buildProposal, buildSelfLeave, proposalHash } from '../../../../main/protocol/consensus/proposal.ts';
import { buildVote } from '../../../../main/protocol/consensus/vote.ts';
import { createIdentity, memberIdToBytes, type Identity } from '../../../../main/protocol/identity/index.ts';
import {
  extend,
  genesis,
  keyPackageReference,
  type CommitFacts,
  type JournalChange,
} from '../../../../main/protocol/journal/index.ts';
import {
  decodeDecisionEvidence,
  encodeConversationUpdateRequest,
  encodeDecisionEvidence,
  type DecisionEvidence,
} from '../../../../main/protocol/wire/index.ts';

export const CONVERSATION = 'aaaabbbbccccddddeeeeffffgg' as ConversationId;
const NOW = 1_750_000_000_000;
const HOUR_S = 3600;

export const people: readonly Identity[] = ['alice', 'bob', 'carol', 'dave', 'eve'].map((name) =>
  createIdentity(createHash('sha256').update(name).digest()),
);

/** Wallet signatures, each checked once: the tests check the same ones thousands of times. */
export const cachedScheme: SignatureScheme = (() => {
  const known = new Map<string, ReturnType<SignatureScheme['verify']>>();
  return {
    verify(memberId, payload, signature) {
      const key = createHash('sha256').update(memberId).update(payload).update(signature).digest('hex');
      const verdict = known.get(key) ?? ETHEREUM_SCHEME.verify(memberId, payload, signature);
      known.set(key, verdict);
      return verdict;
    },
  };
})();

export interface Decided {
  readonly payload: Uint8Array;
  readonly electorate: readonly Identity[];
  readonly epoch: number;
  /** The first is the proposer. */
  readonly yes: readonly Identity[];
  readonly no?: readonly Identity[];
  readonly silence?: boolean;
  readonly livenessCriteriaYes?: boolean;
}

/** The evidence of a decision, votes signed. */
export function evidence(decided: Decided, id = 7): DecisionEvidence {
  const { electorate, yes, no = [] } = decided;
  const proposal = buildProposal({
    name: 'change',
    payload: decided.payload,
    proposalId: id as ProposalId,
    owner: (yes[0] ?? electorate[0])!.memberId,
    expectedVoters: electorate.length,
    expirySeconds: HOUR_S,
    livenessCriteriaYes: decided.livenessCriteriaYes ?? true,
    epoch: BigInt(decided.epoch),
    now: NOW,
  });
  return withVotes(proposal, decided, [
    ...yes.map((by) => ({ by, choice: true })),
    ...no.map((by) => ({ by, choice: false })),
  ]);
}

/** A member's own wish to leave. */
export function ownLeave(leaver: Identity, electorate: readonly Identity[], epoch: number): DecisionEvidence {
  const proposal = buildSelfLeave(leaver.memberId, HOUR_S, BigInt(epoch), NOW);
  if (proposal.proposalId !== selfLeaveId(leaver.memberId)) throw new Error('not its own id');
  return withVotes(proposal, { electorate }, [{ by: leaver, choice: true }]);
}

function withVotes(
  proposal: ReturnType<typeof buildProposal>,
  { electorate, silence = false }: Pick<Decided, 'electorate' | 'silence'>,
  choices: readonly { readonly by: Identity; readonly choice: boolean }[],
): DecisionEvidence {
  const hash = proposalHash(proposal);
  const votes = choices.map(({ by, choice }, index) =>
    buildVote(
      {
        voteId: index + 1,
        proposalId: proposal.proposalId,
        proposalHash: hash,
        timestampSeconds: proposal.timestamp + BigInt(index),
        choice,
        votes: [],
      },
      by,
    ),
  );
  const ids = electorate.map(({ memberId }) => memberIdToBytes(memberId)).sort(Buffer.compare);
  return decodeDecisionEvidence(
    encodeDecisionEvidence({ proposal: { ...proposal, votes, round: 0 }, electorate: ids, silence }),
  );
}

export const keyPackageOf = (person: Identity): Uint8Array =>
  new TextEncoder().encode(`key package of ${person.memberId}`);

export function invitation(person: Identity): Uint8Array {
  const value = { keyPackageBytes: keyPackageOf(person), identity: memberIdToBytes(person.memberId) };
  return encodeConversationUpdateRequest({ payload: { case: 'inviteMember', value } });
}

export function removal(memberId: MemberId, reason = ''): Uint8Array {
  const value = { identity: memberIdToBytes(memberId), reason };
  return encodeConversationUpdateRequest({ payload: { case: 'removeMember', value } });
}

export const added = (person: Identity): JournalChange => ({
  kind: 'add',
  memberId: person.memberId,
  keyPackageReference: keyPackageReference(keyPackageOf(person)),
});
export const removed = (person: Identity): JournalChange => ({ kind: 'remove', memberId: person.memberId });

/** A journal that grows commit by commit. */
export class Written {
  readonly records: Uint8Array[] = [];
  head: Uint8Array;

  constructor(creator: Identity) {
    const { head, record } = genesis(CONVERSATION, creator.memberId);
    this.head = head;
    this.records.push(record);
  }

  commit(
    committer: Identity,
    changes: readonly JournalChange[],
    decisions: readonly DecisionEvidence[],
    more: Partial<CommitFacts> = {},
  ): this {
    const facts: CommitFacts = {
      conversationId: CONVERSATION,
      epoch: this.records.length,
      committer: committer.memberId,
      commitHash: new Uint8Array(32).fill(this.records.length),
      changes,
      epochAuthenticator: new Uint8Array(32).fill(0xa0 + this.records.length),
      ...more,
    };
    const { head, record } = extend(this.head, facts, { evidence: decisions });
    this.head = head;
    this.records.push(record);
    return this;
  }
}

/** Alice's group lets Bob, Carol and Dave in; Dave is voted out; Carol leaves. */
export function story(): Written {
  const [alice, bob, carol, dave] = people as [Identity, Identity, Identity, Identity];
  return new Written(alice)
    .commit(alice, [added(bob)], [evidence({ payload: invitation(bob), electorate: [alice], epoch: 0, yes: [alice] })])
    .commit(
      alice,
      [added(carol)],
      [evidence({ payload: invitation(carol), electorate: [alice, bob], epoch: 1, yes: [bob, alice] })],
    )
    .commit(
      bob,
      [added(dave)],
      [evidence({ payload: invitation(dave), electorate: [alice, bob, carol], epoch: 2, yes: [bob], silence: true })],
    )
    .commit(
      carol,
      [removed(dave)],
      [
        evidence({
          payload: removal(dave.memberId, 'spam'),
          electorate: [alice, bob, carol, dave],
          epoch: 3,
          yes: [alice, bob, carol],
          no: [dave],
          livenessCriteriaYes: false,
        }),
      ],
    )
    .commit(bob, [removed(carol)], [ownLeave(carol, [alice, bob, carol], 4)]);
}
