/** The root secret: known answers, what a person may type, and what an error may say. */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApiError } from '../../../shared/api/errors.ts';
import { createIdentity } from '../../../main/protocol/identity/index.ts';
import type { RootSecret } from '../../../main/messenger/ports/keychain.ts';
import {
  createRootSecret,
  deriveKeys,
  recoveryPhraseOf,
  rootSecretFromPhrase,
  rootSecretFromPrivateKey,
  type DerivedKeys,
} from '../../../main/messenger/rootSecret.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const entropy = fc.uint8Array({ minLength: 16, maxLength: 16 });
const phraseSecret = (bytes: Uint8Array): RootSecret => ({ kind: 'phrase', entropy: bytes });
const allOf = (keys: DerivedKeys): readonly Uint8Array[] => [
  keys.identityPrivateKey,
  keys.databaseKey,
  keys.networkSeed,
];
const DEVELOPMENT_PHRASE = 'test test test test test test test test test test test junk';
const DEVELOPMENT_KEY = 'ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80';

function refusalOf(work: () => unknown): ApiError {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(ApiError);
    expect((error as ApiError).code).toBe('INVALID_PARAMS');
    return error as ApiError;
  }
  throw new Error('it was accepted');
}

describe('deriveKeys', () => {
  it('gives the first Ethereum account of the well-known development phrase', () => {
    const keys = deriveKeys(rootSecretFromPhrase(DEVELOPMENT_PHRASE));
    expect(hex(keys.identityPrivateKey)).toBe(DEVELOPMENT_KEY);
    expect(createIdentity(keys.identityPrivateKey).memberId).toBe('0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266');
  });

  it('gives the keys of the store and of the network that earlier releases gave', () => {
    const keys = deriveKeys(rootSecretFromPhrase(DEVELOPMENT_PHRASE));
    expect(hex(keys.databaseKey)).toBe('902c482a35af5c4327917bf434c98562aaa40c15935d94256b73099f24967b9d');
    expect(hex(keys.networkSeed)).toBe('63b090685c522cb2e6be9396c56735d7a6b99c1531d4c0e44d8860409cad6fd9');
  });

  it('uses a private key as it is', () => {
    const keys = deriveKeys(rootSecretFromPrivateKey(DEVELOPMENT_KEY));
    expect(hex(keys.identityPrivateKey)).toBe(DEVELOPMENT_KEY);
    expect(hex(keys.databaseKey)).not.toBe(DEVELOPMENT_KEY);
  });

  it('gives three different keys of 32 bytes, the same each time, and others for another secret', () => {
    fc.assert(
      fc.property(entropy, entropy, (first, second) => {
        fc.pre(hex(first) !== hex(second));
        const all = [first, second].flatMap((bytes) => allOf(deriveKeys(phraseSecret(bytes))));
        expect(all.every((bytes) => bytes.length === 32)).toBe(true);
        expect(new Set(all.map(hex)).size).toBe(6);
        expect(deriveKeys(phraseSecret(first))).toEqual(deriveKeys(phraseSecret(first)));
        expect(secp256k1.utils.isValidSecretKey(deriveKeys(phraseSecret(first)).identityPrivateKey)).toBe(true);
      }),
      { numRuns: 8 },
    );
  });
});

describe('a new root secret', () => {
  it('is 128 bits of the randomness that was handed in', () => {
    const asked: number[] = [];
    const secret = createRootSecret((length) => {
      asked.push(length);
      return new Uint8Array(length).fill(7);
    });
    expect(asked).toEqual([16]);
    expect(secret).toEqual(phraseSecret(new Uint8Array(16).fill(7)));
  });

  it('is not made of too few bytes', () => {
    expect(() => createRootSecret(() => new Uint8Array(15))).toThrow(RangeError);
  });
});

