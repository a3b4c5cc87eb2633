/** Presence, addresses in invites, and names beside ids. */
import { describe, expect, it } from 'vitest';
import type { MemberId, PeerId } from '../../../shared/model/ids.ts';
import { addressesForInvite, knownPeersOf } from '../../../main/messenger/addresses.ts';
import { nameProposal, shortMemberId } from '../../../main/messenger/names.ts';
import { createPresence } from '../../../main/messenger/presence.ts';

const ana = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266' as MemberId;
const peer = (peerId: string, memberId: MemberId | undefined, connected = true) => ({
  peerId: peerId as PeerId,
  ...(memberId === undefined ? {} : { memberId }),
  addresses: [],
  connected,
});

describe('presence', () => {
  it('is a member being connected by at least one of its peers', () => {
    const presence = createPresence();
    expect(presence.update(peer('p1', undefined))).toEqual([]);
    expect(presence.update(peer('p1', ana))).toEqual([ana]);
    expect(presence.update(peer('p2', ana))).toEqual([]);
    expect(presence.lose('p1' as PeerId)).toEqual([]);
    expect(presence.isOnline(ana)).toBe(true);
    expect(presence.update(peer('p2', ana, false))).toEqual([ana]);
    expect(presence.isOnline(ana)).toBe(false);
  });
});

describe('addresses in invites', () => {
  it('stand with the most useful first: a link may be cut short', () => {
    const loopback = '/ip4/127.0.0.1/tcp/1/p2p/A';
    const lan = '/ip4/192.168.1.2/tcp/1/p2p/A';
    const linkLocal = '/ip4/169.254.3.4/tcp/1/p2p/A';
    expect(addressesForInvite([loopback, linkLocal, lan])).toEqual([lan, linkLocal, loopback]);
  });

  it('name the peer to dial, and are left out when they name none', () => {
    expect(knownPeersOf(['/ip4/10.0.0.1/tcp/1/p2p/A', '/ip4/10.0.0.2/tcp/1/p2p/A', '/ip4/10.0.0.3/tcp/1'])).toEqual([
      { peerId: 'A', addresses: ['/ip4/10.0.0.1/tcp/1/p2p/A', '/ip4/10.0.0.2/tcp/1/p2p/A'], lastSeenAt: 0 },
    ]);
  });
});

describe('names', () => {
  it('stand beside ids where they are known and are left out where not', () => {
    const proposal = {
      proposalId: 1 as never,
      kind: 'addMember' as const,
      proposer: ana,
      createdAt: 0,
      expiresAt: 1,
      votes: [{ memberId: ana, approve: true, at: 0 }],
      expectedVoters: 2,
      needed: 2,
      outcome: 'open' as const,
    };
    expect(nameProposal(proposal, () => undefined)).toEqual(proposal);
    expect(nameProposal(proposal, () => 'Ana')).toMatchObject({ proposerName: 'Ana', votes: [{ displayName: 'Ana' }] });
    expect(shortMemberId(ana)).toBe('0xf39F…2266');
  });
});
