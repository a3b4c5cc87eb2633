/**
 * Joining by a Welcome, and every reason to refuse one: RFC 9420 section 12.4.3.1 composed of the library's parts, because
 * its own check of the tree refuses good ones (receivedTree.ts). §7.3, H-33
 */
import type { CiphersuiteImpl } from 'ts-mls/crypto/ciphersuite.js';
import {
  ratchetTreeFromExtension,
  verifyGroupInfoConfirmationTag,
  verifyGroupInfoSignature,
  type GroupInfo,
} from 'ts-mls/groupInfo.js';
import type { GroupSecrets } from 'ts-mls/groupSecrets.js';
import { deriveKeySchedule } from 'ts-mls/keySchedule.js';
import { pathToRoot } from 'ts-mls/pathSecrets.js';
import { mergePrivateKeyPaths, toPrivateKeyPath, type PrivateKeyPath } from 'ts-mls/privateKeyPath.js';
import { findLeafIndex, type RatchetTree } from 'ts-mls/ratchetTree.js';
import { leafToNodeIndex, toLeafIndex } from 'ts-mls/treemath.js';
import { firstCommonAncestor } from 'ts-mls/updatePath.js';
import { decryptGroupInfo, decryptGroupSecrets, type Welcome } from 'ts-mls/welcome.js';
import { MAX_MEMBERS, MAX_PACKET_BYTES } from '../../../shared/limits.ts';
import type { MemberId } from '../../../shared/model/ids.ts';
import type { JoinInput, Joined } from './contract.ts';
import type { MlsEnvironment } from './environment.ts';
import { MlsError, orMlsError } from './errors.ts';
import { decodeFrame } from './framing.ts';
import { fromClientState, makeGroup, type NewEpoch } from './group.ts';
import { decodeKeyPackageBytes, privateKeysOf } from './keyPackage.ts';
import { boundMemberId } from './leaf.ts';
import { equalInConstantTime } from './provider/hash.ts';
import { CIPHER_SUITE } from './provider/provider.ts';
import { checkReceivedTree } from './receivedTree.ts';
import { createSecretTree } from './secretTree.ts';
import { checkPrivatePath, checkTree, leafAt, membersOf } from './tree.ts';

/** See MlsService.join. Nothing is consumed: the caller forgets the key package when it has stored the group. W-34 */
export async function join(environment: MlsEnvironment, input: JoinInput): Promise<Joined> {
  const welcome = welcomeFor(input);
  if (welcome === undefined) return { kind: 'notForUs' };
  return orMlsError('WelcomeRefused', () => follow(environment, input, welcome));
}

/** The Welcome, if it is one and names this key package. Everything else is somebody else's, or garbage. */
function welcomeFor({ welcome, keyPackage }: JoinInput): Welcome | undefined {
  try {
    const message = decodeFrame(welcome, MAX_PACKET_BYTES);
    if (message.wireformat !== 'mls_welcome') return undefined;
    const named = message.welcome.secrets.some(({ newMember }) => equalInConstantTime(newMember, keyPackage.reference));
    return named ? message.welcome : undefined;
  } catch (error) {
    if (error instanceof MlsError) return undefined;
    throw error;
  }
}

async function follow(environment: MlsEnvironment, input: JoinInput, welcome: Welcome): Promise<Joined> {
  const { suite } = environment;
  if (welcome.cipherSuite !== CIPHER_SUITE) throw new MlsError('WelcomeRefused', 'suite');
  const { info, secrets } = await openWelcome(environment, input, welcome);
  const tree = checkGroupInfo(info, input);
  const welcomeSigner = await checkSigner(info, tree, suite);
  await checkReceivedTree(tree, info.groupContext, suite);
  // After the tree's own signatures: recovering hundreds of wallets is the costly part.
  await checkTree(tree, suite);
  if (input.inviter !== undefined && !membersOf(tree).some(({ memberId }) => memberId === input.inviter))
    throw new MlsError('WelcomeRefused', 'inviter is no member');
  const privatePath = await ownPath(environment, input, info, tree, secrets);
  const epoch = await enterEpoch(info, tree, secrets, suite);
  return { kind: 'joined', group: makeGroup(fromClientState(epoch, privatePath)), welcomeSigner };
}

