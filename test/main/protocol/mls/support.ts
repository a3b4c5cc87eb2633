/** Members with reproducible keys and the few steps that every MLS test repeats. */
import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { createIdentity, type Identity } from '../../../../main/protocol/identity/index.ts';
import {
  createMlsService,
  generateDeviceSignatureKey,
  type CommitInput,
  type DeviceSignatureKey,
  type MlsGroup,
  type MlsService,
} from '../../../../main/protocol/mls/index.ts';
import type { Random } from '../../../../main/protocol/random.ts';
import type { ConversationId, MemberId } from '../../../../shared/model/ids.ts';

/** A deterministic stream: SHA-256 of seed and counter. */
export function seededRandom(seed: number | string): Random {
  let counter = 0;
  return (length) => {
    const bytes = new Uint8Array(length);
    for (let offset = 0; offset < length; offset += 32)
      bytes.set(
        createHash('sha256')
          .update(`${seed}/${counter++}`)
          .digest()
          .subarray(0, length - offset),
        offset,
      );
    return bytes;
  };
}

export const NOW = Date.UTC(2026, 4, 1);
export const CONVERSATION = 'aaaabbbbccccddddeeeeffff23' as ConversationId;

/** One person with one device. */
export interface Person {
  readonly identity: Identity;
  readonly signatureKey: DeviceSignatureKey;
  readonly random: Random;
  readonly service: MlsService;
}

export function person(name: string, device = 'phone'): Person {
  const identity = createIdentity(createHash('sha256').update(`wallet of ${name}`).digest());
  const random = seededRandom(`${name}/${device}`);
  const signatureKey = generateDeviceSignatureKey(random);
  return { identity, signatureKey, random, service: createMlsService({ identity, signatureKey, random }) };
}

/** A person and its present view of the group. */
export interface Member extends Person {
  readonly group: MlsGroup;
}

/** A group in which the first of `people` let in all others with one commit, at epoch 1; alone: epoch 0. */
export async function groupOf(people: readonly Person[], now = NOW): Promise<Member[]> {
  const [creator, ...others] = people;
  if (creator === undefined) throw new Error('a group needs a creator');
  const alone = { ...creator, group: await creator.service.createGroup(CONVERSATION, now) };
  return others.length === 0 ? [alone] : (await letIn([alone], 0, others, now)).members;
}

/** `members[by]` adds `joiners` with one commit; all others stage and merge it. Members first, then joiners. */
export async function letIn(members: readonly Member[], by: number, joiners: readonly Person[], now = NOW) {
  const packages = await Promise.all(joiners.map((joiner) => joiner.service.generateKeyPackage(now)));
  const stayed = await commit(
    members,
    by,
    packages.map(({ keyPackage }) => ({ kind: 'add', keyPackage })),
    now,
  );
  const welcome = stayed.candidate.welcome ?? new Uint8Array(0);
  const joined: Member[] = [];
  for (const [index, joiner] of joiners.entries()) {
    const keyPackage = packages[index];
    if (keyPackage === undefined) throw new Error('no key package');
    const result = await joiner.service.join({ conversationId: CONVERSATION, welcome, keyPackage, now });
    if (result.kind !== 'joined') throw new Error('not joined');
    joined.push({ ...joiner, group: result.group });
  }
  return { members: [...stayed.members, ...joined], candidate: stayed.candidate };
}

/** One commit that everybody follows; members whom it removes are left out of the result. */
export async function commit(members: readonly Member[], by: number, updates: readonly CommitInput[], now = NOW) {
  const committer = at(members, by);
  const candidate = await committer.service.createCandidate(committer.group, updates, now);
  const next: Member[] = [];
  for (const [index, member] of members.entries()) {
    if (index === by) {
      next.push({ ...member, group: member.service.merge(candidate.base, candidate.next, now) });
      continue;
    }
    const staged = await member.service.stageCandidate(member.group, candidate, now);
    if (staged.kind !== 'staged') throw new Error(`aborted: ${staged.reason}`);
    if (staged.next !== undefined)
      next.push({ ...member, group: member.service.merge(member.group, staged.next, now) });
  }
  return { members: next, candidate };
}

export function at<Value>(values: readonly Value[], index: number): Value {
  const value = values.at(index);
  if (value === undefined) throw new Error(`nothing at ${index}`);
  return value;
}

export function text(payload: string): Uint8Array {
  return new TextEncoder().encode(payload);
}

/** Encrypts without keeping the sender's new group: for tests in which only the ciphertext matters. */
export async function send(sender: Member, payload: string): Promise<[Member, Uint8Array]> {
  const { group, ciphertext } = await sender.service.encrypt(sender.group, text(payload));
  return [{ ...sender, group }, ciphertext];
}

/** Decrypts what must be readable. */
export async function receive(
  receiver: Member,
  ciphertext: Uint8Array,
  now = NOW,
): Promise<{ receiver: Member; payload: string; sender: MemberId; epoch: bigint }> {
  const result = await receiver.service.decrypt(receiver.group, ciphertext, now);
  if (result.kind !== 'application') throw new Error(`ignored: ${result.reason}`);
  return {
    receiver: { ...receiver, group: result.group },
    payload: new TextDecoder().decode(result.payload),
    sender: result.sender,
    epoch: result.epoch,
  };
}

/** All members are in the same state, and everybody reads everybody. */
export async function expectAgreement(members: readonly Member[]): Promise<void> {
  const first = at(members, 0);
  for (const member of members) {
    expect(member.group.epoch).toBe(first.group.epoch);
    expect(member.service.epochAuthenticator(member.group)).toEqual(first.service.epochAuthenticator(first.group));
    expect(member.service.members(member.group)).toEqual(first.service.members(first.group));
  }
  for (const sender of members) {
    const [, ciphertext] = await send(sender, `from ${sender.identity.memberId}`);
    for (const receiver of members) {
      if (receiver.identity.memberId === sender.identity.memberId) continue;
      const read = await receive(receiver, ciphertext);
      expect(read).toMatchObject({
        payload: `from ${sender.identity.memberId}`,
        sender: sender.identity.memberId,
        epoch: first.group.epoch,
      });
    }
  }
}
