/** The words of votes and of lines about members, second person included. */
import { describe, expect, it } from 'vitest';
import {
  describeDelivery,
  describeEntry,
  describeGaps,
  describeList,
  describeProposal,
  describeRule,
  describeSilence,
  describeViolation,
  tallyOf,
} from '../../../renderer/text/describe.ts';
import type { Proposal } from '../../../shared/api/model.ts';
import { catalogueFor, text } from '../../../renderer/text/index.ts';
import { ana, bo, cy, entry, me, member, message, proposal } from '../support/samples.ts';

const votes = (yes: number, no: number) =>
  Array.from({ length: yes + no }, (_, index) => ({ memberId: ana, approve: index < yes, at: 0 }));
const about = (who: typeof ana, name: string) => ({ target: who, targetName: name });
const asked = (who: typeof ana, name: string) => ({ proposer: who, proposerName: name });

describe('a line about a change of members', () => {
  it('names who started the group', () => {
    expect(describeEntry(entry({ kind: 'joined', ...about(ana, 'Ana'), rule: 'created' }), me)).toBe(
      'Ana started the group',
    );
    expect(describeEntry(entry({ kind: 'joined', ...about(me, 'Mia'), rule: 'created' }), me)).toBe(
      'You started the group',
    );
  });

  it('names the actor of a join, in the second person when it is the reader', () => {
    const line = (actor: typeof ana, actorName: string, who: typeof ana, name: string): string =>
      describeEntry(entry({ kind: 'joined', ...about(who, name), ...asked(actor, actorName), actor: cy }), me);
    expect(line(ana, 'Ana', bo, 'Bo')).toBe('Ana added Bo');
    expect(line(me, 'Mia', bo, 'Bo')).toBe('You added Bo');
    expect(line(ana, 'Ana', me, 'Mia')).toBe('Ana added you');
  });

  it('names the steward who let the reader in, when more is not known', () => {
    const line = entry({ kind: 'joined', ...about(me, 'Mia'), actor: ana, actorName: 'Ana', rule: 'welcome' });
    expect(describeEntry(line, me)).toBe('Ana let you in');
  });

  it('tells a leave from a removal, with the count of the vote', () => {
    expect(describeEntry(entry({ kind: 'left', cause: 'left', ...about(bo, 'Bo') }), me)).toBe('Bo left');
    expect(describeEntry(entry({ kind: 'left', cause: 'left', ...about(me, 'Mia') }), me)).toBe('You left');
    const removed = { kind: 'left', cause: 'removed', votes: votes(5, 1) } as const;
    expect(describeEntry(entry({ ...removed, ...about(bo, 'Bo'), ...asked(ana, 'Ana') }), me)).toBe(
      'The group voted Bo out, at Ana’s request: 5 yes, 1 no',
    );
    expect(describeEntry(entry({ ...removed, ...about(bo, 'Bo'), ...asked(me, 'Mia') }), me)).toBe(
      'The group voted Bo out, at your request: 5 yes, 1 no',
    );
    expect(describeEntry(entry({ ...removed, ...about(me, 'Mia'), ...asked(ana, 'Ana') }), me)).toBe(
      'The group voted you out, at Ana’s request: 5 yes, 1 no',
    );
  });

  it('says what is missing: messages that nobody has, and since when one had lost touch', () => {
    const lost = (missing: number) => describeEntry(entry({ kind: 'lost', ...about(bo, 'Bo'), missing }), me);
    expect(lost(1)).toBe('A message from Bo is lost: nobody in the group has it any more');
    expect(lost(3)).toBe('3 messages from Bo are lost: nobody in the group has them any more');
    const again = { kind: 'joined', rule: 'welcome', actor: ana, missedSince: 0, ...about(me, 'Mia') } as const;
    expect(describeEntry(entry(again), me)).toMatch(/^You had lost touch .* What was written since .*1970/);
  });

  it('says that a request did not pass', () => {
    const refused = { kind: 'decided', outcome: 'rejected', votes: votes(1, 2) } as const;
    expect(
      describeEntry(entry({ ...refused, proposalKind: 'removeMember', ...about(bo, 'Bo'), ...asked(ana, 'Ana') }), me),
    ).toBe('Bo stays: Ana’s request to remove Bo did not pass: 1 yes, 2 no');
    expect(
      describeEntry(entry({ ...refused, proposalKind: 'removeMember', ...about(me, 'Mia'), ...asked(ana, 'Ana') }), me),
    ).toBe('You stay: Ana’s request to remove you did not pass: 1 yes, 2 no');
    expect(
      describeEntry(entry({ ...refused, proposalKind: 'addMember', ...about(bo, 'Bo'), ...asked(me, 'Mia') }), me),
    ).toBe('The group did not let Bo in, as you asked: 1 yes, 2 no');
  });

  it('has words for every kind of entry, even for one that tells nothing', () => {
    for (const kind of ['proposed', 'voted', 'decided', 'committed', 'elected', 'scored', 'joined', 'left'] as const) {
      expect(describeEntry(entry({ kind }), me).length).toBeGreaterThan(5);
      expect(describeEntry(entry({ kind, actor: ana, actorName: 'Ana' }), me)).not.toContain('undefined');
    }
  });

  it('shortens the id of somebody whose name is unknown', () => {
    expect(describeEntry(entry({ kind: 'left', cause: 'left', target: bo }), me)).toBe('0xb0b0…b0b0 left');
  });
});

