/** A profile on a file system that is really full: what cannot be stored is said, and everything goes on by itself afterwards. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { RpcError } from './client.ts';
import {
  agree,
  askIn,
  connected,
  errorOf,
  hears,
  history,
  quickRules,
  say,
  texts,
  until,
  useHouse,
  type Person,
} from './support.ts';

const house = useHouse();
const mounted: string[] = [];
afterAll(() => {
  for (const directory of mounted.splice(0)) {
    execFileSync('umount', [directory]);
    rmdirSync(directory);
  }
});

/** A file system of its own of a few MiB; undefined where we may not mount one. */
function smallDisk(): string | undefined {
  if (process.platform !== 'linux') return undefined;
  const directory = mkdtempSync(join(tmpdir(), 'conclave-full-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m,mode=700', 'tmpfs', directory], { stdio: 'pipe' });
  } catch {
    // Only root may; the caller skips.
    rmdirSync(directory);
    return undefined;
  }
  mounted.push(directory);
  return directory;
}

const disk = smallDisk();

/** Takes what is left of the disk. */
function fill(directory: string): void {
  const file = openSync(join(directory, 'filler'), 'a');
  try {
    for (let bytes = 65_536; bytes >= 1;)
      try {
        writeSync(file, Buffer.alloc(bytes));
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
        bytes = Math.floor(bytes / 2);
      }
  } finally {
    closeSync(file);
  }
}

const free = (directory: string): void => rmSync(join(directory, 'filler'));

/** Says something until the disk is full; answers with what was taken. */
async function talkUntilFull(
  person: Person,
  say: (index: number) => Promise<unknown>,
  mark: string,
): Promise<string[]> {
  const taken: string[] = [];
  for (let index = 0; index < 500; index += 1) {
    try {
      await say(index);
      taken.push(`${mark} ${index}`);
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      expect(error.code).toBe('STORAGE');
      expect(error.message).toContain('The disk is full. Nothing was changed; free some space and try again.');
      return taken;
    }
  }
  throw new Error(`${person.name} never filled the disk`);
}

describe.skipIf(disk === undefined)('a full disk', () => {
  const directory = disk ?? '';

  it('W-44 is said by sending, loses nothing that was taken or came meanwhile, and is over when there is space', async () => {
    const ana = await house.person('Ana');
    const node = await house.start({ profile: join(directory, 'profile') });
    const { memberId, recoveryPhrase } = await node.call('identity.create', { displayName: 'Bo' });
    const { listenAddresses } = await node.call('app.info', {});
    const listen = listenAddresses.map((address) => address.replace(/\/p2p\/.*$/, ''));
    const bo: Person = { name: 'Bo', profile: join(directory, 'profile'), memberId, recoveryPhrase, listen, node };
    const { conversationId } = await ana.node.call('conversation.create', { name: 'Choir', settings: quickRules });
    await askIn(ana, bo, conversationId);
    await agree([ana, bo], conversationId);
    await connected([ana, bo], conversationId);

    fill(directory);
    const sayOf = (mark: string) => (index: number) => say(bo, conversationId, `${mark} ${index}`);
    const first = await talkUntilFull(bo, sayOf('first'), 'first');
    const created = await errorOf(node.call('conversation.create', { name: 'Another', settings: quickRules }));
    expect(created.code).toBe('STORAGE');
    for (const text of ['one', 'two', 'three']) await say(ana, conversationId, text);
    expect((await texts(bo, conversationId)).filter((text) => text.startsWith('first'))).toEqual(first);

    free(directory);
    // Nobody does anything: what came while there was no space is there.
    for (const text of ['one', 'two', 'three']) await hears(bo, text);
    await say(bo, conversationId, 'again');
    await hears(ana, 'again');
    for (const text of first) await hears(ana, text);
    await until([bo], 'everything is sent', async () =>
      (await history(bo, conversationId)).every(({ status }) => status !== 'pending') ? true : undefined,
    );

    fill(directory);
    const second = await talkUntilFull(bo, sayOf('second'), 'second');
    await bo.node.kill();
    await house.restart(bo);
    const { problem } = await bo.node.call('identity.status', {});
    // Neither its key nor its file is doubted.
    if (problem !== undefined) expect(problem).toMatchObject({ code: 'STORAGE', cause: 'full' });
    free(directory);
    await until([bo], 'it opens', async () =>
      (await bo.node.call('identity.status', {})).problem === undefined ? true : undefined,
    );
    await connected([ana, bo], conversationId);
    await say(bo, conversationId, 'still here');
    await hears(ana, 'still here');
    for (const text of second) await hears(ana, text);
    const said = ['one', 'two', 'three', 'again', 'still here', ...first, ...second].sort();
    for (const person of [ana, bo]) expect((await texts(person, conversationId)).sort()).toEqual(said);
    await bo.node.kill();
  });
});
