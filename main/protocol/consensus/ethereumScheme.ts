/** The default signature scheme: wallet signatures as the identity folder checks them (§10.4). */
import { verifyMemberSignature } from '../identity/index.ts';
import type { SignatureScheme } from './contract.ts';

export const ETHEREUM_SCHEME: SignatureScheme = {
  verify(memberId, payload, signature) {
    const check = verifyMemberSignature(memberId, payload, signature);
    if (check.kind === 'valid') return 'valid';
    return check.code === 'InvalidVoteSignature' ? 'otherSigner' : 'malformed';
  },
};
