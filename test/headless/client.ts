/**
 * A headless node as its own process, spoken to as any program would: JSON-RPC over its standard streams. For tests;
 * runs the bundle in the runtime that the tests run in.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { ErrorData } from '../../shared/api/errors.ts';
import { eventSchema, type ApiEvent, type ApiEventType } from '../../shared/api/events.ts';
import { methods, type Method, type Params, type Result } from '../../shared/api/methods.ts';

export const bundle = resolve(import.meta.dirname, '../../out/main/headless.js');
const PATIENCE_MS = 30_000;
/** So much of standard error is kept for a failure's message. */
const KEPT_LOG = 20_000;

export interface HeadlessClientOptions {
  readonly profile: string;
  readonly listen?: readonly string[];
  readonly connect?: readonly string[];
  /** Off unless asked for: tests on one machine should find only whom they name. */
  readonly mdns?: boolean;
  readonly keychain?: 'os' | 'file';
  readonly logLevel?: 'error' | 'warn' | 'info' | 'debug' | 'trace';
  readonly env?: NodeJS.ProcessEnv;
  /** The network namespace that it runs in; left out, it shares ours. */
  readonly namespace?: string;
  /** What runs instead of the bundle. */
  readonly script?: string;
}

export type EventOf<Type extends ApiEventType> = Extract<ApiEvent, { type: Type }>;

export interface ReadyParams {
  readonly version: string;
  readonly peerId: string;
  readonly listenAddresses: readonly string[];
}

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** An error answer. */
export class RpcError extends Error {
  readonly number: number;
  readonly data: ErrorData;

  constructor(method: string, error: { readonly code: number; readonly message: string; readonly data: ErrorData }) {
    super(`${method}: ${error.data.code}: ${error.message}`);
    this.name = 'RpcError';
    this.number = error.code;
    this.data = error.data;
  }

  get code(): ErrorData['code'] {
    return this.data.code;
  }
}

interface Message {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data: ErrorData };
}

interface Waiter {
  /** True when it has what it waited for. */
  offer(event: ApiEvent): boolean;
  /** The same for a line of standard output, whatever is in it. */
  offerLine?(line: string): boolean;
  fail(error: Error): void;
}

/** Starts a node and resolves once it is ready. Rejects with what it wrote to standard error when it ends before. */
export async function startHeadless(options: HeadlessClientOptions): Promise<HeadlessClient> {
  const client = new HeadlessClient(options);
  await client.ready;
  return client;
}

export class HeadlessClient {
  readonly process: ChildProcess;
  /** The params of the first line. */
  readonly ready: Promise<ReadyParams>;
  /** Every line of standard output, as it was. */
  readonly lines: string[] = [];
  /** Every event so far, oldest first. */
  readonly events: ApiEvent[] = [];
  /** Everything that the node wrote against its contract; a test that ends well ends with none. */
  readonly breaches: Error[] = [];
  readonly ended: Promise<Ending>;
  readonly #isReady = Promise.withResolvers<ReadyParams>();
  readonly #pending = new Map<
    number,
    { readonly method: Method; resolve(result: unknown): void; reject(error: Error): void }
  >();
  readonly #waiters = new Set<Waiter>();
  #log = '';
  #nextId = 1;

