/**
 * What stands above the messenger may know of it: one handler per method of the App API, and the running node that
 * the doors (headless, desktop) are given. Knows no transport, no Electron and none of the organs.
 */
import type { ApiEvent } from '../../shared/api/events.ts';
import type { CheckedParams, Method, Result } from '../../shared/api/methods.ts';
import { IdentityError, memberIdFromBytes, parseMemberId } from '../protocol/identity/index.ts';
import type { MemberId } from '../../shared/model/ids.ts';

/**
 * Takes checked params and answers, or rejects with an ApiError or a typed error of an organ: an `Error` whose `code`
 * is a code of the App API. Anything else that it rejects with is a bug and shown as INTERNAL.
 */
export type Handlers = {
  readonly [M in Method]: (params: CheckedParams<M>) => Promise<Result<M>>;
};

/** The use cases behind the App API. */
export type Messenger = Handlers;

/** The part of a pino logger that every layer uses. It is never handed a secret, an invite, a text or a payload. */
export interface Logger {
  debug(data: object, message: string): void;
  info(data: object, message: string): void;
  warn(data: object, message: string): void;
  error(data: object, message: string): void;
}

/** What a node is started with. */
export interface NodeOptions {
  /** An existing or new directory for this profile alone. */
  readonly profileDirectory: string;
  /** How the profile is named to people. */
  readonly profileName: string;
  readonly keychain: 'os' | 'file';
  /** Multiaddrs to listen on instead of every usable interface. */
  readonly listen?: readonly string[];
  /** Multiaddrs to connect to from the start. */
  readonly connect?: readonly string[];
  readonly mdns: boolean;
  readonly logger: Logger;
  readonly version: string;
}

/** A node that holds its profile until it was stopped. */
export interface ConclaveNode {
  readonly messenger: Messenger;
  /** Delivers every event from now on, in order; returns the function that ends it. Handlers must not throw. */
  subscribe(handler: (event: ApiEvent) => void): () => void;
  /** The machine woke up: looks for everybody at once. Where nobody says so, the node finds out by itself. */
  wake(): void;
  /** Writes what is to be written, closes every socket and file, gives up the profile. May be called twice. */
  stop(): Promise<void>;
  /** Calls the handler when `app.shutdown` was answered: the door then stops the node and ends the process. */
  onShutdownRequested(handler: () => void): void;
}

/** Opens a profile. Rejects with an error of code PROFILE_LOCKED when another process has it. */
export type StartNode = (options: NodeOptions) => Promise<ConclaveNode>;

/**
 * The member id that a person or a program wrote: EIP-55 as it is, all-lower and all-upper hex with its checksum
 * added. Undefined when it is none of them, for example when a digit was mistyped.
 */
export function readMemberId(text: string): MemberId | undefined {
  const digits = text.slice(2);
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) return undefined;
  if (digits === digits.toLowerCase() || digits === digits.toUpperCase())
    return memberIdFromBytes(Buffer.from(digits, 'hex'));
  try {
    return parseMemberId(text);
  } catch (error) {
    if (error instanceof IdentityError) return undefined;
    throw error;
  }
}
