/** What a stranger finds in a journal: that it holds, and every way in which somebody may have changed it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ETHEREUM_SCHEME } from '../../../../main/protocol/consensus/index.ts';
import type { Identity } from '../../../../main/protocol/identity/index.ts';
import { beginning, verifyDecision, verifyJournal } from '../../../../main/protocol/journal/index.ts';
import { ViolationType } from '../../../../main/protocol/wire/index.ts';
import { encodeConversationUpdateRequest, type DecisionEvidence } from '../../../../main/protocol/wire/index.ts';
import { memberIdToBytes } from '../../../../main/protocol/identity/index.ts';
import {
  added,
  cachedScheme,
  evidence,
  invitation,
  ownLeave,
  people,
  removal,
  removed,
  story,
  Written,
} from './written.ts';

const [alice, bob, carol, dave, eve] = people as [Identity, Identity, Identity, Identity, Identity];
const options = { scheme: cachedScheme };
const idsOf = (persons: readonly Identity[]) => persons.map(({ memberId }) => memberId);

async function faultOf(written: Written) {
  const verdict = await verifyJournal(written.records, options);
  return verdict.kind === 'refuted' ? { index: verdict.index, ...verdict.fault } : verdict.kind;
}

/** Alice, Bob and Carol, by votes of all. */
function three(): Written {
  return new Written(alice)
    .commit(alice, [added(bob)], [evidence({ payload: invitation(bob), electorate: [alice], epoch: 0, yes: [alice] })])
    .commit(
      alice,
      [added(carol)],
      [evidence({ payload: invitation(carol), electorate: [alice, bob], epoch: 1, yes: [alice, bob] })],
    );
}

const inviteDave = (more: Partial<Parameters<typeof evidence>[0]> = {}): DecisionEvidence =>
  evidence({ payload: invitation(dave), electorate: [alice, bob, carol], epoch: 2, yes: [alice, bob], ...more });

describe('a journal', () => {
  it('that holds says who is in, and what the decisions rest on', async () => {
    const written = story();
    expect(await verifyJournal(written.records)).toEqual({
      kind: 'verified',
      conversationId: 'aaaabbbbccccddddeeeeffffgg',
      head: written.head,
      length: 5,
      members: idsOf([alice, bob]),
      decisions: { votes: 3, silence: 1, selfLeave: 1 },
      attested: 0,
    });
  });

  it('H-17 lets a member come in again by one commit', async () => {
    const again = three().commit(
      bob,
      [added(carol), removed(carol)],
      [evidence({ payload: invitation(carol), electorate: [alice, bob, carol], epoch: 2, yes: [alice, bob] })],
    );
    expect(await faultOf(again)).toBe('verified');
  });

  it('H-9 takes the emergency of a low score for a decision on the removal', async () => {
    const payload = encodeConversationUpdateRequest({
      payload: {
        case: 'emergencyCriteria',
        value: {
          evidence: {
            violationType: ViolationType.SCORE_BELOW_THRESHOLD,
            targetMemberId: memberIdToBytes(carol.memberId),
            creatorMemberId: memberIdToBytes(alice.memberId),
            epoch: 2n,
          },
        },
      },
    });
    const decision = evidence({ payload, electorate: [alice, bob, carol], epoch: 2, yes: [alice, bob] });
    expect(await faultOf(three().commit(alice, [removed(carol)], [decision]))).toBe('verified');
    expect(await faultOf(three().commit(alice, [removed(bob)], [decision]))).toMatchObject({
      kind: 'UnrelatedEvidence',
    });
  });

  it('has the same head in whatever order a node lists the changes of a commit', () => {
    const one = three().commit(alice, [added(dave), added(eve), removed(bob)], []);
    const other = three().commit(alice, [removed(bob), added(eve), added(dave)], []);
    expect(one.head).toEqual(other.head);
    expect(three().commit(alice, [added(dave)], []).head).not.toEqual(one.head);
  });

  it('of somebody who came later begins with the members of then', async () => {
    const { records, head } = three();
    const later = new Written(alice);
    later.records.splice(0, 1, ...records.slice(0, 2));
    later.records.push(beginning('aaaabbbbccccddddeeeeffffgg' as never, 2, head, idsOf([alice, bob, carol])));
    later.head = head;
    later.records.splice(0, 2);
    const facts = { epoch: 3 };
    later.commit(bob, [added(dave)], [inviteDave()], facts);
    expect(await faultOf(later)).toBe('verified');
    // The vote was held before the copy begins: the evidence's own word on who was asked has to do.
    later.commit(
      bob,
      [added(eve)],
      [evidence({ payload: invitation(eve), electorate: [alice, bob], epoch: 1, yes: [alice, bob] })],
      { epoch: 4 },
    );
    expect(await faultOf(later)).toBe('verified');
  });
});

