/** A member that missed commits: how it is heard, how it gets on, and what nobody can make of it. */
import { describe, expect, it } from 'vitest';
import { memberIdToBytes } from '../../../../main/protocol/identity/index.ts';
import { verifyJournal } from '../../../../main/protocol/journal/index.ts';
import {
  decodeAppMessage,
  decodeJournalRecord,
  encodeAppMessage,
  encodeJournalRecord,
  type JournalRecord,
} from '../../../../main/protocol/wire/index.ts';
import { commitOf, isCandidate, receive } from '../support/hostile.ts';
import { expectVerified } from '../support/journal.ts';
import { agreed, CONVERSATION, texts, World, type Node, type Packet, type WorldOptions } from '../support/world.ts';

type Five = [Node, Node, Node, Node, Node];

/** Five members; the last one hears nothing from now on, and is heard by nobody. */
async function cutOff(options: WorldOptions = {}, settings = {}) {
  const world = new World(options);
  const nodes = (await world.group(['Alice', 'Bob', 'Carol', 'Dave', 'Erin'], settings)) as Five;
  await world.run(15_000);
  const [alice, bob, carol, dave, erin] = nodes;
  world.delivery = ({ from }, to) => (from === 'Erin' || to === 'Erin' ? [] : [5]);
  return { world, nodes, alice, bob, carol, dave, erin };
}

const isClearBeacon = ({ payload, subtopic }: Packet): boolean =>
  subtopic === 'app_msg' && payload[0] !== 0 && decodeAppMessage(payload).payload.case === 'epochBeacon';

const candidatesOf = (nodes: readonly Node[]): number => nodes.flatMap(({ sent }) => sent).filter(isCandidate).length;

describe('a member that missed a commit', () => {
  for (const restartAlways of [false, true]) {
    it(`R-254 W-28 H-28 says so and applies the commit that others send again${restartAlways ? ', across restarts' : ''}`, async () => {
      const { world, nodes, alice, dave, erin } = await cutOff({ restartAlways });
      await world.input(dave, { kind: 'leave' });
      await world.run(30_000);
      world.delivery = () => [5];
      await world.say(alice, 'is everybody here?');
      await world.run(4_100);
      expect(erin.sent.filter(isClearBeacon)).toHaveLength(1);
      await world.run(6_000);
      const here = nodes.filter((node) => node !== dave);
      for (const node of here) expect(agreed(world.view(node)), node.name).toEqual(agreed(world.view(alice)));
      expect(texts(erin)).toEqual(['is everybody here?']);
    });
  }

  it('H-28 W-26 gets on although silence decided and it heard of no vote', async () => {
    const { world, nodes, alice, erin } = await cutOff({}, { consensusTimeoutMs: 10_000 });
    // Two of five vote for Frank; the window ends, and silence counts as yes.
    world.delivery = ({ from }, to) =>
      [from, to].some((name) => name === 'Erin') || (isVoteOf(from) && from !== to) ? [] : [5];
    const frank = world.node('Frank');
    await world.join(frank, world.invite(alice));
    await world.run(13_000);
    world.delivery = ({ from }, to) => (from === 'Erin' || to === 'Erin' ? [] : [5]);
    await world.run(60_000);
    expect(world.view(frank).phase).toBe('working');
    world.delivery = () => [5];
    await world.say(alice, 'hello');
    await world.run(30_000);
    for (const node of nodes) expect(agreed(world.view(node)), node.name).toEqual(agreed(world.view(alice)));
    expect(world.view(erin).counters.AttestedCommit).toBe(1);
    // Her journal says on whose word she followed, and a stranger who has only her copy can check it.
    const line = erin.journal.find(({ kind, target }) => kind === 'joined' && target === frank.memberId);
    expect(line).toMatchObject({ rule: 'attested', evidence: false });
    expect(await expectVerified(world, erin)).toMatchObject({ attested: 1 });
    expect(await expectVerified(world, alice)).toMatchObject({ attested: 0 });
    const judged = async (change: (record: JournalRecord) => JournalRecord) => {
      const records = [...erin.groupJournal].sort(([a], [b]) => a - b).map(([, record]) => record);
      const last = decodeJournalRecord(records.at(-1)!);
      return verifyJournal([...records.slice(0, -1), encodeJournalRecord(change(last))]);
    };
    expect(await judged((record) => ({ ...record, attestations: record.attestations.slice(0, 3) }))).toMatchObject({
      fault: { kind: 'ChangeNotDecided' },
    });
    for (const wrong of [alice.identity.sign(new Uint8Array(1)), new Uint8Array(65)])
      expect(
        await judged((record) => ({
          ...record,
          attestations: record.attestations.map((word, index) => (index === 0 ? { ...word, signature: wrong } : word)),
        })),
      ).toMatchObject({ fault: { kind: 'AttestationRefuted' } });
    expect(
      await judged((record) => ({ ...record, attestations: record.attestations.map(() => record.attestations[0]!) })),
    ).toMatchObject({ fault: { kind: 'AttestationRefuted' } });
    for (const node of nodes)
      for (const { score } of world.view(node).members) expect(score).toBeGreaterThanOrEqual(100);
  });

  it('R-254 that is three commits behind, minutes later, gets them one after the other', async () => {
    const { world, nodes, alice, erin } = await cutOff();
    for (const name of ['Frank', 'Grace', 'Heidi']) {
      const joiner = world.node(name);
      await world.join(joiner, world.invite(alice));
      await world.run(200_000);
    }
    expect(world.view(alice).epoch - world.view(erin).epoch).toBe(3);
    world.delivery = () => [5];
    await world.say(alice, 'hello');
    await world.run(40_000);
    for (const node of nodes) expect(agreed(world.view(node)), node.name).toEqual(agreed(world.view(alice)));
  });

  it('H-28 is answered by one member, not by all', async () => {
    const { world, nodes, alice, dave, erin } = await cutOff();
    await world.input(dave, { kind: 'leave' });
    await world.run(30_000);
    const others = nodes.filter((node) => node !== erin);
    const before = candidatesOf(others);
    world.delivery = () => [5];
    await world.say(alice, 'hello');
    await world.run(10_000);
    expect(candidatesOf(others) - before).toBe(1);
    expect(world.view(erin).epoch).toBe(world.view(alice).epoch);
  });

  it('H-28 learns of its own removal', async () => {
    const { world, alice, bob, carol, dave, erin } = await cutOff();
    const { reply } = await world.input(alice, { kind: 'removeMember', memberId: erin.memberId });
    await world.run(100);
    for (const node of [bob, carol, dave])
      await world.input(node, { kind: 'vote', proposalId: reply.proposalId!, approve: true });
    await world.run(30_000);
    world.delivery = () => [5];
    await world.say(alice, 'hello');
    await world.run(10_000);
    expect(erin.lifecycle.at(-1)).toMatchObject({ kind: 'Removed', cause: 'removed' });
  });
});

