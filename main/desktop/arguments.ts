/**
 * The command line of the desktop app. Pure. Chromium's and the tools' own switches stand in the same line, so that
 * what is not known is passed over here, unlike in the headless node.
 */
import { parseArgs } from 'node:util';
import { findInviteLink } from './links.ts';

export interface DesktopOptions {
  readonly profile:
    { readonly kind: 'named'; readonly name: string } | { readonly kind: 'directory'; readonly directory: string };
  readonly listen: readonly string[];
  readonly connect: readonly string[];
  readonly mdns: boolean;
  readonly keychain: 'os' | 'file';
  /** A `conclave:` link that the app was opened with. */
  readonly link?: string;
}

export type DesktopCommand =
  { readonly kind: 'run'; readonly options: DesktopOptions } | { readonly kind: 'wrong'; readonly problem: string };

const defaultProfile = 'default';
/** A name becomes a folder's name on every file system: no dots, no separators, no case that differs alone. */
const PROFILE_NAME = /^[a-z0-9][a-z0-9_-]{0,31}$/;

const options = {
  profile: { type: 'string' },
  'profile-directory': { type: 'string' },
  listen: { type: 'string', multiple: true },
  connect: { type: 'string', multiple: true },
  'no-mdns': { type: 'boolean' },
  keychain: { type: 'string' },
} as const;

/** `argv` is what follows the executable; the app's path, where it stands in it, is passed over too. */
export function readDesktopArguments(argv: readonly string[]): DesktopCommand {
  const { values, positionals } = parseArgs({ args: [...argv], options, strict: false, allowPositionals: true });
  const name = values.profile ?? defaultProfile;
  const directory = values['profile-directory'];
  const keychain = values.keychain ?? 'os';
  // Without its value an option is read as a switch that is on.
  if (directory !== undefined && (typeof directory !== 'string' || directory === ''))
    return wrong('--profile-directory needs a directory.');
  if (typeof name !== 'string' || !PROFILE_NAME.test(name))
    return wrong('--profile needs a name of at most 32 lower-case letters, digits, - and _.');
  if (keychain !== 'os' && keychain !== 'file') return wrong('--keychain is either os or file.');
  const listen = texts(values.listen);
  const connect = texts(values.connect);
  if (listen === undefined) return wrong('--listen needs an address.');
  if (connect === undefined) return wrong('--connect needs an address.');
  const link = findInviteLink(positionals);
  return {
    kind: 'run',
    options: {
      profile: directory === undefined ? { kind: 'named', name } : { kind: 'directory', directory },
      listen,
      connect,
      mdns: values['no-mdns'] !== true,
      keychain,
      ...(link === undefined ? {} : { link }),
    },
  };
}

const wrong = (problem: string): DesktopCommand => ({ kind: 'wrong', problem });

function texts(values: readonly (string | boolean)[] | undefined): readonly string[] | undefined {
  const given = (values ?? []).filter((value) => typeof value === 'string' && value !== '') as string[];
  return given.length === (values ?? []).length ? given : undefined;
}
