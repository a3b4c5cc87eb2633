/**
 * MLS beside its peers, in one run: encrypt, decrypt and add at several group sizes with our service (ts-mls on our
 * provider) and with the packages openmls-wasm and mls-ts (both OpenMLS in WebAssembly).
 */
import { randomFillSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { MlsClient } from 'mls-ts';
import type * as OpenMlsWasm from 'openmls-wasm';
import { describe, it } from 'vitest';
import type { ConversationId } from '../../shared/model/ids.ts';
import { createIdentity } from '../../main/protocol/identity/index.ts';
import { createMlsService, generateDeviceSignatureKey, type MlsGroup } from '../../main/protocol/mls/index.ts';
import { median, milliseconds, printTable, sample } from './measure.ts';

const SIZES = [2, 16, 64, 128];
const MESSAGE_BYTES = 200;
const MESSAGES = 60;
const ADDS = 5;

type Random = (length: number) => Uint8Array;
const random: Random = (length) => randomFillSync(new Uint8Array(length));
const text = new Uint8Array(MESSAGE_BYTES).fill(0x61);

interface Figures {
  readonly encrypt: number;
  readonly decrypt: number;
  /** Making the commit and applying it at the committer. */
  readonly add: number;
  /** Checking and applying it at another member; undefined where a package cannot. */
  readonly processAdd: number | undefined;
}

function ourService() {
  const identity = createIdentity(random(32));
  return createMlsService({ identity, signatureKey: generateDeviceSignatureKey(random), random });
}

async function measureOurs(size: number): Promise<Figures> {
  const conversationId = 'bbbbbbbbbbbbbbbbbbbbbbbbbb' as ConversationId;
  const now = Date.now();
  const ana = ourService();
  const bo = ourService();
  let anaGroup: MlsGroup = await ana.createGroup(conversationId, now);
  const joiner = await bo.generateKeyPackage(now);
  const others = await Promise.all(
    Array.from({ length: size - 2 }, async () => (await ourService().generateKeyPackage(now)).keyPackage),
  );
  for (let start = 0; start < others.length; start += 50) {
    const updates = others.slice(start, start + 50).map((keyPackage) => ({ kind: 'add' as const, keyPackage }));
    const candidate = await ana.createCandidate(anaGroup, updates, now);
    anaGroup = ana.merge(candidate.base, candidate.next, now);
  }
  const last = await ana.createCandidate(anaGroup, [{ kind: 'add', keyPackage: joiner.keyPackage }], now);
  anaGroup = ana.merge(last.base, last.next, now);
  if (last.welcome === undefined) throw new Error('a commit that adds carries a welcome');
  const joined = await bo.join({ conversationId, welcome: last.welcome, keyPackage: joiner, now });
  if (joined.kind !== 'joined') throw new Error('the welcome was for Bo');
  let boGroup = joined.group;

  const ciphertexts: Uint8Array[] = [];
  const encrypt = await sample(MESSAGES, 5, async () => {
    const { group, ciphertext } = await ana.encrypt(anaGroup, text);
    anaGroup = group;
    ciphertexts.push(ciphertext);
  });
  let next = 0;
  const decrypt = await sample(MESSAGES, 5, async () => {
    const decrypted = await bo.decrypt(boGroup, ciphertexts[next] ?? text, now);
    if (decrypted.kind !== 'application') throw new Error('the message was for Bo');
    boGroup = decrypted.group;
    next += 1;
  });
  const packages = await Promise.all(
    Array.from({ length: ADDS + 1 }, async () => (await ourService().generateKeyPackage(now)).keyPackage),
  );
  const bundles: { proposals: readonly Uint8Array[]; commit: Uint8Array }[] = [];
  const add = await sample(ADDS, 1, async () => {
    const keyPackage = packages[bundles.length] ?? text;
    const candidate = await ana.createCandidate(anaGroup, [{ kind: 'add', keyPackage }], now);
    anaGroup = ana.merge(candidate.base, candidate.next, now);
    bundles.push(candidate);
  });
  let staged = 0;
  const processAdd = await sample(ADDS, 1, async () => {
    const bundle = bundles[staged];
    if (bundle === undefined) throw new Error('no bundle');
    const result = await bo.stageCandidate(boGroup, bundle, now);
    if (result.kind !== 'staged' || result.next === undefined) throw new Error('the commit was good');
    boGroup = bo.merge(boGroup, result.next, now);
    staged += 1;
  });
  return { encrypt: median(encrypt), decrypt: median(decrypt), add: median(add), processAdd: median(processAdd) };
}

/** The package's entry imports its .wasm as a module, which Node does not do: its glue is wired to the file by hand. */
async function loadOpenMls(): Promise<typeof OpenMlsWasm> {
  const require = createRequire(import.meta.url);
  const entry = require.resolve('openmls-wasm');
  const glue = (await import(
    /* @vite-ignore */ pathToFileURL(entry.replace('openmls_wasm.js', 'openmls_wasm_bg.js')).href
  )) as typeof OpenMlsWasm & {
    __wbg_set_wasm: (exports: WebAssembly.Exports) => void;
  };
  const bytes = await readFile(entry.replace('openmls_wasm.js', 'openmls_wasm_bg.wasm'));
  const { instance } = await WebAssembly.instantiate(bytes, {
    './openmls_wasm_bg.js': glue as unknown as WebAssembly.ModuleImports,
  });
  glue.__wbg_set_wasm(instance.exports);
  const start = instance.exports['__wbindgen_start'];
  if (typeof start === 'function') (start as () => void)();
  return glue;
}

async function measureOpenMls(size: number, openMls: typeof OpenMlsWasm): Promise<Figures> {
  const { Provider, Identity, Group } = openMls;
  const member = (name: string) => {
    const provider = new Provider();
    return { provider, identity: new Identity(provider, name) };
  };
  const ana = member('ana');
  const anaGroup = Group.create_new(ana.provider, ana.identity, 'bench');
  const addOne = (name: string) => {
    const joiner = member(name);
    const messages = anaGroup.propose_and_commit_add(
      ana.provider,
      ana.identity,
      joiner.identity.key_package(joiner.provider),
    );
    anaGroup.merge_pending_commit(ana.provider);
    return { joiner, messages };
  };
  for (let count = 0; count < size - 2; count += 1) addOne(`member ${String(count)}`);
  const { joiner: bo, messages } = addOne('bo');
  const boGroup = Group.join(bo.provider, messages.welcome, anaGroup.export_ratchet_tree());

  const ciphertexts: Uint8Array[] = [];
  const encrypt = await sample(MESSAGES, 5, () => {
    ciphertexts.push(anaGroup.create_message(ana.provider, ana.identity, text));
  });
  let next = 0;
  const decrypt = await sample(MESSAGES, 5, () => {
    boGroup.process_message(bo.provider, ciphertexts[next] ?? text);
    next += 1;
  });
  const packages = Array.from({ length: ADDS + 1 }, (_, index) => {
    const joiner = member(`late ${String(index)}`);
    return joiner.identity.key_package(joiner.provider);
  });
  let added = 0;
  const add = await sample(ADDS, 1, () => {
    const keyPackage = packages[added];
    if (keyPackage === undefined) throw new Error('no key package');
    anaGroup.propose_and_commit_add(ana.provider, ana.identity, keyPackage);
    anaGroup.merge_pending_commit(ana.provider);
    added += 1;
  });
  // This build forgets a proposal that it was given ("missing a proposal for the commit"): no receiver can follow.
  return { encrypt: median(encrypt), decrypt: median(decrypt), add: median(add), processAdd: undefined };
}

async function measureMlsTs(size: number): Promise<Figures> {
  const ana = new MlsClient('ana');
  const anaGroup = ana.createGroup('bench');
  for (let count = 0; count < size - 2; count += 1) anaGroup.add(new MlsClient(`member ${String(count)}`).keyPackage());
  const bo = new MlsClient('bo');
  const joined = anaGroup.add(bo.keyPackage());
  const boGroup = bo.joinGroup(joined.welcome, joined.ratchetTree);

  const ciphertexts: Uint8Array[] = [];
  const encrypt = await sample(MESSAGES, 5, () => ciphertexts.push(anaGroup.send(text)));
  let next = 0;
  const decrypt = await sample(MESSAGES, 5, () => {
    boGroup.receive(ciphertexts[next] ?? text);
    next += 1;
  });
  const packages = Array.from({ length: ADDS + 1 }, (_, index) => new MlsClient(`late ${String(index)}`).keyPackage());
  const added: { proposal: Uint8Array; commit: Uint8Array }[] = [];
  const add = await sample(ADDS, 1, () => {
    added.push(anaGroup.add(packages[added.length] ?? text));
  });
  let processed = 0;
  const processAdd = await sample(ADDS, 1, () => {
    const bundle = added[processed];
    if (bundle === undefined) throw new Error('no bundle');
    boGroup.receive(bundle.proposal);
    boGroup.receive(bundle.commit);
    processed += 1;
  });
  return { encrypt: median(encrypt), decrypt: median(decrypt), add: median(add), processAdd: median(processAdd) };
}

describe('MLS beside its peers', () => {
  it('prints medians in ms and our time divided by theirs', async () => {
    const rows: string[][] = [];
    const openMlsWasm = await loadOpenMls();
    for (const size of SIZES) {
      const ours = await measureOurs(size);
      const openMls = await measureOpenMls(size, openMlsWasm);
      const mlsTs = await measureMlsTs(size);
      for (const what of ['encrypt', 'decrypt', 'add', 'processAdd'] as const) {
        const own = ours[what] ?? Number.NaN;
        const time = (value: number | undefined): string => (value === undefined ? '-' : milliseconds(value));
        const ratio = (value: number | undefined): string => (value === undefined ? '-' : (own / value).toFixed(1));
        rows.push([
          String(size),
          what,
          time(own),
          time(openMls[what]),
          time(mlsTs[what]),
          ratio(openMls[what]),
          ratio(mlsTs[what]),
        ]);
      }
    }
    printTable(
      `MLS, ${String(MESSAGE_BYTES)}-byte messages, medians in ms`,
      ['members', 'what', 'Conclave', 'openmls-wasm', 'mls-ts', 'ratio to openmls-wasm', 'ratio to mls-ts'],
      rows,
    );
  });
});
