/** First run: a name and one button; or bringing an identity back. */
import { useState, type SubmitEvent } from 'react';
import { Button } from '../../components/Button.tsx';
import { Field } from '../../components/Field.tsx';
import { useWork } from '../../components/useWork.ts';
import { MAX_DISPLAY_NAME_LENGTH } from '../../../shared/limits.ts';
import { call } from '../../state/call.ts';
import { enter } from '../../state/events.ts';
import type { IdentityStatus } from '../../state/identity.ts';
import { text } from '../../text/index.ts';
import { Mark } from './Mark.tsx';
import { Restore } from './Restore.tsx';

const words = text.onboarding;

export function Onboarding({ status }: { status: IdentityStatus }) {
  const [mode, setMode] = useState<'create' | 'restore'>(status.needsRestore === true ? 'restore' : 'create');
  return (
    <main className="onboarding">
      <div className="onboarding-card">
        <Mark />
        {mode === 'create' ? (
          <Create onRestore={() => setMode('restore')} />
        ) : (
          <Restore
            needed={status.needsRestore === true}
            onBack={status.needsRestore === true ? undefined : () => setMode('create')}
          />
        )}
      </div>
    </main>
  );
}

function Create({ onRestore }: { onRestore: () => void }) {
  const [name, setName] = useState('');
  const { busy, error, run, fail } = useWork();
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (name.trim() === '') {
      fail(words.nameMissing);
      return;
    }
    run(async () => {
      await call('identity.create', { displayName: name });
      await enter();
    });
  };
  return (
    <>
      <div className="stack">
        <h1>{words.title}</h1>
        <p className="soft">{words.lead}</p>
      </div>
      <form className="stack-wide" onSubmit={submit} noValidate>
        <Field
          label={words.nameLabel}
          hint={words.nameHint}
          error={error}
          value={name}
          maxLength={MAX_DISPLAY_NAME_LENGTH}
          autoFocus
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" kind="primary" className="button-wide" disabled={busy}>
          {busy ? words.starting : words.start}
        </Button>
      </form>
      <Button kind="link" onClick={onRestore}>
        {words.havePhrase}
      </Button>
    </>
  );
}
