/** Welcomes of the stand-in: one for all joiners, and every reason to refuse one. §7.3, H-33 */
import { MlsError, type JoinerKeyPackage, type JoinInput, type Joined } from '../../../main/protocol/mls/index.ts';
import { MAX_PACKET_BYTES } from '../../../shared/limits.ts';
import { EMPTY, equalBytes, nameOf, Reader, Writer } from './bytes.ts';
import { decodeFrame, encodeWelcomeFrame, type WelcomeFrame } from './frames.ts';
import {
  checkUnique,
  makeGroup,
  NO_HISTORY,
  type GroupContent,
  type Leaves,
  type PublicState,
  type StandInEnvironment,
} from './group.ts';
import { decodeKeyPackage, privateKeysOf, type KeyPackage } from './keyPackage.ts';
import {
  decryptBytes,
  digest,
  encryptBytes,
  isSigned,
  openSealed,
  SECRET_BYTES,
  sealTo,
  sign,
  TAG_BYTES,
} from './keys.ts';
import { checkBinding, isLeafSigned } from './leaf.ts';
import { enterEpoch } from './schedule.ts';
import { readPublic, writePublic } from './tree.ts';

const SUITE = 1;
const INFO_LABEL = 'group info';

interface GroupInfo extends PublicState {
  readonly signer: number;
  readonly signature: Uint8Array;
}

export function buildWelcome(
  environment: StandInEnvironment,
  { public: publicState, epoch }: GroupContent,
  joinerSecret: Uint8Array,
  added: readonly KeyPackage[],
): Uint8Array {
  const { leafIndex } = epoch;
  const signature = sign(INFO_LABEL, environment.signatureKey, ...signedInfo(publicState, leafIndex));
  const plaintext = writePublic(new Writer(), publicState).uint32(leafIndex).raw(signature).finish();
  const groupInfo = encryptBytes(digest('welcome', joinerSecret), EMPTY, plaintext);
  const secrets = added.map(({ initKey, reference }) => {
    const fresh = environment.random(SECRET_BYTES);
    return {
      newMember: reference,
      fresh,
      sealed: sealTo(nameOf(initKey), initKey, fresh, tagOf(groupInfo), joinerSecret),
    };
  });
  return encodeWelcomeFrame({ suite: SUITE, secrets, groupInfo });
}

/** See MlsService.join. Nothing is consumed. W-34 */
export function join({ signatureKey }: StandInEnvironment, input: JoinInput): Joined {
  const welcome = welcomeFor(input);
  if (welcome === undefined) return { kind: 'notForUs' };
  if (welcome.suite !== SUITE) throw new MlsError('WelcomeRefused', 'suite');
  const { info, joinerSecret } = openWelcome(input.keyPackage, welcome);
  const { context, leaves, confirmationTag } = info;
  if (!equalBytes(context.groupId, new TextEncoder().encode(input.conversationId)))
    throw new MlsError('WelcomeRefused', 'another conversation');
  const signer = leaves[info.signer];
  if (signer === undefined) throw new MlsError('WelcomeRefused', 'signer is no member');
  if (!isSigned(INFO_LABEL, signer.signatureName, info.signature, ...signedInfo(info, info.signer)))
    throw new MlsError('WelcomeRefused', 'signature');
  checkLeaves(leaves, context.groupId);
  if (input.inviter !== undefined && !leaves.some((leaf) => leaf?.memberId === input.inviter))
    throw new MlsError('WelcomeRefused', 'inviter is no member');
  const own = decodeKeyPackage(input.keyPackage.keyPackage).leaf;
  const leafIndex = leaves.findIndex((leaf) => leaf !== undefined && equalBytes(leaf.bytes, own.bytes));
  if (leafIndex < 0) throw new MlsError('WelcomeRefused', 'own leaf');
  const { privateKey, publicKey } = privateKeysOf(input.keyPackage).leaf;
  if (!equalBytes(publicKey, own.encryptionKey) || !equalBytes(signatureKey.publicKey, own.signatureKey))
    throw new MlsError('WelcomeRefused', 'own key');
  const entered = enterEpoch(joinerSecret, context, leaves);
  if (!equalBytes(entered.confirmationTag, confirmationTag)) throw new MlsError('WelcomeRefused', 'confirmation tag');
  const group = makeGroup({
    public: { context, leaves, confirmationTag },
    epoch: { secrets: entered.secrets, leafIndex, privateKey, handshakeGeneration: 0 },
    application: entered.application,
    history: NO_HISTORY,
  });
  return { kind: 'joined', group, welcomeSigner: signer.memberId };
}

/** The Welcome, if it is one and names this key package. */
function welcomeFor({ welcome, keyPackage }: JoinInput): WelcomeFrame | undefined {
  try {
    const frame = decodeFrame(welcome, MAX_PACKET_BYTES);
    if (frame.kind !== 'welcome') return undefined;
    return frame.secrets.some(({ newMember }) => equalBytes(newMember, keyPackage.reference)) ? frame : undefined;
  } catch (error) {
    if (error instanceof MlsError) return undefined;
    throw error;
  }
}

/** Decrypted, not yet verified. */
function openWelcome(
  keyPackage: JoinerKeyPackage,
  { secrets, groupInfo }: WelcomeFrame,
): { info: GroupInfo; joinerSecret: Uint8Array } {
  const { init } = privateKeysOf(keyPackage);
  const share = secrets.find(({ newMember }) => equalBytes(newMember, keyPackage.reference));
  if (share?.sealed.length !== SECRET_BYTES) throw new MlsError('WelcomeRefused', 'group secrets');
  const joinerSecret = openSealed(init.privateKey, share.fresh, tagOf(groupInfo), share.sealed);
  try {
    return { info: readInfo(decryptBytes(digest('welcome', joinerSecret), EMPTY, groupInfo)), joinerSecret };
  } catch (error) {
    if (error instanceof MlsError) throw new MlsError('WelcomeRefused', 'group info');
    throw error;
  }
}

function readInfo(plaintext: Uint8Array): GroupInfo {
  const reader = new Reader(plaintext);
  const publicState = readPublic(reader);
  const signer = reader.uint32();
  const signature = reader.raw(SECRET_BYTES);
  reader.end();
  return { ...publicState, signer, signature };
}

/** What the committer vouches for: the whole state of the group, which the context's hash covers, and that it is the committer. */
function signedInfo({ context, confirmationTag }: PublicState, signer: number) {
  return [context.hash, confirmationTag, signer] as const;
}

/** Binds a joiner's secret to one encrypted group info. */
function tagOf(groupInfo: Uint8Array): Uint8Array {
  return groupInfo.subarray(-TAG_BYTES);
}

/** Every member is who it says, signed by its own device for this place. Throws MlsError. H-10 */
function checkLeaves(leaves: Leaves, groupId: Uint8Array): void {
  for (const [leafIndex, leaf] of leaves.entries())
    if (leaf !== undefined && !isLeafSigned(leaf, { groupId, leafIndex }))
      throw new MlsError('WelcomeRefused', 'signature of a leaf');
  checkUnique(leaves);
  for (const leaf of leaves) if (leaf !== undefined) checkBinding(leaf);
}
