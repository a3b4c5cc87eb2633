/** The keychain of the system: the bound on waiting, what its errors become, and that a late answer changes nothing. */
import { describe, expect, it } from 'vitest';
import { KEYCHAIN_PROMPT_MS } from '../../../shared/limits.ts';
import { KeychainError } from '../../../main/keychain/errors.ts';
import { osKeychain, type KeychainEntry } from '../../../main/keychain/osKeychain.ts';
import type { Keychain, RootSecret } from '../../../main/messenger/ports/keychain.ts';

const secret: RootSecret = { kind: 'phrase', entropy: new Uint8Array(16).fill(0x5e) };
const SECRET_HEX = '5e5e';

interface World {
  readonly keychain: Keychain;
  /** What the entry holds. */
  stored: string | null;
  /** While set, every operation of the entry waits for it. */
  prompt: Promise<void> | undefined;
  /** The delays of the timers that run. */
  readonly timers: Map<object, { readonly callback: () => void; readonly delayMs: number }>;
}

function world(platform: NodeJS.Platform = 'linux', openEntry?: () => KeychainEntry): World {
  const timers: World['timers'] = new Map();
  const here: World = {
    stored: null,
    prompt: undefined,
    timers,
    keychain: osKeychain({
      account: 'profile',
      platform,
      clock: {
        setTimeout(callback, delayMs) {
          const timer = {};
          timers.set(timer, { callback, delayMs });
          return timer;
        },
        clearTimeout(timer) {
          timers.delete(timer);
        },
      },
      openEntry:
        openEntry ??
        (() => ({
          async getPassword() {
            return here.stored;
          },
          async setPassword(password) {
            await here.prompt;
            here.stored = password;
          },
          async deletePassword() {
            here.stored = null;
            return true;
          },
        })),
    }),
  };
  return here;
}

const failing = (message: string): (() => KeychainEntry) => {
  const fail = async (): Promise<never> => {
    throw new Error(message);
  };
  return () => ({ getPassword: fail, setPassword: fail, deletePassword: fail });
};

async function refusal(work: Promise<unknown>): Promise<KeychainError> {
  const error: unknown = await work.then(
    () => 'nothing was refused',
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(KeychainError);
  expect((error as KeychainError).code).toBe('KEYCHAIN_UNAVAILABLE');
  return error as KeychainError;
}

/** Lets everything that can go on without an answer go on. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the keychain of the system', () => {
  it('keeps a secret, and leaves no timer behind', async () => {
    const { keychain, timers } = world();
    expect(await keychain.read()).toBeUndefined();
    await keychain.write(secret);
    expect(await keychain.read()).toEqual(secret);
    await keychain.remove();
    expect(await keychain.read()).toBeUndefined();
    await settle();
    expect(timers.size).toBe(0);
  });

  it('does not wait for ever for a prompt that nobody answers, and a late answer changes nothing', async () => {
    for (const before of [null, 'what another program keeps here']) {
      const here = world();
      here.stored = before;
      let answer = (): void => undefined;
      here.prompt = new Promise((resolve) => {
        answer = resolve;
      });
      const written = refusal(here.keychain.write(secret));
      await settle();
      const [timer] = here.timers.values();
      expect(timer?.delayMs).toBe(KEYCHAIN_PROMPT_MS);
      timer?.callback();
      expect((await written).problem).toBe('timeout');
      answer();
      await settle();
      expect(here.stored).toBe(before);
      here.stored = null;
      await here.keychain.write(secret);
      expect(await here.keychain.read()).toEqual(secret);
    }
  });

  it('bounds the waiting of what queues behind a prompt, too', async () => {
    const here = world();
    here.prompt = new Promise(() => undefined);
    const outcomes = [here.keychain.write(secret), here.keychain.read()].map(refusal);
    await settle();
    for (const { callback } of here.timers.values()) callback();
    expect((await Promise.all(outcomes)).map((error) => error.problem)).toEqual(['timeout', 'timeout']);
  });

  it.each([
    ['Platform failure: DBus error: no bus', 'unavailable'],
    ["Couldn't access platform storage: Secret Service: no result found", 'unavailable'],
    ["Couldn't access platform storage: Secret Service: unlock prompt was dismissed", 'denied'],
    ["Couldn't access platform storage: AccessDenied", 'denied'],
    ['Data is not UTF-8 encoded', 'damaged'],
    ['Entry is matched by 2 credentials: ambiguous', 'damaged'],
  ])('takes "%s" for %s', async (message, problem) => {
    const { keychain } = world('linux', failing(message));
    for (const work of [keychain.read(), keychain.write(secret), keychain.remove()])
      expect((await refusal(work)).problem).toBe(problem);
  });

  it.each(['linux', 'darwin', 'win32', 'freebsd'] as const)('says on %s what to do', async (platform) => {
    const { keychain } = world(platform, failing('no service'));
    const error = await refusal(keychain.write(secret));
    expect(error.message).toContain('--keychain file');
    if (platform === 'linux') expect(error.message).toContain('gnome-keyring');
    expect(`${error.message} ${String(error.cause)}`).not.toContain(SECRET_HEX);
  });

  it('refuses an entry that is not ours, leaves it and does not quote it', async () => {
    const here = world();
    for (const content of ['hunter2', '{"version":9}', `{"version":1,"kind":"phrase","entropy":"${SECRET_HEX}"}`]) {
      here.stored = content;
      const error = await refusal(here.keychain.read());
      expect(error.problem).toBe('damaged');
      expect(`${error.message} ${String(error.cause)}`).not.toContain(content);
      expect(here.stored).toBe(content);
    }
  });

  it('does not take the word of a keychain that forgets at once', async () => {
    const forgetful = (): KeychainEntry => ({
      getPassword: async () => null,
      setPassword: async () => undefined,
      deletePassword: async () => false,
    });
    expect((await refusal(world('linux', forgetful).keychain.write(secret))).problem).toBe('io');
  });
});