describe('a stranger refuses', () => {
  it('nothing at all, and what does not begin', async () => {
    expect(await verifyJournal([])).toEqual({ kind: 'refuted', index: 0, fault: { kind: 'Empty' } });
    expect(await verifyJournal(story().records.slice(1))).toMatchObject({ fault: { kind: 'NoBeginning' } });
    expect(await verifyJournal([Uint8Array.of(1, 2, 3)])).toMatchObject({ fault: { kind: 'Malformed' } });
  });

  it('a journal with a commit taken out, put in twice, or exchanged', async () => {
    const { records } = story();
    for (let index = 1; index < records.length - 1; index += 1) {
      const without = records.filter((_, position) => position !== index);
      expect(await verifyJournal(without, options)).toMatchObject({ kind: 'refuted', index });
      const twice = records.flatMap((record, position) => (position === index ? [record, record] : [record]));
      expect(await verifyJournal(twice, options)).toMatchObject({ kind: 'refuted', fault: { kind: 'EpochGap' } });
      const swapped = records.with(index, records[index + 1]!).with(index + 1, records[index]!);
      expect(await verifyJournal(swapped, options)).toMatchObject({ kind: 'refuted', index });
    }
  });

  it('a link that follows another head', async () => {
    const written = three();
    written.head = new Uint8Array(32);
    expect(await faultOf(written.commit(alice, [added(dave)], [inviteDave()]))).toEqual({
      index: 3,
      kind: 'ChainBroken',
    });
  });

  it('a commit by somebody who is no member, and one of another conversation', async () => {
    expect(await faultOf(three().commit(eve, [added(dave)], [inviteDave()]))).toMatchObject({
      kind: 'CommitterNotMember',
      memberId: eve.memberId,
    });
    const elsewhere = three().commit(alice, [added(dave)], [inviteDave()], { conversationId: 'bbbb' as never });
    expect(await faultOf(elsewhere)).toMatchObject({ kind: 'OtherConversation' });
  });

  it('a change that cannot be', async () => {
    expect(await faultOf(three().commit(alice, [added(bob)], []))).toMatchObject({ kind: 'ImpossibleChange' });
    expect(await faultOf(three().commit(alice, [removed(dave)], []))).toMatchObject({ kind: 'ImpossibleChange' });
  });

  it('a change without a decision, or with the decision on another person or key package', async () => {
    expect(await faultOf(three().commit(alice, [added(dave)], []))).toMatchObject({
      kind: 'ChangeNotDecided',
      memberId: dave.memberId,
    });
    expect(await faultOf(three().commit(alice, [added(eve)], [inviteDave()]))).toMatchObject({
      kind: 'UnrelatedEvidence',
    });
    expect(await faultOf(three().commit(alice, [added(dave), added(eve)], [inviteDave()]))).toMatchObject({
      kind: 'ChangeNotDecided',
      memberId: eve.memberId,
    });
    const other = { ...added(dave), keyPackageReference: new Uint8Array(32) };
    expect(await faultOf(three().commit(alice, [other], [inviteDave()]))).toMatchObject({ kind: 'UnrelatedEvidence' });
    expect(await faultOf(three().commit(alice, [removed(bob)], [inviteDave()]))).toMatchObject({
      kind: 'UnrelatedEvidence',
    });
  });

  it.each([
    ['too few votes', { yes: [alice] }, 'NotAccepted'],
    ['silence that counts as no', { yes: [alice], silence: true, livenessCriteriaYes: false }, 'NotAccepted'],
    ['more no than silence can outweigh', { yes: [alice], no: [bob, carol], silence: true }, 'NotAccepted'],
    ['silence where the votes decided', { silence: true }, 'NotAccepted'],
    ['a voter who is no member', { yes: [alice, bob, eve] }, 'VoterNotAsked'],
    ['a proposer who is no member', { yes: [eve, alice, bob] }, 'ProposerNotAsked'],
    ['a smaller electorate than the group', { electorate: [alice, bob] }, 'OtherElectorate'],
    ['an electorate of other people', { electorate: [alice, bob, dave] }, 'OtherElectorate'],
    ['the members of another epoch', { epoch: 1, electorate: [alice, bob, carol] }, 'OtherElectorate'],
  ] as const)('a decision with %s', async (_, more, fault) => {
    const decision = inviteDave(more);
    expect(await faultOf(three().commit(alice, [added(dave)], [decision]))).toMatchObject({
      index: 3,
      kind: 'DecisionRefuted',
      fault,
    });
  });

  it('one vote counted twice, under another name, or on another proposal', async () => {
    const decision = inviteDave();
    const [one, two] = decision.proposal!.votes;
    const verdict = (votes: (typeof one)[]) =>
      verifyDecision(
        { ...decision, proposal: { ...decision.proposal!, votes: votes.map((vote) => vote!) } },
        ETHEREUM_SCHEME,
        idsOf([alice, bob, carol]),
      );
    expect(await verdict([one, two])).toMatchObject({
      kind: 'accepted',
      by: 'votes',
      proposer: alice.memberId,
      epoch: 2,
    });
    expect(await verdict([one, one])).toEqual({ kind: 'refuted', fault: 'VotedTwice', voter: alice.memberId });
    const stolen = { ...one!, voteOwner: memberIdToBytes(carol.memberId) };
    expect(await verdict([one, stolen])).toEqual({ kind: 'refuted', fault: 'InvalidVote', voter: carol.memberId });
    const [elsewhere] = inviteDave({ payload: removal(carol.memberId) }).proposal!.votes;
    expect(await verdict([elsewhere, two])).toEqual({ kind: 'refuted', fault: 'InvalidVote', voter: alice.memberId });
  });

  it("H-20 somebody else's word for a member's own wish to leave", async () => {
    const forged = ownLeave(carol, [alice, bob, carol], 2);
    const [vote] = ownLeave(bob, [alice, bob, carol], 2).proposal!.votes;
    const decision = { ...forged, proposal: { ...forged.proposal!, votes: [vote!] } };
    expect(await faultOf(three().commit(alice, [removed(carol)], [decision]))).toMatchObject({
      kind: 'DecisionRefuted',
      fault: 'VoterNotAsked',
    });
    expect(await faultOf(three().commit(alice, [removed(carol)], [forged]))).toBe('verified');
  });
});