describe('a vote in words', () => {
  it('says who asks for what, in the second person where it is the reader', () => {
    expect(describeProposal(proposal(1), me)).toBe('Ana asks to remove Bo');
    expect(describeProposal(proposal(1, { target: me }), me)).toBe('Ana asks to remove you');
    expect(describeProposal(proposal(1, { proposer: me, kind: 'addMember' }), me)).toBe('You ask to add Bo');
    expect(describeProposal(proposal(1, { selfLeave: true, target: ana, targetName: 'Ana' }), me)).toBe(
      'Ana wants to leave',
    );
    expect(describeProposal(proposal(1, { kind: 'emergency', violation: 'SCORE_BELOW_THRESHOLD' }), me)).toBe(
      'Proposed by the rules: remove Bo, whose reliability fell too low',
    );
  });

  it('says what an emergency is about, and that a removal was the rules’', () => {
    expect(describeProposal(proposal(1, { kind: 'emergency', violation: 'DEADLOCK' }), me)).toBe(
      'No steward could settle a change: may any member write the next one?',
    );
    expect(describeViolation('CENSORSHIP_INACTIVITY')).toContain('turn');
    expect(describeViolation('SOMETHING_NEW')).toBe('');
    const out = entry({
      kind: 'left',
      cause: 'removed',
      target: bo,
      targetName: 'Bo',
      violation: 'SCORE_BELOW_THRESHOLD',
      votes: votes(3, 0),
    });
    expect(describeEntry(out, me)).toBe(
      'The group voted Bo out, as its rules ask when reliability falls too low: 3 yes, 0 no',
    );
  });

  it('R-015 has words of its own for every kind of vote and every emergency, open and decided', () => {
    const kinds = ['addMember', 'removeMember', 'stewardElection', 'emergency'] as const;
    const deadlock = { kind: 'emergency', violation: 'DEADLOCK' } as const;
    const byScore = { kind: 'emergency', violation: 'SCORE_BELOW_THRESHOLD' } as const;
    for (const outcome of ['open', 'accepted'] as const) {
      const said = [...kinds.map((kind) => ({ kind })), deadlock, byScore].map((what) =>
        describeProposal(proposal(1, { ...what, outcome }), me),
      );
      expect(new Set(said).size).toBe(said.length);
    }
    expect(describeProposal(proposal(1, { kind: 'stewardElection' }), me)).toBe('Ana proposes new stewards');
    expect(describeProposal(proposal(1, { kind: 'addMember' }), me)).toBe('Ana asks to add Bo');
    expect(describeProposal(proposal(1, { kind: 'removeMember' }), me)).toBe('Ana asks to remove Bo');
    const violations = Object.keys(text.votes.violations);
    expect(violations).toHaveLength(6);
    const sentences = violations.map(describeViolation);
    expect(new Set(sentences).size).toBe(violations.length);
    expect(sentences.every((sentence) => sentence.endsWith('.'))).toBe(true);
  });

  it('R-016 names the proposed stewards in their order, and the attempt only when it is not the first', () => {
    const members = [member(ana), member(bo), member(me)];
    const election = (more: Partial<Proposal>) =>
      describeList(proposal(1, { kind: 'stewardElection', ...more }), members, me);
    expect(election({ stewards: [bo, ana], retryRound: 0 })).toBe('In this order: Bo and Ana');
    expect(election({ stewards: [bo, ana] })).toBe('In this order: Bo and Ana');
    expect(election({ stewards: [ana, me, bo], retryRound: 1 })).toBe('In this order: Ana, you and Bo, attempt 2');
    expect(election({ stewards: [cy] })).toBe('In this order: 0xc7c7…c7c7');
    expect(election({ stewards: [] })).toBe('');
    expect(describeList(proposal(1), members, me)).toBe('');
  });

  it('uses the past once it is decided', () => {
    expect(describeProposal(proposal(1, { outcome: 'rejected' }), me)).toBe('Ana asked to remove Bo');
    expect(describeSilence(proposal(1, { outcome: 'rejected' }))).toBe('Silence counted as no.');
    expect(describeSilence(proposal(1, { silenceCountsAsYes: true }))).toBe('Silence will count as yes.');
  });

  it('counts votes', () => {
    expect(tallyOf(votes(3, 2))).toEqual({ yes: 3, no: 2 });
    expect(tallyOf(undefined)).toEqual({ yes: 0, no: 0 });
  });

  it('names the rule that decided', () => {
    expect(describeRule({ rule: 'votes', needed: 3, expectedVoters: 4 })).toContain('3 of 4');
    expect(describeRule({ rule: 'selfLeave' })).toContain('Everybody may leave');
    expect(describeRule({ rule: 'attested' })).toContain('More than a third of the members');
    expect(describeRule({})).toBeUndefined();
  });
});

