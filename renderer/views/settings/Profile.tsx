/** One's name and member id. */
import { useState, type SubmitEvent } from 'react';
import { MAX_DISPLAY_NAME_LENGTH } from '../../../shared/limits.ts';
import { Button } from '../../components/Button.tsx';
import { CopyLine } from '../../components/Copy.tsx';
import { Field } from '../../components/Field.tsx';
import { useWork } from '../../components/useWork.ts';
import { call } from '../../state/call.ts';
import { loadIdentity, useIdentity } from '../../state/identity.ts';
import { valueOf } from '../../state/remote.ts';
import { toast } from '../../state/ui.ts';
import { text } from '../../text/index.ts';

const words = text.settings;

export function Profile() {
  const status = useIdentity((state) => valueOf(state.status));
  const [edited, setEdited] = useState<string | undefined>(undefined);
  const { busy, error, run, fail } = useWork();
  const name = edited ?? status?.displayName ?? '';
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (name.trim() === '') {
      fail(text.onboarding.nameMissing);
      return;
    }
    run(async () => {
      await call('identity.setDisplayName', { displayName: name });
      await loadIdentity();
      setEdited(undefined);
      toast('info', words.savedName);
    });
  };
  return (
    <>
      <form className="stack" onSubmit={submit} noValidate>
        <Field
          label={words.name}
          hint={words.nameHint}
          error={error}
          value={name}
          maxLength={MAX_DISPLAY_NAME_LENGTH}
          onChange={(event) => setEdited(event.currentTarget.value)}
        />
        <div className="row-end">
          <Button type="submit" kind="primary" disabled={busy || name.trim() === (status?.displayName ?? '')}>
            {busy ? words.savingName : words.saveName}
          </Button>
        </div>
      </form>
      {status?.memberId !== undefined && (
        <div className="field">
          <h3>{words.memberId}</h3>
          <CopyLine value={status.memberId} label={words.copyMemberId} />
          <p className="field-hint">{words.memberIdHint}</p>
        </div>
      )}
    </>
  );
}
