/** Vectors of messages: their encodings, their protection, and the opening of a Welcome, through both providers. */
import { encode, type BufferEncoder } from 'ts-mls/codec/tlsEncoder.js';
import type { Decoder } from 'ts-mls/codec/tlsDecoder.js';
import { commitEncoder, decodeCommit } from 'ts-mls/commit.js';
import { createContentCommitSignature, type FramedContentAuthDataCommit } from 'ts-mls/framedContent.js';
import type { GroupContext } from 'ts-mls/groupContext.js';
import { verifyGroupInfoConfirmationTag, verifyGroupInfoSignature } from 'ts-mls/groupInfo.js';
import { decodeGroupSecrets, groupSecretsEncoder } from 'ts-mls/groupSecrets.js';
import { makeKeyPackageRef } from 'ts-mls/keyPackage.js';
import { decodeMlsMessage, mlsMessageEncoder, type MLSMessage } from 'ts-mls/message.js';
import { protect, protectApplicationData, protectProposal, unprotectPrivateMessage } from 'ts-mls/messageProtection.js';
import { protectProposalPublic, protectPublicMessage, unprotectPublicMessage } from 'ts-mls/messageProtectionPublic.js';
import type { PrivateMessage } from 'ts-mls/privateMessage.js';
import { decodeProposal, proposalEncoder } from 'ts-mls/proposal.js';
import { decodeRatchetTree } from 'ts-mls/ratchetTree.js';
import { createSecretTree, type SecretTree } from 'ts-mls/secretTree.js';
import { decryptGroupInfo, decryptGroupSecrets } from 'ts-mls/welcome.js';
import { expect } from 'vitest';
import { CLIENT_CONFIG, EMPTY } from '../../../../../main/protocol/mls/environment.ts';
import { CIPHER_SUITE } from '../../../../../main/protocol/mls/provider/provider.ts';
import { treeEncoder } from '../../../../../main/protocol/mls/treeEncoding.ts';
import type { Messages } from './entries.ts';
import { bytes, decoded, hex, ours, providers, vectors } from './support.ts';

/** The vectors' sender is the second of two members. */
const SENDER = 1;

function message(text: string): MLSMessage {
  return decoded(decodeMlsMessage, text);
}

