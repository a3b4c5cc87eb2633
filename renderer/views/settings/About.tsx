/** Which Conclave this is. */
import { useEffect, useState } from 'react';
import type { Result } from '../../../shared/api/methods.ts';
import { Failed, Loading } from '../../components/States.tsx';
import { call } from '../../state/call.ts';
import { failed, loading, ready, type Remote } from '../../state/remote.ts';
import { text } from '../../text/index.ts';

const words = text.settings.about;

async function read(): Promise<Remote<Result<'app.info'>>> {
  try {
    return ready(await call('app.info', {}));
  } catch (error) {
    return failed(error);
  }
}

export function About() {
  const [info, setInfo] = useState<Remote<Result<'app.info'>>>(loading);
  useEffect(() => {
    let wanted = true;
    void read().then((next) => {
      if (wanted) setInfo(next);
    });
    return () => {
      wanted = false;
    };
  }, []);
  if (info.kind === 'loading' || info.kind === 'empty') return <Loading />;
  if (info.kind === 'failed')
    return (
      <Failed title={text.errors.headings.load} message={info.message} onRetry={() => void read().then(setInfo)} />
    );
  const { version, profile, electron, node, peerId } = info.value;
  const rows = [
    [words.version, version],
    [words.profile, profile],
    [words.device, peerId],
    [words.electron, electron],
    [words.node, node],
  ] as const;
  return (
    <dl className="facts-list">
      {rows.flatMap(([name, value]) =>
        value === undefined || value === ''
          ? []
          : [
              <dt key={`${name} name`}>{name}</dt>,
              <dd key={name} className="mono">
                {value}
              </dd>,
            ],
      )}
    </dl>
  );
}
