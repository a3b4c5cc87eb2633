/** The proof of a member id and who learns our name; forged, replayed and garbled hellos. */
import { createHash } from 'node:crypto';
import { peerIdFromString } from '@libp2p/peer-id';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFrame, MalformedFrameError } from '../../../main/network/directFrames.ts';
import {
  composeHello,
  helloProofPayload,
  helloSchema,
  isChecksummed,
  judgeHello,
} from '../../../main/network/helloMessages.ts';
import type { Hello, HelloSpeaker } from '../../../main/network/helloMessages.ts';
import type { MemberId, PeerId } from '../../../shared/model/ids.ts';
import { createIdentity, verify } from './support.ts';

const ALICE = '12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8' as PeerId;
const BOB = '12D3KooWGzxzKZYveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLvKXtf' as PeerId;
const EVE = '12D3KooWHHzSeKaY8xuZVzkLbKFfvNgPPeKhFBGrMbNzbm5akpqu' as PeerId;
const alice = createIdentity();
const bob = createIdentity();

const speaker = (changes: Partial<HelloSpeaker> = {}): HelloSpeaker => ({
  peerId: ALICE,
  memberId: alice.memberId,
  displayName: 'Alice',
  visibleNearby: true,
  listenAddresses: [`/ip4/10.0.0.1/tcp/1/p2p/${ALICE}`],
  sign: (payload) => alice.sign(payload),
  isShared: () => false,
  ...changes,
});

describe('the proof in a hello', () => {
  it('signs the context, a zero byte, the own peer id and the remote peer id', () => {
    const expected = Buffer.concat([
      Buffer.from('conclave hello v1'),
      Buffer.from([0]),
      peerIdFromString(ALICE).toMultihash().bytes,
      peerIdFromString(BOB).toMultihash().bytes,
    ]);
    expect(Buffer.from(helloProofPayload(ALICE, BOB)).equals(expected)).toBe(true);
  });

  it('proves the member id to the peer it was made for', () => {
    const hello = composeHello(speaker(), BOB, undefined);
    expect(judgeHello(hello, BOB, ALICE, verify)).toEqual({
      kind: 'proven',
      memberId: alice.memberId,
      displayName: 'Alice',
    });
  });

  it('is worthless when replayed by the peer that received it, or towards another peer, or reflected', () => {
    const hello = composeHello(speaker(), BOB, undefined);
    expect(judgeHello(hello, EVE, BOB, verify).kind).toBe('forged');
    expect(judgeHello(hello, BOB, EVE, verify).kind).toBe('forged');
    expect(judgeHello(hello, EVE, ALICE, verify).kind).toBe('forged');
    expect(judgeHello(hello, ALICE, BOB, verify).kind).toBe('forged');
  });

  it('does not lend itself to another member id, nor to another letter case of the same', () => {
    const hello = composeHello(speaker(), BOB, undefined);
    const claim = (memberId: string): Hello => ({
      ...hello,
      named: { ...hello.named!, memberId: memberId as MemberId },
    });
    expect(judgeHello(claim(bob.memberId), BOB, ALICE, verify).kind).toBe('forged');
    expect(judgeHello(claim(alice.memberId.toLowerCase()), BOB, ALICE, () => true).kind).toBe('forged');
  });

  it('is forged when its signature is garbage, even when the verifier throws', () => {
    const hello = composeHello(speaker(), BOB, undefined);
    const garbage = { ...hello, named: { ...hello.named!, signature: 'AAAA' } };
    expect(judgeHello(garbage, BOB, ALICE, verify).kind).toBe('forged');
  });

  it('accepts the examples of EIP-55 and no other case of them', () => {
    for (const example of [
      '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
      '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359',
      '0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB',
      '0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb',
    ]) {
      expect(isChecksummed(example)).toBe(true);
      expect(isChecksummed(example.toLowerCase())).toBe(false);
    }
  });
});

describe('our name', () => {
  it('is told to everybody when we are visible nearby', () => {
    expect(composeHello(speaker(), BOB, undefined).named?.displayName).toBe('Alice');
  });

  it('is kept from strangers and from whoever asks first when we are not', () => {
    const hidden = speaker({ visibleNearby: false, isShared: (memberId) => memberId === bob.memberId });
    const sign = hidden.sign;
    let signatures = 0;
    const watched = { ...hidden, sign: (payload: Uint8Array) => ((signatures += 1), sign(payload)) };
    const toUnknown = composeHello(watched, EVE, undefined);
    const toStranger = composeHello(watched, EVE, createIdentity().memberId);
    expect(toUnknown).toEqual(toStranger);
    expect(toUnknown).not.toHaveProperty('named');
    expect(signatures).toBe(0);
    expect(composeHello(watched, BOB, bob.memberId).named?.memberId).toBe(alice.memberId);
  });

  it('is left out rather than sent in a form that the other side must refuse', () => {
    expect(composeHello(speaker({ displayName: '' }), BOB, undefined)).not.toHaveProperty('named');
    expect(composeHello(speaker({ displayName: 'x'.repeat(65) }), BOB, undefined)).not.toHaveProperty('named');
  });
});

describe('a frame of hello', () => {
  const valid = new TextEncoder().encode(JSON.stringify(composeHello(speaker(), BOB, undefined)));

  it('comes back as it was sent', () => {
    expect(decodeFrame(valid, helloSchema).named?.memberId).toBe(alice.memberId);
  });

  it('with unknown fields, long lists or control characters in the name is refused', () => {
    const refuse = (change: (hello: Record<string, unknown>) => void): void => {
      const hello = JSON.parse(new TextDecoder().decode(valid)) as Record<string, unknown>;
      change(hello);
      expect(() => decodeFrame(new TextEncoder().encode(JSON.stringify(hello)), helloSchema)).toThrow(
        MalformedFrameError,
      );
    };
    refuse((hello) => (hello.extra = 1));
    refuse((hello) => (hello.version = 2));
    refuse((hello) => (hello.listenAddresses = Array.from({ length: 17 }, () => '/ip4/10.0.0.1/tcp/1')));
    refuse((hello) => (hello.listenAddresses = ['x'.repeat(257)]));
    refuse((hello) => ((hello.named as Record<string, unknown>).displayName = 'a\u0000b'));
    refuse((hello) => ((hello.named as Record<string, unknown>).signature = '='));
  });

  it('of 10,000 random or mutated ones never does more than be refused or stay unproven', () => {
    let proven = 0;
    for (let i = 0; i < 10_000; i += 1) {
      const noise = createHash('sha512').update(`frame ${i}`).digest();
      const bytes = i % 4 === 0 ? Uint8Array.from(noise) : Uint8Array.from(valid);
      if (i % 4 !== 0)
        for (let j = 0; j <= noise[0]! % 4; j += 1)
          bytes[noise.readUInt16BE(1 + 3 * j) % bytes.length] = noise[40 + j]!;
      try {
        if (
          judgeHello(decodeFrame(bytes, helloSchema), BOB, ALICE, (_m, _p, signature) => signature.length < 0).kind ===
          'proven'
        ) {
          proven += 1;
        }
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedFrameError);
      }
    }
    expect(proven).toBe(0);
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(() => decodeFrame(new TextEncoder().encode(json), helloSchema)).toThrow(MalformedFrameError);
      }),
    );
  });
});
