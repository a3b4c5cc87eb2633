/** Joining: whom a Welcome is for, which ones are refused, and that a refused one costs nothing. §7.3, H-33, W-34 */
import { createCommit } from 'ts-mls/createCommit.js';
import { createProposal } from 'ts-mls/createMessage.js';
import { decodeMlsMessage, encodeMlsMessage } from 'ts-mls/message.js';
import { decryptGroupSecrets, encryptGroupSecrets, type Welcome } from 'ts-mls/welcome.js';
import { describe, expect, it } from 'vitest';
import type { ConversationId } from '../../../../shared/model/ids.ts';
import { buildCommit } from '../../../../main/protocol/mls/commit.ts';
import { createMlsService } from '../../../../main/protocol/mls/index.ts';
import { decodeKeyPackageBytes, privateKeysOf } from '../../../../main/protocol/mls/keyPackage.ts';
import { proposalOf, stateOf, suite } from './crafted.ts';
import {
  at,
  commit,
  CONVERSATION,
  expectAgreement,
  groupOf,
  letIn,
  NOW,
  person,
  text,
  type Member,
  type Person,
} from './support.ts';

const OTHER = 'zzzzzzzzzzzzzzzzzzzzzzzzzz' as ConversationId;

async function invite(members: readonly Member[], joiner: Person) {
  const keyPackage = await joiner.service.generateKeyPackage(NOW);
  const { members: after, candidate } = await commit(members, 0, [{ kind: 'add', keyPackage: keyPackage.keyPackage }]);
  return { keyPackage, welcome: candidate.welcome ?? new Uint8Array(), after };
}

