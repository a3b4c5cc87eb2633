/** Groups that nothing would ever have moved again: each was met by the simulation, and is told here in its smallest form. */
import { describe, expect, it } from 'vitest';
import { STATUS_PAUSE_MS } from '../../../../shared/limits.ts';
import { receiveAnnouncement } from '../../../../main/protocol/conversation/announcements.ts';
import { proposerOrder } from '../../../../main/protocol/conversation/elections.ts';
import { compareBranches } from '../../../../main/protocol/conversation/forks.ts';
import { receiveClearBeacon } from '../../../../main/protocol/conversation/lag.ts';
import { lapse, lapseDueAt } from '../../../../main/protocol/conversation/lapsing.ts';
import type { ApprovedEntry } from '../../../../main/protocol/conversation/state.ts';
import { memberIdToBytes } from '../../../../main/protocol/identity/index.ts';
import {
  decodeAppMessage,
  decodeWelcomeMessage,
  encodeAppMessage,
  type EpochBeacon,
} from '../../../../main/protocol/wire/index.ts';
import { draftOf } from '../support/drafts.ts';
import { announcement } from '../support/hostile.ts';
import { CONVERSATION, World, type Node } from '../support/world.ts';

/** Where somebody says that it is, in the clear and signed. */
function beaconOf(world: World, node: Node, epoch: number): EpochBeacon {
  const authenticator = new Uint8Array(16).fill(9);
  const sentAt = BigInt(Math.floor(world.now / 1000));
  const hex = Buffer.from(authenticator).toString('hex');
  const signed = ['conclave beacon 1', CONVERSATION, epoch, hex, '', sentAt].join('\n');
  const value = {
    epoch: BigInt(epoch),
    authenticator,
    sender: memberIdToBytes(node.memberId),
    sentAt,
    signature: node.identity.sign(new TextEncoder().encode(signed)),
  };
  const { payload } = decodeAppMessage(encodeAppMessage({ payload: { case: 'epochBeacon', value } }));
  if (payload.case !== 'epochBeacon') throw new Error('no beacon');
  return payload.value;
}

describe('a fork', () => {
  it('H-28 begins where the first went its own way, whoever of the other branch is met later', async () => {
    const world = new World();
    const [alice, bob, carol] = (await world.group(['Alice', 'Bob', 'Carol'])) as [Node, Node, Node];
    const draft = draftOf(world, alice);
    const epoch = Number(draft.state.group.epoch);
    const other = { hash: 'another commit' };
    draft.state.forks = { ...draft.state.forks, fork: { epoch: epoch - 1, since: world.now, members: [bob.memberId] } };
    compareBranches(draft, { epoch, memberId: carol.memberId, ...other });
    expect(draft.state.forks.fork).toMatchObject({ epoch: epoch - 1, members: [bob.memberId, carol.memberId] });
  });
});

describe('somebody who was let in on a branch that everybody else has left', () => {
  it('H-28 hears where the others are, at most as often as they say so anyway', async () => {
    const world = new World();
    const [alice] = (await world.group(['Alice', 'Bob', 'Carol'])) as [Node];
    const [left, other] = [world.node('Left'), world.node('Other')];
    const draft = draftOf(world, alice);
    const epoch = Number(draft.state.group.epoch);
    draft.state.forks = { ...draft.state.forks, statusDueAt: undefined };
    const forged = { ...beaconOf(world, left, epoch), signature: beaconOf(world, other, epoch).signature };
    expect(receiveClearBeacon(draft, forged)).toBe(false);
    expect(draft.state.forks.statusDueAt).toBeUndefined();
    expect(receiveClearBeacon(draft, beaconOf(world, left, epoch))).toBe(false);
    const due = draft.state.forks.statusDueAt;
    expect(due).toBeLessThanOrEqual(world.now + STATUS_PAUSE_MS);
    receiveClearBeacon(draft, beaconOf(world, other, epoch));
    expect(draft.state.forks.statusDueAt).toBe(due);
    // It counts as nobody's word of where the group is.
    expect(draft.state.forks.heard.some(({ memberId }) => memberId === left.memberId)).toBe(false);
  });

  it('H-28 H-33 is told that it is no member when it asks with a link that is of no use any more', async () => {
    const world = new World();
    const [alice] = (await world.group(['Alice', 'Bob', 'Carol'])) as [Node];
    const left = world.node('Left');
    const keyPackage = await left.mls.generateKeyPackage(world.now);
    const draft = draftOf(world, alice);
    draft.state.forks = { ...draft.state.forks, statusDueAt: undefined };
    const ask = (secret: Uint8Array) => {
      const { payload } = decodeWelcomeMessage(announcement(left, keyPackage, secret).payload);
      if (payload.case !== 'userKeyPackage') throw new Error('no announcement');
      return receiveAnnouncement(draft, payload.value);
    };
    await ask(draft.state.invite!.secret);
    expect(draft.state.forks.strangers, 'whoever may come in is no stranger').toEqual([]);
    await ask(new Uint8Array(32));
    expect(draft.state.forks.strangers).toEqual([{ memberId: left.memberId, toldAt: 0 }]);
    expect(draft.state.forks.statusDueAt).toBeDefined();
  });
});

describe('the turns of an election', () => {
  it('H-23 end with those who cannot be listed: who could be may be gone for good', async () => {
    const world = new World();
    const [alice, bob] = (await world.group(['Alice', 'Bob'])) as [Node, Node];
    await world.run(30_000);
    const carol = world.node('Carol');
    await world.join(carol, world.invite(alice));
    await world.run(30_000);
    const draft = draftOf(world, carol);
    const wish = { kind: 'remove', memberId: alice.memberId, selfLeave: true } as const;
    const entry = { change: wish, proposalId: 1, record: { selfLeave: true } } as unknown as ApprovedEntry;
    draft.state.queues = { ...draft.state.queues, approved: [entry] };
    expect(draft.state.roster.joins.some(({ epoch }) => epoch === Number(draft.state.group.epoch))).toBe(true);
    // Bob could be listed; Carol has just come, and Alice is about to go.
    expect(proposerOrder(draft)).toEqual([bob.memberId, carol.memberId, alice.memberId]);
  });
});

describe('an approved join whose link was made useless since', () => {
  it('H-33 lapses at once where nobody may carry it out, although everybody voted for it', async () => {
    const world = new World();
    const [alice] = (await world.group(['Alice', 'Bob', 'Carol'])) as [Node];
    const dave = world.node('Dave');
    const keyPackage = await dave.mls.generateKeyPackage(world.now);
    const draft = draftOf(world, alice);
    const change = {
      kind: 'add',
      memberId: dave.memberId,
      keyPackage: keyPackage.keyPackage,
      reference: keyPackage.reference,
      mac: new Uint8Array(32),
      displayName: 'Dave',
    } as const;
    const record = { decidedAt: world.now, expiresAt: world.now + 60_000 };
    const entry = { change, proposalId: 1, votedIn: 1, certificate: {}, record } as unknown as ApprovedEntry;
    draft.state.queues = { ...draft.state.queues, approved: [entry] };
    expect(lapseDueAt(draft), 'while the group works').toBeUndefined();
    draft.state.phase = { ...draft.state.phase, phase: 'reelection' };
    expect(lapseDueAt(draft)).toBe(world.now);
    await lapse(draft);
    expect(draft.state.queues.approved).toEqual([]);
    expect(draft.state.phase.phase).toBe('working');
  });
});
