/** Our cipher suite against the RFC's vectors, and against the library's own provider in both directions. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hexToBytes as hex } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { getCiphersuiteFromName } from 'ts-mls/crypto/ciphersuite.js';
import { getCiphersuiteImpl } from 'ts-mls/crypto/getCiphersuiteImpl.js';
import { refhash } from 'ts-mls/crypto/hash.js';
import { decryptWithLabel, encryptWithLabel } from 'ts-mls/crypto/hpke.js';
import { deriveSecret, deriveTreeSecret, expandWithLabel } from 'ts-mls/crypto/kdf.js';
import { signWithLabel, verifyWithLabel } from 'ts-mls/crypto/signature.js';
import { describe, expect, it } from 'vitest';
import { CIPHER_SUITE, createCipherSuite } from '../../../../main/protocol/mls/provider/provider.ts';
import { seededRandom } from './support.ts';

interface Basics {
  readonly cipher_suite: number;
  readonly ref_hash: { label: string; value: string; out: string };
  readonly expand_with_label: { secret: string; label: string; context: string; length: number; out: string };
  readonly derive_secret: { secret: string; label: string; out: string };
  readonly derive_tree_secret: { secret: string; label: string; generation: number; length: number; out: string };
  readonly sign_with_label: { priv: string; pub: string; content: string; label: string; signature: string };
  readonly encrypt_with_label: Record<
    'priv' | 'pub' | 'label' | 'context' | 'plaintext' | 'kem_output' | 'ciphertext',
    string
  >;
}
const basics = JSON.parse(
  readFileSync(new URL('../../../vectors/mls/crypto-basics.json', import.meta.url), 'utf8'),
) as readonly Basics[];
const ours = createCipherSuite((length) => Uint8Array.from(randomBytes(length)));
const theirs = await getCiphersuiteImpl(getCiphersuiteFromName(CIPHER_SUITE));

describe('the RFC 9420 vectors of the crypto basics', () => {
  it('are there for cipher suite 1', () => expect(basics.map((vector) => vector.cipher_suite)).toEqual([1]));

  it.each(basics)('give the same reference hash, labelled expansion and derived secrets', async (vector) => {
    const { ref_hash: ref, expand_with_label: expand, derive_secret: derive, derive_tree_secret: tree } = vector;
    expect(await refhash(ref.label, hex(ref.value), ours.hash)).toEqual(hex(ref.out));
    expect(
      await expandWithLabel(hex(expand.secret), expand.label, hex(expand.context), expand.length, ours.kdf),
    ).toEqual(hex(expand.out));
    expect(await deriveSecret(hex(derive.secret), derive.label, ours.kdf)).toEqual(hex(derive.out));
    expect(await deriveTreeSecret(hex(tree.secret), tree.label, tree.generation, tree.length, ours.kdf)).toEqual(
      hex(tree.out),
    );
  });

  it.each(basics)('give the same labelled signature, and it verifies', async ({ sign_with_label: vector }) => {
    const signature = await signWithLabel(hex(vector.priv), vector.label, hex(vector.content), ours.signature);
    expect(
      await verifyWithLabel(hex(vector.pub), vector.label, hex(vector.content), hex(vector.signature), ours.signature),
    ).toBe(true);
    expect(await verifyWithLabel(hex(vector.pub), vector.label, hex(vector.content), signature, ours.signature)).toBe(
      true,
    );
    expect(signature).toEqual(hex(vector.signature));
    expect(await verifyWithLabel(hex(vector.pub), 'other', hex(vector.content), signature, ours.signature)).toBe(false);
  });

  it.each(basics)('decrypt with a label, and what we encrypt decrypts', async ({ encrypt_with_label: vector }) => {
    const key = await ours.hpke.importPrivateKey(hex(vector.priv));
    const opened = await decryptWithLabel(
      key,
      vector.label,
      hex(vector.context),
      hex(vector.kem_output),
      hex(vector.ciphertext),
      ours.hpke,
    );
    expect(opened).toEqual(hex(vector.plaintext));
    const publicKey = await ours.hpke.importPublicKey(hex(vector.pub));
    const sealed = await encryptWithLabel(
      publicKey,
      vector.label,
      hex(vector.context),
      hex(vector.plaintext),
      ours.hpke,
    );
    expect(await decryptWithLabel(key, vector.label, hex(vector.context), sealed.enc, sealed.ct, ours.hpke)).toEqual(
      hex(vector.plaintext),
    );
  });
});

describe('our provider and that of the library', () => {
  const bytes = fc.uint8Array({ maxLength: 300 });

  it('hash, authenticate, extract and expand alike', async () => {
    await fc.assert(
      fc.asyncProperty(bytes, bytes, fc.integer({ min: 1, max: 200 }), async (key, data, length) => {
        expect(await ours.hash.digest(data)).toEqual(await theirs.hash.digest(data));
        const filled = Uint8Array.of(1, ...key);
        expect(await ours.hash.mac(filled, data)).toEqual(await theirs.hash.mac(filled, data));
        expect(await theirs.hash.verifyMac(filled, await ours.hash.mac(filled, data), data)).toBe(true);
        expect(await ours.hash.verifyMac(filled, await theirs.hash.mac(filled, data), data)).toBe(true);
        expect(await ours.hash.verifyMac(filled, new Uint8Array(32), data)).toBe(false);
        const salt = await ours.hash.digest(key); // The library takes salts of one hash only.
        const secret = await ours.kdf.extract(salt, data);
        expect(secret).toEqual(await theirs.kdf.extract(salt, data));
        expect(await ours.kdf.expand(secret, data, length)).toEqual(await theirs.kdf.expand(secret, data, length));
      }),
      { numRuns: 40 },
    );
  });

  it('seal and open each other with the AEAD, with HPKE and with its exporter', async () => {
    await fc.assert(
      fc.asyncProperty(
        bytes,
        bytes,
        bytes,
        fc.uint8Array({ minLength: 28, maxLength: 28 }),
        async (plaintext, info, aad, keys) => {
          const [key, nonce] = [keys.subarray(0, 16), keys.subarray(16)];
          const sealed = await ours.hpke.encryptAead(key, nonce, aad, plaintext);
          expect(sealed).toEqual(await theirs.hpke.encryptAead(key, nonce, aad, plaintext));
          expect(await theirs.hpke.decryptAead(key, nonce, aad, sealed)).toEqual(plaintext);
          expect(await ours.hpke.decryptAead(key, nonce, aad, sealed)).toEqual(plaintext);
          for (const [from, to] of [
            [ours, theirs],
            [theirs, ours],
          ] as const) {
            const pair = await to.hpke.deriveKeyPair(keys);
            const raw = await to.hpke.exportPublicKey(pair.publicKey);
            const box = await from.hpke.seal(await from.hpke.importPublicKey(raw), plaintext, info, aad);
            expect(await to.hpke.open(pair.privateKey, box.enc, box.ct, info, aad)).toEqual(plaintext);
            const exported = await from.hpke.exportSecret(await from.hpke.importPublicKey(raw), aad, 32, info);
            expect(await to.hpke.importSecret(pair.privateKey, aad, exported.enc, 32, info)).toEqual(exported.secret);
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it('derive the same key pair from the same secret', async () => {
    for (let round = 0; round < 10; round++) {
      const secret = Uint8Array.from(randomBytes(32));
      const [mine, library] = [await ours.hpke.deriveKeyPair(secret), await theirs.hpke.deriveKeyPair(secret)];
      expect(await ours.hpke.exportPublicKey(mine.publicKey)).toEqual(
        await theirs.hpke.exportPublicKey(library.publicKey),
      );
      expect(await ours.hpke.exportPrivateKey(mine.privateKey)).toEqual(
        await theirs.hpke.exportPrivateKey(library.privateKey),
      );
    }
  });

  it('verify each other’s signatures and refuse altered ones', async () => {
    const message = Uint8Array.from(randomBytes(100));
    const mine = await ours.signature.keygen();
    const library = await theirs.signature.keygen();
    const signed = await ours.signature.sign(mine.signKey, message);
    expect(await theirs.signature.verify(mine.publicKey, message, signed)).toBe(true);
    expect(
      await ours.signature.verify(library.publicKey, message, await theirs.signature.sign(library.signKey, message)),
    ).toBe(true);
    signed[5] = (signed[5] ?? 0) ^ 1;
    expect(await ours.signature.verify(mine.publicKey, message, signed)).toBe(false);
  });
});

describe('our provider with hostile input', () => {
  it('refuses a tampered ciphertext, a short one and another associated data', async () => {
    const key = new Uint8Array(16).fill(7);
    const nonce = new Uint8Array(12);
    const sealed = await ours.hpke.encryptAead(key, nonce, Uint8Array.of(1), Uint8Array.of(1, 2, 3));
    for (let index = 0; index < sealed.length; index++) {
      const altered = Uint8Array.from(sealed);
      altered[index] = (altered[index] ?? 0) ^ 0x80;
      await expect(ours.hpke.decryptAead(key, nonce, Uint8Array.of(1), altered)).rejects.toThrow();
    }
    await expect(ours.hpke.decryptAead(key, nonce, Uint8Array.of(2), sealed)).rejects.toThrow();
    await expect(ours.hpke.decryptAead(key, nonce, Uint8Array.of(1), sealed.subarray(0, 15))).rejects.toThrow();
  });

  it('refuses points of small order as HPKE keys, and keys of another length', async () => {
    const pair = await ours.hpke.generateKeyPair();
    const one = Uint8Array.of(1, ...new Uint8Array(31));
    for (const point of [new Uint8Array(32), one]) {
      await expect(ours.hpke.importPublicKey(point).then((key) => ours.hpke.seal(key, one, one))).rejects.toThrow();
      await expect(ours.hpke.open(pair.privateKey, point, new Uint8Array(40), one)).rejects.toThrow();
    }
    await expect(ours.hpke.importPublicKey(new Uint8Array(31))).rejects.toThrow(RangeError);
    await expect(ours.hpke.importPrivateKey(new Uint8Array(33))).rejects.toThrow(RangeError);
    expect(await ours.signature.verify(new Uint8Array(31), one, new Uint8Array(64))).toBe(false);
    expect(await ours.signature.verify(new Uint8Array(32).fill(255), one, new Uint8Array(64))).toBe(false);
    expect(await ours.signature.verify(one, one, new Uint8Array(3))).toBe(false);
  });

  it('does not show a key when it is printed, and does not take keys of another provider', async () => {
    const pair = await ours.hpke.generateKeyPair();
    const raw = await ours.hpke.exportPrivateKey(pair.privateKey);
    expect(JSON.stringify(pair)).not.toContain(String(raw[0]) + ',' + String(raw[1]));
    const foreign = await theirs.hpke.generateKeyPair();
    await expect(ours.hpke.exportPrivateKey(foreign.privateKey)).rejects.toMatchObject({ code: 'ForeignValue' });
    await expect(ours.hpke.exportPublicKey(foreign.publicKey)).rejects.toMatchObject({ code: 'ForeignValue' });
  });

  it('makes the same keys and boxes again from the same randomness', async () => {
    const run = async (): Promise<unknown> => {
      const suite = createCipherSuite(seededRandom(1));
      const pair = await suite.hpke.generateKeyPair();
      return [
        await suite.hpke.exportPublicKey(pair.publicKey),
        await suite.hpke.seal(pair.publicKey, Uint8Array.of(1), Uint8Array.of(2)),
        await suite.signature.keygen(),
      ];
    };
    expect(await run()).toEqual(await run());
  });
});
