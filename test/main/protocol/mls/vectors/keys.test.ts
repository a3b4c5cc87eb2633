/** Vectors of keys, secrets and transcripts, through both providers and, where we have them, our own derivations. */
import { createInterimHash, createConfirmedHash } from 'ts-mls/transcriptHash.js';
import { decodeAuthenticatedContent } from 'ts-mls/authenticatedContent.js';
import { refhash } from 'ts-mls/crypto/hash.js';
import { decryptWithLabel, encryptWithLabel } from 'ts-mls/crypto/hpke.js';
import * as kdf from 'ts-mls/crypto/kdf.js';
import { signWithLabel, verifyWithLabel } from 'ts-mls/crypto/signature.js';
import { verifyConfirmationTag } from 'ts-mls/framedContent.js';
import { encodeGroupContext, type GroupContext } from 'ts-mls/groupContext.js';
import { initializeEpoch, mlsExporter } from 'ts-mls/keySchedule.js';
import { computePskSecret, type PreSharedKeyID } from 'ts-mls/presharedkey.js';
import { expandSenderDataKey, expandSenderDataNonce } from 'ts-mls/sender.js';
import { createSecretTree, deriveKey, deriveNonce, ratchetUntil } from 'ts-mls/secretTree.js';
import type { Node } from 'ts-mls/ratchetTree.js';
import { nodeWidth } from 'ts-mls/treemath.js';
import { determineLength } from 'ts-mls/codec/variableLength.js';
import { expect } from 'vitest';
import { CLIENT_CONFIG } from '../../../../../main/protocol/mls/environment.ts';
import { CIPHER_SUITE } from '../../../../../main/protocol/mls/provider/provider.ts';
import { decodeKeyPackageBytes } from '../../../../../main/protocol/mls/keyPackage.ts';
import { createSecretTree as createOurSecretTree } from '../../../../../main/protocol/mls/secretTree.ts';
import { NOW, person } from '../support.ts';
import { bytes, decoded, hex, ours, providers, vectors } from './support.ts';

const someKeyPackage = decodeKeyPackageBytes((await person('somebody').service.generateKeyPackage(NOW)).keyPackage);
const leafOfSomebody: Node = { nodeType: 'leaf', leaf: someKeyPackage.leafNode };

/** Our own derivation, for a tree whose every leaf is taken. */
function ourSecretTree(leaf: Node, leaves: number, encryptionSecret: Uint8Array) {
  const tree = Array.from({ length: nodeWidth(leaves) }, (_, index) => (index % 2 === 0 ? leaf : undefined));
  return createOurSecretTree(tree, encryptionSecret);
}