/** Decrypted, not yet verified. */
async function openWelcome(
  environment: MlsEnvironment,
  { keyPackage }: JoinInput,
  welcome: Welcome,
): Promise<{ info: GroupInfo; secrets: GroupSecrets }> {
  const { suite } = environment;
  const initKey = await suite.hpke.importPrivateKey(privateKeysOf(environment, keyPackage).initPrivateKey);
  const secrets = await decryptGroupSecrets(initKey, keyPackage.reference, welcome, suite.hpke);
  if (secrets === undefined) throw new MlsError('WelcomeRefused', 'group secrets');
  if (secrets.psks.length > 0) throw new MlsError('WelcomeRefused', 'pre-shared key');
  const info = await decryptGroupInfo(welcome, secrets.joinerSecret, noPsk(suite), suite);
  if (info === undefined) throw new MlsError('WelcomeRefused', 'group info');
  return { info, secrets };
}

/** Our leaf's key and those that the path secret gives, up to the root. RFC 9420 section 12.4.3.1 */
async function ownPath(
  environment: MlsEnvironment,
  { keyPackage }: JoinInput,
  { signer }: GroupInfo,
  tree: RatchetTree,
  { pathSecret }: GroupSecrets,
): Promise<PrivateKeyPath> {
  const { suite } = environment;
  const leafIndex = findLeafIndex(tree, decodeKeyPackageBytes(keyPackage.keyPackage).leafNode);
  if (leafIndex === undefined) throw new MlsError('WelcomeRefused', 'own leaf');
  const { hpkePrivateKey } = privateKeysOf(environment, keyPackage);
  const leaf: PrivateKeyPath = { leafIndex, privateKeys: { [leafToNodeIndex(leafIndex)]: hpkePrivateKey } };
  if (pathSecret === undefined) return checkPrivatePath(tree, leaf);
  const ancestor = firstCommonAncestor(tree, leafIndex, toLeafIndex(signer));
  const path = await toPrivateKeyPath(await pathToRoot(tree, ancestor, pathSecret, suite.kdf), leafIndex, suite);
  return checkPrivatePath(tree, mergePrivateKeyPaths(path, leaf));
}

/** The secrets of the epoch, confirmed by the tag of the group info. RFC 9420 section 8 */
async function enterEpoch(
  info: GroupInfo,
  ratchetTree: RatchetTree,
  { joinerSecret }: GroupSecrets,
  suite: CiphersuiteImpl,
): Promise<NewEpoch> {
  const { groupContext, confirmationTag } = info;
  if (!(await verifyGroupInfoConfirmationTag(info, joinerSecret, noPsk(suite), suite)))
    throw new MlsError('WelcomeRefused', 'confirmation tag');
  const [keySchedule, encryptionSecret] = await deriveKeySchedule(joinerSecret, noPsk(suite), groupContext, suite.kdf);
  const secretTree = createSecretTree(ratchetTree, encryptionSecret);
  joinerSecret.fill(0);
  encryptionSecret.fill(0);
  return { groupContext, ratchetTree, confirmationTag, keySchedule, secretTree };
}

function noPsk(suite: CiphersuiteImpl): Uint8Array {
  return new Uint8Array(suite.kdf.size);
}

/** What the group must be before it is worth verifying. Returns its tree. */
function checkGroupInfo(info: GroupInfo, { conversationId }: JoinInput): RatchetTree {
  const { groupContext } = info;
  if (!equalInConstantTime(groupContext.groupId, new TextEncoder().encode(conversationId)))
    throw new MlsError('WelcomeRefused', 'another conversation');
  if (groupContext.cipherSuite !== CIPHER_SUITE) throw new MlsError('WelcomeRefused', 'suite');
  // Extensions of the group could name external senders or demand what this profile does not know.
  if (groupContext.extensions.length > 0) throw new MlsError('WelcomeRefused', 'group extensions');
  const tree = ratchetTreeFromExtension(info);
  if (tree === undefined) throw new MlsError('WelcomeRefused', 'no ratchet tree');
  if (tree.length > 2 * MAX_MEMBERS - 1) throw new MlsError('GroupFull');
  return tree;
}

/** The member that signed the group info. */
async function checkSigner(info: GroupInfo, tree: RatchetTree, suite: CiphersuiteImpl): Promise<MemberId> {
  const leaf = leafAt(tree, info.signer);
  if (leaf === undefined) throw new MlsError('WelcomeRefused', 'signer is no member');
  if (!(await verifyGroupInfoSignature(info, leaf.signaturePublicKey, suite.signature)))
    throw new MlsError('WelcomeRefused', 'signature');
  return boundMemberId(leaf);
}
