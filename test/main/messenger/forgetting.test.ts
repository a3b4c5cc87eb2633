/**
 * What the file still holds of epochs that are over: the pages of database and log are decrypted as they lie on the disk, free
 * ones too, and searched for every secret that the group ever had.
 */
import { createDecipheriv } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { FORK_GRACE_MIN_MS, PAST_EPOCH_MS } from '../../../shared/limits.ts';
import type { Storage } from '../../../main/messenger/ports/storage.ts';
import type { State } from '../../../main/protocol/conversation/index.ts';
import { contentOf, type Ratchets } from '../../../main/protocol/mls/group.ts';
import type { MlsGroup } from '../../../main/protocol/mls/contract.ts';
import { openStorage } from '../../../main/storage/index.ts';
import { CONVERSATION, groupOf, World, type Node } from '../protocol/support/world.ts';

const key = new Uint8Array(32).fill(9);
const PAGE = 4096;
/** SQLCipher's scheme ends a page with an initialization vector and a MAC; the first one begins with a salt. */
const RESERVED = 80;
const VECTOR = 16;
const SALT = 16;
const LOG_HEADER = 32;
const FRAME_HEADER = 24;

const directories: string[] = [];
const stores: Storage[] = [];
afterEach(() => {
  for (const store of stores.splice(0)) store.close();
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

function decryptPage(page: Uint8Array, isFirst: boolean): Buffer {
  const cipher = createDecipheriv('aes-256-cbc', key, page.subarray(PAGE - RESERVED, PAGE - RESERVED + VECTOR));
  cipher.setAutoPadding(false);
  return cipher.update(page.subarray(isFirst ? SALT : 0, PAGE - RESERVED));
}

/** Everything that database and log have on the disk, decrypted. */
function diskOf(file: string): Buffer {
  const database = readFileSync(file);
  const pages: Buffer[] = [];
  for (let at = 0; at < database.length; at += PAGE)
    pages.push(decryptPage(database.subarray(at, at + PAGE), at === 0));
  const log = existsSync(`${file}-wal`) ? readFileSync(`${file}-wal`) : Buffer.of();
  for (let at = LOG_HEADER + FRAME_HEADER; at + PAGE <= log.length; at += FRAME_HEADER + PAGE) {
    const isFirst = log.readUInt32BE(at - FRAME_HEADER) === 1;
    pages.push(decryptPage(log.subarray(at, at + PAGE), isFirst));
  }
  return Buffer.concat(pages);
}

/** Secrets by what they are for: reading late messages, or anything else. */
interface Secrets {
  readonly reading: readonly Uint8Array[];
  readonly other: readonly Uint8Array[];
}

/** The secrets of one epoch. What beacons show is none, and the keys of the tree may outlive it. */
function secretsOf(group: MlsGroup): Secrets {
  const { epoch, application } = contentOf(group);
  const { epochAuthenticator: _, senderDataSecret, ...schedule } = epoch.keySchedule;
  const keysOf = (ratchets: Ratchets): unknown[] =>
    ratchets.flatMap(({ secret, unusedGenerations }) => [secret, ...Object.values(unusedGenerations)]);
  const only = (values: readonly unknown[]): Uint8Array[] =>
    values.filter((value): value is Uint8Array => value instanceof Uint8Array && value.length >= 16);
  return {
    reading: only([senderDataSecret, ...keysOf(application)]),
    other: only([...Object.values(schedule), ...keysOf(epoch.handshake)]),
  };
}

const treeKeysOf = (group: MlsGroup): readonly Uint8Array[] =>
  Object.values(contentOf(group).epoch.privatePath.privateKeys);

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The store of a member, written as the messenger writes it, and every secret that went through it. */
class Watched {
  readonly #file: string;
  readonly #storage: Storage;
  readonly #node: Node;
  readonly #epochs = { reading: new Map<string, number>(), other: new Map<string, number>() };
  readonly #treeKeys = new Set<string>();
  readonly #keyPackages = new Set<string>();
  #done = 0;

  constructor(node: Node) {
    const directory = mkdtempSync(join(tmpdir(), 'conclave-forgetting-'));
    directories.push(directory);
    this.#file = join(directory, 'conclave.db');
    this.#storage = openStorage({ file: this.#file, key, create: true });
    stores.push(this.#storage);
    this.#node = node;
  }

  /** Writes what the member did since, one transaction a step. */
  save(): void {
    for (const step of this.#node.steps.slice(this.#done)) {
      this.#storage.transaction(() => {
        if (step.lifecycle.some(({ kind }) => kind === 'Created'))
          this.#storage.conversations.put({ conversationId: CONVERSATION, name: 'Hikers', createdAt: 1 });
        this.#storage.conversations.write(CONVERSATION, this.#node.user.writesOf(step));
      });
      if (step.after !== undefined) this.#remember(step.after);
    }
    this.#done = this.#node.steps.length;
  }

  #remember(state: State): void {
    if (state.kind === 'pending') {
      this.#keyPackages.add(Buffer.from(state.joiner.keyPackage.privateState).toString('base64'));
      return;
    }
    const own = state.round?.candidates.find((candidate) => candidate.kind === 'own');
    for (const group of [state.group, ...(own === undefined ? [] : [own.next])]) {
      const secrets = secretsOf(group);
      for (const kind of ['reading', 'other'] as const)
        for (const secret of secrets[kind]) this.#epochs[kind].set(hex(secret), Number(group.epoch));
      for (const key of treeKeysOf(group)) this.#treeKeys.add(hex(key));
    }
  }

  /** The epochs of which a secret is on the disk, oldest first. */
  epochsOnDisk(kind: keyof Secrets): number[] {
    const bytes = diskOf(this.#file);
    const found = [...this.#epochs[kind]].filter(([secret]) => bytes.includes(Buffer.from(secret, 'hex')));
    return [...new Set(found.map(([, epoch]) => epoch))].sort((a, b) => a - b);
  }

  /** Private keys of the tree, and of key packages, that are on the disk although they were replaced or used. */
  staleKeysOnDisk(): number {
    const bytes = diskOf(this.#file);
    const present = new Set(treeKeysOf(groupOf(this.#node)).map(hex));
    const old = [...this.#treeKeys].filter((key) => !present.has(key)).map((key) => Buffer.from(key, 'hex'));
    return [...old, ...[...this.#keyPackages].map((text) => Buffer.from(text))].filter((secret) =>
      bytes.includes(secret),
    ).length;
  }

  /** So that a search which finds nothing means something. */
  get replacedKeys(): number {
    return this.#treeKeys.size - treeKeysOf(groupOf(this.#node)).length;
  }
}

describe('the file of a member', () => {
  it(
    'H-31 H-27 holds no secret of an epoch past its window, in no page of database or log',
    { timeout: 60_000 },
    async () => {
      const world = new World();
      const [alice, bob] = (await world.group(['Alice', 'Bob'])) as [Node, Node];
      const files = [new Watched(alice), new Watched(bob)];
      for (const name of ['Carol', 'Dave', 'Erin', 'Frank']) {
        const joiner = world.node(name);
        await world.join(joiner, world.invite(alice));
        await world.run(8_000);
        for (const node of [alice, bob, joiner]) {
          await world.say(node, `${name} is here, ${'says '.repeat(200)}${node.name}`);
          await world.run(50);
        }
      }
      const now = world.view(alice).epoch;
      for (const file of files) {
        file.save();
        expect(file.replacedKeys).toBeGreaterThan(0);
        // The state that a better commit may still bring back is whole, with its own past.
        expect(file.epochsOnDisk('reading')).toEqual([now - 3, now - 2, now - 1, now]);
        expect(file.epochsOnDisk('other')).toEqual([now - 1, now]);
      }

      await world.run(FORK_GRACE_MIN_MS);
      for (const file of files) {
        file.save();
        // Late messages of two epochs can be read, and nothing else is left of them.
        expect(file.epochsOnDisk('reading')).toEqual([now - 2, now - 1, now]);
        expect(file.epochsOnDisk('other')).toEqual([now]);
        expect(file.staleKeysOnDisk()).toBe(0);
      }

      await world.say(bob, 'used keys go too');
      await world.run(PAST_EPOCH_MS);
      for (const file of files) {
        file.save();
        expect(file.epochsOnDisk('reading')).toEqual([now]);
        expect(file.epochsOnDisk('other')).toEqual([now]);
        expect(file.staleKeysOnDisk()).toBe(0);
      }
      expect(world.view(alice).epoch).toBe(now);
    },
  );
});
