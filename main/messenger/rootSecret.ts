/**
 * The root secret of a profile: made, read from what a person types, shown as a phrase, and the keys that derive from
 * it. Pure; must not know where it is kept. No error here carries a secret or a part of one.
 */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { HDKey } from '@scure/bip32';
import { entropyToMnemonic, mnemonicToEntropy, mnemonicToSeedSync } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { ApiError } from '../../shared/api/errors.ts';
import { RECOVERY_PHRASE_WORDS, ROOT_ENTROPY_BYTES } from '../../shared/limits.ts';
import type { RootSecret } from './ports/keychain.ts';

/** What everything else is opened with; 32 bytes each. */
export interface DerivedKeys {
  /** secp256k1: the first Ethereum account of the phrase, or the private key that the person brought. */
  readonly identityPrivateKey: Uint8Array;
  readonly databaseKey: Uint8Array;
  /** Seed of the Ed25519 key of libp2p. */
  readonly networkSeed: Uint8Array;
}

/** BIP-44: the first account of Ethereum, where every wallet looks first. */
const IDENTITY_PATH = "m/44'/60'/0'/0/0";
const DATABASE_KEY_LABEL = utf8ToBytes('conclave database key v1');
const NETWORK_KEY_LABEL = utf8ToBytes('conclave libp2p key v1');
const DERIVED_KEY_BYTES = 32;

/** Makes a new root secret of 128 bits. */
export function createRootSecret(random: (length: number) => Uint8Array): RootSecret {
  const entropy = random(ROOT_ENTROPY_BYTES);
  if (entropy.length !== ROOT_ENTROPY_BYTES) throw new RangeError('the source of randomness gave too few bytes');
  return { kind: 'phrase', entropy };
}

/** Reads 12 English words of BIP-39; letter case and white space do not matter. Throws ApiError INVALID_PARAMS. */
export function rootSecretFromPhrase(text: string): RootSecret {
  const words = text
    .normalize('NFKD')
    .toLowerCase()
    .split(/\s+/u)
    .filter((word) => word !== '');
  if (words.length !== RECOVERY_PHRASE_WORDS)
    throw refused(
      'recoveryPhrase',
      `A recovery phrase has ${RECOVERY_PHRASE_WORDS} words; this one has ${words.length}.`,
    );
  const unknown = words.findIndex((word) => !wordlist.includes(word));
  if (unknown >= 0)
    throw refused('recoveryPhrase', `Word ${unknown + 1} is not a word of a recovery phrase. Check its spelling.`);
  try {
    return { kind: 'phrase', entropy: mnemonicToEntropy(words.join(' '), wordlist) };
  } catch {
    // The library's error quotes nothing, but what it says is for developers; the checksum is all that is left to fail.
    throw refused('recoveryPhrase', 'These words do not belong together: one of them is wrong, or their order is.');
  }
}

/** Reads a secp256k1 private key: 64 hexadecimal digits, with or without `0x`. Throws ApiError INVALID_PARAMS. */
export function rootSecretFromPrivateKey(text: string): RootSecret {
  const digits = text.trim().replace(/^0x/i, '');
  if (!/^[0-9a-f]{64}$/i.test(digits))
    throw refused('privateKey', 'A private key is 64 hexadecimal digits, with or without 0x in front.');
  const privateKey = hexToBytes(digits);
  if (!secp256k1.utils.isValidSecretKey(privateKey))
    throw refused('privateKey', 'This number is not a private key: it is zero or beyond the order of the curve.');
  return { kind: 'privateKey', privateKey };
}

/** The 12 words to write down; undefined for a secret that came as a private key and so has none. */
export function recoveryPhraseOf(secret: RootSecret): string | undefined {
  return secret.kind === 'phrase' ? entropyToMnemonic(secret.entropy, wordlist) : undefined;
}

/** Derives all keys. Takes about 30 ms for a phrase: BIP-39 stretches it on purpose. */
export function deriveKeys(secret: RootSecret): DerivedKeys {
  const root = secret.kind === 'phrase' ? secret.entropy : secret.privateKey;
  const derive = (label: Uint8Array): Uint8Array => hkdf(sha256, root, undefined, label, DERIVED_KEY_BYTES);
  return {
    identityPrivateKey: identityPrivateKeyOf(secret),
    databaseKey: derive(DATABASE_KEY_LABEL),
    networkSeed: derive(NETWORK_KEY_LABEL),
  };
}

function identityPrivateKeyOf(secret: RootSecret): Uint8Array {
  if (secret.kind === 'privateKey') return secret.privateKey.slice();
  const seed = mnemonicToSeedSync(entropyToMnemonic(secret.entropy, wordlist));
  const { privateKey } = HDKey.fromMasterSeed(seed).derive(IDENTITY_PATH);
  // Every step of the path makes a private key from a private key; without one the library is broken.
  if (privateKey === null) throw new Error('the derivation of the identity gave no private key');
  return privateKey;
}

function refused(path: 'recoveryPhrase' | 'privateKey', message: string): ApiError {
  return new ApiError('INVALID_PARAMS', message, { issues: [{ path, message }] });
}