describe('a Welcome', () => {
  it('R-021 for others is not for us, is no error, and changes nothing', async () => {
    const members = await groupOf([person('ada'), person('bob')]);
    const { welcome, keyPackage, after } = await invite(members, person('cyd'));
    const other = person('dan');
    const unused = await other.service.generateKeyPackage(NOW);
    expect(await other.service.join({ conversationId: CONVERSATION, welcome, keyPackage: unused, now: NOW })).toEqual({
      kind: 'notForUs',
    });
    const notWelcomes = [
      new Uint8Array(),
      text('garbage'),
      keyPackage.keyPackage,
      welcome.subarray(0, -1),
      new Uint8Array([...welcome, 0]),
      new Uint8Array(300 * 1024),
    ];
    for (const bytes of notWelcomes)
      expect(
        await person('cyd').service.join({ conversationId: CONVERSATION, welcome: bytes, keyPackage, now: NOW }),
      ).toEqual({ kind: 'notForUs' });
    const joined = await person('cyd').service.join({ conversationId: CONVERSATION, welcome, keyPackage, now: NOW });
    if (joined.kind !== 'joined') throw new Error('not joined');
    await expectAgreement([...after, { ...person('cyd'), group: joined.group }]);
  });

  it('R-022 R-023 of a second commit leaves who joined before untouched, and its addressee joins', async () => {
    const first = await letIn(await groupOf([person('ada'), person('bob')]), 0, [person('cyd')]);
    const cyd = at(first.members, 2);
    const parts = cyd.service.encodeParts(cyd.group);
    const { welcome, keyPackage, after } = await invite(first.members, person('dan'));
    const own = await cyd.service.generateKeyPackage(NOW);
    expect(await cyd.service.join({ conversationId: CONVERSATION, welcome, keyPackage: own, now: NOW })).toEqual({
      kind: 'notForUs',
    });
    expect(cyd.service.encodeParts(cyd.group)).toEqual(parts);
    const joined = await person('dan').service.join({
      conversationId: CONVERSATION,
      welcome,
      keyPackage,
      inviter: at(after, 1).identity.memberId,
      now: NOW,
    });
    if (joined.kind !== 'joined') throw new Error('not joined');
    expect(joined.welcomeSigner).toBe(at(after, 0).identity.memberId);
    await expectAgreement([...after, { ...person('dan'), group: joined.group }]);
  });

  it('R-030 W-34 of garbage that names our key package is refused, and the genuine one works afterwards', async () => {
    const cyd = person('cyd');
    const { welcome, keyPackage } = await invite(await groupOf([person('ada'), person('bob')]), cyd);
    const genuine = decode(welcome);
    const sealed = at(genuine.secrets, 0).encryptedGroupSecrets;
    const garbage: Welcome[] = [
      { ...genuine, encryptedGroupInfo: new Uint8Array(100) },
      {
        ...genuine,
        encryptedGroupInfo: genuine.encryptedGroupInfo.with(40, (genuine.encryptedGroupInfo[40] ?? 0) ^ 1),
      },
      {
        ...genuine,
        secrets: [
          { newMember: keyPackage.reference, encryptedGroupSecrets: { ...sealed, ciphertext: new Uint8Array(60) } },
        ],
      },
      {
        ...genuine,
        secrets: [
          { newMember: keyPackage.reference, encryptedGroupSecrets: { ...sealed, kemOutput: new Uint8Array(32) } },
        ],
      },
      { ...genuine, cipherSuite: 'MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519' },
    ];
    for (const bad of garbage)
      await expect(
        cyd.service.join({ conversationId: CONVERSATION, welcome: encode(bad), keyPackage, now: NOW }),
      ).rejects.toMatchObject({ code: 'WelcomeRefused' });
    expect(await cyd.service.join({ conversationId: CONVERSATION, welcome, keyPackage, now: NOW })).toMatchObject({
      kind: 'joined',
    });
  });

  it('R-031 W-33 into another conversation is refused and the key package stays usable', async () => {
    const cyd = person('cyd');
    const { welcome, keyPackage } = await invite(await groupOf([person('ada'), person('bob')]), cyd);
    await expect(cyd.service.join({ conversationId: OTHER, welcome, keyPackage, now: NOW })).rejects.toMatchObject({
      code: 'WelcomeRefused',
      message: 'WelcomeRefused: another conversation',
    });
    expect(await cyd.service.join({ conversationId: CONVERSATION, welcome, keyPackage, now: NOW })).toMatchObject({
      kind: 'joined',
    });
  });

  it('W-33 into a group without the inviter of the link is refused', async () => {
    const cyd = person('cyd');
    const { welcome, keyPackage } = await invite(await groupOf([person('ada'), person('bob')]), cyd);
    const input = { conversationId: CONVERSATION, welcome, keyPackage, now: NOW };
    await expect(cyd.service.join({ ...input, inviter: person('nobody').identity.memberId })).rejects.toMatchObject({
      message: 'WelcomeRefused: inviter is no member',
    });
    expect(await cyd.service.join({ ...input, inviter: person('bob').identity.memberId })).toMatchObject({
      kind: 'joined',
    });
  });

  it('without a tree, or with extensions of the group, is refused', async () => {
    const now = Date.now(); // The library's createCommit compares lifetimes with the clock.
    const ada = at(await groupOf([person('ada'), person('bob')], now), 0);
    const cyd = person('cyd');
    const keyPackage = await cyd.service.generateKeyPackage(now);
    const extraProposals = [proposalOf(ada, { kind: 'add', keyPackage: keyPackage.keyPackage })];
    const refused = async (options: Parameters<typeof createCommit>[1], reason: string) => {
      const { welcome } = await createCommit(
        { state: stateOf(ada), cipherSuite: suite },
        { extraProposals, ...options },
      );
      if (welcome === undefined) throw new Error('no welcome');
      await expect(
        cyd.service.join({ conversationId: CONVERSATION, welcome: encode(welcome), keyPackage, now }),
      ).rejects.toMatchObject({ message: `WelcomeRefused: ${reason}` });
    };
    await refused({ ratchetTreeExtension: false }, 'no ratchet tree');
    const extensions = [{ extensionType: 0xf0d1, extensionData: Uint8Array.of(0) }];
    const opened = [
      ...extraProposals,
      { proposalType: 'group_context_extensions' as const, groupContextExtensions: { extensions } },
    ];
    await refused({ ratchetTreeExtension: true, extraProposals: opened }, 'group extensions');
  });

  it('W-10 whose tree has a member without a valid binding is refused', async () => {
    const ada = at(await groupOf([person('ada'), person('bob')]), 0);
    // A committer that puts a stranger's identity on a leaf of its own group, from the start: only bindings tell.
    const liar = createMlsService({
      identity: { ...person('ada').identity, memberId: person('victim').identity.memberId },
      signatureKey: ada.signatureKey,
      random: ada.random,
    });
    const group = await liar.createGroup(CONVERSATION, NOW);
    const cyd = person('cyd');
    const keyPackage = await cyd.service.generateKeyPackage(NOW);
    await expect(
      liar.createCandidate(group, [{ kind: 'add', keyPackage: keyPackage.keyPackage }], NOW),
    ).rejects.toMatchObject({ code: 'InvalidBinding' });
    const lying = stateOf({ ...ada, service: liar, group });
    const proposed = await createProposal(
      lying,
      false,
      proposalOf(ada, { kind: 'add', keyPackage: keyPackage.keyPackage }),
      suite,
    );
    const { welcome } = await buildCommit(proposed.newState, suite);
    await expect(
      cyd.service.join({ conversationId: CONVERSATION, welcome: welcome ?? new Uint8Array(), keyPackage, now: NOW }),
    ).rejects.toMatchObject({ code: 'InvalidBinding' });
  });

  it('with a wrong path secret is refused at once, not at the next commit', async () => {
    const ada = at(await groupOf([person('ada'), person('bob'), person('cyd')]), 0);
    const dan = person('dan');
    const keyPackage = await dan.service.generateKeyPackage(NOW);
    const candidate = await ada.service.createCandidate(
      ada.group,
      [{ kind: 'add', keyPackage: keyPackage.keyPackage }],
      NOW,
    );
    const genuine = decode(candidate.welcome ?? new Uint8Array());
    const environment = { identity: dan.identity, signatureKey: dan.signatureKey, suite };
    const initKey = await suite.hpke.importPrivateKey(privateKeysOf(environment, keyPackage).initPrivateKey);
    const secrets = await decryptGroupSecrets(initKey, keyPackage.reference, genuine, suite.hpke);
    if (secrets?.pathSecret === undefined) throw new Error('no path secret');
    const publicKey = await suite.hpke.importPublicKey(decodeKeyPackageBytes(keyPackage.keyPackage).initKey);
    const forged = await encryptGroupSecrets(
      publicKey,
      genuine.encryptedGroupInfo,
      { ...secrets, pathSecret: new Uint8Array(32) },
      suite.hpke,
    );
    const welcome = encode({
      ...genuine,
      secrets: [
        { newMember: keyPackage.reference, encryptedGroupSecrets: { kemOutput: forged.enc, ciphertext: forged.ct } },
      ],
    });
    await expect(
      dan.service.join({ conversationId: CONVERSATION, welcome, keyPackage, now: NOW }),
    ).rejects.toMatchObject({ code: 'Tampered', message: 'Tampered: path secret' });
    expect(
      await dan.service.join({
        conversationId: CONVERSATION,
        welcome: candidate.welcome ?? new Uint8Array(),
        keyPackage,
        now: NOW,
      }),
    ).toMatchObject({ kind: 'joined' });
  });

  it('needs the secrets of the key package undamaged', async () => {
    const cyd = person('cyd');
    const { welcome, keyPackage } = await invite(await groupOf([person('ada'), person('bob')]), cyd);
    for (const privateState of [
      new Uint8Array(),
      keyPackage.privateState.subarray(1),
      keyPackage.privateState.with(0, 9),
    ])
      await expect(
        cyd.service.join({
          conversationId: CONVERSATION,
          welcome,
          keyPackage: { ...keyPackage, privateState },
          now: NOW,
        }),
      ).rejects.toMatchObject({ code: 'DamagedState' });
  });
});

function decode(bytes: Uint8Array): Welcome {
  const message = decodeMlsMessage(bytes, 0)?.[0];
  if (message?.wireformat !== 'mls_welcome') throw new Error('no welcome');
  return message.welcome;
}

function encode(welcome: Welcome): Uint8Array {
  return encodeMlsMessage({ version: 'mls10', wireformat: 'mls_welcome', welcome });
}