for (const { name, suite } of providers) {
  vectors('crypto-basics.json', name, async (vector) => {
    const { ref_hash: ref, expand_with_label: expand, derive_secret: derive, derive_tree_secret: tree } = vector;
    expect(bytes(await refhash(ref.label, hex(ref.value), suite.hash))).toEqual(hex(ref.out));
    const expanded = await kdf.expandWithLabel(
      hex(expand.secret),
      expand.label,
      hex(expand.context),
      expand.length,
      suite.kdf,
    );
    expect(bytes(expanded)).toEqual(hex(expand.out));
    expect(bytes(await kdf.deriveSecret(hex(derive.secret), derive.label, suite.kdf))).toEqual(hex(derive.out));
    const secret = await kdf.deriveTreeSecret(hex(tree.secret), tree.label, tree.generation, tree.length, suite.kdf);
    expect(bytes(secret)).toEqual(hex(tree.out));

    const { sign_with_label: sign, encrypt_with_label: box } = vector;
    const verify = (label: string, signature: Uint8Array): Promise<boolean> =>
      verifyWithLabel(hex(sign.pub), label, hex(sign.content), signature, suite.signature);
    expect(await verify(sign.label, hex(sign.signature))).toBe(true);
    expect(await verify('another label', hex(sign.signature))).toBe(false);
    if (name === 'our provider')
      // Ed25519 is deterministic. The library wants its private keys in another form.
      expect(await signWithLabel(hex(sign.priv), sign.label, hex(sign.content), suite.signature)).toEqual(
        hex(sign.signature),
      );
    const key = await suite.hpke.importPrivateKey(hex(box.priv));
    const open = (kemOutput: Uint8Array, ciphertext: Uint8Array): Promise<Uint8Array> =>
      decryptWithLabel(key, box.label, hex(box.context), kemOutput, ciphertext, suite.hpke);
    expect(bytes(await open(hex(box.kem_output), hex(box.ciphertext)))).toEqual(hex(box.plaintext));
    const publicKey = await suite.hpke.importPublicKey(hex(box.pub));
    const sealed = await encryptWithLabel(publicKey, box.label, hex(box.context), hex(box.plaintext), suite.hpke);
    expect(bytes(await open(sealed.enc, sealed.ct))).toEqual(hex(box.plaintext));
  });

  vectors('key-schedule.json', name, async ({ group_id: groupId, initial_init_secret: initial, epochs }) => {
    let initSecret: Uint8Array = hex(initial);
    for (const [index, epoch] of epochs.entries()) {
      const context: GroupContext = {
        version: 'mls10',
        cipherSuite: CIPHER_SUITE,
        groupId: hex(groupId),
        epoch: BigInt(index),
        treeHash: hex(epoch.tree_hash),
        confirmedTranscriptHash: hex(epoch.confirmed_transcript_hash),
        extensions: [],
      };
      expect(encodeGroupContext(context)).toEqual(hex(epoch.group_context));
      const secrets = await initializeEpoch(
        initSecret,
        hex(epoch.commit_secret),
        context,
        hex(epoch.psk_secret),
        suite.kdf,
      );
      const { keySchedule } = secrets;
      expect({
        joiner_secret: bytes(secrets.joinerSecret),
        welcome_secret: bytes(secrets.welcomeSecret),
        encryption_secret: bytes(secrets.encryptionSecret),
        init_secret: bytes(keySchedule.initSecret),
        sender_data_secret: bytes(keySchedule.senderDataSecret),
        exporter_secret: bytes(keySchedule.exporterSecret),
        epoch_authenticator: bytes(keySchedule.epochAuthenticator),
        external_secret: bytes(keySchedule.externalSecret),
        confirmation_key: bytes(keySchedule.confirmationKey),
        membership_key: bytes(keySchedule.membershipKey),
        resumption_psk: bytes(keySchedule.resumptionPsk),
      }).toEqual({
        joiner_secret: hex(epoch.joiner_secret),
        welcome_secret: hex(epoch.welcome_secret),
        encryption_secret: hex(epoch.encryption_secret),
        init_secret: hex(epoch.init_secret),
        sender_data_secret: hex(epoch.sender_data_secret),
        exporter_secret: hex(epoch.exporter_secret),
        epoch_authenticator: hex(epoch.epoch_authenticator),
        external_secret: hex(epoch.external_secret),
        confirmation_key: hex(epoch.confirmation_key),
        membership_key: hex(epoch.membership_key),
        resumption_psk: hex(epoch.resumption_psk),
      });
      const { label, context: exportContext, length, secret } = epoch.exporter;
      expect(bytes(await mlsExporter(keySchedule.exporterSecret, label, hex(exportContext), length, suite))).toEqual(
        hex(secret),
      );
      const external = await suite.hpke.deriveKeyPair(keySchedule.externalSecret);
      expect(bytes(await suite.hpke.exportPublicKey(external.publicKey))).toEqual(hex(epoch.external_pub));
      initSecret = bytes(keySchedule.initSecret);
    }
  });

  vectors('secret-tree.json', name, async ({ sender_data: sender, encryption_secret: encryption, leaves }) => {
    const [secret, ciphertext] = [hex(sender.sender_data_secret), hex(sender.ciphertext)];
    expect(bytes(await expandSenderDataKey(suite, secret, ciphertext))).toEqual(hex(sender.key));
    expect(bytes(await expandSenderDataNonce(suite, secret, ciphertext))).toEqual(hex(sender.nonce));
    const tree =
      suite === ours
        ? ourSecretTree(leafOfSomebody, leaves.length, hex(encryption))
        : await createSecretTree(leaves.length, hex(encryption), suite.kdf);
    for (const [leaf, generations] of leaves.entries())
      for (const kind of ['handshake', 'application'] as const) {
        let ratchet = tree[2 * leaf]?.[kind];
        for (const generation of generations) {
          if (ratchet === undefined) throw new Error('no ratchet');
          [ratchet] = await ratchetUntil(ratchet, generation.generation, CLIENT_CONFIG.keyRetentionConfig, suite.kdf);
          expect(bytes(await deriveKey(ratchet.secret, ratchet.generation, suite))).toEqual(
            hex(generation[`${kind}_key`]),
          );
          expect(bytes(await deriveNonce(ratchet.secret, ratchet.generation, suite))).toEqual(
            hex(generation[`${kind}_nonce`]),
          );
        }
      }
  });

  vectors('transcript-hashes.json', name, async (vector) => {
    const { wireformat, content, auth } = decoded(decodeAuthenticatedContent, vector.authenticated_content);
    if (content.contentType !== 'commit' || auth.contentType !== 'commit') throw new Error('no commit');
    const input = { wireformat, content, signature: auth.signature };
    const confirmed = await createConfirmedHash(hex(vector.interim_transcript_hash_before), input, suite.hash);
    expect(bytes(confirmed)).toEqual(hex(vector.confirmed_transcript_hash_after));
    expect(bytes(await createInterimHash(confirmed, auth.confirmationTag, suite.hash))).toEqual(
      hex(vector.interim_transcript_hash_after),
    );
    expect(await verifyConfirmationTag(hex(vector.confirmation_key), auth.confirmationTag, confirmed, suite.hash)).toBe(
      true,
    );
  });

  vectors('psk_secret.json', name, async ({ psks, psk_secret: secret }) => {
    const keys = psks.map(({ psk_id: pskId, psk, psk_nonce: pskNonce }): [PreSharedKeyID, Uint8Array] => [
      { psktype: 'external', pskId: hex(pskId), pskNonce: hex(pskNonce) },
      hex(psk),
    ]);
    expect(bytes(await computePskSecret(keys, suite))).toEqual(hex(secret));
  });
}

vectors('deserialization.json', 'the decoder of lengths', ({ vlbytes_header: header, length }) => {
  expect(determineLength(hex(header))).toEqual({ length, lengthFieldSize: header.length / 2 });
});
