/**
 * An MlsService without real cryptography, for simulations: the contract and the rules of MLS, a hundred times faster.
 *
 * Who can open what, who signed what and who can follow into the next epoch is enforced by keys (keys.ts), so that hostile
 * members of a simulation have the powers that MLS leaves them, and no others. All randomness is handed in.
 */
import {
  MlsError,
  type MlsGroup,
  type MlsService,
  type MlsServiceOptions,
  type ValidatedKeyPackage,
} from '../../../main/protocol/mls/index.ts';
import type { ConversationId } from '../../../shared/model/ids.ts';
import { decrypt, encrypt } from './application.ts';
import { nameOf } from './bytes.ts';
import { createCandidate } from './candidate.ts';
import { merge, nextPruneAt, prune, readableEpochs, withoutSecrets } from './epochs.ts';
import { inspectKind, welcomeReferences } from './frames.ts';
import { contentOf, makeGroup, membersOf, NO_HISTORY, type StandInEnvironment } from './group.ts';
import {
  checkKeyPackage,
  decodeKeyPackage,
  generateKeyPackage,
  generateOwnLeaf,
  notBeforeSeconds,
} from './keyPackage.ts';
import { registerDevice, SECRET_BYTES } from './keys.ts';
import { bind } from './leaf.ts';
import { decodeParts, encodeParts } from './parts.ts';
import { enterEpoch, exportedSecret, makeContext } from './schedule.ts';
import { stageCandidate } from './stage.ts';
import { join } from './welcome.ts';

/** Takes the options of `createMlsService`, of which it needs no provider. Call `forgetStandInKeys` between two runs. */
export function createStandInMlsService({ identity, signatureKey, random }: MlsServiceOptions): MlsService {
  registerDevice(signatureKey);
  let binding: Uint8Array | undefined;
  const environment: StandInEnvironment = {
    identity,
    signatureKey,
    random,
    binding: () => (binding ??= bind(identity, signatureKey.publicKey)),
  };
  return {
    generateKeyPackage: async (now) => generateKeyPackage(environment, now),
    validateKeyPackage: async (bytes, now, group) => validateKeyPackage(bytes, now, group),
    keyPackageReferenceOf: async (bytes) => decodeKeyPackage(bytes).reference,
    createGroup: async (conversationId, now) => createGroup(environment, conversationId, now),
    join: async (input) => join(environment, input),
    encrypt: async (group, plaintext) => encrypt(environment, group, plaintext),
    decrypt: async (group, ciphertext, now, options) => decrypt(group, ciphertext, now, options?.keepSkipped === true),
    createCandidate: async (group, updates, now) => createCandidate(environment, group, updates, now),
    stageCandidate: async (group, candidate, now) => stageCandidate(group, candidate, now),
    merge,
    prune,
    nextPruneAt,
    withoutSecrets,
    readableEpochs,
    exportSecret: async (group, label, context, length) =>
      exportedSecret(contentOf(group).epoch.secrets, label, context, length),
    epochAuthenticator: (group) => new Uint8Array(contentOf(group).epoch.secrets.authenticator),
    members: (group) => membersOf(contentOf(group).public.leaves),
    inspectKind,
    welcomeReferences,
    encodeParts,
    decodeParts: (parts) => decodeParts(environment, parts),
  };
}

function createGroup(environment: StandInEnvironment, conversationId: ConversationId, now: number): MlsGroup {
  const { leaf, key } = generateOwnLeaf(environment, now);
  const leaves = [leaf];
  const context = makeContext(new TextEncoder().encode(conversationId), 0n, leaves, EMPTY_TRANSCRIPT);
  const entered = enterEpoch(environment.random(SECRET_BYTES), context, leaves);
  return makeGroup({
    public: { context, leaves, confirmationTag: entered.confirmationTag },
    epoch: { secrets: entered.secrets, leafIndex: 0, privateKey: key.privateKey, handshakeGeneration: 0 },
    application: entered.application,
    history: NO_HISTORY,
  });
}

const EMPTY_TRANSCRIPT = new Uint8Array(SECRET_BYTES);

function validateKeyPackage(bytes: Uint8Array, now: number, group: MlsGroup | undefined): ValidatedKeyPackage {
  const keyPackage = decodeKeyPackage(bytes);
  const memberId = checkKeyPackage(keyPackage, now, 'announced');
  const { signatureKey, signatureName } = keyPackage.leaf;
  const members = group === undefined ? [] : membersOf(contentOf(group).public.leaves);
  if (members.some((member) => member.memberId === memberId)) throw new MlsError('DuplicateIdentity');
  if (members.some((member) => nameOf(member.signatureKey) === signatureName)) throw new MlsError('DuplicateKey');
  return {
    memberId,
    reference: keyPackage.reference,
    signatureKey: new Uint8Array(signatureKey),
    notBeforeSeconds: notBeforeSeconds(keyPackage),
  };
}
