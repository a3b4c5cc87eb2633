/** Inviting: the link, its QR code, people nearby; who may use it; switching it off. */
import { useEffect, useState } from 'react';
import type { ConversationDetail, Peer } from '../../../shared/api/model.ts';
import type { ConversationId } from '../../../shared/model/ids.ts';
import { Avatar } from '../../components/Avatar.tsx';
import { Button } from '../../components/Button.tsx';
import { CopyButton } from '../../components/Copy.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { QrCode } from '../../components/QrCode.tsx';
import { Failed, Loading } from '../../components/States.tsx';
import { useWork } from '../../components/useWork.ts';
import { call } from '../../state/call.ts';
import { useConversations } from '../../state/conversations.ts';
import { useSelf } from '../../state/identity.ts';
import { nearbyPeople, usePeers } from '../../state/peers.ts';
import { failed, loading, ready, valueOf, type Remote } from '../../state/remote.ts';
import { closeDialog, showDialog } from '../../state/ui.ts';
import { text } from '../../text/index.ts';

const words = text.invite;

async function makeLink(conversationId: ConversationId): Promise<Remote<string>> {
  try {
    return ready((await call('invite.create', { conversationId })).invite);
  } catch (error) {
    return failed(error);
  }
}

export function InviteDialog({ conversationId }: { conversationId: ConversationId }) {
  const detail = useConversations((state) => valueOf(state.details[conversationId]));
  const [link, setLink] = useState<Remote<string>>(loading);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let wanted = true;
    void makeLink(conversationId).then((made) => {
      if (wanted) setLink(made);
    });
    return () => {
      wanted = false;
    };
  }, [conversationId, attempt]);
  const retry = (): void => {
    setLink(loading);
    setAttempt(attempt + 1);
  };
  const name = detail?.name ?? '';
  return (
    <Dialog
      title={words.title(name)}
      lead={detail?.settings.membersMayInvite === false ? words.byVote : words.byLink}
      onClose={closeDialog}
    >
      {link.kind === 'loading' && <Loading words={words.making} />}
      {link.kind === 'failed' && <Failed title={text.errors.headings.invite} message={link.message} onRetry={retry} />}
      {link.kind === 'ready' && (
        <>
          <div className="field">
            <label className="field-label" htmlFor="invite-link">
              {words.linkLabel}
            </label>
            <div className="row">
              <input
                id="invite-link"
                className="input mono"
                readOnly
                value={link.value}
                onFocus={(event) => event.currentTarget.select()}
              />
              <CopyButton primary value={link.value} label={words.copyLink} />
            </div>
          </div>
          <QrCode value={link.value} label={words.qrLabel(name)} />
          <SendNearby conversationId={conversationId} members={detail?.members ?? []} />
          <div className="row-end">
            <Button kind="danger" onClick={() => showDialog({ kind: 'resetInvite', conversationId })}>
              {words.reset}
            </Button>
            <Button onClick={closeDialog}>{words.done}</Button>
          </div>
        </>
      )}
    </Dialog>
  );
}

function SendNearby(props: { conversationId: ConversationId; members: ConversationDetail['members'] }) {
  const peers = usePeers((state) => state.peers);
  const people = nearbyPeople(valueOf(peers) ?? [], useSelf());
  return (
    <section className="stack" aria-labelledby="invite-nearby">
      <h3 id="invite-nearby">{words.nearby}</h3>
      {people.length === 0 ? (
        <p className="soft small">{words.nearbyEmpty}</p>
      ) : (
        <ul>
          {people.map((peer) => (
            <SendItem
              key={peer.peerId}
              peer={peer}
              conversationId={props.conversationId}
              isMember={props.members.some((member) => member.memberId === peer.memberId)}
            />
          ))}
        </ul>
      )}
    </section>
  );
}

function SendItem(props: { peer: Peer; conversationId: ConversationId; isMember: boolean }) {
  const { peer, conversationId } = props;
  const [sent, setSent] = useState(false);
  const { busy, error, run } = useWork();
  const name = peer.displayName ?? text.groups.nearbyUnknown;
  const send = (): void =>
    run(async () => {
      await call('invite.send', { conversationId, peerId: peer.peerId });
      setSent(true);
    });
  return (
    <li className="nearby-item">
      <Avatar id={peer.memberId ?? peer.peerId} name={peer.displayName ?? ''} size={28} />
      <span className="grow">
        <span className="ellipsis">{name}</span>
        {error !== undefined && (
          <span className="field-error" role="alert">
            {' '}
            {error}
          </span>
        )}
      </span>
      {props.isMember ? (
        <span className="small soft">{words.alreadyMember}</span>
      ) : sent ? (
        <span className="small" role="status">
          {words.sent}
        </span>
      ) : (
        <Button disabled={busy} aria-label={words.sendTo(name)} onClick={send}>
          {busy ? words.sending : words.send}
        </Button>
      )}
    </li>
  );
}
