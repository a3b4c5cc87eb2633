/**
 * The official MLS test vectors (cipher suite 1): where they are, how an entry is read, and what is printed of them.
 * They are no part of this repository: the variable MLS_VECTORS_DIR names their directory, and without it these tests say so.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hexToBytes } from '@noble/hashes/utils.js';
import { getCiphersuiteFromName, type CiphersuiteImpl } from 'ts-mls/crypto/ciphersuite.js';
import { getCiphersuiteImpl } from 'ts-mls/crypto/getCiphersuiteImpl.js';
import { describe, expect, it } from 'vitest';
import { CIPHER_SUITE, createCipherSuite } from '../../../../../main/protocol/mls/provider/provider.ts';
import { seededRandom } from '../support.ts';
import type { VectorFiles } from './entries.ts';

const directory = process.env['MLS_VECTORS_DIR'];

export const ours = createCipherSuite(seededRandom('vectors'));

/** Both providers: the same vectors go through each. */
export const providers: readonly { readonly name: string; readonly suite: CiphersuiteImpl }[] = [
  { name: 'our provider', suite: ours },
  { name: 'the library’s provider', suite: await getCiphersuiteImpl(getCiphersuiteFromName(CIPHER_SUITE)) },
];

export const hex = hexToBytes;

/** Plain bytes, whatever kind of array an implementation gives. */
export function bytes(value: Uint8Array | undefined): Uint8Array {
  if (value === undefined) throw new Error('nothing there');
  return new Uint8Array(value);
}

/** Decodes all of a hexadecimal text. */
export function decoded<Value>(
  decode: (bytes: Uint8Array, offset: number) => [Value, number] | undefined,
  text: string,
): Value {
  const all = hex(text);
  const result = decode(all, 0);
  if (result === undefined || result[1] !== all.length) throw new Error('not decoded completely');
  return result[0];
}

/** A test per file: every entry must pass, and how many did of how many is printed. */
export function vectors<File extends keyof VectorFiles>(
  file: File,
  through: string,
  check: (entry: VectorFiles[File]) => Promise<void> | void,
): void {
  describe.skipIf(directory === undefined)('MLS vectors (they need MLS_VECTORS_DIR)', () => {
    it(`${file} through ${through}`, async () => {
      const entries = JSON.parse(readFileSync(join(directory ?? '', file), 'utf8')) as readonly VectorFiles[File][];
      const failed: string[] = [];
      for (const [index, entry] of entries.entries()) {
        try {
          await check(entry);
        } catch (error) {
          failed.push(`entry ${String(index)}: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
      const passed = entries.length - failed.length;
      process.stdout.write(`${file} through ${through}: ${String(passed)} of ${String(entries.length)}\n`);
      expect(entries.length).toBeGreaterThan(0);
      expect(failed).toEqual([]);
    }, 120_000);
  });
}
