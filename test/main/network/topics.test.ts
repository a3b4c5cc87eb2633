/** Topics, envelopes, ids, and the memory against repeats. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  contentKey,
  createRecentKeys,
  gossipMessageId,
  openEnvelope,
  sealEnvelope,
  topicOf,
} from '../../../main/network/topics.ts';
import { conversation, text } from './support.ts';

describe('a topic', () => {
  it('R-007 names the conversation and the subtopic', () => {
    expect(topicOf(conversation('a'), 'app_msg')).toBe(`/${'a'.repeat(26)}/1/app_msg/proto`);
    expect(topicOf(conversation('b'), 'welcome')).toBe(`/${'b'.repeat(26)}/1/welcome/proto`);
  });
});

describe('an envelope', () => {
  it('gives back its payload and hides the attempt', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.uint8Array({ minLength: 1 }), (attempt, payload) => {
        expect(openEnvelope(sealEnvelope(attempt, payload))).toEqual(payload);
      }),
    );
  });

  it('without a payload holds nothing', () => {
    for (let length = 0; length <= 8; length += 1) expect(openEnvelope(new Uint8Array(length))).toBeUndefined();
  });
});

describe('a message id', () => {
  it('is SHA-256 of topic and data, so equal packets of two members in one attempt share it', () => {
    const data = sealEnvelope(7n, text('hello'));
    const expected = createHash('sha256').update('topic\0').update(data).digest('hex');
    expect(Buffer.from(gossipMessageId('topic', data)).toString('hex')).toBe(expected);
  });

  it('differs by attempt, while the identity of the content does not', () => {
    const ids = [1n, 2n].map((attempt) =>
      Buffer.from(gossipMessageId('t', sealEnvelope(attempt, text('x')))).toString('hex'),
    );
    expect(ids[0]).not.toBe(ids[1]);
    expect(contentKey('t', text('x'))).toBe(contentKey('t', text('x')));
    expect(contentKey('t', text('x'))).not.toBe(contentKey('u', text('x')));
  });
});

describe('the memory of recent keys', () => {
  it('takes a key once in its lifetime and again after it, not prolonged by repeats', () => {
    const recent = createRecentKeys(1_000, 10);
    expect(recent.add('a', 0)).toBe(true);
    expect(recent.add('a', 900)).toBe(false);
    expect(recent.add('a', 1_000)).toBe(true);
  });

  it('never holds more than its limit: the oldest is forgotten first', () => {
    const recent = createRecentKeys(1_000, 3);
    for (const key of ['a', 'b', 'c', 'd']) expect(recent.add(key, 0)).toBe(true);
    expect(recent.add('a', 0)).toBe(true);
    expect(recent.add('d', 0)).toBe(false);
  });

  it('does not remember for ever when the clock steps back', () => {
    const recent = createRecentKeys(1_000, 10);
    recent.add('a', 1_000_000);
    expect(recent.add('a', 5)).toBe(true);
  });
});
