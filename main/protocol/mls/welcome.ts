/**
 * Joining by a Welcome, and every reason to refuse one. §7.3, H-33
 */
import { joinGroup } from 'ts-mls/clientState.js';
import { ratchetTreeFromExtension, type GroupInfo } from 'ts-mls/groupInfo.js';
import type { RatchetTree } from 'ts-mls/ratchetTree.js';
import { emptyPskIndex } from 'ts-mls/pskIndex.js';
import { decryptGroupInfo, decryptGroupSecrets, type Welcome } from 'ts-mls/welcome.js';
import { MAX_MEMBERS, MAX_PACKET_BYTES } from '../../../shared/limits.ts';
import type { MemberId } from '../../../shared/model/ids.ts';
import type { JoinInput, Joined } from './contract.ts';
import { CLIENT_CONFIG, type MlsEnvironment } from './environment.ts';
import { MlsError, orMlsError } from './errors.ts';
import { decodeFrame } from './framing.ts';
import { fromClientState, makeGroup } from './group.ts';
import { decodeKeyPackageBytes, privateKeysOf } from './keyPackage.ts';
import { boundMemberId } from './leaf.ts';
import { equalInConstantTime } from './provider/hash.ts';
import { CIPHER_SUITE } from './provider/provider.ts';
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
  const keyPackage = decodeKeyPackageBytes(input.keyPackage.keyPackage);
  const privateKeys = privateKeysOf(environment, input.keyPackage);
  const info = await openGroupInfo(environment, input, welcome);
  const tree = checkGroupInfo(info, input);
  const welcomeSigner = signerOf(info, tree);
  const state = await joinGroup(
    welcome,
    keyPackage,
    privateKeys,
    emptyPskIndex,
    suite,
    undefined,
    undefined,
    CLIENT_CONFIG,
  );
  // After the signatures of the library: recovering hundreds of wallets is the costly part.
  checkTree(state.ratchetTree);
  if (input.inviter !== undefined && !membersOf(state.ratchetTree).some(({ memberId }) => memberId === input.inviter))
    throw new MlsError('WelcomeRefused', 'inviter is no member');
  const content = fromClientState(state, checkPrivatePath(state.ratchetTree, state.privatePath));
  return { kind: 'joined', group: makeGroup(content), welcomeSigner };
}

/** Decrypted, not yet verified. */
async function openGroupInfo(
  environment: MlsEnvironment,
  { keyPackage }: JoinInput,
  welcome: Welcome,
): Promise<GroupInfo> {
  const { suite } = environment;
  const initKey = await suite.hpke.importPrivateKey(privateKeysOf(environment, keyPackage).initPrivateKey);
  const secrets = await decryptGroupSecrets(initKey, keyPackage.reference, welcome, suite.hpke);
  if (secrets === undefined) throw new MlsError('WelcomeRefused', 'group secrets');
  if (secrets.psks.length > 0) throw new MlsError('WelcomeRefused', 'pre-shared key');
  const info = await decryptGroupInfo(welcome, secrets.joinerSecret, new Uint8Array(suite.kdf.size), suite);
  secrets.joinerSecret.fill(0);
  if (info === undefined) throw new MlsError('WelcomeRefused', 'group info');
  return info;
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

function signerOf(info: GroupInfo, tree: RatchetTree): MemberId {
  const leaf = leafAt(tree, info.signer);
  if (leaf === undefined) throw new MlsError('WelcomeRefused', 'signer is no member');
  return boundMemberId(leaf);
}
