/** Below the record of a change of members: checks it anew on this computer and shows the arithmetic; saves it as a file for others. */
import { useState } from 'react';
import { ShieldCheck, ShieldX } from 'lucide-react';
import type { DecisionCheck as Check } from '../../../shared/api/model.ts';
import type { ConversationId, MemberId } from '../../../shared/model/ids.ts';
import { Button } from '../../components/Button.tsx';
import { useWork } from '../../components/useWork.ts';
import { call, saveFile } from '../../state/call.ts';
import { announce, toast } from '../../state/ui.ts';
import { describeCheck } from '../../text/describeCheck.ts';
import { text } from '../../text/index.ts';

const words = text.check;

export function DecisionCheck(props: {
  conversationId: ConversationId;
  commitHash: string;
  self: MemberId | undefined;
}) {
  const { conversationId, commitHash, self } = props;
  const [check, setCheck] = useState<Check>();
  const checking = useWork();
  const saving = useWork();
  const run = (): void =>
    checking.run(async () => {
      const answer = await call('governance.verify', { conversationId, commitHash });
      setCheck(answer.check);
      announce(describeCheck(answer.check, self)[0] ?? '');
    });
  const save = (): void =>
    saving.run(async () => {
      const { fileName, content } = await call('governance.exportDecision', { conversationId, commitHash });
      if (await saveFile({ name: fileName, content })) toast('info', words.saved);
    });
  const error = checking.error ?? saving.error;
  return (
    <div className="decision-check">
      <div className="row">
        <Button disabled={checking.busy} onClick={run}>
          {checking.busy ? words.running : words.run}
        </Button>
        <Button disabled={saving.busy} onClick={save}>
          {saving.busy ? words.saving : words.save}
        </Button>
      </div>
      {error !== undefined && (
        <p className="field-error" role="alert">
          {error}
        </p>
      )}
      {check !== undefined && <Findings check={check} self={self} />}
    </div>
  );
}

function Findings({ check, self }: { check: Check; self: MemberId | undefined }) {
  const [verdict, ...lines] = describeCheck(check, self);
  const holds = check.outcome === 'holds';
  return (
    <div className={holds ? 'findings' : 'findings findings-bad'}>
      <p className="row">
        {holds ? <ShieldCheck size={18} aria-hidden /> : <ShieldX size={18} aria-hidden />}
        <strong>{verdict}</strong>
      </p>
      <ul>
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </div>
  );
}