for (const { name, suite } of providers) {
  vectors('message-protection.json', name, async (vector) => {
    const context: GroupContext = {
      version: 'mls10',
      cipherSuite: CIPHER_SUITE,
      groupId: hex(vector.group_id),
      epoch: BigInt(vector.epoch),
      treeHash: hex(vector.tree_hash),
      confirmedTranscriptHash: hex(vector.confirmed_transcript_hash),
      extensions: [],
    };
    const senderDataSecret = hex(vector.sender_data_secret);
    const membershipKey = hex(vector.membership_key);
    const signatureKey = hex(vector.signature_pub);
    const proposal = decoded(decodeProposal, vector.proposal);
    const commit = decoded(decodeCommit, vector.commit);
    const tree = (): Promise<SecretTree> => createSecretTree(2, hex(vector.encryption_secret), suite.kdf);
    const openPrivate = async (privateMessage: PrivateMessage) => {
      const opened = await unprotectPrivateMessage(
        senderDataSecret,
        privateMessage,
        await tree(),
        [],
        context,
        CLIENT_CONFIG.keyRetentionConfig,
        suite,
        signatureKey,
      );
      return opened.content.content;
    };
    const expectPrivate = async (text: string, expected: object): Promise<void> => {
      const received = message(text);
      if (received.wireformat !== 'mls_private_message') throw new Error('no PrivateMessage');
      expect(await openPrivate(received.privateMessage)).toMatchObject(expected);
    };
    await expectPrivate(vector.proposal_priv, { proposal });
    await expectPrivate(vector.commit_priv, { commit });
    await expectPrivate(vector.application_priv, { applicationData: hex(vector.application) });
    const openPublic = async (received: MLSMessage, expected: object): Promise<void> => {
      if (received.wireformat !== 'mls_public_message') throw new Error('no PublicMessage');
      const { content } = await unprotectPublicMessage(
        membershipKey,
        context,
        [],
        received.publicMessage,
        suite,
        signatureKey,
      );
      expect(content).toMatchObject(expected);
    };
    await openPublic(message(vector.proposal_pub), { proposal });
    await openPublic(message(vector.commit_pub), { commit });
    // What we make ourselves is opened again. The library's provider wants its private keys in another form.
    if (suite !== ours) return;
    const signKey = hex(vector.signature_priv);
    const padding = CLIENT_CONFIG.paddingConfig;
    const common = [EMPTY, context, await tree(), SENDER, padding, suite] as const;
    const sealed = await protectProposal(signKey, senderDataSecret, proposal, ...common);
    expect(await openPrivate(sealed.privateMessage)).toMatchObject({ proposal });
    const data = hex(vector.application);
    const chat = await protectApplicationData(signKey, senderDataSecret, data, ...common);
    expect(await openPrivate(chat.privateMessage)).toMatchObject({ applicationData: data });
    for (const wireformat of ['mls_private_message', 'mls_public_message'] as const) {
      const sender = { senderType: 'member', leafIndex: SENDER } as const;
      const { framedContent: content, signature } = await createContentCommitSignature(
        context,
        wireformat,
        commit,
        sender,
        EMPTY,
        signKey,
        suite.signature,
      );
      const auth: FramedContentAuthDataCommit & { signature: Uint8Array } = {
        contentType: 'commit',
        signature,
        confirmationTag: new Uint8Array(32),
      };
      if (wireformat === 'mls_private_message') {
        const made = await protect(
          senderDataSecret,
          EMPTY,
          context,
          await tree(),
          { ...content, auth },
          SENDER,
          padding,
          suite,
        );
        expect(await openPrivate(made.privateMessage)).toMatchObject({ commit });
      } else {
        const publicMessage = await protectPublicMessage(membershipKey, context, { wireformat, content, auth }, suite);
        await openPublic({ version: 'mls10', wireformat, publicMessage }, { commit });
      }
    }
    const { publicMessage } = await protectProposalPublic(
      signKey,
      membershipKey,
      context,
      EMPTY,
      proposal,
      SENDER,
      suite,
    );
    await openPublic({ version: 'mls10', wireformat: 'mls_public_message', publicMessage }, { proposal });
  });

  vectors('welcome.json', name, async (vector) => {
    const [joiner, received] = [message(vector.key_package), message(vector.welcome)];
    if (joiner.wireformat !== 'mls_key_package' || received.wireformat !== 'mls_welcome')
      throw new Error('no key package, or no welcome');
    const { welcome } = received;
    const reference = await makeKeyPackageRef(joiner.keyPackage, suite.hash);
    expect(welcome.secrets.map(({ newMember }) => bytes(newMember))).toContainEqual(bytes(reference));
    const initKey = await suite.hpke.importPrivateKey(hex(vector.init_priv));
    const secrets = await decryptGroupSecrets(initKey, reference, welcome, suite.hpke);
    const noPsk = new Uint8Array(suite.kdf.size);
    const joinerSecret = bytes(secrets?.joinerSecret);
    const info = await decryptGroupInfo(welcome, joinerSecret, noPsk, suite);
    if (info === undefined) throw new Error('no group info');
    expect(await verifyGroupInfoSignature(info, hex(vector.signer_pub), suite.signature)).toBe(true);
    expect(await verifyGroupInfoConfirmationTag(info, joinerSecret, noPsk, suite)).toBe(true);
  });
}

/** Decodes, encodes again, and compares. */
function roundTrip<Value>(decoder: Decoder<Value>, encoder: BufferEncoder<Value>): (text: string) => void {
  return (text) => {
    expect(encode(encoder)(decoded(decoder, text))).toEqual(hex(text));
  };
}

const asMessage = roundTrip(decodeMlsMessage, mlsMessageEncoder);

/** The vectors hold bare proposals: what stands behind the type in a Proposal. */
function asProposal(type: number): (text: string) => void {
  const whole = roundTrip(decodeProposal, proposalEncoder);
  return (text) => {
    whole(type.toString(16).padStart(4, '0') + text);
  };
}

const CHECKS: Readonly<Record<keyof Messages, (text: string) => void>> = {
  mls_welcome: asMessage,
  mls_group_info: asMessage,
  mls_key_package: asMessage,
  public_message_application: asMessage,
  public_message_proposal: asMessage,
  public_message_commit: asMessage,
  private_message: asMessage,
  ratchet_tree: roundTrip(decodeRatchetTree, treeEncoder),
  group_secrets: roundTrip(decodeGroupSecrets, groupSecretsEncoder),
  commit: roundTrip(decodeCommit, commitEncoder),
  add_proposal: asProposal(1),
  update_proposal: asProposal(2),
  remove_proposal: asProposal(3),
  pre_shared_key_proposal: asProposal(4),
  re_init_proposal: asProposal(5),
  external_init_proposal: asProposal(6),
  group_context_extensions_proposal: asProposal(7),
};

vectors('messages.json', 'the codecs', (vector) => {
  for (const [field, check] of Object.entries(CHECKS) as [keyof Messages, (text: string) => void][])
    check(vector[field]);
});
