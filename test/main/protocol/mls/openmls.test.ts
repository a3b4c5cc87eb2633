/**
 * Our commits and Welcomes, read by another implementation: OpenMLS (in WebAssembly, as the package mls-ts wraps it). The
 * library that reads our commits in production had a hand in making them; OpenMLS had none. It speaks cipher suite 3, which
 * differs from ours by the AEAD only.
 */
import { randomBytes } from 'node:crypto';
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { MlsClient, type Group } from 'mls-ts';
import { createGroup, type ClientState } from 'ts-mls/clientState.js';
import { createApplicationMessage, createProposal } from 'ts-mls/createMessage.js';
import { decodeKeyPackage, generateKeyPackageWithKey } from 'ts-mls/keyPackage.js';
import { mlsExporter } from 'ts-mls/keySchedule.js';
import { encodeMlsMessage } from 'ts-mls/message.js';
import { processPrivateMessage } from 'ts-mls/processMessages.js';
import type { Proposal } from 'ts-mls/proposal.js';
import { emptyPskIndex } from 'ts-mls/pskIndex.js';
import { encodeRatchetTree } from 'ts-mls/ratchetTree.js';
import { expect, it } from 'vitest';
import { buildCommit } from '../../../../main/protocol/mls/commit.ts';
import { encodePrivateFrame } from '../../../../main/protocol/mls/framing.ts';
import { BINDING_EXTENSION } from '../../../../main/protocol/mls/leaf.ts';
import { applicationPadding } from '../../../../main/protocol/mls/padding.ts';
import { createSuiteWith } from '../../../../main/protocol/mls/provider/provider.ts';
import { LENIENT, privateMessage } from './crafted.ts';
import { text } from './support.ts';

const SUITE_3 = 'MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519';
const suite = createSuiteWith((length) => Uint8Array.from(randomBytes(length)), SUITE_3, {
  hpkeId: 0x0003,
  keyBytes: 32,
  seal: (key, nonce, aad, plaintext) => chacha20poly1305(key, nonce, aad).encrypt(plaintext),
  open: (key, nonce, aad, sealed) => chacha20poly1305(key, nonce, aad).decrypt(sealed),
});

it('OpenMLS follows our commits: adds, removals, both at once, down to one and up again', async () => {
  let world: World = { state: await creator(), others: new Map() };
  world = await step(world, { add: ['bob'] });
  world = await step(world, { add: ['cyd', 'dan'] });
  world = await step(world, { remove: ['cyd'] });
  world = await step(world, { remove: ['bob'], add: ['eve', 'fay'] });
  world = await step(world, { remove: ['dan', 'eve'] });
  world = await step(world, { remove: ['fay'] });
  expect(world.others.size).toBe(0);
  world = await step(world, { add: ['zoe', 'yan'] });
  expect([...world.others.keys()]).toEqual(['zoe', 'yan']);
});

interface World {
  readonly state: ClientState;
  readonly others: ReadonlyMap<string, Group>;
}

async function step(world: World, { add = [], remove = [] }: { add?: readonly string[]; remove?: readonly string[] }) {
  const joiners = add.map((name) => new MlsClient(name));
  const removals = remove.map((name): Proposal => ({
    proposalType: 'remove',
    remove: { removed: leafOf(world.state, name) },
  }));
  const additions = joiners.map((client): Proposal => {
    const keyPackage = decodeKeyPackage(client.keyPackage(), 0)?.[0];
    if (keyPackage === undefined) throw new Error('no key package');
    return { proposalType: 'add', add: { keyPackage } };
  });
  let state = world.state;
  const messages: Uint8Array[] = [];
  for (const proposal of [...removals, ...additions]) {
    const created = await createProposal(state, false, proposal, suite);
    messages.push(encodeMlsMessage(created.message));
    state = created.newState;
  }
  const { commit, welcome, next } = await buildCommit(state, suite);
  const others = new Map([...world.others].filter(([name]) => !remove.includes(name)));
  for (const group of others.values()) for (const message of [...messages, commit]) group.receive(message);
  for (const client of joiners)
    others.set(client.name, client.joinGroup(welcome ?? new Uint8Array(), encodeRatchetTree(next.ratchetTree)));
  return { state: await agree(next, others), others };
}

/** Same exported secret, and chat in both directions. */
async function agree(state: ClientState, others: ReadonlyMap<string, Group>): Promise<ClientState> {
  const secret = await mlsExporter(state.keySchedule.exporterSecret, 'test', text('context'), 32, suite);
  const plaintext = text('from us');
  const paddingConfig = applicationPadding(plaintext.length);
  const padded = { ...state, clientConfig: { ...LENIENT, paddingConfig } };
  const sent = await createApplicationMessage(padded, plaintext, suite);
  let current: ClientState = { ...sent.newState, clientConfig: LENIENT };
  for (const [name, group] of others) {
    expect(group.exportKey('test', text('context'), 32)).toEqual(secret);
    expect(group.receiveText(encodePrivateFrame(sent.privateMessage))).toBe('from us');
    const answer = await processPrivateMessage(
      current,
      privateMessage(group.send(`from ${name}`)),
      emptyPskIndex,
      suite,
    );
    if (answer.kind !== 'applicationMessage') throw new Error('no chat');
    expect(answer.message).toEqual(text(`from ${name}`));
    current = answer.newState;
  }
  return current;
}

async function creator(): Promise<ClientState> {
  const now = BigInt(Math.floor(Date.now() / 1000)); // OpenMLS compares lifetimes with the clock.
  const own = await generateKeyPackageWithKey(
    { credentialType: 'basic', identity: text('ada') },
    {
      versions: ['mls10'],
      ciphersuites: [SUITE_3],
      extensions: [BINDING_EXTENSION],
      proposals: [],
      credentials: ['basic'],
    },
    { notBefore: now - 3600n, notAfter: now + 84n * 86_400n },
    [],
    await suite.signature.keygen(),
    suite,
    [{ extensionType: BINDING_EXTENSION, extensionData: new Uint8Array(65) }],
  );
  return createGroup(text('group'), own.publicPackage, own.privatePackage, [], suite, LENIENT);
}

function leafOf(state: ClientState, name: string): number {
  const index = state.ratchetTree.findIndex(
    (node) =>
      node?.nodeType === 'leaf' &&
      node.leaf.credential.credentialType === 'basic' &&
      new TextDecoder().decode(node.leaf.credential.identity) === name,
  );
  if (index < 0) throw new Error(`no ${name}`);
  return index / 2;
}
