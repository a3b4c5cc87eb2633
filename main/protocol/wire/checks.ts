/** The limits of §18.5 as small functions over fields. Knows sizes, not meanings. */
import { WireError } from './errors.ts';
import { MAX_IDENTITY_BYTES, MAX_MEMBERS } from '../../../shared/limits.ts';

/** Bytes of a field. */
export function atMostBytes(field: string, value: Uint8Array, limit: number): void {
  if (value.length > limit) throw new WireError('TooLarge', `${field} of ${value.length} bytes`, limit);
}

/** Characters (UTF-16 units, as the App API counts) of a field. */
export function atMostCharacters(field: string, value: string, limit: number): void {
  if (value.length > limit) throw new WireError('TooLarge', `${field} of ${value.length} characters`, limit);
}

/** UTF-8 bytes of a text field. */
export function atMostTextBytes(field: string, value: string, limit: number): void {
  if (Buffer.byteLength(value, 'utf8') > limit) throw new WireError('TooLarge', field, limit);
}

export function atMostItems(field: string, value: readonly unknown[], limit: number): void {
  if (value.length > limit) throw new WireError('TooLarge', `${value.length} times ${field}`, limit);
}

/** An identity as it travels: whether it is a member id (20 bytes) is judged where the id is used. */
export function identityBytes(field: string, value: Uint8Array): void {
  atMostBytes(field, value, MAX_IDENTITY_BYTES);
}

export function identityList(field: string, values: readonly Uint8Array[], limit = MAX_MEMBERS): void {
  atMostItems(field, values, limit);
  for (const value of values) identityBytes(field, value);
}
