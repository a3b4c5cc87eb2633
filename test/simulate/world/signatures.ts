/**
 * Recovering the signer of a wallet signature takes a millisecond, and every member does it with every vote: the answer for equal
 * bytes is the same, so it is computed once for all devices of this process, and not at all for what a device of this process signed.
 * Knows no rule about votes.
 */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { memberSignatureDigest, type Identity } from '../../../main/protocol/identity/index.ts';

type Signature = InstanceType<typeof secp256k1.Signature>;
type Recover = Signature['recoverPublicKey'];
type Point = ReturnType<Recover>;

const MAX_REMEMBERED = 50_000;

const known = new Map<string, Point>();

const keyOf = ({ r, s, recovery }: Signature, hash: Uint8Array): string =>
  `${r.toString(36)} ${s.toString(36)} ${recovery ?? ''} ${Buffer.from(hash).toString('base64')}`;

function remember(key: string, point: Point): void {
  if (known.size >= MAX_REMEMBERED) known.clear();
  known.set(key, point);
}

/** The same function with a memory. */
function remembering(recover: Recover): Recover {
  return function (this: Signature, hash: Uint8Array) {
    const key = keyOf(this, hash);
    const before = known.get(key);
    if (before !== undefined) return before;
    const point = recover.call(this, hash);
    remember(key, point);
    return point;
  };
}

let isRemembering = false;

/** From now on; a second call changes nothing. */
export function rememberSigners(): void {
  if (isRemembering) return;
  isRemembering = true;
  const prototype = secp256k1.Signature.prototype as { recoverPublicKey: Recover };
  prototype.recoverPublicKey = remembering(prototype.recoverPublicKey);
}

/** The same identity; who made its signatures is known from then on. */
export function knownSigner(identity: Identity): Identity {
  let point: Point | undefined;
  return {
    ...identity,
    sign(payload) {
      const bytes = identity.sign(payload);
      const digest = memberSignatureDigest(payload);
      const parity = ((bytes.at(-1) ?? 0) + 1) % 2;
      const signature = secp256k1.Signature.fromBytes(bytes.subarray(0, -1), 'compact').addRecoveryBit(parity);
      if (point === undefined) point = signature.recoverPublicKey(digest);
      else remember(keyOf(signature, digest), point);
      return bytes;
    },
  };
}
