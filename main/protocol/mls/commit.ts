/**
 * Makes a commit over the proposals that a state holds: RFC 9420 section 12.4.1, composed of the library's parts.
 *
 * The library's own createCommit cannot be used: it reads the clock; it leaves out the path when there are only Adds, so keys
 * would not be renewed (§7.3 wants one always); and where the committer stays alone it takes zeros for the commit secret, so
 * that the member just removed could compute the next epoch.
 */
import { encode } from 'ts-mls/codec/tlsEncoder.js';
import { varLenDataEncoder } from 'ts-mls/codec/variableLength.js';
import { nextEpochContext, type ClientState } from 'ts-mls/clientState.js';
import { createConfirmationTag, createContentCommitSignature } from 'ts-mls/framedContent.js';
import type { GroupContext } from 'ts-mls/groupContext.js';
import { signGroupInfo } from 'ts-mls/groupInfo.js';
import { groupSecretsEncoder } from 'ts-mls/groupSecrets.js';
import { makeKeyPackageRef } from 'ts-mls/keyPackage.js';
import { initializeEpoch, type EpochSecrets } from 'ts-mls/keySchedule.js';
import { protect } from 'ts-mls/messageProtection.js';
import type { ProposalOrRef } from 'ts-mls/proposalOrRefType.js';
import type { SecretTree } from 'ts-mls/secretTree.js';
import { toLeafIndex } from 'ts-mls/treemath.js';
import { base64ToBytes } from 'ts-mls/util/byteArray.js';
import { encryptGroupInfo, type EncryptedGroupSecrets } from 'ts-mls/welcome.js';
import { applyChanges, isMembershipProposal, type AddedLeaf } from './changes.ts';
import { isAbove } from './directPath.ts';
import { EMPTY } from './environment.ts';
import { encodePrivateFrame, encodeWelcomeFrame } from './framing.ts';
import { createPath } from './path.ts';
import { hpkeInfo, hpkeSeal } from './provider/hpke.ts';
import type { MlsSuite } from './provider/provider.ts';
import { createSecretTree } from './secretTree.ts';
import { treeEncoder } from './treeEncoding.ts';
import { treeHashRoot } from './treeHash.ts';

export interface BuiltCommit {
  readonly commit: Uint8Array;
  readonly welcome: Uint8Array | undefined;
  /** The state of the next epoch. */
  readonly next: ClientState;
  /** The ratchets of this epoch after the commit used a handshake key. */
  readonly secretTree: SecretTree;
}

const WIREFORMAT = 'mls_private_message';

/** Commits all proposals of `state.unappliedProposals`, by reference and with a path. */
export async function buildCommit(state: ClientState, suite: MlsSuite): Promise<BuiltCommit> {
  const committer = toLeafIndex(state.privatePath.leafIndex);
  const held = Object.entries(state.unappliedProposals);
  const proposals: ProposalOrRef[] = held.map(([reference]) => ({
    proposalOrRefType: 'reference',
    reference: base64ToBytes(reference),
  }));
  const { tree, added } = applyChanges(
    state.ratchetTree,
    committer,
    held.map(([, { proposal }]) => proposal).filter(isMembershipProposal),
  );
  const path = await createPath(
    tree,
    state.ratchetTree,
    committer,
    added.map(({ leafIndex }) => leafIndex),
    state.groupContext,
    state.signaturePrivateKey,
    suite,
  );

  const { framedContent, signature } = await createContentCommitSignature(
    state.groupContext,
    WIREFORMAT,
    { proposals, path: path.updatePath },
    { senderType: 'member', leafIndex: committer },
    EMPTY,
    state.signaturePrivateKey,
    suite.signature,
  );
  const treeHash = treeHashRoot(path.tree, tree);
  const groupContext = await nextEpochContext(
    state.groupContext,
    WIREFORMAT,
    framedContent,
    signature,
    treeHash,
    state.confirmationTag,
    suite.hash,
  );
  const secrets = await initializeEpoch(
    state.keySchedule.initSecret,
    path.commitSecret,
    groupContext,
    new Uint8Array(suite.kdf.size),
    suite.kdf,
  );
  const confirmationTag = await createConfirmationTag(
    secrets.keySchedule.confirmationKey,
    groupContext.confirmedTranscriptHash,
    suite.hash,
  );
  const protectedCommit = await protect(
    state.keySchedule.senderDataSecret,
    EMPTY,
    state.groupContext,
    state.secretTree,
    { ...framedContent, auth: { contentType: 'commit', signature, confirmationTag } },
    committer,
    state.clientConfig.paddingConfig,
    suite,
  );
  const next: ClientState = {
    ...state,
    groupContext,
    ratchetTree: path.tree,
    confirmationTag,
    keySchedule: secrets.keySchedule,
    privatePath: { leafIndex: committer, privateKeys: path.privateKeys },
    secretTree: createSecretTree(path.tree, secrets.encryptionSecret),
    unappliedProposals: {},
  };
  const welcome = added.length === 0 ? undefined : await buildWelcome(next, secrets, added, path.pathSecrets, suite);
  for (const secret of [path.commitSecret, secrets.encryptionSecret, secrets.joinerSecret, secrets.welcomeSecret])
    secret.fill(0);
  return {
    commit: encodePrivateFrame(protectedCommit.privateMessage),
    welcome,
    next,
    secretTree: protectedCommit.tree,
  };
}

/** One Welcome for all joiners, the ratchet tree inside. RFC 9420 section 12.4.3.1 */
async function buildWelcome(
  next: ClientState,
  secrets: EpochSecrets,
  added: readonly AddedLeaf[],
  pathSecrets: ReadonlyMap<number, Uint8Array>,
  suite: MlsSuite,
): Promise<Uint8Array> {
  const encryptedGroupInfo = await encryptGroupInfo(
    await groupInfoOf(next, next.groupContext, suite),
    secrets.welcomeSecret,
    suite,
  );
  const info = hpkeInfo(suite.aead, Buffer.concat([WELCOME_LABEL, encode(varLenDataEncoder)(encryptedGroupInfo)]));
  const encrypted: EncryptedGroupSecrets[] = [];
  for (const { leafIndex, keyPackage } of added) {
    const [, pathSecret] = [...pathSecrets].find(([node]) => isAbove(node, leafIndex, next.ratchetTree)) ?? [];
    const plaintext = encode(groupSecretsEncoder)({ joinerSecret: secrets.joinerSecret, pathSecret, psks: [] });
    await suite.breathe();
    const sealed = hpkeSeal(info, keyPackage.initKey, EMPTY, plaintext, suite.random);
    plaintext.fill(0);
    encrypted.push({
      newMember: await makeKeyPackageRef(keyPackage, suite.hash),
      encryptedGroupSecrets: { kemOutput: sealed.enc, ciphertext: sealed.ct },
    });
  }
  return encodeWelcomeFrame({ cipherSuite: suite.name, secrets: encrypted, encryptedGroupInfo });
}

const WELCOME_LABEL = encode(varLenDataEncoder)(Buffer.from('MLS 1.0 Welcome', 'latin1'));

function groupInfoOf(state: ClientState, groupContext: GroupContext, suite: MlsSuite) {
  const extensionData = encode(treeEncoder)(state.ratchetTree);
  return signGroupInfo(
    {
      groupContext,
      extensions: [{ extensionType: 'ratchet_tree', extensionData }],
      confirmationTag: state.confirmationTag,
      signer: state.privatePath.leafIndex,
    },
    state.signaturePrivateKey,
    suite.signature,
  );
}
