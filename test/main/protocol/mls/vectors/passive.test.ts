/**
 * Vectors of passive clients: whole groups followed from a Welcome through every commit. They use what our profile refuses
 * (public messages, pre-shared keys, commits without a path, leaves without a wallet), so it is the library that follows them,
 * on our provider.
 */
import { joinGroup, makePskIndex, type ClientState } from 'ts-mls/clientState.js';
import { decodeMlsMessage } from 'ts-mls/message.js';
import { processPrivateMessage, processPublicMessage } from 'ts-mls/processMessages.js';
import { decodeRatchetTree } from 'ts-mls/ratchetTree.js';
import { bytesToBase64 } from 'ts-mls/util/byteArray.js';
import { expect } from 'vitest';
import { LENIENT } from '../crafted.ts';
import type { PassiveClient } from './entries.ts';
import { bytes, decoded, hex, ours, vectors } from './support.ts';

async function follow(vector: PassiveClient): Promise<void> {
  const [own, received] = [decoded(decodeMlsMessage, vector.key_package), decoded(decodeMlsMessage, vector.welcome)];
  if (own.wireformat !== 'mls_key_package' || received.wireformat !== 'mls_welcome')
    throw new Error('no key package, or no welcome');
  const external = Object.fromEntries(
    vector.external_psks.map(({ psk_id, psk }) => [bytesToBase64(hex(psk_id)), hex(psk)]),
  );
  let state = await joinGroup(
    received.welcome,
    own.keyPackage,
    {
      initPrivateKey: hex(vector.init_priv),
      hpkePrivateKey: hex(vector.encryption_priv),
      signaturePrivateKey: hex(vector.signature_priv),
    },
    makePskIndex(undefined, external),
    ours,
    vector.ratchet_tree === null ? undefined : decoded(decodeRatchetTree, vector.ratchet_tree),
    undefined,
    LENIENT,
  );
  expect(bytes(state.keySchedule.epochAuthenticator)).toEqual(hex(vector.initial_epoch_authenticator));
  for (const { proposals, commit, epoch_authenticator } of vector.epochs) {
    for (const text of [...proposals, commit]) state = await take(state, text, external);
    expect(bytes(state.keySchedule.epochAuthenticator)).toEqual(hex(epoch_authenticator));
  }
}

async function take(state: ClientState, text: string, external: Record<string, Uint8Array>): Promise<ClientState> {
  const message = decoded(decodeMlsMessage, text);
  const index = makePskIndex(state, external);
  if (message.wireformat === 'mls_public_message')
    return (await processPublicMessage(state, message.publicMessage, index, ours)).newState;
  if (message.wireformat !== 'mls_private_message') throw new Error('no handshake message');
  return (await processPrivateMessage(state, message.privateMessage, index, ours)).newState;
}

vectors('passive-client-welcome.json', 'the library on our provider', follow);
vectors('passive-client-handling-commit.json', 'the library on our provider', follow);
vectors('passive-client-random.json', 'the library on our provider', follow);
