/** Scoring is gentle: cause, decay and bounds of a neighbour's penalty; what the transform refuses. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPenalties, gossipOptions } from '../../../main/network/gossipOptions.ts';
import { preferredPort } from '../../../main/network/listeners.ts';
import { MAX_TOPIC_PACKET_BYTES } from '../../../shared/limits.ts';

describe('a penalty', () => {
  it('is zero without cause, grows with each rejected packet and is forgiven with time', () => {
    const penalties = createPenalties();
    expect(penalties.score('a', 0)).toBeCloseTo(0);
    for (let i = 0; i < 100; i += 1) penalties.add('a', 0);
    expect(penalties.score('a', 0)).toBeCloseTo(-100);
    expect(penalties.score('a', 30_000)).toBeCloseTo(-50);
    expect(penalties.score('a', 600_000)).toBeGreaterThan(-1);
    expect(penalties.score('b', 0)).toBeCloseTo(0);
  });

  it('needs more than fifty rejected packets in half a minute before a neighbour is ignored', () => {
    const penalties = createPenalties();
    const graylist = gossipOptions({ isSubscribed: () => true, score: () => 0, count: () => {} }).scoreThresholds
      ?.graylistThreshold;
    for (let i = 0; i < 50; i += 1) penalties.add('a', i * 600);
    expect(penalties.score('a', 30_000)).toBeGreaterThan(graylist!);
  });
});

describe('gossip options', () => {
  const counted: string[] = [];
  const options = gossipOptions({
    isSubscribed: (topic) => topic === 'ours',
    score: () => 0,
    count: (what) => counted.push(what),
  });

  it('R-007 refuse topics that are not ours and packets without the size of one, before they are remembered', () => {
    const inbound = (topic: string, length: number) =>
      options.dataTransform?.inboundTransform(topic, new Uint8Array(length));
    expect(() => inbound('theirs', 100)).toThrow('not our topic');
    expect(() => inbound('ours', 8)).toThrow('not the size');
    expect(() => inbound('ours', MAX_TOPIC_PACKET_BYTES + 9)).toThrow('not the size');
    expect(inbound('ours', MAX_TOPIC_PACKET_BYTES + 8)?.length).toBe(MAX_TOPIC_PACKET_BYTES + 8);
    expect(counted).toEqual(['gossip.foreignTopic', 'gossip.badSize', 'gossip.badSize']);
  });

  it('never count neighbours that share a private address against each other', () => {
    const whitelist = options.scoreParams?.IPColocationFactorWhitelist;
    expect(whitelist?.has('192.168.1.5')).toBe(true);
    expect(whitelist?.has('127.0.0.1')).toBe(true);
    expect(whitelist?.has('8.8.8.8')).toBe(false);
  });
});

describe('the preferred port', () => {
  it('is the same for a peer at each start and below every ephemeral range', () => {
    fc.assert(
      fc.property(fc.string(), (peerId) => {
        expect(preferredPort(peerId)).toBe(preferredPort(peerId));
        expect(preferredPort(peerId)).toBeGreaterThanOrEqual(20_000);
        expect(preferredPort(peerId)).toBeLessThan(32_000);
      }),
    );
  });
});
