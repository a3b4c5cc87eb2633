/**
 * How a root secret is written down in a secret store: versioned JSON. Knows no store; no error carries what it read.
 */
import { z } from 'zod';
import { MAX_SECRET_FILE_BYTES, ROOT_ENTROPY_BYTES } from '../../shared/limits.ts';
import type { RootSecret } from '../messenger/ports/keychain.ts';

const hexOf = (bytes: number): z.ZodType<Uint8Array> =>
  z
    .string()
    .regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`))
    .transform((text) => new Uint8Array(Buffer.from(text, 'hex')));

const PRIVATE_KEY_BYTES = 32;
const secretSchema = z.discriminatedUnion('kind', [
  z.strictObject({ version: z.literal(1), kind: z.literal('phrase'), entropy: hexOf(ROOT_ENTROPY_BYTES) }),
  z.strictObject({ version: z.literal(1), kind: z.literal('privateKey'), privateKey: hexOf(PRIVATE_KEY_BYTES) }),
]);

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Encodes a root secret. */
export function encodeSecret(secret: RootSecret): string {
  return secret.kind === 'phrase'
    ? JSON.stringify({ version: 1, kind: secret.kind, entropy: hex(secret.entropy) })
    : JSON.stringify({ version: 1, kind: secret.kind, privateKey: hex(secret.privateKey) });
}

/** Decodes a root secret; undefined when the text is not one. */
export function decodeSecret(text: string): RootSecret | undefined {
  if (text.length > MAX_SECRET_FILE_BYTES) return undefined;
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    // Not ours or damaged: the caller says so, without quoting it.
    return undefined;
  }
  const { data } = secretSchema.safeParse(content);
  if (data === undefined) return undefined;
  return data.kind === 'phrase'
    ? { kind: 'phrase', entropy: data.entropy }
    : { kind: 'privateKey', privateKey: data.privateKey };
}