describe('a recovery phrase', () => {
  it('is 12 words that bring the same secret back, in any letter case and spacing', () => {
    const spaces = fc.array(fc.constantFrom(' ', '  ', '\n', '\t', '\u00a0'), { minLength: 13, maxLength: 13 });
    fc.assert(
      fc.property(entropy, spaces, fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), (bytes, gaps, upper) => {
        const words = recoveryPhraseOf(phraseSecret(bytes))!.split(' ');
        expect(words).toHaveLength(12);
        const typed = words
          .map((word, index) => `${gaps[index]!}${upper[index]! ? word.toUpperCase() : word}`)
          .join('');
        expect(rootSecretFromPhrase(typed + gaps[12]!)).toEqual(phraseSecret(bytes));
      }),
    );
  });

  it('does not exist for a private key', () => {
    expect(recoveryPhraseOf(rootSecretFromPrivateKey(DEVELOPMENT_KEY))).toBeUndefined();
  });

  it('of another length is refused with the number of words', () => {
    for (const count of [0, 1, 11, 13, 24]) {
      const refusal = refusalOf(() => rootSecretFromPhrase(Array(count).fill('zebra').join(' ')));
      expect(refusal.message).toContain(`has ${count}`);
      expect(refusal.message).not.toContain('zebra');
      expect(refusal.data.issues).toEqual([{ path: 'recoveryPhrase', message: refusal.message }]);
    }
  });

  it('with an unknown word is refused with the place of the first, and quotes no word', () => {
    const word = fc.constantFrom(...wordlist);
    fc.assert(
      fc.property(fc.array(word, { minLength: 12, maxLength: 12 }), fc.integer({ min: 0, max: 11 }), (words, at) => {
        const typed = words.with(at, 'qqqq').with(11, at === 11 ? 'qqqq' : 'xxxx');
        const refusal = refusalOf(() => rootSecretFromPhrase(typed.join(' ')));
        expect(refusal.message).toBe(`Word ${at + 1} is not a word of a recovery phrase. Check its spelling.`);
        expect(JSON.stringify(refusal.data)).not.toMatch(/qqqq|xxxx/);
      }),
    );
  });

  it('with a wrong checksum is refused and quotes no word', () => {
    const refusal = refusalOf(() => rootSecretFromPhrase(DEVELOPMENT_PHRASE.replace('junk', 'zebra')));
    expect(refusal.message).not.toMatch(/test|zebra/);
    expect(refusal.cause).toBeUndefined();
  });

  it('is never taken from text that is none, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        refusalOf(() => rootSecretFromPhrase(text));
      }),
    );
  });
});

describe('a private key', () => {
  it('is read with and without 0x, in any letter case, with space around it', () => {
    const expected = { kind: 'privateKey', privateKey: new Uint8Array(Buffer.from(DEVELOPMENT_KEY, 'hex')) };
    for (const text of [DEVELOPMENT_KEY, `0x${DEVELOPMENT_KEY}`, `0X${DEVELOPMENT_KEY.toUpperCase()}`])
      expect(rootSecretFromPrivateKey(` ${text}\n`)).toEqual(expected);
  });

  it('must be 64 hexadecimal digits, and is not quoted when it is not', () => {
    for (const text of ['', '0x', DEVELOPMENT_KEY.slice(1), `${DEVELOPMENT_KEY}0`, DEVELOPMENT_KEY.replace('a', 'g')]) {
      const refusal = refusalOf(() => rootSecretFromPrivateKey(text));
      if (text.length > 4) expect(JSON.stringify([refusal.message, refusal.data])).not.toContain(text.slice(2, 20));
      expect(refusal.data.issues?.[0]?.path).toBe('privateKey');
    }
  });

  it('must be a number of the curve', () => {
    const order = secp256k1.Point.CURVE().n;
    const text = (value: bigint): string => value.toString(16).padStart(64, '0');
    for (const value of [0n, order, order + 1n, 2n ** 256n - 1n])
      refusalOf(() => rootSecretFromPrivateKey(text(value)));
    for (const value of [1n, order - 1n]) expect(rootSecretFromPrivateKey(text(value)).kind).toBe('privateKey');
  });
});
