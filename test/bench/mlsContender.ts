/** What every MLS implementation of the benchmark has to do, and what is measured of it. Knows none of them. */

/** How the group came to be: it decides how many keys a path has to be encrypted to. */
export type Shape =
  /** One member let in everybody: no other member ever committed, so a path is encrypted to every leaf. */
  | 'one committer'
  /** Everybody let in the next: the tree is full of keys, and a path is encrypted to one key a level. */
  | 'many committers';

export const OPERATIONS = [
  'encrypt',
  'decrypt',
  'add',
  'process add',
  'remove',
  'process remove',
  'join',
  'join, cold',
] as const;
export type Operation = (typeof OPERATIONS)[number];

/** Milliseconds of each run, or nothing where an implementation cannot. */
export type Samples = Readonly<Partial<Record<Operation, readonly number[]>>>;

export interface Contender {
  readonly name: string;
  /** Why an operation is missing from its samples. */
  readonly cannot: Readonly<Partial<Record<Operation, string>>>;
  measure(size: number, shape: Shape): Promise<Samples>;
}

export const MESSAGE_BYTES = 200;
export const MESSAGES = 300;
export const MESSAGES_WARM_UP = 30;
export const COMMITS = 15;
export const COMMITS_WARM_UP = 3;
export const JOINS = 5;
export const PLAINTEXT = new Uint8Array(MESSAGE_BYTES).fill(0x61);

export function at<Value>(values: readonly Value[], index: number): Value {
  const value = values.at(index);
  if (value === undefined) throw new Error(`nothing at ${String(index)}`);
  return value;
}
