/** Why nobody is found: the advice first, then what it rests on, then connecting by hand. */
import { useEffect, useState, type SubmitEvent } from 'react';
import type { NetworkDiagnostics } from '../../../shared/api/model.ts';
import { MAX_ADDRESS_LENGTH } from '../../../shared/limits.ts';
import { Button } from '../../components/Button.tsx';
import { CopyLine } from '../../components/Copy.tsx';
import { Field } from '../../components/Field.tsx';
import { Failed, Loading } from '../../components/States.tsx';
import { useWork } from '../../components/useWork.ts';
import { call } from '../../state/call.ts';
import { useNow } from '../../state/now.ts';
import { failed, loading, ready, type Remote } from '../../state/remote.ts';
import { toast } from '../../state/ui.ts';
import { text } from '../../text/index.ts';
import { moment } from '../../text/time.ts';

const words = text.settings.network;
/** The page looks again by itself this often while it is open, in ms. */
const LOOK_AGAIN_MS = 5_000;

async function look(): Promise<Remote<NetworkDiagnostics>> {
  try {
    return ready(await call('diagnostics.network', {}));
  } catch (error) {
    return failed(error);
  }
}

export function NetworkPage() {
  const [report, setReport] = useState<Remote<NetworkDiagnostics>>(loading);
  const take = (next: Remote<NetworkDiagnostics>): void =>
    setReport((shown) => (next.kind === 'failed' && shown.kind === 'ready' ? shown : next));
  const refresh = async (): Promise<void> => {
    take(await look());
  };
  useEffect(() => {
    let wanted = true;
    const again = (): void =>
      void look().then((next) => {
        if (wanted) setReport((shown) => (next.kind === 'failed' && shown.kind === 'ready' ? shown : next));
      });
    again();
    const timer = setInterval(again, LOOK_AGAIN_MS);
    return () => {
      wanted = false;
      clearInterval(timer);
    };
  }, []);
  if (report.kind === 'loading' || report.kind === 'empty') return <Loading />;
  if (report.kind === 'failed')
    return <Failed title={text.errors.headings.network} message={report.message} onRetry={() => void refresh()} />;
  return <Report seen={report.value} onRefresh={() => void refresh()} />;
}

function Report({ seen, onRefresh }: { seen: NetworkDiagnostics; onRefresh: () => void }) {
  return (
    <>
      <section className="stack" aria-label={words.advice}>
        <p className="advice" role="status">
          {seen.advice}
        </p>
        <div>
          <Button onClick={onRefresh}>{words.refresh}</Button>
        </div>
      </section>
      <section className="stack" aria-label={words.listen}>
        <h3>{words.listen}</h3>
        {seen.listenAddresses.length === 0 && <p className="soft">{words.listenEmpty}</p>}
        {seen.listenAddresses.map((address) => (
          <CopyLine key={address} value={address} label={words.copyAddress(address)} />
        ))}
      </section>
      <ConnectForm />
      <Peers peers={seen.peers} />
      <Discovery mdns={seen.mdns} />
      <Interfaces interfaces={seen.interfaces} />
    </>
  );
}

function ConnectForm() {
  const [address, setAddress] = useState('');
  const { busy, error, run, fail } = useWork();
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (address.trim() === '') {
      fail(words.addressMissing);
      return;
    }
    run(async () => {
      await call('peer.connect', { address: address.trim() });
      setAddress('');
      toast('info', words.connectedTo);
    });
  };
  return (
    <form className="stack" onSubmit={submit} noValidate aria-label={words.connectTitle}>
      <h3>{words.connectTitle}</h3>
      <Field
        label={words.connectLabel}
        hint={words.connectHint}
        error={error}
        value={address}
        maxLength={MAX_ADDRESS_LENGTH}
        spellCheck={false}
        onChange={(event) => setAddress(event.currentTarget.value)}
      />
      <div className="row-end">
        <Button type="submit" disabled={busy}>
          {busy ? words.connecting : words.connect}
        </Button>
      </div>
    </form>
  );
}

function Peers({ peers }: { peers: NetworkDiagnostics['peers'] }) {
  return (
    <section className="stack" aria-label={words.peers}>
      <h3>{words.peers}</h3>
      {peers.length === 0 && <p className="soft">{words.peersEmpty}</p>}
      <ul className="stack">
        {peers.map((peer) => (
          <li key={peer.peerId}>
            <strong>{peer.displayName ?? text.groups.nearbyUnknown}</strong>{' '}
            <span className="soft">
              {peer.connected ? words.connected : words.notConnected}
              {peer.connected && peer.roundTripMs !== undefined && `, ${words.roundTrip(Math.round(peer.roundTripMs))}`}
            </span>
            {peer.addresses.map((address) => (
              <p key={address} className="mono small soft">
                {address}
              </p>
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Discovery({ mdns }: { mdns: NetworkDiagnostics['mdns'] }) {
  const now = useNow();
  return (
    <section className="stack" aria-label={words.discovery}>
      <h3>{words.discovery}</h3>
      <p>
        {mdns.enabled ? words.discoveryOn : words.discoveryOff}.{' '}
        {mdns.lastAnswerAt === undefined ? words.noAnswer : words.lastAnswer(moment(mdns.lastAnswerAt, now))}
      </p>
      <ul className="small soft">
        {mdns.sockets.map((socket) => (
          <li key={socket.interface}>{words.socket(socket.interface, socket.state, socket.error)}</li>
        ))}
      </ul>
    </section>
  );
}

function Interfaces({ interfaces }: { interfaces: NetworkDiagnostics['interfaces'] }) {
  return (
    <section className="stack" aria-label={words.interfaces}>
      <h3>{words.interfaces}</h3>
      {interfaces.length === 0 ? (
        <p className="soft">{words.interfacesEmpty}</p>
      ) : (
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{words.interfaceName}</th>
              <th scope="col">{words.interfaceAddress}</th>
              <th scope="col">{words.interfaceUse}</th>
            </tr>
          </thead>
          <tbody>
            {interfaces.map((entry) => (
              <tr key={`${entry.name} ${entry.address}`}>
                <td>{entry.name}</td>
                <td className="mono">{entry.address}</td>
                <td>{entry.usable ? words.used : words.notUsed(entry.reason)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
