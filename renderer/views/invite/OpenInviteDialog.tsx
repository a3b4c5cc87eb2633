/** Opening an invite always gives an answer: what group, from whom, what happens next, or why not. */
import { useEffect, useState, type SubmitEvent } from 'react';
import type { Result } from '../../../shared/api/methods.ts';
import { MAX_INVITE_LENGTH } from '../../../shared/limits.ts';
import { Avatar } from '../../components/Avatar.tsx';
import { Button } from '../../components/Button.tsx';
import { CopyLine } from '../../components/Copy.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { Disclosure } from '../../components/Disclosure.tsx';
import { Field } from '../../components/Field.tsx';
import { Loading } from '../../components/States.tsx';
import { useWork } from '../../components/useWork.ts';
import { call, CallError, messageOf } from '../../state/call.ts';
import { loadConversations } from '../../state/conversations.ts';
import { closeDialog, forgetInvite, openGroup } from '../../state/ui.ts';
import { text } from '../../text/index.ts';
import { personOf } from '../../text/people.ts';

const words = text.openInvite;
type Inspected = Result<'invite.inspect'>;
type Step =
  | { readonly kind: 'paste'; readonly problem?: string; readonly link?: string }
  | { readonly kind: 'reading'; readonly invite: string }
  | { readonly kind: 'shown'; readonly invite: string; readonly about: Inspected };

/** Why an invite cannot be read, and what to do about it. */
function refusal(error: unknown): string {
  if (!(error instanceof CallError) || (error.code !== 'INVALID_INVITE' && error.code !== 'INVALID_PARAMS'))
    return messageOf(error);
  const why = error.code === 'INVALID_INVITE' ? error.message : words.bad;
  return `${why} ${words.badWay}`;
}

async function inspect(invite: string): Promise<Step> {
  try {
    return { kind: 'shown', invite, about: await call('invite.inspect', { invite }) };
  } catch (error) {
    return { kind: 'paste', problem: refusal(error), link: invite };
  }
}

/** `invite` is empty when the person is to paste one. Mount with a key of the invite. */
export function OpenInviteDialog({ invite }: { invite: string }) {
  const [step, setStep] = useState<Step>(invite === '' ? { kind: 'paste' } : { kind: 'reading', invite });
  const reading = step.kind === 'reading' ? step.invite : undefined;
  useEffect(() => {
    if (reading === undefined) return;
    let wanted = true;
    void inspect(reading).then((next) => {
      if (wanted) setStep(next);
    });
    return () => {
      wanted = false;
    };
  }, [reading]);
  return (
    <Dialog title={words.title} onClose={closeDialog}>
      {step.kind === 'paste' && (
        <Paste
          problem={step.problem}
          pasted={step.link ?? ''}
          onLook={(link) => setStep({ kind: 'reading', invite: link })}
        />
      )}
      {step.kind === 'reading' && <Loading words={words.looking} />}
      {step.kind === 'shown' && (
        <About invite={step.invite} about={step.about} onAnother={() => setStep({ kind: 'paste' })} />
      )}
    </Dialog>
  );
}

function Paste(props: { problem: string | undefined; pasted: string; onLook: (invite: string) => void }) {
  const { problem, onLook } = props;
  const [link, setLink] = useState(props.pasted);
  const [missing, setMissing] = useState(false);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const trimmed = link.trim();
    setMissing(trimmed === '');
    if (trimmed !== '') onLook(trimmed);
  };
  return (
    <form className="stack-wide" onSubmit={submit} noValidate>
      <Field
        data-autofocus
        label={words.label}
        hint={words.lead}
        error={missing ? words.missing : problem}
        value={link}
        maxLength={MAX_INVITE_LENGTH}
        spellCheck={false}
        onChange={(event) => setLink(event.currentTarget.value)}
      />
      <div className="row-end">
        <Button onClick={closeDialog}>{text.common.cancel}</Button>
        <Button type="submit" kind="primary">
          {words.look}
        </Button>
      </div>
    </form>
  );
}

function About(props: { invite: string; about: Inspected; onAnother: () => void }) {
  const { about, invite } = props;
  const { busy, error, run } = useWork();
  const inviter = personOf(about.invitedBy, about.invitedByName, undefined);
  const open = (): void => {
    forgetInvite(invite);
    closeDialog();
    openGroup(about.conversationId);
  };
  const join = (): void =>
    run(async () => {
      await call('conversation.join', { invite });
      await loadConversations();
      open();
    });
  return (
    <>
      <div className="row">
        <Avatar id={about.conversationId} name={about.conversationName} size={48} group />
        <h3 className="grow">{words.invites(inviter.name, about.conversationName)}</h3>
      </div>
      {about.alreadyIn === true ? (
        <p>{words.alreadyIn(about.conversationName)}</p>
      ) : (
        <>
          <p>{words.nextLink}</p>
          <p className="soft small">{words.addresses(about.addresses.length)}</p>
        </>
      )}
      <Disclosure label={words.details}>
        <div className="stack">
          <h4 className="small soft">{words.inviter}</h4>
          <CopyLine value={about.invitedBy} label={text.members.copyId} />
          <h4 className="small soft">{words.groupId}</h4>
          <p className="mono">{about.conversationId}</p>
          {about.addresses.map((address) => (
            <p key={address} className="mono small">
              {address}
            </p>
          ))}
        </div>
      </Disclosure>
      {error !== undefined && (
        <p className="field-error" role="alert">
          {error}
        </p>
      )}
      <div className="row-end">
        <Button kind="quiet" onClick={props.onAnother}>
          {words.another}
        </Button>
        <Button onClick={closeDialog}>{words.notNow}</Button>
        {about.alreadyIn === true ? (
          <Button kind="primary" onClick={open}>
            {words.openGroup}
          </Button>
        ) : (
          <Button kind="primary" disabled={busy} onClick={join}>
            {busy ? words.joining : words.join}
          </Button>
        )}
      </div>
    </>
  );
}
