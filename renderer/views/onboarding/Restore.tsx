/** Bringing an identity back from its recovery phrase or a private key. Neither is kept anywhere in the page. */
import { useState, type SubmitEvent } from 'react';
import { Button } from '../../components/Button.tsx';
import { Choices } from '../../components/Choices.tsx';
import { Field } from '../../components/Field.tsx';
import { useWork } from '../../components/useWork.ts';
import { MAX_DISPLAY_NAME_LENGTH, RECOVERY_PHRASE_WORDS } from '../../../shared/limits.ts';
import { call } from '../../state/call.ts';
import { enter } from '../../state/events.ts';
import { text } from '../../text/index.ts';

const words = text.onboarding;
type Kind = 'phrase' | 'key';

/** The phrase as the node wants it: lower case, single spaces. */
export const normalisePhrase = (phrase: string): string => phrase.trim().toLowerCase().split(/\s+/u).join(' ');

/** What is wrong with the input, before anybody is asked; undefined when nothing is. */
export function problemWith(kind: Kind, secret: string): string | undefined {
  if (kind === 'key') return secret.trim() === '' ? words.keyMissing : undefined;
  const phrase = normalisePhrase(secret);
  if (phrase === '') return words.phraseMissing;
  const count = phrase.split(' ').length;
  return count === RECOVERY_PHRASE_WORDS ? undefined : words.phraseCount(count);
}

export function Restore({ needed, onBack }: { needed: boolean; onBack: (() => void) | undefined }) {
  const [kind, setKind] = useState<Kind>('phrase');
  const [name, setName] = useState('');
  const [secret, setSecret] = useState('');
  const { busy, error, run, fail, reset } = useWork();
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const problem = name.trim() === '' ? words.nameMissing : problemWith(kind, secret);
    if (problem !== undefined) {
      fail(problem);
      return;
    }
    run(async () => {
      await call(
        'identity.restore',
        kind === 'phrase'
          ? { displayName: name, recoveryPhrase: normalisePhrase(secret) }
          : { displayName: name, privateKey: secret.trim() },
      );
      await enter();
    });
  };
  const changeKind = (next: Kind): void => {
    setKind(next);
    setSecret('');
    reset();
  };
  return (
    <>
      <div className="stack">
        <h1>{needed ? words.needsRestoreTitle : words.restoreTitle}</h1>
        <p className="soft">{needed ? words.needsRestoreLead : words.restoreLead}</p>
      </div>
      <form className="stack-wide" onSubmit={submit} noValidate>
        <Field
          label={words.nameLabel}
          value={name}
          maxLength={MAX_DISPLAY_NAME_LENGTH}
          autoFocus
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Choices
          label={words.restoreKindLabel}
          row
          value={kind}
          onChange={changeKind}
          choices={[
            { value: 'phrase', name: words.phraseKind },
            { value: 'key', name: words.keyKind },
          ]}
        />
        {kind === 'phrase' ? (
          <Field
            multiline
            label={words.phraseLabel}
            hint={words.phraseHint}
            error={error}
            value={secret}
            spellCheck={false}
            autoCapitalize="none"
            onChange={(event) => setSecret(event.currentTarget.value)}
          />
        ) : (
          <Field
            label={words.keyLabel}
            hint={words.keyHint}
            error={error}
            type="password"
            value={secret}
            onChange={(event) => setSecret(event.currentTarget.value)}
          />
        )}
        <Button type="submit" kind="primary" className="button-wide" disabled={busy}>
          {busy ? words.restoring : words.restore}
        </Button>
        {!needed && <p className="small soft">{words.restoreNote}</p>}
      </form>
      {onBack !== undefined && (
        <Button kind="link" onClick={onBack}>
          {words.newHere}
        </Button>
      )}
    </>
  );
}
