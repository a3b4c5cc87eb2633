/** Our MlsService in the benchmark: groups of any size and shape, and what each operation takes. */
import { randomFillSync } from 'node:crypto';
import { vi } from 'vitest';
import { MAX_MEMBERS } from '../../shared/limits.ts';
import type { ConversationId } from '../../shared/model/ids.ts';
import { createIdentity, type Identity } from '../../main/protocol/identity/index.ts';
import type * as Mls from '../../main/protocol/mls/index.ts';
import {
  createMlsService,
  generateDeviceSignatureKey,
  type CommitInput,
  type DeviceSignatureKey,
  type JoinerKeyPackage,
  type MlsGroup,
  type MlsService,
} from '../../main/protocol/mls/index.ts';
import { sample } from './measure.ts';
import {
  at,
  COMMITS,
  COMMITS_WARM_UP,
  JOINS,
  MESSAGES,
  MESSAGES_WARM_UP,
  PLAINTEXT,
  type Contender,
  type Samples,
  type Shape,
} from './mlsContender.ts';

export const CONVERSATION = 'bbbbbbbbbbbbbbbbbbbbbbbbbb' as ConversationId;
/** The largest candidate. */
const BATCH = 50;

export const random = (length: number): Uint8Array => randomFillSync(new Uint8Array(length));

interface Person {
  readonly identity: Identity;
  readonly signatureKey: DeviceSignatureKey;
  readonly service: MlsService;
}

export interface Member extends Person {
  group: MlsGroup;
}

function person(): Person {
  const identity = createIdentity(random(32));
  const signatureKey = generateDeviceSignatureKey(random);
  return { identity, signatureKey, service: createMlsService({ identity, signatureKey, random }) };
}

export async function joinerWithKeyPackage(now: number): Promise<Person & { readonly keyPackage: JoinerKeyPackage }> {
  const joiner = person();
  return { ...joiner, keyPackage: await joiner.service.generateKeyPackage(now) };
}

/** `member` commits and goes on. */
async function commit(member: Member, updates: readonly CommitInput[], now: number) {
  const candidate = await member.service.createCandidate(member.group, updates, now);
  member.group = member.service.merge(candidate.base, candidate.next, now);
  return candidate;
}

async function joined(by: Member, joiner: Person, now: number) {
  const keyPackage = await joiner.service.generateKeyPackage(now);
  const { welcome } = await commit(by, [{ kind: 'add', keyPackage: keyPackage.keyPackage }], now);
  if (welcome === undefined) throw new Error('a commit that adds carries a welcome');
  const result = await joiner.service.join({ conversationId: CONVERSATION, welcome, keyPackage, now });
  if (result.kind !== 'joined') throw new Error('the welcome was for the joiner');
  return { member: { ...joiner, group: result.group }, welcome, keyPackage };
}

/** Two members of a group of `size`, the second let in by the first with the last commit; and that commit's welcome. */
export async function pairIn(size: number, shape: Shape, now: number) {
  const founder = person();
  let first: Member = { ...founder, group: await founder.service.createGroup(CONVERSATION, now) };
  if (shape === 'one committer') {
    const packages = await Promise.all(
      Array.from({ length: size - 2 }, () => person().service.generateKeyPackage(now)),
    );
    for (let start = 0; start < packages.length; start += BATCH)
      await commit(
        first,
        packages.slice(start, start + BATCH).map(({ keyPackage }) => ({ kind: 'add', keyPackage })),
        now,
      );
  } else {
    for (let count = 1; count < size - 1; count += 1) first = (await joined(first, person(), now)).member;
  }
  const { member: second, welcome, keyPackage } = await joined(first, person(), now);
  return { first, second, welcome, keyPackage };
}

async function stage(member: Member, candidate: Mls.RemoteCandidate, now: number): Promise<void> {
  const staged = await member.service.stageCandidate(member.group, candidate, now);
  if (staged.kind !== 'staged' || staged.next === undefined) throw new Error('the commit was good');
  member.group = member.service.merge(member.group, staged.next, now);
}

/** A join by a process that never saw one of the members: every wallet's signature is recovered. */
async function joinCold(joiner: Person, welcome: Uint8Array, keyPackage: JoinerKeyPackage, now: number) {
  vi.resetModules();
  const fresh: typeof Mls = await import('../../main/protocol/mls/index.ts');
  const service = fresh.createMlsService({ identity: joiner.identity, signatureKey: joiner.signatureKey, random });
  const startedAt = performance.now();
  const result = await service.join({ conversationId: CONVERSATION, welcome, keyPackage, now });
  if (result.kind !== 'joined') throw new Error('the welcome was for the joiner');
  return performance.now() - startedAt;
}

async function measure(size: number, shape: Shape): Promise<Samples> {
  const now = Date.now();
  // One is added and removed again, round after round: a full group has no place for it.
  const { first, second, welcome, keyPackage } = await pairIn(Math.min(size, MAX_MEMBERS - 1), shape, now);
  const ciphertexts: Uint8Array[] = [];
  const encrypt = await sample(MESSAGES, MESSAGES_WARM_UP, async () => {
    const { group, ciphertext } = await first.service.encrypt(first.group, PLAINTEXT);
    first.group = group;
    ciphertexts.push(ciphertext);
  });
  let read = 0;
  const decrypt = await sample(MESSAGES, MESSAGES_WARM_UP, async () => {
    const decrypted = await second.service.decrypt(second.group, at(ciphertexts, read++), now);
    if (decrypted.kind !== 'application') throw new Error('the message was for both');
    second.group = decrypted.group;
  });

  const add: number[] = [];
  const processAdd: number[] = [];
  const remove: number[] = [];
  const processRemove: number[] = [];
  for (let round = -COMMITS_WARM_UP; round < COMMITS; round += 1) {
    const { identity, service } = person();
    const { keyPackage } = await service.generateKeyPackage(now);
    for (const [update, made, processed] of [
      [{ kind: 'add', keyPackage }, add, processAdd],
      [{ kind: 'remove', memberId: identity.memberId }, remove, processRemove],
    ] satisfies [CommitInput, number[], number[]][]) {
      const startedAt = performance.now();
      const candidate = await commit(first, [update], now);
      const madeAt = performance.now();
      await stage(second, candidate, now);
      if (round < 0) continue;
      made.push(madeAt - startedAt);
      processed.push(performance.now() - madeAt);
    }
  }

  const input = { conversationId: CONVERSATION, welcome, keyPackage, now };
  const join = await sample(JOINS, 1, () => second.service.join(input));
  const cold: number[] = [];
  for (let round = 0; round < JOINS; round += 1) cold.push(await joinCold(second, welcome, keyPackage, now));
  return {
    encrypt,
    decrypt,
    add,
    'process add': processAdd,
    remove,
    'process remove': processRemove,
    join,
    'join, cold': cold,
  };
}

export const conclave: Contender = { name: 'Conclave', cannot: {}, measure };
