/** Nodes inside the test's own process, with real sockets and files: for what only one process can show. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { ApiEvent } from '../../shared/api/events.ts';
import type { ConclaveNode, Logger } from '../../main/messenger/contract.ts';
import { startNode } from '../../main/node.ts';

const directories: string[] = [];
const nodes: ConclaveNode[] = [];
afterEach(async () => {
  for (const node of nodes.splice(0)) await node.stop();
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

const quiet: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A fresh profile directory; gone after the test. */
export function directory(): string {
  const made = mkdtempSync(join(tmpdir(), 'conclave-relogin-'));
  directories.push(made);
  return made;
}

/** Starts a node on that profile, and remembers what texts it heard. */
export async function login(profileDirectory: string, connect: readonly string[] = []) {
  const node = await startNode({
    profileDirectory,
    profileName: 'test',
    keychain: 'file',
    listen: ['/ip4/127.0.0.1/tcp/0'],
    connect,
    mdns: false,
    logger: quiet,
    version: '0',
  });
  nodes.push(node);
  const heard: string[] = [];
  const waiting = new Map<string, () => void>();
  node.subscribe((event: ApiEvent) => {
    if (event.type !== 'message.added') return;
    heard.push(event.message.text);
    waiting.get(event.message.text)?.();
  });
  const hears = (text: string): Promise<void> =>
    heard.includes(text) ? Promise.resolve() : new Promise((resolve) => waiting.set(text, resolve));
  return { node, heard, hears };
}
