/**
 * A network in a process of its own on a machine of the lab, spoken to by lines of JSON (see namespaceNode.ts).
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('./namespaceNode.ts', import.meta.url));
const PATIENCE_MS = 30_000;
/** A busy machine reads the libraries of eight nodes for long. */
const START_MS = 90_000;
/** How often everybody speaks while it is found out who hears whom. */
const SPEAK_MS = 300;

export interface Line {
  readonly kind: string;
  readonly [key: string]: unknown;
}

export class Machine {
  readonly lines: Line[] = [];
  readonly child: ChildProcess;
  #complaints = '';
  #wake = (): void => undefined;

  constructor(namespace: string, name: string, ...more: readonly string[]) {
    this.child = spawn('ip', ['netns', 'exec', namespace, process.execPath, script, name, ...more], {
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.child.stderr?.on(
      'data',
      (chunk: Buffer) => (this.#complaints = (this.#complaints + String(chunk)).slice(-4_000)),
    );
    createInterface({ input: this.child.stdout! }).on('line', (line) => {
      this.lines.push(JSON.parse(line) as Line);
      this.#wake();
    });
    this.child.on('exit', () => this.#wake());
  }

  order(line: object): void {
    this.child.stdin?.write(`${JSON.stringify(line)}\n`);
  }

  /** The first line from `from` on that fits. */
  async line(fits: (line: Line) => boolean, from = 0, patienceMs = PATIENCE_MS): Promise<Line> {
    const end = Date.now() + patienceMs;
    for (;;) {
      const found = this.lines.slice(from).find(fits);
      if (found !== undefined) return found;
      if (Date.now() > end || this.child.exitCode !== null) {
        throw new Error(`it never said so. Lines: ${JSON.stringify(this.lines)}\n${this.#complaints}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 100);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  async ready(): Promise<{ peerId: string; listenAddresses: string[] }> {
    const { peerId, listenAddresses } = await this.line(({ kind }) => kind === 'ready', 0, START_MS);
    return { peerId: peerId as string, listenAddresses: listenAddresses as string[] };
  }

  hears(peerId: string, from = 0): Promise<Line> {
    return this.line(({ kind, peers }) => kind === 'topicPeers' && (peers as string[]).includes(peerId), from);
  }

  /** The peers that it hears now. */
  get audience(): readonly string[] {
    return (this.lines.findLast(({ kind }) => kind === 'topicPeers')?.['peers'] ?? []) as readonly string[];
  }

  /** What it wrote to standard error, the last of it. */
  get complaints(): string {
    return this.#complaints;
  }

  /** Resolves with the exit code once the process is gone. */
  async ended(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null)
      await new Promise((resolve) => this.child.once('exit', resolve));
    return this.child.exitCode;
  }
}

let marks = 0;

/**
 * Resolves, with the milliseconds that it took, once something that each said from now on arrived at each other one and
 * each knows the other for a listener of the group.
 */
export async function inTouch(machines: readonly Machine[], patienceMs = PATIENCE_MS): Promise<number> {
  const startedAt = Date.now();
  const mark = `mark ${(marks += 1)}`;
  const starts = machines.map(({ lines }) => lines.length);
  const peerIds = await Promise.all(machines.map(async (machine) => (await machine.ready()).peerId));
  const missing = (): string[] =>
    machines.flatMap((machine, i) => {
      const heard = machine.lines.slice(starts[i]).flatMap(({ kind, text }) => (kind === 'packet' ? [text] : []));
      return machines.flatMap((_, j) => {
        if (i === j) return [];
        const isHeard = heard.some((text) => String(text).startsWith(`${mark} of ${j} `));
        return isHeard && machine.audience.includes(peerIds[j]!) ? [] : [`${i} of ${j}`];
      });
    });
  for (let round = 0; ; round += 1) {
    if (missing().length === 0) return Date.now() - startedAt;
    if (Date.now() - startedAt > patienceMs) {
      const last = machines.map(({ complaints }, i) => `${i}: ${complaints.slice(-1_500)}`).join('\n');
      throw new Error(`not in touch after ${patienceMs} ms: ${missing().join(', ')}\n${last}`);
    }
    for (const [i, machine] of machines.entries()) machine.order({ publish: `${mark} of ${i} ${round}` });
    await new Promise((resolve) => setTimeout(resolve, SPEAK_MS));
  }
}
