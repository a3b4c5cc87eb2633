/**
 * The beginning of an exchange: both sides prove which member they are, bound to this very connection and exchange. Whoever opens
 * says who it is first; the other may stay unnamed. Knows no conversation.
 */
import { CHALLENGE_BYTES, MEMBER_ID_BYTES } from '../../../shared/limits.ts';
import type { MemberId, PeerId } from '../../../shared/model/ids.ts';
import type { Identity } from '../../protocol/identity/contract.ts';
import { memberIdFromBytes, memberIdToBytes, verifyMemberSignature } from '../../protocol/identity/index.ts';
import { ExchangeError, type Frames } from './frames.ts';

const VERSION = 1;
/** Begins with no tag of anything else that a wallet signs here. */
const DOMAIN = 'conclave catch-up 1';

export interface HandshakeOptions {
  readonly identity: Identity;
  readonly ownPeerId: PeerId;
  readonly remotePeerId: PeerId;
  readonly random: (length: number) => Uint8Array;
}

/** What a side signs: who speaks to whom, and the fresh numbers of both. */
function signedBytes(speaker: PeerId, hearer: PeerId, spoken: Uint8Array, heard: Uint8Array): Uint8Array {
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  return new TextEncoder().encode([DOMAIN, speaker, hearer, hex(spoken), hex(heard)].join('\n'));
}

/** Both said hello; now each may prove itself. */
export interface Handshake {
  readonly prove: () => Promise<void>;
  readonly stayUnnamed: () => Promise<void>;
  /** Who the other side proves to be; undefined when it stays unnamed. Throws ExchangeError for a proof that is none. */
  readonly hear: () => Promise<MemberId | undefined>;
}

export async function greet(frames: Frames, options: HandshakeOptions): Promise<Handshake> {
  const { identity, ownPeerId, remotePeerId } = options;
  const nonce = options.random(CHALLENGE_BYTES);
  await frames.send({ case: 'greeting', value: { version: VERSION, nonce } });
  const greeting = await frames.expect('greeting');
  if (greeting.version !== VERSION) throw new ExchangeError('another version');
  if (greeting.nonce.length !== CHALLENGE_BYTES) throw new ExchangeError('a challenge of another length');
  return {
    async prove() {
      const signature = identity.sign(signedBytes(ownPeerId, remotePeerId, nonce, greeting.nonce));
      await frames.send({ case: 'proof', value: { memberId: memberIdToBytes(identity.memberId), signature } });
    },
    stayUnnamed: () => frames.send({ case: 'proof', value: {} }),
    async hear() {
      const { memberId: bytes, signature } = await frames.expect('proof');
      if (bytes.length === 0 && signature.length === 0) return undefined;
      if (bytes.length !== MEMBER_ID_BYTES) throw new ExchangeError('no member id');
      const memberId = memberIdFromBytes(bytes);
      const signed = signedBytes(remotePeerId, ownPeerId, greeting.nonce, nonce);
      if (verifyMemberSignature(memberId, signed, signature).kind !== 'valid')
        throw new ExchangeError('a forged proof');
      return memberId;
    },
  };
}
