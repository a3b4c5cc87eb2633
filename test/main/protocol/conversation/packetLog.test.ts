/** What members keep for those who were away: messages, the commits with what proves them, welcomes, who was there when. */
import { describe, expect, it } from 'vitest';
import type { LogEntry } from '../../../../main/protocol/conversation/contract.ts';
import { decodeAppMessage, decodeWelcomeMessage, encodeWelcomeMessage } from '../../../../main/protocol/wire/index.ts';
import { texts, World, type Node } from '../support/world.ts';

type Kind = LogEntry['kind'];
const entries = <K extends Kind>(node: Node, kind: K): Extract<LogEntry, { kind: K }>[] =>
  node.log.filter((entry): entry is Extract<LogEntry, { kind: K }> => entry.kind === kind);
const key = ({ epoch, hash }: { readonly epoch: number; readonly hash: Uint8Array }): string =>
  `${epoch} ${Buffer.from(hash).toString('hex')}`;

async function threeWithChat(): Promise<{ world: World; nodes: Node[] }> {
  const world = new World({ seed: 'log' });
  const nodes = await world.group(['ann', 'bob', 'cleo']);
  for (const [index, node] of nodes.entries()) await world.say(node, `hello ${index}`);
  await world.run(30_000);
  return { world, nodes };
}

describe('what a member keeps of its group', () => {
  it('is the same packets of each epoch at every member of it, own ones included', async () => {
    const { nodes } = await threeWithChat();
    const [ann, bob, cleo] = nodes as [Node, Node, Node];
    expect(texts(bob)).toHaveLength(3);
    const of = (node: Node, epoch: number): string[] =>
      entries(node, 'app')
        .filter((entry) => entry.epoch === epoch)
        .map(key)
        .sort();
    expect(of(ann, 2).length).toBeGreaterThanOrEqual(3);
    expect(of(bob, 2)).toEqual(of(ann, 2));
    expect(of(cleo, 2)).toEqual(of(ann, 2));
    expect(of(bob, 1)).toEqual(of(ann, 1));
    expect(of(cleo, 1)).toEqual([]);
    const branches = nodes.map((node) => entries(node, 'epoch').at(-1));
    expect(branches[1]).toEqual(branches[0]);
    expect(branches[2]).toEqual(branches[0]);
    expect(branches[0]?.members).toHaveLength(3);
  });

  it('holds the commit that ended each epoch, in the end with the word of two thirds', async () => {
    const { nodes } = await threeWithChat();
    const [ann, bob] = nodes as [Node, Node];
    const [first, second] = [entries(ann, 'commit'), entries(bob, 'commit')];
    expect(first.map(({ epoch }) => epoch)).toEqual([0, 1]);
    expect(second.map(({ epoch }) => epoch)).toEqual([1]);
    expect(second.map(key)).toEqual(first.slice(1).map(key));
    const { payload } = decodeAppMessage(first[1]!.payload);
    if (payload.case !== 'commitCandidate') throw new Error('no candidate');
    expect(payload.value.attestations).toHaveLength(2);
    expect(payload.value.certificates.length).toBeGreaterThan(0);
  });

  it('holds the welcome of each joiner at every member that let it in, whoever made it', async () => {
    const { nodes } = await threeWithChat();
    const [ann, bob, cleo] = nodes as [Node, Node, Node];
    expect(entries(ann, 'welcome')).toHaveLength(2);
    expect(entries(bob, 'welcome')).toHaveLength(1);
    expect(entries(cleo, 'welcome')).toHaveLength(0);
    const [kept] = entries(bob, 'welcome');
    expect(decodeWelcomeMessage(kept!.payload).payload.case).toBe('invitationToJoin');
    expect(entries(ann, 'welcome').map(({ payload }) => Buffer.from(payload).toString('hex'))).toContain(
      Buffer.from(kept!.payload).toString('hex'),
    );
  });

  it('holds no welcome for a key package that the group did not let in', async () => {
    const { world, nodes } = await threeWithChat();
    const [, bob] = nodes as [Node, Node];
    const stranger = world.node('stranger');
    const value = { mlsMessageOutBytes: stranger.random(300), conversationSync: new Uint8Array() };
    const payload = encodeWelcomeMessage({ payload: { case: 'invitationToJoin', value } });
    for (let i = 0; i < 20; i += 1) await world.input(bob, { kind: 'packet', subtopic: 'welcome', payload });
    await world.run(10_000);
    expect(entries(bob, 'welcome')).toHaveLength(1);
  });
});
