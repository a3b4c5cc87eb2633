/**
 * The command line of the headless node. Pure: it neither reads the process nor writes anywhere.
 */
import { parseArgs } from 'node:util';
import { isLogLevel, logLevels, type LogLevel } from '../logging.ts';

export interface HeadlessOptions {
  /** As written: relative to the working directory, or absolute. */
  readonly profile: string;
  readonly listen: readonly string[];
  readonly connect: readonly string[];
  readonly mdns: boolean;
  readonly keychain: 'os' | 'file';
  readonly logLevel: LogLevel;
}

export type HeadlessCommand =
  | { readonly kind: 'run'; readonly options: HeadlessOptions }
  /** Check a decision that somebody exported; `file` as written. */
  | { readonly kind: 'verify'; readonly file: string }
  | { readonly kind: 'help' }
  /** `problem` is a sentence for a person. */
  | { readonly kind: 'wrong'; readonly problem: string };

export const usage = `Usage: npm run --silent headless -- --profile DIR [--listen MULTIADDR]... [--connect MULTIADDR]...
           [--no-mdns] [--keychain os|file] [--log-level ${logLevels.join('|')}]

  --profile DIR        where this node keeps its data; made when it is not there
  --listen MULTIADDR   listen here instead of on every usable interface, e.g. /ip4/127.0.0.1/tcp/0
  --connect MULTIADDR  connect to this node, for networks without multicast
  --no-mdns            do not look for people nearby
  --keychain os|file   where the root secret is kept: the operating system's keychain (default), or a file
                       inside the profile that only its owner can read
  --log-level LEVEL    what is written to standard error (default: info)

JSON-RPC 2.0 on standard input and output, one object a line.

       npm run --silent headless -- verify FILE

  Checks a decision that a member exported: the chain of the group's changes, every signature, who was asked, and the
  arithmetic. Needs no profile and no network. Exits with 0 when it holds, 4 when it does not.`;

/** `argv` is what follows the script's name. */
export function readHeadlessArguments(argv: readonly string[]): HeadlessCommand {
  if (argv[0] === 'verify') return readVerify(argv.slice(1));
  const parsed = parse(argv);
  if ('problem' in parsed) return { kind: 'wrong', problem: parsed.problem };
  const { values } = parsed;
  if (values.help === true) return { kind: 'help' };
  const keychain = values.keychain ?? 'os';
  const logLevel = values['log-level'] ?? 'info';
  if (values.profile === undefined || values.profile === '') return wrong('--profile DIR is missing.');
  if (keychain !== 'os' && keychain !== 'file') return wrong('--keychain is either os or file.');
  if (!isLogLevel(logLevel)) return wrong(`--log-level is one of ${logLevels.join(', ')}.`);
  return {
    kind: 'run',
    options: {
      profile: values.profile,
      listen: values.listen ?? [],
      connect: values.connect ?? [],
      mdns: values['no-mdns'] !== true,
      keychain,
      logLevel,
    },
  };
}

function readVerify(rest: readonly string[]): HeadlessCommand {
  const [file, ...more] = rest;
  return file === undefined || file === '' || more.length > 0
    ? wrong('verify takes one file.')
    : { kind: 'verify', file };
}

const wrong = (problem: string): HeadlessCommand => ({ kind: 'wrong', problem });

const options = {
  profile: { type: 'string' },
  listen: { type: 'string', multiple: true },
  connect: { type: 'string', multiple: true },
  'no-mdns': { type: 'boolean' },
  keychain: { type: 'string' },
  'log-level': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];

function parse(argv: readonly string[]): { readonly values: Values } | { readonly problem: string } {
  try {
    return { values: parseArgs({ args: [...argv], options, strict: true, allowPositionals: false }).values };
  } catch (error) {
    // parseArgs throws TypeErrors that name the option.
    if (error instanceof TypeError) return { problem: error.message };
    throw error;
  }
}
