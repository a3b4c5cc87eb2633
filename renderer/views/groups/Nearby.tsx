/** People on this network who can be reached now, and the invites that they offered. */
import { X } from 'lucide-react';
import { Avatar } from '../../components/Avatar.tsx';
import { Button, IconButton } from '../../components/Button.tsx';
import { useSelf } from '../../state/identity.ts';
import { loadPeers, nearbyPeople, usePeers } from '../../state/peers.ts';
import { valueOf } from '../../state/remote.ts';
import { forgetInvite, showDialog, useUi } from '../../state/ui.ts';
import { text } from '../../text/index.ts';

const words = text.groups;

export function Nearby() {
  const peers = usePeers((state) => state.peers);
  const self = useSelf();
  const people = nearbyPeople(valueOf(peers) ?? [], self);
  return (
    <section className="sidebar-section sidebar-nearby" aria-labelledby="nearby-heading">
      <h2 id="nearby-heading" className="sidebar-heading">
        {words.nearby}
      </h2>
      <Offers />
      {peers.kind === 'loading' && <p className="sidebar-heading">{text.common.loading}</p>}
      {peers.kind === 'failed' && (
        <div className="nearby-item" role="alert">
          <span className="grow small">{text.errors.headings.people}</span>
          <Button kind="link" onClick={() => void loadPeers()}>
            {text.common.retry}
          </Button>
        </div>
      )}
      {(peers.kind === 'empty' || peers.kind === 'ready') && people.length === 0 && (
        <p className="nearby-item small soft">{words.nearbyEmpty}</p>
      )}
      {people.length > 0 && (
        <ul>
          {people.map((peer) => (
            <li key={peer.peerId} className="nearby-item">
              <Avatar id={peer.memberId ?? peer.peerId} name={peer.displayName ?? ''} size={28} />
              <span className={`grow ellipsis ${peer.displayName === undefined ? 'soft' : ''}`}>
                {peer.displayName ?? words.nearbyUnknown}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Offers() {
  const received = useUi((state) => state.received);
  return received.map((offer) => (
    <div key={offer.invite} className="invite-item">
      <div className="row">
        <span className="grow">
          {text.openInvite.invites(offer.from.displayName ?? words.nearbyUnknown, offer.conversationName)}
        </span>
        <IconButton small label={text.openInvite.notNow} onClick={() => forgetInvite(offer.invite)}>
          <X size={16} aria-hidden />
        </IconButton>
      </div>
      <Button kind="link" onClick={() => showDialog({ kind: 'openInvite', invite: offer.invite })}>
        {text.openInvite.receivedToast}
      </Button>
    </div>
  ));
}
