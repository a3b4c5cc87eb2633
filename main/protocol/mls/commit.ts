/**
 * Makes a commit over the proposals that a state holds: RFC 9420 section 12.4.1, composed of the library's parts.
 *
 * The library's own createCommit cannot be used: it reads the clock; it leaves out the path when there are only Adds, so keys
 * would not be renewed (§7.3 wants one always); and where the committer stays alone it takes zeros for the commit secret, so
 * that the member just removed could compute the next epoch.
 */
import { encode } from 'ts-mls/codec/tlsEncoder.js';
import { applyProposals, nextEpochContext, type ClientState } from 'ts-mls/clientState.js';
import type { CiphersuiteImpl } from 'ts-mls/crypto/ciphersuite.js';
import { deriveSecret } from 'ts-mls/crypto/kdf.js';
import { createConfirmationTag, createContentCommitSignature } from 'ts-mls/framedContent.js';
import type { GroupContext } from 'ts-mls/groupContext.js';
import { signGroupInfo } from 'ts-mls/groupInfo.js';
import { makeKeyPackageRef, type KeyPackage } from 'ts-mls/keyPackage.js';
import { initializeEpoch, type EpochSecrets } from 'ts-mls/keySchedule.js';
import { protect } from 'ts-mls/messageProtection.js';
import { getCommitSecret, pathToPathSecrets } from 'ts-mls/pathSecrets.js';
import { mergePrivateKeyPaths, toPrivateKeyPath, updateLeafKey } from 'ts-mls/privateKeyPath.js';
import type { ProposalOrRef } from 'ts-mls/proposalOrRefType.js';
import { emptyPskIndex } from 'ts-mls/pskIndex.js';
import { ratchetTreeEncoder, type RatchetTree } from 'ts-mls/ratchetTree.js';
import { createSecretTree, type SecretTree } from 'ts-mls/secretTree.js';
import { treeHashRoot } from 'ts-mls/treeHash.js';
import { leafToNodeIndex, leafWidth, toLeafIndex, toNodeIndex, type LeafIndex } from 'ts-mls/treemath.js';
import { createUpdatePath, firstCommonAncestor, type PathSecret } from 'ts-mls/updatePath.js';
import { base64ToBytes } from 'ts-mls/util/byteArray.js';
import { encryptGroupInfo, encryptGroupSecrets } from 'ts-mls/welcome.js';
import { EMPTY } from './environment.ts';
import { MlsError } from './errors.ts';
import { encodePrivateFrame, encodeWelcomeFrame } from './framing.ts';

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
export async function buildCommit(state: ClientState, suite: CiphersuiteImpl): Promise<BuiltCommit> {
  const committer = toLeafIndex(state.privatePath.leafIndex);
  const proposals: ProposalOrRef[] = Object.keys(state.unappliedProposals).map((reference) => ({
    proposalOrRefType: 'reference',
    reference: base64ToBytes(reference),
  }));
  const applied = await applyProposals(state, proposals, committer, emptyPskIndex, false, suite);
  if (applied.additionalResult.kind !== 'memberCommit') throw new MlsError('Internal', 'kind of commit');
  const added = applied.additionalResult.addedLeafNodes;
  const path = await renewPath(state, applied.tree, added, suite);

  const { framedContent, signature } = await createContentCommitSignature(
    state.groupContext,
    WIREFORMAT,
    { proposals, path: path.updatePath },
    { senderType: 'member', leafIndex: committer },
    EMPTY,
    state.signaturePrivateKey,
    suite.signature,
  );
  const treeHash = await treeHashRoot(path.tree, suite.hash);
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
    applied.pskSecret,
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
    privatePath: path.privatePath,
    secretTree: await createSecretTree(leafWidth(path.tree.length), secrets.encryptionSecret, suite.kdf),
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

/** New keys from the committer's leaf to the root. RFC 9420 section 7.5 */
async function renewPath(
  state: ClientState,
  tree: RatchetTree,
  added: readonly [LeafIndex, KeyPackage][],
  suite: CiphersuiteImpl,
) {
  const leafIndex = state.privatePath.leafIndex;
  // The library draws the leaf's path secret itself and keeps it; we need it below, so it is drawn here.
  const leafSecret = suite.rng.randomBytes(suite.kdf.size);
  const [updatedTree, updatePath, pathSecrets, leafKey] = await createUpdatePath(
    tree,
    toLeafIndex(leafIndex),
    state.groupContext,
    state.signaturePrivateKey,
    { ...suite, rng: { randomBytes: () => leafSecret } },
    added.map(([leaf]) => leafToNodeIndex(leaf)),
  );
  const privatePath = mergePrivateKeyPaths(
    updateLeafKey(state.privatePath, await suite.hpke.exportPrivateKey(leafKey)),
    await toPrivateKeyPath(pathToPathSecrets(pathSecrets), leafIndex, suite),
  );
  const last = pathSecrets.at(-1);
  // Nobody else is left: the commit secret follows the leaf's own path secret. The library would use zeros.
  const commitSecret =
    last === undefined
      ? await deriveSecret(leafSecret, 'path', suite.kdf)
      : await getCommitSecret(updatedTree, toNodeIndex(last.nodeIndex), last.secret, suite.kdf);
  return { tree: updatedTree, updatePath, pathSecrets, privatePath, commitSecret };
}

/** One Welcome for all joiners, the ratchet tree inside. RFC 9420 section 12.4.3.1 */
async function buildWelcome(
  next: ClientState,
  secrets: EpochSecrets,
  added: readonly [LeafIndex, KeyPackage][],
  pathSecrets: readonly PathSecret[],
  suite: CiphersuiteImpl,
): Promise<Uint8Array> {
  const signer = toLeafIndex(next.privatePath.leafIndex);
  const encryptedGroupInfo = await encryptGroupInfo(
    await groupInfoOf(next, next.groupContext, suite),
    secrets.welcomeSecret,
    suite,
  );
  const encrypted = added.map(async ([leaf, keyPackage]) => {
    const ancestor = firstCommonAncestor(next.ratchetTree, leaf, signer);
    const pathSecret = pathSecrets.find(({ nodeIndex }) => nodeIndex === ancestor)?.secret;
    const initKey = await suite.hpke.importPublicKey(keyPackage.initKey);
    const sealed = await encryptGroupSecrets(
      initKey,
      encryptedGroupInfo,
      { joinerSecret: secrets.joinerSecret, pathSecret, psks: [] },
      suite.hpke,
    );
    return {
      newMember: await makeKeyPackageRef(keyPackage, suite.hash),
      encryptedGroupSecrets: { kemOutput: sealed.enc, ciphertext: sealed.ct },
    };
  });
  return encodeWelcomeFrame({ cipherSuite: suite.name, secrets: await Promise.all(encrypted), encryptedGroupInfo });
}

function groupInfoOf(state: ClientState, groupContext: GroupContext, suite: CiphersuiteImpl) {
  const extensionData = encode(ratchetTreeEncoder)(state.ratchetTree);
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
