/** Comparing numbers with somebody: the number, its QR code, and what the two found. */
import { useEffect, useState } from 'react';
import { BadgeCheck } from 'lucide-react';
import type { ConversationId, MemberId } from '../../../shared/model/ids.ts';
import { Button } from '../../components/Button.tsx';
import { CopyButton } from '../../components/Copy.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { QrCode } from '../../components/QrCode.tsx';
import { Failed, Loading } from '../../components/States.tsx';
import { useWork } from '../../components/useWork.ts';
import { call } from '../../state/call.ts';
import { refreshConversation, useConversations } from '../../state/conversations.ts';
import { failed, loading, ready, valueOf, type Remote } from '../../state/remote.ts';
import { announce, closeDialog } from '../../state/ui.ts';
import { text } from '../../text/index.ts';
import { personOf } from '../../text/people.ts';

const words = text.members;

async function readNumber(memberId: MemberId): Promise<Remote<string>> {
  try {
    return ready((await call('member.safetyNumber', { memberId })).safetyNumber);
  } catch (error) {
    return failed(error);
  }
}

export function VerifyDialog({ conversationId, memberId }: { conversationId: ConversationId; memberId: MemberId }) {
  const member = useConversations((state) =>
    valueOf(state.details[conversationId])?.members.find((each) => each.memberId === memberId),
  );
  const { name } = personOf(memberId, member?.displayName, undefined);
  const [number, setNumber] = useState<Remote<string>>(loading);
  const [attempt, setAttempt] = useState(0);
  const [differs, setDiffers] = useState(false);
  const { busy, error, run } = useWork();
  useEffect(() => {
    let wanted = true;
    void readNumber(memberId).then((read) => {
      if (wanted) setNumber(read);
    });
    return () => {
      wanted = false;
    };
  }, [memberId, attempt]);
  const again = (): void => {
    setDiffers(false);
    setNumber(loading);
    setAttempt(attempt + 1);
  };
  const mark = (verified: boolean, safetyNumber: string | undefined, then: () => void): void =>
    run(async () => {
      await call('member.setVerified', {
        memberId,
        verified,
        ...(safetyNumber === undefined ? {} : { safetyNumber }),
      });
      refreshConversation(conversationId);
      announce(verified ? words.nowVerified(name) : words.notVerified(name));
      then();
    });
  if (differs)
    return (
      <Dialog title={words.differTitle} lead={words.differBody(name)} onClose={closeDialog}>
        <div className="row-end">
          <Button onClick={again}>{words.compareAgain}</Button>
          <Button kind="primary" onClick={closeDialog}>
            {text.common.close}
          </Button>
        </div>
      </Dialog>
    );
  return (
    <Dialog title={words.verifyTitle(name)} lead={words.verifyLead(name)} onClose={closeDialog}>
      {number.kind === 'loading' && <Loading />}
      {number.kind === 'failed' && (
        <Failed title={text.errors.headings.load} message={number.message} onRetry={again} />
      )}
      {number.kind === 'ready' && (
        <>
          <SafetyNumber digits={number.value} />
          <QrCode value={number.value} label={words.numberQr(name)} />
          <p className="soft">{words.whereToFind(name)}</p>
          {member?.verified === true && (
            <p className="row">
              <BadgeCheck size={18} aria-hidden className="accent" /> {words.isVerified(name)}
            </p>
          )}
          {error !== undefined && (
            <p className="field-error" role="alert">
              {error}
            </p>
          )}
          <div className="row-end">
            <CopyButton value={number.value} label={words.copyNumber} />
            {member?.verified === true ? (
              <Button disabled={busy} onClick={() => mark(false, undefined, closeDialog)}>
                {words.takeBack}
              </Button>
            ) : (
              <>
                <Button disabled={busy} onClick={() => mark(false, undefined, () => setDiffers(true))}>
                  {words.noMatch}
                </Button>
                <Button kind="primary" disabled={busy} onClick={() => mark(true, number.value, closeDialog)}>
                  {words.match}
                </Button>
              </>
            )}
          </div>
        </>
      )}
    </Dialog>
  );
}

/** Twelve groups of five: read out and compared a group at a time. */
function SafetyNumber({ digits }: { digits: string }) {
  const groups = digits.match(/.{5}/g) ?? [];
  return (
    <div className="safety-number" role="group" aria-label={words.safetyNumber}>
      {groups.map((group, index) => (
        // The place of a group is all that tells it from an equal one.
        <span key={`${index} ${group}`}>{group}</span>
      ))}
    </div>
  );
}
