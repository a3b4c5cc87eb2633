/** RFC 9180's own vectors for our HPKE, through our provider and through the library's: the same inputs, the same outputs. */
import { readFileSync } from 'node:fs';
import { hexToBytes as hex } from '@noble/hashes/utils.js';
import { getCiphersuiteFromName } from 'ts-mls/crypto/ciphersuite.js';
import { getCiphersuiteImpl } from 'ts-mls/crypto/getCiphersuiteImpl.js';
import { nobleCryptoProvider } from 'ts-mls/crypto/implementation/noble/provider.js';
import { describe, expect, it } from 'vitest';
import { AES_128_GCM } from '../../../../main/protocol/mls/provider/aead.ts';
import {
  deriveHpkeKeyPair,
  hpkeExport,
  hpkeInfo,
  hpkeSeal,
  senderContext,
} from '../../../../main/protocol/mls/provider/hpke.ts';
import { CIPHER_SUITE, createCipherSuite } from '../../../../main/protocol/mls/provider/provider.ts';

interface HpkeVector {
  readonly info: string;
  readonly ikmE: string;
  readonly pkEm: string;
  readonly skEm: string;
  readonly ikmR: string;
  readonly pkRm: string;
  readonly skRm: string;
  readonly enc: string;
  readonly key_schedule_context: string;
  readonly key: string;
  readonly secret: string;
  readonly encryptions: readonly { sequence_number: number; pt: string; aad: string; nonce: string; ct: string }[];
  readonly exports: readonly { exporter_context: string; L: number; exported_value: string }[];
}
const vector = JSON.parse(
  readFileSync(new URL('../../../vectors/mls/hpke-base.json', import.meta.url), 'utf8'),
) as HpkeVector;
const [first] = vector.encryptions;
if (first === undefined) throw new Error('the vector has encryptions');

const ours = createCipherSuite((length) => new Uint8Array(length));
const suite = getCiphersuiteFromName(CIPHER_SUITE);
const providers = [
  { name: 'ours', hpke: ours.hpke },
  { name: 'that of the library', hpke: (await getCiphersuiteImpl(suite)).hpke },
  { name: 'that of the library on noble', hpke: (await getCiphersuiteImpl(suite, nobleCryptoProvider)).hpke },
];

describe.each(providers)('RFC 9180 A.1.1 through the provider: $name', ({ hpke }) => {
  it('derives both key pairs from their input keys', async () => {
    for (const [input, privateKey, publicKey] of [
      [vector.ikmE, vector.skEm, vector.pkEm],
      [vector.ikmR, vector.skRm, vector.pkRm],
    ] as const) {
      const pair = await hpke.deriveKeyPair(hex(input));
      expect(new Uint8Array(await hpke.exportPublicKey(pair.publicKey))).toEqual(hex(publicKey));
      expect(new Uint8Array(await hpke.exportPrivateKey(pair.privateKey))).toEqual(hex(privateKey));
    }
  });

  it('opens the first encryption, and refuses it with another info or associated data', async () => {
    const key = await hpke.importPrivateKey(hex(vector.skRm));
    const open = (info: string, aad: string) => hpke.open(key, hex(vector.enc), hex(first.ct), hex(info), hex(aad));
    expect(new Uint8Array(await open(vector.info, first.aad))).toEqual(hex(first.pt));
    await expect(open('00', first.aad)).rejects.toThrow();
    await expect(open(vector.info, '00')).rejects.toThrow();
  });

  it('makes every encryption with the key and nonce of the vector', async () => {
    for (const { nonce, aad, pt, ct } of vector.encryptions)
      expect(new Uint8Array(await hpke.encryptAead(hex(vector.key), hex(nonce), hex(aad), hex(pt)))).toEqual(hex(ct));
  });

  it('exports the same secrets at the recipient', async () => {
    const key = await hpke.importPrivateKey(hex(vector.skRm));
    for (const { exporter_context: context, L, exported_value: value } of vector.exports)
      expect(new Uint8Array(await hpke.importSecret(key, hex(context), hex(vector.enc), L, hex(vector.info)))).toEqual(
        hex(value),
      );
  });
});

describe('RFC 9180 A.1.1 as the sender, with the ephemeral key of the vector handed in', () => {
  const info = hpkeInfo(AES_128_GCM, hex(vector.info));
  const random = (): Uint8Array => hex(vector.skEm);

  it('has the key schedule context and the secret of the vector', () => {
    expect(new Uint8Array(info.context)).toEqual(hex(vector.key_schedule_context));
    expect(senderContext(info, hex(vector.pkRm), random).secret).toEqual(hex(vector.secret));
    expect(deriveHpkeKeyPair(hex(vector.ikmE)).privateKey).toEqual(random());
  });

  it('seals and exports byte for byte', () => {
    expect(hpkeSeal(info, hex(vector.pkRm), hex(first.aad), hex(first.pt), random)).toEqual({
      enc: hex(vector.enc),
      ct: hex(first.ct),
    });
    const context = senderContext(info, hex(vector.pkRm), random);
    for (const { exporter_context: exporterContext, L, exported_value: value } of vector.exports)
      expect(hpkeExport(context, hex(exporterContext), L)).toEqual(hex(value));
  });
});
