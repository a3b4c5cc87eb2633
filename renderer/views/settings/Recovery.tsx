/** The recovery phrase: shown only after a question, forgotten by the page when one goes elsewhere. */
import { useState } from 'react';
import { Button } from '../../components/Button.tsx';
import { ConfirmDialog } from '../../components/Dialog.tsx';
import { useWork } from '../../components/useWork.ts';
import { call } from '../../state/call.ts';
import { useIdentity } from '../../state/identity.ts';
import { valueOf } from '../../state/remote.ts';
import { changeSettings, useSettings } from '../../state/settings.ts';
import { text } from '../../text/index.ts';

const words = text.settings.recovery;

export function Recovery() {
  const hasPhrase = useIdentity((state) => valueOf(state.status)?.hasRecoveryPhrase);
  const saved = useSettings((state) => valueOf(state.settings)?.recoveryPhraseSaved);
  const [phrase, setPhrase] = useState<string | undefined>(undefined);
  const [asking, setAsking] = useState(false);
  const { busy, error, run } = useWork();
  if (hasPhrase === false) return <p>{words.none}</p>;
  return (
    <>
      <p>{words.lead}</p>
      <p className="soft">{saved === true ? words.isSaved : words.notSaved}</p>
      {phrase !== undefined && (
        <ol className="phrase" aria-label={words.wordsLabel}>
          {phrase.split(' ').map((word, index) => (
            <li key={`${String(index)} ${word}`}>{word}</li>
          ))}
        </ol>
      )}
      {error !== undefined && (
        <p className="field-error" role="alert">
          {error}
        </p>
      )}
      <div className="row">
        {phrase === undefined ? (
          <Button kind={saved === true ? 'plain' : 'primary'} onClick={() => setAsking(true)}>
            {words.reveal}
          </Button>
        ) : (
          <>
            {saved !== true && (
              <Button
                kind="primary"
                disabled={busy}
                onClick={() => run(() => changeSettings({ recoveryPhraseSaved: true }))}
              >
                {words.markSaved}
              </Button>
            )}
            <Button onClick={() => setPhrase(undefined)}>{words.hide}</Button>
          </>
        )}
      </div>
      {asking && (
        <ConfirmDialog
          title={words.revealTitle}
          body={words.revealBody}
          confirm={words.revealConfirm}
          onClose={() => setAsking(false)}
          onConfirm={async () => setPhrase((await call('identity.revealRecoveryPhrase', {})).recoveryPhrase)}
        />
      )}
    </>
  );
}
