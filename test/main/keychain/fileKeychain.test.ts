/** The file keychain keeps a secret private and whole, and refuses what others could have read or put there. */
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../main/clock.ts';
import { createKeychain, KeychainError } from '../../../main/keychain/index.ts';
import type { Keychain, RootSecret } from '../../../main/messenger/ports/keychain.ts';

const phrase: RootSecret = { kind: 'phrase', entropy: new Uint8Array(16).map((_, index) => index * 11) };
const raw: RootSecret = { kind: 'privateKey', privateKey: new Uint8Array(32).fill(0xa7) };

describe('the file keychain', () => {
  let directory: string;
  let file: string;
  let keychain: Keychain;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'conclave-keychain-'));
    file = join(directory, 'root-secret.json');
    keychain = createKeychain({ kind: 'file', file }, systemClock);
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  const refusal = async (work: Promise<unknown>): Promise<KeychainError> => {
    const error: unknown = await work.then(
      () => 'nothing was refused',
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(KeychainError);
    expect((error as KeychainError).code).toBe('KEYCHAIN_UNAVAILABLE');
    return error as KeychainError;
  };

  it('is empty at first, and reading makes no file', async () => {
    expect(keychain.kind).toBe('file');
    expect(await keychain.read()).toBeUndefined();
    await keychain.remove();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('keeps either kind of secret, replaces it and removes it', async () => {
    for (const secret of [phrase, raw]) {
      await keychain.write(secret);
      expect(await keychain.read()).toEqual(secret);
      expect(await createKeychain({ kind: 'file', file }, systemClock).read()).toEqual(secret);
    }
    expect(readdirSync(directory)).toEqual(['root-secret.json']);
    await keychain.remove();
    expect(await keychain.read()).toBeUndefined();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('writes for its owner alone, whatever the umask and a draft of a crash', async () => {
    const before = process.umask(0);
    try {
      writeFileSync(`${file}.new`, 'half', { mode: 0o666 });
      await keychain.write(phrase);
    } finally {
      process.umask(before);
    }
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory)).toEqual(['root-secret.json']);
  });

  it.each([0o640, 0o604, 0o620])('refuses a file with mode %o, and leaves it', async (mode) => {
    await keychain.write(phrase);
    chmodSync(file, mode);
    const error = await refusal(keychain.read());
    expect(error.problem).toBe('unsafe');
    expect(error.message).toContain('chmod 600');
    expect(statSync(file).mode & 0o777).toBe(mode);
  });

  it('refuses a link, for reading and for writing', async () => {
    const target = join(directory, 'target');
    await createKeychain({ kind: 'file', file: target }, systemClock).write(phrase);
    const before = readFileSync(target, 'utf8');
    symlinkSync(target, file);
    expect((await refusal(keychain.read())).problem).toBe('unsafe');
    expect((await refusal(keychain.write(raw))).problem).toBe('unsafe');
    expect(readFileSync(target, 'utf8')).toBe(before);
  });

  it.each([
    ['nothing', ''],
    ['no JSON', '{"version":1,'],
    ['a newer version', '{"version":2,"kind":"phrase","entropy":"00112233445566778899aabbccddeeff"}'],
    ['a short secret', '{"version":1,"kind":"phrase","entropy":"001122"}'],
    ['another kind', '{"version":1,"kind":"privateKey","entropy":"00112233445566778899aabbccddeeff"}'],
    ['too much', `{"version":1,"kind":"phrase","entropy":"00112233445566778899aabbccddeeff"}${' '.repeat(5000)}`],
  ])('refuses a file that holds %s, leaves it and does not quote it', async (_, content) => {
    writeFileSync(file, content, { mode: 0o600 });
    const error = await refusal(keychain.read());
    expect(error.problem).toBe('damaged');
    expect(`${error.message} ${String(error.cause)}`).not.toMatch(/001122|version":/);
    expect(readFileSync(file, 'utf8')).toBe(content);
  });

  it('takes no mutated content for another secret of the wrong shape', async () => {
    await keychain.write(phrase);
    const good = readFileSync(file, 'utf8');
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.string({ minLength: 1, maxLength: 1 }), async (at, letter) => {
        writeFileSync(file, good.slice(0, at) + letter + good.slice(at + 1));
        const read: unknown = await keychain.read().catch((error: unknown) => error);
        if (read instanceof KeychainError) expect(read.problem).toBe('damaged');
        else expect(read).toMatchObject({ kind: 'phrase', entropy: { length: 16 } });
      }),
    );
  });

  it('says so when the directory cannot be written', async () => {
    const nowhere = createKeychain({ kind: 'file', file: join(directory, 'missing', 'secret.json') }, systemClock);
    expect((await refusal(nowhere.write(phrase))).problem).toBe('io');
  });
});
