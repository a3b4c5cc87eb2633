/** Two branches of one group: noticed by whom, and by whom not. */
import { describe, expect, it } from 'vitest';
import type { SessionEvent } from '../../../../main/protocol/conversation/contract.ts';
import { encodeAppMessage } from '../../../../main/protocol/wire/index.ts';
import { split } from '../support/forks.ts';
import { isCandidate } from '../support/hostile.ts';
import { agreed, forge, groupOf, World, type Node } from '../support/world.ts';

const of = <Kind extends SessionEvent['kind']>(node: Node, kind: Kind) =>
  node.events.filter((event): event is SessionEvent & { kind: Kind } => event.kind === kind);

describe('members that applied different commits for one epoch', () => {
  for (const restartAlways of [false, true]) {
    it(`H-27 W-27 notice it by their beacons, once, and say who differs${restartAlways ? ', across restarts' : ''}`, async () => {
      const { world, halves } = await split({ restartAlways });
      await world.run(14_000);
      for (const [index, half] of halves.entries()) {
        const others = halves[1 - index]!.map(({ memberId }) => memberId);
        for (const node of half) {
          const [told, ...more] = of(node, 'ForkDetected');
          expect(more).toEqual([]);
          expect(told?.epoch).toBe(world.view(node).epoch);
          expect(others).toEqual(expect.arrayContaining([...(told?.members ?? [])]));
          expect(node.journal.filter(({ kind }) => kind === 'forked')).toHaveLength(1);
        }
      }
    });
  }

  it('H-27 a beacon comes one to two seconds after the commit, readable by who is still in the epoch before', async () => {
    const { world, halves } = await split();
    const [[first], [second]] = halves;
    await world.run(7_500);
    const epoch = world.view(second).epoch;
    expect(world.view(first).epoch).toBe(epoch + 1);
    expect(world.view(second).counters['Parked'] ?? 0).toBe(0);
    const applied = first.steps.findLastIndex(({ effects }) =>
      effects.some((effect) => effect.kind === 'event' && effect.event.kind === 'CommitApplied'),
    );
    const beacon = first.steps.slice(applied + 1).find(({ effects }) => effects.some(({ kind }) => kind === 'publish'));
    expect(beacon).toBeDefined();
    // The branch that came later knows of the other one the moment it applies.
    await world.run(1_000);
    expect(world.view(second).epoch).toBe(epoch + 1);
    expect(of(second, 'ForkDetected')).toHaveLength(1);
  });
});

describe('a beacon', () => {
  it('H-27 that all agree on tells nobody anything', async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol']);
    for (const node of nodes) {
      expect(world.view(node).counters.ForkDetected).toBeUndefined();
      expect(world.view(node).counters.BeaconRefused).toBeUndefined();
      expect(of(node, 'ForkDetected')).toEqual([]);
    }
    expect(agreed(world.view(nodes[1]!))).toEqual(agreed(world.view(nodes[0]!)));
  });

  it('H-28 counts only with the wallet signature of its MLS sender', async () => {
    const world = new World();
    const [alice, bob, carol] = (await world.group(['Alice', 'Bob', 'Carol'])) as [Node, Node, Node];
    const epoch = BigInt(world.view(alice).epoch);
    const value = {
      epoch: epoch + 1n,
      authenticator: new Uint8Array(16),
      commitHash: new Uint8Array(32),
      attestation: carol.identity.sign(new Uint8Array([1])),
    };
    await forge(world, bob, { payload: { case: 'epochBeacon', value } });
    await world.run(100);
    expect(world.view(alice).counters.BeaconRefused).toBe(1);
  });

  it('H-27 in the clear, of a stranger, or of another epoch than it was made in says nothing', async () => {
    const world = new World();
    const [alice, bob] = (await world.group(['Alice', 'Bob', 'Carol'])) as [Node, Node];
    const stranger = world.node('Mallory');
    const value = { epoch: 3n, authenticator: new Uint8Array(16), commitHash: new Uint8Array(32) };
    const before = agreed(world.view(alice));
    const payload = encodeAppMessage({
      payload: { case: 'epochBeacon', value: { ...value, attestation: stranger.identity.sign(new Uint8Array()) } },
    });
    world.send({
      from: stranger.name,
      subtopic: 'app_msg',
      payload,
      conversationId: 'aaaabbbbccccddddeeeeffffgg' as never,
    });
    await forge(world, bob, { payload: { case: 'epochBeacon', value: { ...value, epoch: 9n } } });
    await world.run(100);
    expect(of(alice, 'ForkDetected')).toEqual([]);
    expect(agreed(world.view(alice))).toEqual(before);
    expect(groupOf(alice).epoch).toBe(BigInt(before.epoch));
  });
});

describe('what is kept for a rollback', () => {
  it('H-27 is stored whole, and erased when the grace is over', async () => {
    const { world, halves } = await split();
    await world.run(10_000);
    const node = halves[0][0];
    const stored = () => [...node.stored.values()][0]!.parts;
    expect([...stored().keys()].filter((name) => name.startsWith('before.')).length).toBeGreaterThan(10);
    expect(node.sent.filter(isCandidate)).not.toHaveLength(0);
    await world.run(20_000);
    expect([...stored().keys()].filter((name) => name.startsWith('before'))).toEqual([]);
    expect(stored().has('grace')).toBe(false);
  });
});
