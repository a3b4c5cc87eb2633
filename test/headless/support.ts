/**
 * Persons with a headless node each, and groups of them, for tests of whole processes. Every node ends with its test, by
 * its process id, however the test ends. Nobody is found but by an address: discovery is off unless a test is about it.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect } from 'vitest';
import type { ConversationDetail, Message } from '../../shared/api/model.ts';
import type { ConversationSettings } from '../../shared/api/settings.ts';
import type { ConversationId, MemberId, MessageId } from '../../shared/model/ids.ts';
import { HeadlessClient, RpcError, type HeadlessClientOptions } from './client.ts';

/** Longer runs and more seeds, for a quiet machine. */
export const soak = process.env['CONCLAVE_SOAK'] === '1';

/** Rules that settle everything in about a second. */
export const quickRules: Partial<ConversationSettings> = {
  commitInactivityMs: 200,
  freezeMs: 400,
  recoveryInactivityMs: 300,
  consensusTimeoutMs: 60_000,
  proposalExpirationMs: 120_000,
};

/** One human being: a profile, and the node that runs on it now. */
export interface Person {
  readonly name: string;
  readonly profile: string;
  readonly memberId: MemberId;
  readonly recoveryPhrase: string;
  /** Where its node listens; the same after a restart. */
  readonly listen: readonly string[];
  node: HeadlessClient;
}

export interface House {
  /** A fresh profile directory; gone after the test. */
  directory(): string;
  start(options: HeadlessClientOptions): Promise<HeadlessClient>;
  /** Starts a node that may well not get ready. */
  launch(options: HeadlessClientOptions): HeadlessClient;
  person(name: string, options?: Partial<HeadlessClientOptions>): Promise<Person>;
  persons<const Names extends readonly string[]>(...names: Names): Promise<{ readonly [Index in keyof Names]: Person }>;
  /** Starts the node of a person again, whose last one has ended. */
  restart(person: Person, options?: Partial<HeadlessClientOptions>): Promise<HeadlessClient>;
}

/** Call it at the top of a file, or of a `describe`. `each`: everything ends with the test; `all`: with the block. */
export function useHouse(lifetime: 'each' | 'all' = 'each'): House {
  const nodes: HeadlessClient[] = [];
  const directories: string[] = [];

  (lifetime === 'each' ? afterEach : afterAll)(async () => {
    const breaches = nodes.flatMap((node) => node.breaches.map(({ message, cause }) => `${message}: ${String(cause)}`));
    await Promise.all(nodes.splice(0).map((node) => end(node)));
    for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
    expect(breaches).toEqual([]);
  });

  const house: House = {
    directory() {
      const directory = mkdtempSync(join(tmpdir(), 'conclave-headless-'));
      directories.push(directory);
      return directory;
    },
    launch(options) {
      const node = new HeadlessClient(options);
      nodes.push(node);
      return node;
    },
    async start(options) {
      const node = house.launch(options);
      await node.ready;
      return node;
    },
    async person(name, options = {}) {
      const profile = house.directory();
      const node = await house.start({ profile, ...options });
      const { memberId, recoveryPhrase } = await node.call('identity.create', { displayName: name });
      const { listenAddresses } = await node.call('app.info', {});
      const listen = options.listen ?? listenAddresses.map((address) => address.replace(/\/p2p\/.*$/, ''));
      return { name, profile, memberId, recoveryPhrase, listen, node };
    },
    persons: async <const Names extends readonly string[]>(...names: Names) =>
      (await Promise.all(names.map((name) => house.person(name)))) as { readonly [Index in keyof Names]: Person },
    async restart(person, options = {}) {
      person.node = await house.start({ profile: person.profile, listen: person.listen, ...options });
      return person.node;
    },
  };
  return house;
}

/** Ends a node that may have ended already; nothing of it is left. */
async function end(node: HeadlessClient): Promise<void> {
  if (node.process.exitCode !== null || node.process.signalCode !== null) return;
  await node.kill('SIGKILL');
}

/** What every one of `people` shows of a conversation. */
export function details(people: readonly Person[], conversationId: ConversationId): Promise<ConversationDetail[]> {
  return Promise.all(people.map((person) => person.node.call('conversation.get', { conversationId })));
}

/** Looks again after every event of anybody until `look` answers with something; rejects after `patienceMs`. */
export async function until<T>(
  people: readonly Person[],
  what: string,
  look: () => Promise<T | undefined>,
  patienceMs = 30_000,
): Promise<T> {
  const end = Date.now() + patienceMs;
  for (;;) {
    const counts = people.map((person) => person.node.events.length);
    const found = await look();
    if (found !== undefined) return found;
    const left = end - Date.now();
    if (left <= 0) throw new Error(`never happened: ${what}\n${people.map(tail).join('\n')}`);
    // Not everything that is looked at has an event: look again before long in any case.
    await Promise.race(
      people.map((person, index) => person.node.moreEventsThan(counts[index] ?? 0, Math.min(left, 250))),
    );
  }
}