describe('the meaning of a rule', () => {
  it('says how many members decide', () => {
    expect(text.rules.removal(9, false)).toBe(
      'With this rule any 6 of your 9 members can remove somebody; who stays silent counts as no.',
    );
    expect(text.rules.removal(2, false)).toContain('With two members');
    expect(text.rules.join(2, false, false)).toContain('all 2 members');
    expect(text.rules.join(9, true, true)).toContain('Anyone with a working invite link');
  });

  it('needs all of one or two, two thirds of more', () => {
    expect([1, 2, 3, 4, 6, 9, 10].map((count) => text.rules.needed(count))).toEqual([1, 2, 2, 3, 4, 6, 7]);
  });
});

describe('how far a message got', () => {
  const members = [member(me), member(ana), member(bo)];
  const told = (more: Parameters<typeof message>[3]) => describeDelivery(message(1, me, 'Hi', more), members, me);

  it('names who has it and who has not, as long as the same people are there', () => {
    expect(told({ status: 'pending', deliveredTo: [], expected: 2 })).toEqual({
      status: 'Not sent yet',
      names: 'Not yet to Ana and Bo.',
    });
    expect(told({ deliveredTo: [bo], expected: 2 })).toEqual({
      status: 'Delivered to 1 of 2',
      names: 'Delivered to Bo. Not yet to Ana.',
    });
    expect(told({ deliveredTo: [bo], expected: 4 }).names).toBe('Delivered to Bo. Not yet to 3 people.');
    expect(told({ deliveredTo: [], expected: 1 }).names).toBe('Not yet to 1 person.');
  });

  it('is a word where nobody counts', () => {
    expect(told({ status: 'delivered', deliveredTo: [ana], expected: 1 }).status).toBe('Delivered');
    expect(told({ status: 'sent', deliveredTo: [], expected: 0 })).toEqual({ status: 'Sent', names: '' });
    expect(told({ status: 'sent' })).toEqual({ status: 'Sent', names: '' });
  });

  it('tells one message that has not come from several', () => {
    expect(describeGaps([{ sender: ana, missing: 1 }], members, me)).toEqual({
      line: '1 message has not reached you yet.',
      names: '1 from Ana',
    });
  });
});

describe('the catalogue', () => {
  it('falls back to English for a language that it does not have', () => {
    expect(catalogueFor(['xx-YY', 'de'])).toBe(catalogueFor(['en-GB']));
  });

  it('makes plurals', () => {
    expect(text.groups.unread(1)).toBe('1 unread message');
    expect(text.groups.unread(2)).toBe('2 unread messages');
    expect(text.groups.pendingVotes(1)).toBe('1 vote waits for you');
  });
});
