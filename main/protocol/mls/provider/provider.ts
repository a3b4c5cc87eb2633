/**
 * Cipher suite 1 for ts-mls on node:crypto: many times faster than the library's own providers, and the place where
 * randomness is handed in. Works on OpenSSL and on Electron's BoringSSL.
 */
import type { KeyObject } from 'node:crypto';
import type { CiphersuiteImpl, CiphersuiteName } from 'ts-mls/crypto/ciphersuite.js';
import type { Hpke, PrivateKey, PublicKey } from 'ts-mls/crypto/hpke.js';
import { NO_BREATHER, type Breather } from '../../breather.ts';
import type { Random } from '../../random.ts';
import { MlsError } from '../errors.ts';
import { AEAD_NONCE_BYTES, AES_128_GCM, type Aead } from './aead.ts';
import { nodeHash, nodeKdf } from './hash.ts';
import {
  deriveHpkeKeyPair,
  generateHpkeKeyPair,
  hpkeExport,
  hpkeInfo,
  hpkeOpen,
  hpkeSeal,
  recipientContext,
  senderContext,
  type HpkeKeyPair,
} from './hpke.ts';
import { privateKeyObject, publicKeyObject } from './keys.ts';
import { generateSignatureKeyPair, signEd25519, verifyEd25519 } from './signature.ts';

declare global {
  /** ts-mls names the browser's global type, which Node's types lack. */
  interface CryptoKey {
    readonly type: 'private' | 'public' | 'secret';
    readonly extractable: boolean;
  }
}

/** RFC 9420 section 17.1, value 0x0001. */
export const CIPHER_SUITE = 'MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519';

const EMPTY = new Uint8Array(0);
const LABEL = { algorithm: { name: 'X25519' }, extractable: true, usages: [] };

/** ts-mls passes keys around as CryptoKey; these are labels whose contents only this file can look up. */
const publicKeys = new WeakMap<PublicKey, Uint8Array>();
const privateKeys = new WeakMap<PrivateKey, { readonly raw: Uint8Array; readonly key: KeyObject }>();

/** What the library wants, and what our own parts of MLS use instead of it. */
export interface MlsSuite extends CiphersuiteImpl {
  readonly aead: Aead;
  readonly random: Random;
  /** Awaited before every operation on a curve that a step may do many of. */
  readonly breathe: Breather;
}

/** The suite with `random` as its only source of randomness. */
export function createCipherSuite(random: Random, breathe: Breather = NO_BREATHER): MlsSuite {
  return createSuiteWith(random, CIPHER_SUITE, AES_128_GCM, breathe);
}

/** The same with another AEAD, for tests against implementations that lack ours. */
export function createSuiteWith(
  random: Random,
  name: CiphersuiteName,
  aead: Aead,
  breathe: Breather = NO_BREATHER,
): MlsSuite {
  return {
    name,
    aead,
    random,
    breathe,
    hash: nodeHash,
    kdf: nodeKdf,
    hpke: createHpke(random, aead),
    signature: {
      sign: async (signKey, message) => signEd25519(signKey, message),
      verify: async (publicKey, message, signature) => verifyEd25519(publicKey, message, signature),
      keygen: async () => generateSignatureKeyPair(random),
    },
    rng: { randomBytes: random },
  };
}

function createHpke(random: Random, aead: Aead): Hpke {
  return {
    keyLength: aead.keyBytes,
    nonceLength: AEAD_NONCE_BYTES,
    importPrivateKey: async (raw) => privateLabel(raw, privateKeyObject('X25519', raw)),
    importPublicKey: async (raw) => publicLabel(raw),
    exportPrivateKey: async (label) => Uint8Array.from(privateOf(label).raw),
    exportPublicKey: async (label) => Uint8Array.from(publicOf(label)),
    deriveKeyPair: async (inputKey) => labels(deriveHpkeKeyPair(inputKey)),
    generateKeyPair: async () => labels(generateHpkeKeyPair(random)),
    seal: async (label, plaintext, info, aad = EMPTY) =>
      hpkeSeal(hpkeInfo(aead, info), publicOf(label), aad, plaintext, random),
    open: async (label, enc, ciphertext, info, aad = EMPTY) =>
      hpkeOpen(hpkeInfo(aead, info), privateOf(label).key, enc, aad, ciphertext),
    exportSecret: async (label, exporterContext, length, info) => {
      const context = senderContext(hpkeInfo(aead, info), publicOf(label), random);
      return { enc: context.enc, secret: hpkeExport(context, exporterContext, length) };
    },
    importSecret: async (label, exporterContext, enc, length, info) =>
      hpkeExport(recipientContext(hpkeInfo(aead, info), privateOf(label).key, enc), exporterContext, length),
    encryptAead: async (key, nonce, aad, plaintext) => aead.seal(key, nonce, aad ?? EMPTY, plaintext),
    decryptAead: async (key, nonce, aad, ciphertext) => aead.open(key, nonce, aad ?? EMPTY, ciphertext),
  };
}

function labels({ privateKey, publicKey, key }: HpkeKeyPair): { privateKey: PrivateKey; publicKey: PublicKey } {
  return { privateKey: privateLabel(privateKey, key), publicKey: publicLabel(publicKey) };
}

/** Throws for what is no key. */
function publicLabel(raw: Uint8Array): PublicKey {
  publicKeyObject('X25519', raw);
  const label = { type: 'public' as const, ...LABEL };
  publicKeys.set(label, Uint8Array.from(raw));
  return label;
}

function privateLabel(raw: Uint8Array, key: KeyObject): PrivateKey {
  const label = { type: 'private' as const, ...LABEL };
  privateKeys.set(label, { raw: Uint8Array.from(raw), key });
  return label;
}

function publicOf(label: PublicKey): Uint8Array {
  const raw = publicKeys.get(label);
  if (raw === undefined) throw new MlsError('ForeignValue', 'public key');
  return raw;
}

function privateOf(label: PrivateKey): { readonly raw: Uint8Array; readonly key: KeyObject } {
  const key = privateKeys.get(label);
  if (key === undefined) throw new MlsError('ForeignValue', 'private key');
  return key;
}