function tail(person: Person): string {
  const events = person.node.events.slice(-5).map((event) => JSON.stringify(event).slice(0, 300));
  return `${person.name}: ${events.join('\n  ')}\n  log: ${person.node.log.slice(-1_500)}`;
}

/** Waits until all of `people` are members of the same group in the same epoch with nothing left to settle. */
export function agree(
  people: readonly Person[],
  conversationId: ConversationId,
  memberCount = people.length,
  patienceMs = 30_000,
): Promise<ConversationDetail[]> {
  return until(
    people,
    `${people.map((person) => person.name).join(', ')} agree on ${memberCount} members`,
    async () => {
      const views = await details(people, conversationId);
      const calm = views.every((view) => view.state === 'working' && view.members.length === memberCount);
      const same = new Set(views.map((view) => `${view.epoch} ${view.epochAuthenticator}`)).size === 1;
      return calm && same ? views : undefined;
    },
    patienceMs,
  );
}

/** Lets one person ask in with a fresh link of another. */
export async function askIn(inviter: Person, joiner: Person, conversationId: ConversationId): Promise<void> {
  const { invite } = await inviter.node.call('invite.create', { conversationId });
  await joiner.node.call('conversation.join', { invite });
}

/** A group with all of `people` in it, who have each other's connections and agree. */
export async function groupOf(
  people: readonly [Person, ...Person[]],
  settings: Partial<ConversationSettings> = {},
  name = 'Choir',
): Promise<ConversationId> {
  const [creator, ...others] = people;
  const { conversationId } = await creator.node.call('conversation.create', {
    name,
    settings: { ...quickRules, ...settings },
  });
  for (const [index, joiner] of others.entries()) {
    await askIn(creator, joiner, conversationId);
    await agree(people.slice(0, index + 2), conversationId);
  }
  return conversationId;
}

/** Connects everybody with everybody, as discovery does where it is on; a link alone connects with who made it. */
export async function acquaint(people: readonly Person[]): Promise<void> {
  for (const [index, person] of people.entries()) {
    for (const other of people.slice(index + 1)) {
      const { listenAddresses } = await other.node.call('app.info', {});
      await person.node.call('peer.connect', { address: listenAddresses[0] ?? '' });
    }
  }
}

/** Waits until everybody hears everybody else on the topics of a group. */
export async function connected(people: readonly Person[], conversationId: ConversationId): Promise<void> {
  await until(people, 'everybody hears everybody', async () => {
    const seen = await Promise.all(people.map((person) => person.node.call('diagnostics.network', {})));
    const all = seen.every(({ topics }) =>
      topics.some((topic) => topic.conversationId === conversationId && topic.subscribers >= people.length - 1),
    );
    return all ? true : undefined;
  });
}

/** Everything in a conversation as this person has it, oldest first. */
export async function history(person: Person, conversationId: ConversationId): Promise<Message[]> {
  const all: Message[] = [];
  for (let before: MessageId | undefined; ;) {
    const { messages } = await person.node.call('message.list', {
      conversationId,
      limit: 200,
      ...(before === undefined ? {} : { before }),
    });
    all.push(...messages);
    before = messages.at(-1)?.messageId;
    if (messages.length < 200) return all.reverse();
  }
}

/** The texts that people wrote, without the app's own lines. */
export async function texts(person: Person, conversationId: ConversationId): Promise<string[]> {
  const all = await history(person, conversationId);
  return all.filter((message) => message.system === undefined).map((message) => message.text);
}

export function say(person: Person, conversationId: ConversationId, text: string): Promise<{ messageId: MessageId }> {
  return person.node.call('message.send', { conversationId, text });
}

/** Waits until somebody has a message with that text. */
export async function hears(person: Person, text: string): Promise<void> {
  await person.node.waitForEvent('message.added', (event) => event.message.text === text);
}

/** Everybody says something and everybody hears it. */
export async function chatGoesOn(
  people: readonly Person[],
  conversationId: ConversationId,
  mark: string,
): Promise<void> {
  for (const person of people) await say(person, conversationId, `${mark} from ${person.name}`);
  for (const person of people) for (const speaker of people) await hears(person, `${mark} from ${speaker.name}`);
}

/** The error that a call ends in; a test fails when it ends in none. */
export async function errorOf(call: Promise<unknown>): Promise<RpcError> {
  const outcome: unknown = await call.then(
    (result) => new Error(`it was answered: ${JSON.stringify(result)}`),
    (error: unknown) => error,
  );
  if (outcome instanceof RpcError) return outcome;
  throw outcome;
}

/** Kilobytes of memory that a process holds now. */
export function memoryOf(pid: number): number {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  if (found?.[1] === undefined) throw new Error('the memory of the process is unknown');
  return Number(found[1]);
}

/** Random numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function pick<T>(random: () => number, list: readonly T[]): T {
  const chosen = list[Math.floor(random() * list.length)];
  if (chosen === undefined) throw new Error('nothing to choose from');
  return chosen;
}
