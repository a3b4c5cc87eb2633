/** A process that is killed in the middle of writing loses nothing that it was promised, and leaves nothing half done. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { alice, conversation, conversationId, key, open, temporaryDirectory } from './support.ts';

const program = fileURLToPath(new URL('./crashWriter.ts', import.meta.url));

/** Lets a child write and kills it without warning after it told `count` transactions; gives the last one it told. */
async function writeAndKill(file: string, count: number): Promise<number> {
  const child = spawn(process.execPath, [program, file, Buffer.from(key).toString('hex'), conversationId(), alice], {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  let told = 0;
  let lines = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    told = Number(line);
    lines += 1;
    if (lines === count) child.kill('SIGKILL');
  }
  expect(await exited).toEqual([null, 'SIGKILL']);
  return told;
}

describe('a second process', () => {
  it('is told that the store is in use, and harms nothing', () => {
    const file = join(temporaryDirectory(), 'conclave.db');
    const store = open(file);
    store.conversations.put(conversation());
    const second = spawnSync(
      process.execPath,
      [program, file, Buffer.from(key).toString('hex'), conversationId(), alice],
      {
        env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
        encoding: 'utf8',
        timeout: 15_000,
      },
    );
    expect(second.status).toBe(1);
    expect(second.stdout).toBe('');
    expect(second.stderr).toContain("problem: 'locked'");
    store.people.putName(alice, 'Alice');
    store.close();
    expect(open(file).people.name(alice)).toBe('Alice');
  });
});

describe('kill -9 in the middle of writing', () => {
  it('loses nothing acknowledged and keeps tables in step, time after time', { timeout: 60_000 }, async () => {
    const file = join(temporaryDirectory(), 'conclave.db');
    const first = open(file);
    first.conversations.put(conversation());
    first.close();

    for (const count of [1, 7, 40, 150]) {
      const told = await writeAndKill(file, count);
      const store = open(file, { create: false });
      const score = Number(store.conversations.scores(conversationId()).get(alice));
      const newest = store.messages.latest(conversationId());
      const journal = store.journal.list(conversationId(), { limit: 1 })[0];
      const core = store.conversations.load(conversationId()).parts.get('core');
      // The child may have been killed between a commit and telling it.
      expect(score).toBeGreaterThanOrEqual(told);
      expect(newest?.sentAt).toBe(score);
      expect(journal?.entry?.epoch).toBe(score);
      expect(core).toEqual(new Uint8Array(5000).fill(score % 256));
      expect(store.messages.countUnread(conversationId(), conversationId() as never)).toBe(score);
      store.close();
    }
  });
});
