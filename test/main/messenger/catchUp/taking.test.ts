/** Taking what comes: nothing is under way any more when it ends, and what went wrong here is told beside what the other side did. */
import { describe, expect, it } from 'vitest';
import { ExchangeError, type Frames } from '../../../../main/messenger/catchUp/frames.ts';
import type { Offers } from '../../../../main/messenger/catchUp/offers.ts';
import { takeAll, type TakingOptions } from '../../../../main/messenger/catchUp/taking.ts';
import { CatchUpKind, decodeCatchUpFrame, encodeCatchUpFrame } from '../../../../main/protocol/wire/index.ts';
import type { ConversationId, MemberId } from '../../../../shared/model/ids.ts';
import { settle } from '../support.ts';

const conversationId = 'aaaaaaaaaaaaaaaaaaaaaaaaaa' as ConversationId;
const offers: Offers = new Map([[conversationId, { conversationId, readable: [], awaited: undefined }]]);

type Frame = Parameters<Frames['send']>[0];
const messages = (...bytes: number[]): Frame => ({
  case: 'packets',
  value: {
    conversationId,
    epoch: 1n,
    kind: CatchUpKind.MESSAGES,
    payloads: bytes.map((byte) => Uint8Array.of(byte)),
  },
});
const done: Frame = { case: 'done', value: {} };

/** Hands out these frames, then fails as a broken channel does. */
function framesOf(...list: Frame[]): Frames {
  const next = list.values();
  const receive = async () => {
    const { value: frame } = next.next();
    if (frame === undefined) throw new ExchangeError('the channel broke');
    return decodeCatchUpFrame(encodeCatchUpFrame({ frame })).frame;
  };
  return {
    receive,
    send: () => Promise.resolve(),
    expect: () => Promise.reject(new Error('nothing is expected here')),
    close: () => Promise.resolve(),
  };
}

/** Takes from frames, with packets that end as the test says, in the order in which they were handed over. */
function taking(frames: Frames) {
  const underWay: { fulfil: () => void; fail: (error: Error) => void }[] = [];
  const options: TakingOptions = {
    frames,
    them: '0x01' as MemberId,
    own: offers,
    theirs: offers,
    user: {
      conversations: () => [conversationId],
      isWelcomeFor: () => false,
      standing: () => ({ kind: 'member', conversationId, epoch: 1, readable: [1], members: [], awaited: undefined }),
    },
    now: () => 0,
    onEnough: () => undefined,
    deliver: () =>
      new Promise((resolve, reject) => {
        underWay.push({ fulfil: () => resolve(undefined), fail: reject });
      }),
  };
  let end: string | undefined;
  const outcome = takeAll(options).then(
    (taken) => {
      end = 'in order';
      return taken;
    },
    (error: unknown) => {
      end = String(error);
      throw error;
    },
  );
  outcome.catch(() => undefined);
  return { underWay, outcome, end: () => end };
}

describe('what comes in an exchange', () => {
  it('is durable, all of it, before the exchange ends in order', async () => {
    const { underWay, end } = taking(framesOf(messages(1, 2), done));
    await settle();
    expect(underWay).toHaveLength(2);
    underWay[0]?.fulfil();
    await settle();
    expect(end()).toBeUndefined();
    underWay[1]?.fulfil();
    await settle();
    expect(end()).toBe('in order');
  });

  it('is waited out, too, when the other side breaks its rules or goes', async () => {
    for (const last of [[{ case: 'listed', value: {} }], []] satisfies Frame[][]) {
      const { underWay, end } = taking(framesOf(messages(1), ...last));
      await settle();
      expect(end()).toBeUndefined();
      underWay[0]?.fulfil();
      await settle();
      expect(end()).toContain(last.length === 0 ? 'the channel broke' : 'listed among the packets');
    }
  });

  it('and could not be stored ends it, with the reason as the cause', async () => {
    const { underWay, outcome } = taking(framesOf(messages(1, 2), done));
    await settle();
    underWay[1]?.fail(new Error('a bug'));
    underWay[0]?.fulfil();
    await expect(outcome).rejects.toMatchObject({ code: 'EXCHANGE', cause: { message: 'a bug' } });
  });

  it('and could not be stored is told beside the failure of the other side, whichever was first', async () => {
    for (const isFirst of [true, false]) {
      const { underWay, outcome, end } = taking(framesOf(messages(1)));
      if (isFirst) while (underWay.length === 0) await Promise.resolve();
      else await settle();
      underWay[0]?.fail(new Error('a bug'));
      await settle();
      expect(end()).toContain('the channel broke');
      await expect(outcome).rejects.toMatchObject({ code: 'EXCHANGE', cause: { message: 'a bug' } });
    }
  });
});
