/**
 * The root secret in the keychain of the operating system. On Linux that is the Secret Service and nothing else: the
 * library's own choice would fall back to kernel memory, which forgets at the next boot.
 */
import { AsyncEntry } from 'keytar';
import { KEYCHAIN_PROMPT_MS } from '../../shared/limits.ts';
import type { Keychain } from '../messenger/ports/keychain.ts';
import { DAMAGED_ADVICE, deniedAdvice, TIMEOUT_ADVICE, unavailableAdvice } from './advice.ts';
import { KeychainError } from './errors.ts';
import { decodeSecret, encodeSecret } from './secretFormat.ts';

/** Under which the entries of all profiles are found. */
const KEYCHAIN_SERVICE = 'Conclave';

/** The part of main/clock.ts that a bound on waiting needs. */
export interface KeychainClock {
  setTimeout(callback: () => void, delayMs: number): object;
  clearTimeout(timer: object): void;
}

/** One entry of a keychain. */
export interface KeychainEntry {
  getPassword(): Promise<string | null | undefined>;
  setPassword(password: string): Promise<void>;
  deletePassword(): Promise<boolean>;
}

export interface OsKeychainOptions {
  readonly account: string;
  readonly clock: KeychainClock;
  readonly platform: NodeJS.Platform;
  /** Opens the entry; throws when there is no service. */
  readonly openEntry: (account: string) => KeychainEntry;
}

/** An entry in the keychain of this machine. */
export const openSystemEntry = (account: string): KeychainEntry =>
  new AsyncEntry(KEYCHAIN_SERVICE, account, { linux: { store: 'secret-service' } });

export function osKeychain(options: OsKeychainOptions): Keychain {
  const { account, platform } = options;
  const takeTurn = turns(options.clock, platform);

  return {
    kind: 'os',
    read: () =>
      takeTurn(async () => {
        const text = await options.openEntry(account).getPassword();
        if (text === null || text === undefined) return undefined;
        const secret = decodeSecret(text);
        if (secret === undefined) throw new KeychainError('damaged', DAMAGED_ADVICE);
        return secret;
      }),
    write: (secret) =>
      takeTurn(async (hasExpired) => {
        const entry = options.openEntry(account);
        const text = encodeSecret(secret);
        const before = await entry.getPassword();
        if (hasExpired()) return;
        await entry.setPassword(text);
        // Whoever asked was told that nothing was written: that must stay true when the prompt is answered late.
        if (hasExpired()) await restore(entry, before);
        else if ((await entry.getPassword()) !== text)
          throw new KeychainError('io', 'The keychain did not keep the secret that it was given.');
      }),
    remove: () =>
      takeTurn(async () => {
        await options.openEntry(account).deletePassword();
      }),
  };
}

async function restore(entry: KeychainEntry, before: string | null | undefined): Promise<void> {
  if (before === null || before === undefined) await entry.deletePassword();
  else await entry.setPassword(before);
}

type TakeTurn = <T>(operation: (hasExpired: () => boolean) => Promise<T>) => Promise<T>;

/** One operation after the other, each bounded in time from the moment that it was asked for. */
function turns(clock: KeychainClock, platform: NodeJS.Platform): TakeTurn {
  let last: Promise<unknown> = Promise.resolve();

  return <T>(operation: (hasExpired: () => boolean) => Promise<T>): Promise<T> => {
    let expired = false;
    const turn = last.then(async () => {
      if (expired) throw new KeychainError('timeout', TIMEOUT_ADVICE);
      return operation(() => expired);
    });
    // The caller gets the error below; the next turn only waits for the end.
    last = turn.catch(() => undefined);
    return new Promise<T>((resolve, reject) => {
      const timer = clock.setTimeout(() => {
        expired = true;
        reject(new KeychainError('timeout', TIMEOUT_ADVICE));
      }, KEYCHAIN_PROMPT_MS);
      turn
        .then(resolve, (error: unknown) => {
          reject(keychainErrorOf(error, platform));
        })
        .finally(() => {
          clock.clearTimeout(timer);
        });
    });
  };
}

/** The library gives sentences only; what is not known to be something else means that the service does not work. */
function keychainErrorOf(error: unknown, platform: NodeJS.Platform): KeychainError {
  if (error instanceof KeychainError) return error;
  const text = error instanceof Error ? error.message : '';
  if (/dismissed|denied|locked|cancel|not allowed/i.test(text))
    return new KeychainError('denied', deniedAdvice(platform), { cause: error });
  if (/utf-8|encod|ambiguous|more than one/i.test(text))
    return new KeychainError('damaged', DAMAGED_ADVICE, { cause: scrubbed(error) });
  return new KeychainError('unavailable', unavailableAdvice(platform), { cause: error });
}

/** An encoding error of the library may quote the bytes that it could not read. */
const scrubbed = (error: unknown): string => (error instanceof Error ? error.name : 'unknown');
