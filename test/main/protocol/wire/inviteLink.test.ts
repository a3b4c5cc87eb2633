/** Invite links: what goes in comes out, and whatever a person pastes does no harm. */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { decodeInviteLink, encodeInviteLink, WireError } from '../../../../main/protocol/wire/index.ts';
import type { Invite } from '../../../../main/protocol/wire/index.ts';
import { MAX_INVITE_LENGTH } from '../../../../shared/limits.ts';
import { conversation, filled } from '../vectors.ts';

const invite: Invite = {
  conversationId: conversation('abcdefghijklmnopqrstuvwx27'),
  conversationName: 'Friday dinner',
  inviter: filled(1),
  inviterName: 'Ann Ø',
  secret: new Uint8Array(32).map((_, index) => index),
  addresses: ['/ip4/192.168.1.4/tcp/4001/p2p/12D3KooW', '/ip6/fe80::1/tcp/4001'],
};
const link = encodeInviteLink(invite);
const body = link.slice('conclave:'.length);
const refused = expect.objectContaining({ code: 'INVALID_INVITE' }) as WireError;

describe('invite links', () => {
  it('a link is one word of the scheme conclave and fits its limit', () => {
    expect(link).toMatch(/^conclave:[A-Za-z0-9_-]+$/);
    expect(link.length).toBeLessThanOrEqual(MAX_INVITE_LENGTH);
    expect(decodeInviteLink(link)).toEqual(invite);
  });

  it('any invite comes back equal', () => {
    const name = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
      .filter((value) => value.length <= 64 && /\S/.test(value) && !/[\p{Cc}\u2028\u2029]/u.test(value));
    const anyInvite = fc.record({
      conversationId: fc
        .string({
          unit: fc.constantFrom(...Array.from('abcdefghijklmnopqrstuvwxyz234567')),
          minLength: 26,
          maxLength: 26,
        })
        .map(conversation),
      conversationName: name,
      inviter: fc.nat(255).map(filled),
      inviterName: name,
      secret: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      addresses: fc.array(fc.stringMatching(/^\/[!-~]{1,60}$/), { maxLength: 8 }),
    });
    fc.assert(
      fc.property(anyInvite, (value) => {
        expect(decodeInviteLink(encodeInviteLink(value))).toEqual(value);
      }),
    );
  });

  it.each([
    [`  ${link}\n`],
    [`conclave://join/${body}`],
    [`conclave://join/${body}/`],
    [`conclave:join/${body}`],
    [`conclave://${body}`],
    [`CONCLAVE:///${body}/`],
    [`${link.slice(0, 60)}\r\n ${link.slice(60)}`],
  ])('a link as browsers, mail programs and people deform it still opens: %j', (text) => {
    expect(decodeInviteLink(text)).toEqual(invite);
  });

  it.each([
    ['nothing', ''],
    ['another scheme', `https://example.org/${body}`],
    ['no body', 'conclave:'],
    ['only the route', 'conclave://join/'],
    ['too short a body', 'conclave:AQAA'],
    ['another alphabet', `conclave:${body}+/=`],
    ['a cut link', link.slice(0, -3)],
    ['a link that is too long', `conclave:${'A'.repeat(MAX_INVITE_LENGTH)}`],
    ['a text without end', 'x'.repeat(1_000_000)],
  ])('%s is refused as INVALID_INVITE', (_name, text) => {
    expect(() => decodeInviteLink(text)).toThrow(refused);
  });

  it('a thousand mutated links never throw anything but INVALID_INVITE, and never open as another invite', () => {
    const change = fc.tuple(fc.nat(link.length), fc.nat(3), fc.string({ minLength: 1, maxLength: 3 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        let text = link;
        for (const [at, remove, insert] of changes) text = text.slice(0, at) + insert + text.slice(at + remove);
        try {
          expect(decodeInviteLink(text)).toEqual(invite);
        } catch (error) {
          if (!(error instanceof WireError)) throw error;
          expect(error.code).toBe('INVALID_INVITE');
          expect(error.message).not.toContain(body.slice(0, 16));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('random text never throws anything but INVALID_INVITE', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.base64String().map((text) => `conclave:${text}`),
        ),
        (text) => {
          expect(() => decodeInviteLink(text)).toThrow(refused);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('a link with a field that cannot be is neither made nor opened', () => {
    const bad: Partial<Invite>[] = [
      { conversationId: conversation('short') },
      { conversationName: '   ' },
      { conversationName: 'x'.repeat(65) },
      { inviterName: 'a\u0000b' },
      { secret: new Uint8Array(31) },
      { addresses: Array.from({ length: 17 }, () => '/a') },
      { addresses: ['no slash'] },
      { addresses: [`/${'x'.repeat(256)}`] },
    ];
    for (const part of bad) expect(() => encodeInviteLink({ ...invite, ...part })).toThrow(refused);
  });

  it('addresses at the end are left out when the link would be too long for a QR code', () => {
    const addresses = Array.from({ length: 16 }, (_, index) => `/dns4/${'x'.repeat(230)}/tcp/${index}`);
    const decoded = decodeInviteLink(encodeInviteLink({ ...invite, addresses }));
    expect(decoded.addresses.length).toBeGreaterThan(4);
    expect(decoded.addresses.length).toBeLessThan(16);
    expect(decoded.addresses).toEqual(addresses.slice(0, decoded.addresses.length));
  });
});
