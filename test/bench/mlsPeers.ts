/**
 * The peers of the benchmark: the packages openmls-wasm and mls-ts, both OpenMLS compiled to WebAssembly. Both commit adds
 * without a path, check no wallets, and expose no removal.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { MlsClient, type AddResult, type Group as MlsTsGroup } from 'mls-ts';
import type * as OpenMlsWasm from 'openmls-wasm';
import { sample } from './measure.ts';
import {
  at,
  COMMITS,
  COMMITS_WARM_UP,
  MESSAGES,
  MESSAGES_WARM_UP,
  PLAINTEXT,
  type Contender,
  type Samples,
  type Shape,
} from './mlsContender.ts';

const NO_REMOVAL = 'the package exposes no removal';
const CANNOT = {
  remove: NO_REMOVAL,
  'process remove': NO_REMOVAL,
  'join, cold': 'the package checks no wallets: there is nothing to cache',
} as const;

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

function measureOpenMls({ Provider, Identity, Group }: typeof OpenMlsWasm) {
  const member = (name: string) => {
    const provider = new Provider();
    return { provider, identity: new Identity(provider, name) };
  };
  type Person = ReturnType<typeof member>;
  type Member = Person & { group: OpenMlsWasm.Group };
  const letIn = (by: Member, joiner: Person): Member => {
    const { welcome } = by.group.propose_and_commit_add(
      by.provider,
      by.identity,
      joiner.identity.key_package(joiner.provider),
    );
    by.group.merge_pending_commit(by.provider);
    return { ...joiner, group: Group.join(joiner.provider, welcome, by.group.export_ratchet_tree()) };
  };
  const onlyAdd = (by: Member, joiner: Person): void => {
    by.group.propose_and_commit_add(by.provider, by.identity, joiner.identity.key_package(joiner.provider));
    by.group.merge_pending_commit(by.provider);
  };
  return async (size: number, shape: Shape): Promise<Samples> => {
    const founder = member('founder');
    let first: Member = { ...founder, group: Group.create_new(founder.provider, founder.identity, 'bench') };
    for (let count = 1; count < size - 1; count += 1) {
      const joiner = member(`member ${String(count)}`);
      if (shape === 'one committer') onlyAdd(first, joiner);
      else first = letIn(first, joiner);
    }
    const second = letIn(first, member('second'));
    const ciphertexts: Uint8Array[] = [];
    const encrypt = await sample(MESSAGES, MESSAGES_WARM_UP, () => {
      ciphertexts.push(first.group.create_message(first.provider, first.identity, PLAINTEXT));
    });
    let read = 0;
    const decrypt = await sample(MESSAGES, MESSAGES_WARM_UP, () =>
      second.group.process_message(second.provider, at(ciphertexts, read++)),
    );
    const late = Array.from({ length: COMMITS + COMMITS_WARM_UP }, (_, index) => {
      const joiner = member(`late ${String(index)}`);
      return { joiner, keyPackage: joiner.identity.key_package(joiner.provider) };
    });
    const joins: number[] = [];
    let added = 0;
    const add: number[] = [];
    for (const { joiner, keyPackage } of late) {
      const startedAt = performance.now();
      const { welcome } = first.group.propose_and_commit_add(first.provider, first.identity, keyPackage);
      first.group.merge_pending_commit(first.provider);
      const committedAt = performance.now();
      const tree = first.group.export_ratchet_tree();
      const exportedAt = performance.now();
      Group.join(joiner.provider, welcome, tree);
      if (added++ < COMMITS_WARM_UP) continue;
      add.push(committedAt - startedAt);
      joins.push(performance.now() - exportedAt);
    }
    return { encrypt, decrypt, add, join: joins };
  };
}

async function measureMlsTs(size: number, shape: Shape): Promise<Samples> {
  let first = new MlsClient('founder').createGroup('bench');
  const letIn = (by: MlsTsGroup, joiner: MlsClient): MlsTsGroup => {
    const { welcome, ratchetTree } = by.add(joiner.keyPackage());
    return joiner.joinGroup(welcome, ratchetTree);
  };
  for (let count = 1; count < size - 1; count += 1) {
    const joiner = new MlsClient(`member ${String(count)}`);
    if (shape === 'one committer') first.add(joiner.keyPackage());
    else first = letIn(first, joiner);
  }
  const second = letIn(first, new MlsClient('second'));
  const ciphertexts: Uint8Array[] = [];
  const encrypt = await sample(MESSAGES, MESSAGES_WARM_UP, () => ciphertexts.push(first.send(PLAINTEXT)));
  let read = 0;
  const decrypt = await sample(MESSAGES, MESSAGES_WARM_UP, () => second.receive(at(ciphertexts, read++)));
  const late = Array.from({ length: COMMITS + COMMITS_WARM_UP }, (_, index) => {
    const joiner = new MlsClient(`late ${String(index)}`);
    return { joiner, keyPackage: joiner.keyPackage() };
  });
  const results: AddResult[] = [];
  const add = await sample(COMMITS, COMMITS_WARM_UP, () =>
    results.push(first.add(at(late, results.length).keyPackage)),
  );
  let processed = 0;
  const processAdd = await sample(COMMITS, COMMITS_WARM_UP, () => {
    const { proposal, commit } = at(results, processed++);
    second.receive(proposal);
    second.receive(commit);
  });
  let joinedCount = 0;
  const join = await sample(COMMITS, COMMITS_WARM_UP, () => {
    const { welcome, ratchetTree } = at(results, joinedCount);
    at(late, joinedCount++).joiner.joinGroup(welcome, ratchetTree);
  });
  return { encrypt, decrypt, add, 'process add': processAdd, join };
}

export async function loadPeers(): Promise<readonly [openMlsWasm: Contender, mlsTs: Contender]> {
  return [
    {
      name: 'openmls-wasm',
      cannot: { ...CANNOT, 'process add': 'this build forgets a proposal that it was given' },
      measure: measureOpenMls(await loadOpenMls()),
    },
    { name: 'mls-ts', cannot: CANNOT, measure: measureMlsTs },
  ];
}
