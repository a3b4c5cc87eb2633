/**
 * The MlsService: the contract's methods bound to one identity, device key and source of randomness.
 */
import { createGroup as createLibraryGroup } from 'ts-mls/clientState.js';
import type { CiphersuiteImpl } from 'ts-mls/crypto/ciphersuite.js';
import { makeKeyPackageRef } from 'ts-mls/keyPackage.js';
import { mlsExporter } from 'ts-mls/keySchedule.js';
import type { ConversationId } from '../../../shared/model/ids.ts';
import type { Identity } from '../identity/index.ts';
import type { Breather } from '../breather.ts';
import type { Random } from '../random.ts';
import { decrypt, encrypt } from './application.ts';
import { createCandidate } from './candidate.ts';
import type { MlsGroup, MlsService, ValidatedKeyPackage } from './contract.ts';
import type { DeviceSignatureKey } from './deviceKey.ts';
import { CLIENT_CONFIG, type MlsEnvironment } from './environment.ts';
import { merge, nextPruneAt, prune, readableEpochs, withoutSecrets } from './epochs.ts';
import { MlsError, orMlsError } from './errors.ts';
import { inspectKind, welcomeReferences } from './framing.ts';
import { contentOf, fromClientState, makeGroup } from './group.ts';
import {
  checkKeyPackage,
  decodeKeyPackageBytes,
  generateJoinerKeyPackage,
  generateOwn,
  notBeforeSeconds,
} from './keyPackage.ts';
import { decodeParts, encodeParts } from './parts.ts';
import { equalInConstantTime } from './provider/hash.ts';
import { createCipherSuite } from './provider/provider.ts';
import { stageCandidate } from './stage.ts';
import { membersOf } from './tree.ts';
import { join } from './welcome.ts';

export interface MlsServiceOptions {
  readonly identity: Identity;
  readonly signatureKey: DeviceSignatureKey;
  readonly random: Random;
  /** Lets the event loop turn within what takes long; never by default. */
  readonly breathe?: Breather;
}

/** Stateless: groups are values, the service only knows who we are. */
export function createMlsService({ identity, signatureKey, random, breathe }: MlsServiceOptions): MlsService {
  const environment: MlsEnvironment = { identity, signatureKey, suite: createCipherSuite(random, breathe) };
  const { suite } = environment;
  return {
    generateKeyPackage: (now) => orMlsError('Internal', () => generateJoinerKeyPackage(environment, now)),
    validateKeyPackage: (bytes, now, group) =>
      orMlsError('InvalidKeyPackage', () => validateKeyPackage(suite, bytes, now, group)),
    keyPackageReferenceOf: (bytes) =>
      orMlsError('Malformed', () => makeKeyPackageRef(decodeKeyPackageBytes(bytes), suite.hash)),
    createGroup: (conversationId, now) => orMlsError('Internal', () => createGroup(environment, conversationId, now)),
    join: (input) => join(environment, input),
    encrypt: (group, plaintext) => encrypt(environment, group, plaintext),
    decrypt: (group, ciphertext, now, options) =>
      decrypt(environment, group, ciphertext, now, options?.keepSkipped === true),
    createCandidate: (group, updates, now) => createCandidate(environment, group, updates, now),
    stageCandidate: (group, candidate, now) => stageCandidate(environment, group, candidate, now),
    merge,
    prune,
    nextPruneAt,
    withoutSecrets,
    readableEpochs,
    exportSecret: (group, label, context, length) => {
      const { exporterSecret } = contentOf(group).epoch.keySchedule;
      return orMlsError('Internal', () => mlsExporter(exporterSecret, label, context, length, suite));
    },
    epochAuthenticator: (group) => Uint8Array.from(contentOf(group).epoch.keySchedule.epochAuthenticator),
    members: (group) => membersOf(contentOf(group).public.ratchetTree),
    inspectKind,
    welcomeReferences,
    encodeParts,
    decodeParts: (parts) => decodeParts(environment, parts),
  };
}

async function createGroup(
  environment: MlsEnvironment,
  conversationId: ConversationId,
  now: number,
): Promise<MlsGroup> {
  const { publicPackage, privatePackage } = await generateOwn(environment, now);
  const groupId = new TextEncoder().encode(conversationId);
  const state = await createLibraryGroup(groupId, publicPackage, privatePackage, [], environment.suite, CLIENT_CONFIG);
  return makeGroup(fromClientState(state, state.privatePath));
}

async function validateKeyPackage(
  suite: CiphersuiteImpl,
  bytes: Uint8Array,
  now: number,
  group: MlsGroup | undefined,
): Promise<ValidatedKeyPackage> {
  const keyPackage = decodeKeyPackageBytes(bytes);
  const memberId = await checkKeyPackage(keyPackage, suite, now, 'announced');
  const signatureKey = keyPackage.leafNode.signaturePublicKey;
  const members = group === undefined ? [] : membersOf(contentOf(group).public.ratchetTree);
  if (members.some((member) => member.memberId === memberId)) throw new MlsError('DuplicateIdentity');
  if (members.some((member) => equalInConstantTime(member.signatureKey, signatureKey)))
    throw new MlsError('DuplicateKey');
  return {
    memberId,
    reference: await makeKeyPackageRef(keyPackage, suite.hash),
    signatureKey: Uint8Array.from(signatureKey),
    notBeforeSeconds: notBeforeSeconds(keyPackage),
  };
}
