/**
 * People nearby, the network's diagnosis, and this person's settings.
 */
import type { Peer } from '../../shared/api/model.ts';
import { defaultSettings, type Settings } from '../../shared/api/settings.ts';
import type { Handlers } from './contract.ts';
import type { UseCaseContext } from './context.ts';
import type { PeerView } from './ports/network.ts';
import type { Session } from './session.ts';

type PeerHandlers = Pick<
  Handlers,
  'peer.list' | 'peer.connect' | 'settings.get' | 'settings.set' | 'diagnostics.network'
>;

const peerOf = (peer: PeerView): Peer => ({ ...peer, addresses: [...peer.addresses] });

/** What changed keys mean for the running node. */
function follow(session: Session, settings: Settings): void {
  const displayName = session.storage.profile.get()?.displayName ?? '';
  session.network.setProfile({ displayName, visibleNearby: settings.visibleNearby });
}

export function peerHandlers(context: UseCaseContext, openedSession: () => Session | undefined): PeerHandlers {
  return {
    'peer.list': async () => ({ peers: context.session().network.peers().map(peerOf) }),

    'peer.connect': async ({ address }) => ({ peerId: await context.session().network.connect(address) }),

    'settings.get': async () => openedSession()?.storage.profile.settings() ?? defaultSettings,

    'settings.set': async ({ patch }) => {
      const session = context.session();
      const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
      const settings: Settings = { ...session.storage.profile.settings(), ...given };
      session.storage.transaction(() => {
        session.storage.profile.putSettings(settings);
      });
      follow(session, settings);
      session.emit({ type: 'settings.changed', settings });
      return settings;
    },

    'diagnostics.network': async () => {
      const diagnostics = context.session().network.diagnostics();
      return {
        listenAddresses: [...diagnostics.listenAddresses],
        interfaces: [...diagnostics.interfaces],
        mdns: { ...diagnostics.mdns, sockets: [...diagnostics.mdns.sockets] },
        peers: diagnostics.peers.map(peerOf),
        topics: diagnostics.topics.map((topic) => ({
          conversationId: topic.conversationId,
          subscribers: topic.subscribers.length,
        })),
        counters: { ...diagnostics.counters },
        advice: diagnostics.advice,
      };
    },
  };
}
