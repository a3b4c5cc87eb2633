/**
 * Verifying a wallet signature takes a millisecond, and every member verifies every vote: the answer for equal bytes is the same,
 * so it is computed once for all devices of this process. Knows no rule about votes.
 */
import { createHash } from 'node:crypto';
import { ETHEREUM_SCHEME } from '../../../main/protocol/consensus/index.ts';
import type { SignatureVerdict } from '../../../main/protocol/consensus/contract.ts';

const MAX_REMEMBERED = 50_000;
const verdicts = new Map<string, SignatureVerdict>();
let isRemembering = false;

/** From now on; a second call changes nothing. */
export function rememberSignatures(): void {
  if (isRemembering) return;
  isRemembering = true;
  const verify = ETHEREUM_SCHEME.verify.bind(ETHEREUM_SCHEME);
  ETHEREUM_SCHEME.verify = (memberId, payload, signature) => {
    const key = createHash('sha256').update(memberId).update(signature).update(payload).digest('base64');
    const known = verdicts.get(key);
    if (known !== undefined) return known;
    const verdict = verify(memberId, payload, signature);
    if (verdicts.size >= MAX_REMEMBERED) verdicts.clear();
    verdicts.set(key, verdict);
    return verdict;
  };
}
