/** The wallet identity against the vectors of the specification and against hostile signatures. */
import { readFileSync } from 'node:fs';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { bytesToHex, hexToBytes as hex } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareMemberIds,
  createIdentity,
  IdentityError,
  memberIdFromBytes,
  memberIdToBytes,
  memberSignatureDigest,
  parseMemberId,
  parsePrivateKey,
  verifyMemberSignature,
} from '../../../../main/protocol/identity/index.ts';

interface Vectors {
  readonly identities: readonly { name: string; private_key: string; member_id: string; display: string }[];
  readonly votes: readonly {
    voter: string;
    vote_owner: string;
    signed_bytes: string;
    eip191_digest: string;
    signature: string;
  }[];
}
const vectors = JSON.parse(readFileSync(new URL('../../../vectors/vectors.json', import.meta.url), 'utf8')) as Vectors;
const alice = createIdentity(parsePrivateKey(vectors.identities[0]?.private_key ?? ''));
const bob = createIdentity(parsePrivateKey(vectors.identities[1]?.private_key ?? ''));
const payload = new TextEncoder().encode('a vote');
const ORDER = secp256k1.Point.Fn.ORDER;

describe('member ids', () => {
  it.each(vectors.identities)(
    'R-001 the key of $name yields its address as member id and the EIP-55 string as display',
    (vector) => {
      for (const text of [vector.private_key, `0x${vector.private_key}`, `0x${vector.private_key.toUpperCase()}`]) {
        const identity = createIdentity(parsePrivateKey(text));
        expect(identity.memberId).toBe(vector.display);
        expect(memberIdToBytes(identity.memberId)).toEqual(hex(vector.member_id));
      }
      expect(memberIdFromBytes(hex(vector.member_id))).toBe(vector.display);
      expect(parseMemberId(vector.display)).toBe(vector.display);
    },
  );

  it('follow the checksum examples of EIP-55', () => {
    for (const id of [
      '0x52908400098527886E0F7030069857D2E4169EE7',
      '0xde709f2102306220921060314715629080e2fb77',
      '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
      '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359',
      '0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb',
    ])
      expect(parseMemberId(id)).toBe(id);
  });

  it('are refused with a wrong capital, without 0x, too short, too long or with foreign characters', () => {
    const good = alice.memberId;
    for (const bad of [
      good.toLowerCase(),
      good.toUpperCase(),
      good.slice(2),
      good.slice(0, -1),
      `${good}0`,
      `${good}\n`,
      good.replace('f', 'F'),
      `0x${'g'.repeat(40)}`,
      '',
    ])
      expect(() => parseMemberId(bad), bad).toThrow(IdentityError);
    expect(() => memberIdFromBytes(new Uint8Array(19))).toThrow(IdentityError);
    expect(() => memberIdFromBytes(new Uint8Array(0))).toThrow(IdentityError);
  });

  it('survive bytes and back, and are ordered as unsigned bytes', () => {
    const bytes = fc.uint8Array({ minLength: 20, maxLength: 20 });
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(memberIdToBytes(memberIdFromBytes(a))).toEqual(a);
        expect(Math.sign(compareMemberIds(memberIdFromBytes(a), memberIdFromBytes(b)))).toBe(
          Math.sign(Buffer.compare(a, b)),
        );
      }),
    );
  });
});

describe('private keys', () => {
  it('are refused when they are no 32-byte hex or no scalar of the curve, and the error does not repeat them', () => {
    const bad = [
      '',
      '0x',
      'ab',
      '0'.repeat(64),
      ORDER.toString(16),
      'f'.repeat(64),
      'g'.repeat(64),
      `0x${'1'.repeat(63)}`,
      ` ${'1'.repeat(64)}`,
      `0X${'1'.repeat(64)}`,
    ];
    for (const text of bad) {
      const refused = capture(() => parsePrivateKey(text));
      expect(refused).toBeInstanceOf(IdentityError);
      if (text.length > 8) expect(String(refused)).not.toContain(text.slice(2, 10));
    }
    expect(() => createIdentity(new Uint8Array(32))).toThrow(IdentityError);
    expect(() => createIdentity(new Uint8Array(31).fill(1))).toThrow(IdentityError);
  });

  it('may be wiped by the caller once the identity exists', () => {
    const key = parsePrivateKey(vectors.identities[0]?.private_key ?? '');
    const identity = createIdentity(key);
    key.fill(0);
    expect(verifyMemberSignature(alice.memberId, payload, identity.sign(payload))).toEqual({ kind: 'valid' });
  });
});