  constructor(options: HeadlessClientOptions) {
    const script = options.script ?? bundle;
    const runtime = process.env['ELECTRON_EXEC_PATH'] ?? process.execPath;
    // `ip netns exec` becomes the program: signals to it reach the node.
    const place = options.namespace === undefined ? [] : ['netns', 'exec', options.namespace, runtime];
    this.process = spawn(place.length > 0 ? 'ip' : runtime, [...place, script, ...argumentsOf(options)], {
      env: { ...process.env, ...options.env, ELECTRON_RUN_AS_NODE: '1' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const { stdin, stdout, stderr } = this.process;
    if (stdin === null || stdout === null || stderr === null) throw new Error('the node has no standard streams');
    // A node that ended closes its input; the calls in flight are failed below.
    stdin.on('error', () => {});
    stderr.setEncoding('utf8').on('data', (text: string) => (this.#log = (this.#log + text).slice(-KEPT_LOG)));
    createInterface({ input: stdout, crlfDelay: Infinity }).on('line', (line) => this.#take(line));
    this.ready = this.#isReady.promise;
    this.ready.catch(() => {});
    this.ended = new Promise((resolve) => this.process.once('close', (code, signal) => resolve({ code, signal })));
    this.process.once('error', (error) => this.#failAll(error));
    void this.ended.then(({ code, signal }) => {
      this.#failAll(new Error(`the node ended with ${String(code ?? signal)}:\n${this.#log}`));
    });
  }

  /** What it wrote to standard error, the last of it. */
  get log(): string {
    return this.#log;
  }

  /** Calls a method; its answer is checked against its schema. Rejects with an RpcError. */
  async call<M extends Method>(method: M, params: Params<M>): Promise<Result<M>> {
    const id = this.#nextId++;
    const answer = new Promise<unknown>((resolve, reject) => this.#pending.set(id, { method, resolve, reject }));
    this.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    const checked = methods[method].result.safeParse(await this.#within(answer, `an answer to ${method}`));
    if (checked.success) return checked.data as Result<M>;
    const breach = new Error(`the answer to ${method} is not what its schema says`, { cause: checked.error });
    this.breaches.push(breach);
    throw breach;
  }

  /** Writes to standard input as it is. */
  write(text: string | Uint8Array): void {
    this.process.stdin?.write(text);
  }

  /**
   * The first event of a type for which `fits` holds, among those that came since `from` (an index of `events`; the start when
   * left out) and those to come.
   */
  async waitForEvent<Type extends ApiEventType>(
    type: Type,
    fits: (event: EventOf<Type>) => boolean = () => true,
    { from = 0, patienceMs = PATIENCE_MS }: { readonly from?: number; readonly patienceMs?: number } = {},
  ): Promise<EventOf<Type>> {
    const isIt = (event: ApiEvent): event is EventOf<Type> => event.type === type && fits(event as EventOf<Type>);
    const past = this.events.slice(from).find(isIt);
    if (past !== undefined) return past;
    let waiter: Waiter | undefined;
    const coming = new Promise<EventOf<Type>>((resolve, reject) => {
      waiter = {
        offer(event) {
          if (!isIt(event)) return false;
          resolve(event);
          return true;
        },
        fail: reject,
      };
      this.#waiters.add(waiter);
    });
    try {
      return await this.#within(coming, `an event ${type}`, patienceMs);
    } finally {
      if (waiter !== undefined) this.#waiters.delete(waiter);
    }
  }

  /** The first line of standard output for which `fits` holds, as JSON, among those since `from` and those to come. */
  async waitForLine(
    fits: (message: Readonly<Record<string, unknown>>) => boolean,
    { from = 0, patienceMs = PATIENCE_MS }: { readonly from?: number; readonly patienceMs?: number } = {},
  ): Promise<unknown> {
    const read = (line: string): unknown => JSON.parse(line);
    const isIt = (line: string): boolean => {
      const value = read(line);
      return typeof value === 'object' && value !== null && fits(value as Readonly<Record<string, unknown>>);
    };
    const past = this.lines.slice(from).find(isIt);
    if (past !== undefined) return read(past);
    let waiter: Waiter | undefined;
    const coming = new Promise<unknown>((resolve, reject) => {
      waiter = {
        offer: () => false,
        offerLine(line) {
          if (!isIt(line)) return false;
          resolve(read(line));
          return true;
        },
        fail: reject,
      };
      this.#waiters.add(waiter);
    });
    try {
      return await this.#within(coming, 'a line', patienceMs);
    } finally {
      if (waiter !== undefined) this.#waiters.delete(waiter);
    }
  }

  /** Resolves when there are more than `count` events, or after `patienceMs`. */
  async moreEventsThan(count: number, patienceMs: number): Promise<void> {
    if (this.events.length > count) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        resolve();
      };
      const timer = setTimeout(done, patienceMs);
      const waiter: Waiter = {
        offer() {
          done();
          return true;
        },
        fail: done,
      };
      this.#waiters.add(waiter);
    });
  }

  /** Ends its input and waits for its end. */
  async end(): Promise<Ending> {
    this.process.stdin?.end();
    return this.#within(this.ended, 'its end');
  }

  /** Sends a signal and waits for its end; SIGKILL leaves it no time for anything. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<Ending> {
    this.process.kill(signal);
    return this.#within(this.ended, `its end by ${signal}`);
  }

  /** A line that breaks the contract fails whatever is waited for. */
  #take(line: string): void {
    this.lines.push(line);
    try {
      this.#takeMessage(JSON.parse(line) as Message);
    } catch (error) {
      const breach = new Error(`the node wrote ${line.slice(0, 500)}`, { cause: error });
      this.breaches.push(breach);
      this.#failAll(breach);
      return;
    }
    for (const waiter of [...this.#waiters]) if (waiter.offerLine?.(line) === true) this.#waiters.delete(waiter);
  }

  #takeMessage(message: Message): void {
    if (message.method === 'ready') this.#isReady.resolve(message.params as ReadyParams);
    else if (message.method === 'event') this.#takeEvent(eventSchema.parse(message.params));
    else if (typeof message.id === 'number') this.#takeAnswer(message.id, message);
  }

  #takeEvent(event: ApiEvent): void {
    this.events.push(event);
    for (const waiter of [...this.#waiters]) if (waiter.offer(event)) this.#waiters.delete(waiter);
  }

  #takeAnswer(id: number, message: Message): void {
    const call = this.#pending.get(id);
    this.#pending.delete(id);
    if (message.error === undefined) call?.resolve(message.result);
    else call?.reject(new RpcError(call.method, message.error));
  }

  #failAll(error: Error): void {
    this.#isReady.reject(error);
    for (const { reject } of this.#pending.values()) reject(error);
    for (const { fail } of this.#waiters) fail(error);
    this.#pending.clear();
    this.#waiters.clear();
  }

  /** Fails with the node's log when something takes too long. */
  async #within<T>(work: Promise<T>, what: string, patienceMs = PATIENCE_MS): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`${what} did not come within ${patienceMs} ms:\n${this.#log}`)),
        patienceMs,
      );
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

function argumentsOf(options: HeadlessClientOptions): string[] {
  return [
    ...['--profile', options.profile, '--keychain', options.keychain ?? 'file'],
    ...['--log-level', options.logLevel ?? 'warn'],
    ...(options.mdns === true ? [] : ['--no-mdns']),
    ...(options.listen ?? ['/ip4/127.0.0.1/tcp/0']).flatMap((address) => ['--listen', address]),
    ...(options.connect ?? []).flatMap((address) => ['--connect', address]),
  ];
}
