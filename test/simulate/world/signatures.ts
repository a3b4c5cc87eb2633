/**
 * Recovering the signer of a wallet signature takes a millisecond, and every member does it with every vote: the answer for equal
 * bytes is the same, so it is computed once for all devices of this process. Knows no rule about votes.
 */
import { secp256k1 } from '@noble/curves/secp256k1.js';

type Signature = InstanceType<typeof secp256k1.Signature>;
type Recover = Signature['recoverPublicKey'];

const MAX_REMEMBERED = 50_000;

/** The same function with a memory. */
function remembering(recover: Recover): Recover {
  const known = new Map<string, ReturnType<Recover>>();
  return function (this: Signature, hash: Uint8Array) {
    const key = `${this.r.toString(36)} ${this.s.toString(36)} ${this.recovery ?? ''} ${Buffer.from(hash).toString('base64')}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const point = recover.call(this, hash);
    if (known.size >= MAX_REMEMBERED) known.clear();
    known.set(key, point);
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