/** Carol and Dave do not get to vote. */
const isVoteOf = (name: string): boolean => name === 'Carol' || name === 'Dave';

describe('whoever is not behind', () => {
  it('H-28 cannot make members answer with a forged, foreign, old or repeated beacon', async () => {
    const { world, nodes, alice, bob, dave, erin } = await cutOff();
    await world.input(dave, { kind: 'leave' });
    await world.run(30_000);
    const mallory = world.node('Mallory');
    const clear = (claimed: Node, signer: Node, sentAt: number): Uint8Array =>
      encodeAppMessage({
        payload: {
          case: 'epochBeacon',
          value: {
            epoch: BigInt(world.view(erin).epoch),
            authenticator: new Uint8Array(16),
            sender: memberIdToBytes(claimed.memberId),
            sentAt: BigInt(Math.floor(sentAt / 1000)),
            signature: signer.identity.sign(new Uint8Array([7])),
          },
        },
      });
    world.delivery = () => [];
    for (const payload of [
      clear(erin, mallory, world.now),
      clear(mallory, mallory, world.now),
      clear(erin, erin, world.now),
    ])
      await receive(world, bob, payload);
    expect(world.view(bob).counters.BeaconRefused).toBe(3);
    // A genuine one, minutes old, and then twice in time.
    world.delivery = (packet, to) => (packet.from === alice.name && to === erin.name ? [5] : []);
    await world.say(alice, 'hello');
    await world.run(5_000);
    const genuine = erin.sent.find(isClearBeacon)!;
    world.delivery = () => [];
    await receive(world, bob, genuine.payload);
    await receive(world, bob, genuine.payload);
    expect(world.view(bob).counters.BeaconRefused).toBe(4);
    await world.run(121_000);
    await receive(world, alice, genuine.payload);
    expect(world.view(alice).counters.BeaconRefused).toBe(1);
    const others = nodes.filter((node) => node !== erin);
    const after = candidatesOf(others);
    await receive(world, bob, genuine.payload);
    await world.run(20_000);
    expect(candidatesOf(others)).toBe(after);
  });

  it('H-28 a commit is not followed on the word of strangers, of too few, or of one member many times', async () => {
    const { world, nodes, alice, bob, carol, erin } = await cutOff();
    const genuine = decodeAppMessage(
      await commitOf(world, alice, [{ kind: 'remove', memberId: carol.memberId }]),
    ).payload;
    if (genuine.case !== 'commitCandidate') expect.fail('no candidate');
    const { createHash } = await import('node:crypto');
    const hash = createHash('sha256').update(genuine.value.commitMessage).digest('hex');
    const epoch = world.view(erin).epoch + 1;
    const text = new TextEncoder().encode(`conclave attestation 1\n${CONVERSATION}\n${epoch}\n${hash}`);
    const by = (member: Node, signer: Node = member) => ({
      member: memberIdToBytes(member.memberId),
      signature: signer.identity.sign(text),
    });
    const strangers = ['X', 'Y', 'Z', 'W'].map((name) => world.node(name));
    world.delivery = () => [];
    const offer = async (attestations: readonly ReturnType<typeof by>[]): Promise<boolean> => {
      const { conversationName, mlsProposals, commitMessage, stewardIdentity } = genuine.value;
      const value = { conversationName, mlsProposals, commitMessage, stewardIdentity, attestations: [...attestations] };
      await receive(world, erin, encodeAppMessage({ payload: { case: 'commitCandidate', value } }));
      await world.run(4_000);
      return world.view(erin).epoch === epoch;
    };
    expect(await offer(strangers.map((node) => by(node)))).toBe(false);
    expect(await offer(nodes.slice(0, 4).map((node) => by(node, bob)))).toBe(false);
    expect(await offer([by(alice), by(alice), by(alice), by(alice)])).toBe(false);
    // Two of five, more than a third: so the cases above test what they say.
    expect(await offer([by(alice), by(bob)])).toBe(true);
    expect(world.view(erin).counters.AttestedCommit).toBe(1);
  });
});