describe('member signatures', () => {
  it.each(vectors.votes)('R-104 the signature of $voter matches the vector and recovers to the owner', (vector) => {
    const named = vectors.identities.find(({ name }) => name === vector.voter);
    const identity = createIdentity(parsePrivateKey(named?.private_key ?? ''));
    expect(memberSignatureDigest(hex(vector.signed_bytes))).toEqual(hex(vector.eip191_digest));
    expect(identity.sign(hex(vector.signed_bytes))).toEqual(hex(vector.signature));
    const owner = memberIdFromBytes(hex(vector.vote_owner));
    expect(verifyMemberSignature(owner, hex(vector.signed_bytes), hex(vector.signature))).toEqual({ kind: 'valid' });
  });

  it('R-104 are accepted with v as parity, as 27 + parity and in the EIP-155 form, and with no other v', () => {
    const signature = alice.sign(payload);
    const parity = (signature[64] ?? 0) - 27;
    for (let v = 0; v < 256; v++) {
      const changed = withByte(signature, 64, v);
      const known = v <= 1 || v === 27 || v === 28 || v >= 35;
      const sameParity = v <= 1 ? v === parity : v <= 28 ? v - 27 === parity : (v - 35) % 2 === parity;
      const check = verifyMemberSignature(alice.memberId, payload, changed);
      if (!known) expect(check, String(v)).toEqual({ kind: 'invalid', code: 'SignatureScheme' });
      else if (sameParity) expect(check, String(v)).toEqual({ kind: 'valid' });
      else expect(check.kind, String(v)).toBe('invalid');
    }
  });

  it('R-109 by another key are InvalidVoteSignature; of another length or with impossible r or s SignatureScheme', () => {
    expect(verifyMemberSignature(alice.memberId, payload, bob.sign(payload))).toEqual({
      kind: 'invalid',
      code: 'InvalidVoteSignature',
    });
    expect(verifyMemberSignature(alice.memberId, new Uint8Array(1), alice.sign(payload))).toEqual({
      kind: 'invalid',
      code: 'InvalidVoteSignature',
    });
    const good = alice.sign(payload);
    const zero = new Uint8Array(32);
    const order = hex(ORDER.toString(16));
    for (const bad of [
      new Uint8Array(0),
      good.subarray(0, 64),
      new Uint8Array([...good, 0]),
      withBytes(good, 0, zero),
      withBytes(good, 32, zero),
      withBytes(good, 0, order),
      withBytes(good, 32, order),
    ])
      expect(verifyMemberSignature(alice.memberId, payload, bad)).toEqual({ kind: 'invalid', code: 'SignatureScheme' });
  });

  it('are low-s and deterministic', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (message) => {
        const signature = alice.sign(message);
        expect(BigInt(`0x${bytesToHex(signature.subarray(32, 64))}`) <= ORDER / 2n).toBe(true);
        expect(alice.sign(message)).toEqual(signature);
        expect(verifyMemberSignature(alice.memberId, message, signature)).toEqual({ kind: 'valid' });
      }),
      { numRuns: 25 },
    );
  });
});

function capture(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

function withByte(bytes: Uint8Array, index: number, value: number): Uint8Array {
  return withBytes(bytes, index, Uint8Array.of(value));
}

function withBytes(bytes: Uint8Array, index: number, value: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy.set(value, index);
  return copy;
}
