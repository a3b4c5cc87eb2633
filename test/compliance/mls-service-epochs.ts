/** The MlsService suite: messages of other epochs than the present one. Registered by mls-service.ts. H-31, R-034 */
import { beforeAll, expect, it } from 'vitest';
import { PAST_EPOCH_MS, PAST_EPOCHS_KEPT } from '../../shared/limits.ts';
import { at, commit, letIn, NOW, receive, send, type Member } from '../main/protocol/mls/support.ts';
import {
  expectIgnored,
  flipped,
  follow,
  offer,
  removalOf,
  staged,
  threeOf,
  type MakePerson,
} from './mls-service-world.ts';

export function epochCompliance(person: MakePerson): void {
  let ada: Member;
  let bob: Member;
  let cyd: Member;
  beforeAll(async () => {
    [ada, bob, cyd] = await threeOf(person);
  });

  it('a message of the next epoch is a future one, and is read after the commit', async () => {
    const { members } = await letIn([ada, bob, cyd], 0, [person('dan')]);
    const [, early] = await send(at(members, 3), 'early bird');
    await expectIgnored(bob, early, 'futureEpoch');
    await expectIgnored(bob, flipped(early, early.length - 1), 'futureEpoch');
    expect(await receive(at(members, 1), early)).toMatchObject({ payload: 'early bird', epoch: 2n });
  });

  it('R-034 a message of the last epoch is read within the window and not after it', async () => {
    const [, early] = await send(ada, 'early');
    const { members } = await letIn([ada, bob, cyd], 0, [person('dan')]);
    const later = at(members, 1);
    expect(later.service.nextPruneAt(later.group)).toBe(NOW + PAST_EPOCH_MS);
    const read = await receive(later, early, NOW + PAST_EPOCH_MS - 1);
    expect(read).toMatchObject({ payload: 'early', sender: ada.identity.memberId, epoch: 1n });
    expect(read.receiver.group.epoch).toBe(2n);
    await expectIgnored(read.receiver, early, 'replay');
    await expectIgnored(later, early, 'pastEpoch', NOW + PAST_EPOCH_MS); // Even before it was pruned.
    const pruned = { ...later, group: later.service.prune(later.group, NOW + PAST_EPOCH_MS) };
    await expectIgnored(pruned, early, 'pastEpoch');
    expect(pruned.group.epoch).toBe(2n);
    expect(pruned.service.nextPruneAt(pruned.group)).toBeUndefined();
    await expectIgnored(at(members, 3), early, 'pastEpoch'); // Dan was not there.
  });

  it(`R-034 the last ${PAST_EPOCHS_KEPT} epochs are kept, each with its own end`, async () => {
    const sent = [(await send(ada, 'epoch 1'))[1]];
    let members = [ada, bob];
    ({ members } = await commit([ada, bob, cyd], 0, [removalOf(cyd)]));
    sent.push((await send(at(members, 0), 'epoch 2'))[1]);
    for (let epoch = 3; epoch <= 4; epoch++) {
      ({ members } = await letIn(members, 0, [person(`new ${epoch}`)], NOW + epoch * 1000));
      sent.push((await send(at(members, 0), `epoch ${epoch}`))[1]);
    }
    const now = NOW + 4000;
    const last = at(members, 1);
    await expectIgnored(last, at(sent, 0), 'pastEpoch', now);
    for (const epoch of [2, 3, 4])
      expect(await receive(last, at(sent, epoch - 1), now)).toMatchObject({
        payload: `epoch ${epoch}`,
        epoch: BigInt(epoch),
      });
    // Epoch 2 ended with the commit at +3 s, epoch 3 with that at +4 s.
    expect(last.service.nextPruneAt(last.group)).toBe(NOW + 3000 + PAST_EPOCH_MS);
    const once = { ...last, group: last.service.prune(last.group, NOW + 3000 + PAST_EPOCH_MS) };
    await expectIgnored(once, at(sent, 1), 'pastEpoch', now);
    expect(await receive(once, at(sent, 2), now)).toMatchObject({ payload: 'epoch 3' });
    expect(once.service.nextPruneAt(once.group)).toBe(NOW + 4000 + PAST_EPOCH_MS);
  });

  it('merging leaves out past epochs whose window is over', async () => {
    const first = await letIn([ada, bob, cyd], 0, [person('dan')]);
    const [, late] = await send(at(first.members, 0), 'epoch 2');
    const second = await letIn(first.members, 0, [person('eve')], NOW + PAST_EPOCH_MS);
    const last = at(second.members, 1);
    expect(last.service.nextPruneAt(last.group)).toBe(NOW + 2 * PAST_EPOCH_MS);
    expect(last.service.prune(last.group, NOW + PAST_EPOCH_MS)).toBe(last.group);
    expect(await receive(last, late, NOW + PAST_EPOCH_MS)).toMatchObject({ payload: 'epoch 2' });
  });

  it('prune gives back the same group when there is nothing to forget', async () => {
    expect(ada.service.nextPruneAt(ada.group)).toBe(NOW + PAST_EPOCH_MS); // Epoch 0, of which Ada was the only member.
    expect(ada.service.prune(ada.group, NOW + PAST_EPOCH_MS - 1)).toBe(ada.group);
    expect(bob.service.nextPruneAt(bob.group)).toBeUndefined(); // Bob joined at epoch 1.
    expect(bob.service.prune(bob.group, NOW + 10 * PAST_EPOCH_MS)).toBe(bob.group);
  });

  it('used keys stay used across the commit, and skipped ones stay readable; an echo stays one', async () => {
    const [sender, first] = await send(ada, 'first');
    const [again, second] = await send(sender, 'second');
    const { receiver } = await receive(bob, second);
    const { members } = await letIn([again, receiver, cyd], 0, [person('dan')]);
    await expectIgnored(at(members, 1), second, 'replay');
    expect((await receive(at(members, 1), first)).payload).toBe('first');
    await expectIgnored(at(members, 0), first, 'replay');
    await expectIgnored(at(members, 0), second, 'replay');
  });

  it('merge carries over what was read after staging, and what was sent after the own candidate', async () => {
    const { candidate } = await offer(ada, [removalOf(cyd)]);
    const { next } = await staged(bob, candidate);
    const [, early] = await send(cyd, 'while it is voted');
    const { receiver } = await receive(bob, early);
    const merged = { ...receiver, group: receiver.service.merge(receiver.group, next, NOW) };
    await expectIgnored(merged, early, 'replay', NOW + 1);
    const [wrote, meanwhile] = await send({ ...ada, group: candidate.base }, 'meanwhile');
    const won = { ...wrote, group: wrote.service.merge(wrote.group, candidate.next, NOW) };
    await expectIgnored(won, meanwhile, 'replay', NOW + 1);
    expect(await receive(merged, meanwhile)).toMatchObject({ payload: 'meanwhile', epoch: 1n });
  });

  it('a message of somebody who was removed since is still read, and is the last one', async () => {
    const [, farewell] = await send(cyd, 'farewell');
    const { candidate, won } = await offer(ada, [removalOf(cyd)]);
    const after = await follow(bob, candidate);
    for (const reader of [won, after])
      expect(await receive(reader, farewell)).toMatchObject({
        payload: 'farewell',
        sender: cyd.identity.memberId,
        epoch: 1n,
      });
    const [, without] = await send(won, 'without Cyd');
    await expectIgnored(cyd, without, 'futureEpoch');
    expect((await receive(after, without)).payload).toBe('without Cyd');
  });

  it('a tampered message of a past epoch is refused and spoils nothing', async () => {
    const [, early] = await send(cyd, 'early');
    const { members } = await letIn([ada, bob, cyd], 0, [person('dan')]);
    const later = at(members, 1);
    await expect(later.service.decrypt(later.group, flipped(early, early.length - 1), NOW)).rejects.toMatchObject({
      code: 'Tampered',
    });
    expect((await receive(later, early)).payload).toBe('early');
  });
}
