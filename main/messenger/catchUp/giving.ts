/**
 * Giving the other side of an exchange what it lacks and may have: of each epoch in which it was a member the messages, then the
 * commit that ended it, up to the one that removed it; and the welcome that it waits for. Oldest first, at its pace. Knows the log.
 */
import { CATCH_UP_FRAME_BYTES, CATCH_UP_PAGE, MAX_PACKETS_IN_FRAME } from '../../../shared/limits.ts';
import type { ConversationId, MemberId } from '../../../shared/model/ids.ts';
import { CatchUpKind } from '../../protocol/wire/index.ts';
import type { Frames } from './frames.ts';
import type { Listed, OfferContext, Offered, Offers } from './offers.ts';

export interface GivingOptions extends OfferContext {
  readonly frames: Frames;
  /** Undefined: the other side stayed unnamed, and gets a welcome at most. */
  readonly them: MemberId | undefined;
  readonly theirs: Offers;
  readonly listed: Listed;
  /** Conversations of which the other side wants nothing more now. */
  readonly enough: ReadonlySet<ConversationId>;
}

/** Sends everything, and says so; answers with how many packets that were. */
export async function giveAll(options: GivingOptions): Promise<number> {
  const missing: ConversationId[] = [];
  let given = 0;
  const send = async (
    conversationId: ConversationId,
    epoch: number,
    kind: CatchUpKind,
    payloads: readonly Uint8Array[],
  ): Promise<void> => {
    if (payloads.length === 0 || options.enough.has(conversationId)) return;
    given += payloads.length;
    const value = { conversationId, epoch: BigInt(epoch), kind, payloads: [...payloads] };
    await options.frames.send({ case: 'packets', value });
  };
  for (const offered of options.theirs.values()) {
    await giveWelcome(options, offered, send);
    if (options.them === undefined || offered.readable.length === 0) continue;
    if (!(await giveEpochs(options, options.them, offered, send))) missing.push(offered.conversationId);
  }
  await options.frames.send({ case: 'done', value: { missing } });
  return given;
}

type Send = (
  conversationId: ConversationId,
  epoch: number,
  kind: CatchUpKind,
  payloads: readonly Uint8Array[],
) => Promise<void>;

/** To whoever made the key package: nobody else can open it. */
async function giveWelcome({ user, log }: GivingOptions, offered: Offered, send: Send): Promise<void> {
  const { conversationId, awaited } = offered;
  if (awaited === undefined) return;
  const own = log.welcomes(conversationId).filter((packet) => user.isWelcomeFor(packet, awaited));
  for (const packet of own) await send(conversationId, 0, CatchUpKind.WELCOME, [packet]);
}

/** False when something that it may have, and needs to go on, is not kept any more. */
async function giveEpochs(options: GivingOptions, them: MemberId, offered: Offered, send: Send): Promise<boolean> {
  const { log, user, now, enough } = options;
  const { conversationId, readable } = offered;
  const present = readable.at(-1)?.epoch ?? 0;
  const wasMember = (epoch: number): boolean => log.epoch(conversationId, epoch)?.members.includes(them) === true;
  const isSameBranch = (epoch: number): boolean => {
    const ours = log.epoch(conversationId, epoch)?.branch;
    const theirs = readable.find((each) => each.epoch === epoch)?.branch;
    return ours !== undefined && theirs !== undefined && Buffer.compare(ours, theirs) === 0;
  };
  const giveCommit = async (epoch: number): Promise<boolean> => {
    const commit = log.commit(conversationId, epoch);
    if (commit !== undefined) await send(conversationId, epoch, CatchUpKind.COMMIT, [commit.payload]);
    return commit !== undefined;
  };
  for (const { epoch } of readable) {
    if (!isSameBranch(epoch) || !wasMember(epoch)) continue;
    await giveMessages(options, conversationId, epoch, send);
    // Where the branches part it gets to know our commit; which is the better one is not for us to say.
    const next = epoch + 1;
    if (next <= present && !isSameBranch(next) && log.epoch(conversationId, next) !== undefined)
      await giveCommit(epoch);
  }
  if (!isSameBranch(present) || !wasMember(present)) return !isLeftBehind(options, them, conversationId, present);
  for (let epoch = present; !enough.has(conversationId) && wasMember(epoch); epoch += 1) {
    if (epoch > present) await giveMessages(options, conversationId, epoch, send);
    if (!(await giveCommit(epoch))) return (presentEpoch(user, conversationId, now()) ?? epoch) <= epoch;
  }
  return true;
}

/** Whether it is a member still, and we cannot lead it from where it is to where we are. */
function isLeftBehind(
  { user, now }: GivingOptions,
  them: MemberId,
  conversationId: ConversationId,
  present: number,
): boolean {
  const standing = user.standing(conversationId, now());
  return standing?.kind === 'member' && standing.epoch > present && standing.members.includes(them);
}

function presentEpoch(user: GivingOptions['user'], conversationId: ConversationId, now: number): number | undefined {
  const standing = user.standing(conversationId, now);
  return standing?.kind === 'member' ? standing.epoch : undefined;
}

/** Page by page, so that an epoch of any length takes little memory. */
async function giveMessages(
  { log, listed, enough }: GivingOptions,
  conversationId: ConversationId,
  epoch: number,
  send: Send,
): Promise<void> {
  let after: number | undefined;
  let batch: Uint8Array[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    const full = batch;
    batch = [];
    bytes = 0;
    await send(conversationId, epoch, CatchUpKind.MESSAGES, full);
  };
  while (!enough.has(conversationId)) {
    const page = log.messages(conversationId, epoch, {
      ...(after === undefined ? {} : { after }),
      limit: CATCH_UP_PAGE,
    });
    for (const { hash, payload, position } of page) {
      after = position;
      if (listed.has(conversationId, epoch, hash)) continue;
      if (bytes + payload.length > CATCH_UP_FRAME_BYTES || batch.length >= MAX_PACKETS_IN_FRAME) await flush();
      batch.push(payload);
      bytes += payload.length;
    }
    if (page.length < CATCH_UP_PAGE) break;
  }
  await flush();
}
