/** What the files of the MlsService suite share: people whose services come from the factory under test. */
import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { createIdentity } from '../../main/protocol/identity/index.ts';
import {
  generateDeviceSignatureKey,
  type CommitInput,
  type MlsService,
  type MlsServiceOptions,
  type RemoteCandidate,
  type Staged,
} from '../../main/protocol/mls/index.ts';
import { at, groupOf, NOW, seededRandom, type Member, type Person } from '../main/protocol/mls/support.ts';

/** What is under test. Equal options must give equal services. */
export type CreateMlsService = (options: Omit<MlsServiceOptions, 'provider'>) => MlsService;

/** Somebody with a reproducible wallet; one more device for each further name of a device. */
export type MakePerson = (name: string, device?: string) => Person;

export function peopleOf(create: CreateMlsService): MakePerson {
  return (name, device = 'phone') => {
    const identity = createIdentity(createHash('sha256').update(`wallet of ${name}`).digest());
    const random = seededRandom(`${name}/${device}`);
    const signatureKey = generateDeviceSignatureKey(random);
    return { identity, signatureKey, random, service: create({ identity, signatureKey, random }) };
  };
}

/** The first three of a group of three. */
export async function threeOf(person: MakePerson): Promise<readonly [Member, Member, Member]> {
  const members = await groupOf(['ada', 'bob', 'cyd'].map((name) => person(name)));
  return [at(members, 0), at(members, 1), at(members, 2)];
}

export function removalOf(target: Pick<Person, 'identity'>): CommitInput {
  return { kind: 'remove', memberId: target.identity.memberId };
}

export async function additionOf(joiner: Person, now = NOW): Promise<CommitInput & { readonly kind: 'add' }> {
  return { kind: 'add', keyPackage: (await joiner.service.generateKeyPackage(now)).keyPackage };
}

/** Stages what must be acceptable and leave us in the group. */
export async function staged(member: Member, candidate: RemoteCandidate, now = NOW) {
  const result = await member.service.stageCandidate(member.group, candidate, now);
  if (result.kind !== 'staged' || result.next === undefined)
    throw new Error(result.kind === 'aborted' ? result.reason : 'removed');
  return { ...result, next: result.next } satisfies Staged;
}

/** Stages and merges. */
export async function follow(member: Member, candidate: RemoteCandidate, now = NOW): Promise<Member> {
  const { next } = await staged(member, candidate, now);
  return { ...member, group: member.service.merge(member.group, next, now) };
}

/** A candidate of `member`, and the member after it won. */
export async function offer(member: Member, updates: readonly CommitInput[], now = NOW) {
  const candidate = await member.service.createCandidate(member.group, updates, now);
  const won: Member = { ...member, group: member.service.merge(candidate.base, candidate.next, now) };
  return { candidate, won };
}

/** Not decrypted for this reason, and the group stays as it was. */
export async function expectIgnored(receiver: Member, bytes: Uint8Array, reason: string, now = NOW): Promise<void> {
  const before = receiver.service.encodeParts(receiver.group);
  expect(await receiver.service.decrypt(receiver.group, bytes, now)).toEqual({ kind: 'ignored', reason });
  expect(receiver.service.encodeParts(receiver.group)).toEqual(before);
}

/** Aborted, and the group stays as it was. */
export async function expectAborted(receiver: Member, candidate: RemoteCandidate, now = NOW): Promise<void> {
  const before = receiver.service.encodeParts(receiver.group);
  const result = await receiver.service.stageCandidate(receiver.group, candidate, now);
  expect(result.kind).toBe('aborted');
  expect(receiver.service.encodeParts(receiver.group)).toEqual(before);
}

/** `bytes` with one bit of one byte turned over. */
export function flipped(bytes: Uint8Array, index: number, bit = 1): Uint8Array {
  return bytes.with(index, (bytes[index] ?? 0) ^ bit);
}

export function authenticatorOf({ service, group }: Member): string {
  return Buffer.from(service.epochAuthenticator(group)).toString('hex');
}