describe('whoever changes a journal is found out', () => {
  const original = story();

  it('by any byte of any record, in the chain or in the evidence', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(original.records.length - 1).chain((index) =>
          fc.record({
            index: fc.constant(index),
            position: fc.nat(original.records[index]!.length - 1),
            bits: fc.integer({ min: 1, max: 255 }),
          }),
        ),
        async ({ index, position, bits }) => {
          const record = original.records[index]!.slice();
          record[position] = record[position]! ^ bits;
          const verdict = await verifyJournal(original.records.with(index, record), options);
          // What the last link says of itself alone is found by its head, which every member of the group has.
          const isFound = verdict.kind === 'refuted' || Buffer.compare(verdict.head, original.head) !== 0;
          expect(isFound, `record ${index}, byte ${position}`).toBe(true);
        },
      ),
      { seed: 20261, numRuns: 2000 },
    );
  });

  it('by anything cut off, added or taken from another place', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(original.records.length - 1),
        fc.nat(original.records.length - 1),
        fc.nat(60),
        fc.uint8Array({ minLength: 1, maxLength: 40 }),
        async (index, other, cut, extra) => {
          const record = original.records[index]!;
          const changed = [record.slice(0, -1 - cut), Buffer.concat([record, extra]), original.records[other]!];
          for (const replacement of changed) {
            if (Buffer.compare(replacement, record) === 0) continue;
            const verdict = await verifyJournal(original.records.with(index, Uint8Array.from(replacement)), options);
            expect(verdict.kind === 'refuted' || Buffer.compare(verdict.head, original.head) !== 0).toBe(true);
          }
        },
      ),
      { seed: 20262, numRuns: 200 },
    );
  });
});
