/** A new group: its name, and its rules in words before they are chosen. */
import { useState, type SubmitEvent } from 'react';
import { presets, type PresetName } from '../../../shared/api/presets.ts';
import type { ConversationSettings } from '../../../shared/api/settings.ts';
import { MAX_CONVERSATION_NAME_LENGTH } from '../../../shared/limits.ts';
import { Button } from '../../components/Button.tsx';
import { Choices, SwitchRow } from '../../components/Choices.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { Disclosure } from '../../components/Disclosure.tsx';
import { Field } from '../../components/Field.tsx';
import { useWork } from '../../components/useWork.ts';
import { call } from '../../state/call.ts';
import { loadConversations } from '../../state/conversations.ts';
import { closeDialog, openGroup } from '../../state/ui.ts';
import { text } from '../../text/index.ts';
import { durationWords } from '../../text/time.ts';

const words = text.newGroup;
/** The group that the "what this means" sentence speaks of: one has to imagine some size. */
const EXAMPLE_MEMBERS = 9;
const MINUTE_MS = 60_000;
const WINDOWS_MS = [1, 5, 15, 60, 240, 1440].map((minutes) => minutes * MINUTE_MS);

type Rules = Pick<
  ConversationSettings,
  | 'consensusTimeoutMs'
  | 'proposalExpirationMs'
  | 'membersMayInvite'
  | 'livenessCriteriaYes'
  | 'removalLivenessCriteriaYes'
>;

const rulesOf = ({
  consensusTimeoutMs,
  proposalExpirationMs,
  membersMayInvite,
  livenessCriteriaYes,
  removalLivenessCriteriaYes,
}: ConversationSettings): Rules => ({
  consensusTimeoutMs,
  proposalExpirationMs,
  membersMayInvite,
  livenessCriteriaYes,
  removalLivenessCriteriaYes,
});

const presetNames = Object.keys(presets) as readonly PresetName[];

/** The preset that these rules are exactly; undefined when they are a person's own. */
export function presetOf(rules: Rules): PresetName | undefined {
  return presetNames.find((name) => JSON.stringify(rulesOf(presets[name])) === JSON.stringify(rules));
}

/** Another voting window: a proposal never ends before its vote. */
export const withWindow = (rules: Rules, consensusTimeoutMs: number): Rules => ({
  ...rules,
  consensusTimeoutMs,
  proposalExpirationMs: Math.min(2 * consensusTimeoutMs, 1440 * MINUTE_MS),
});

export function NewGroupDialog() {
  const [name, setName] = useState('');
  const [rules, setRules] = useState<Rules>(rulesOf(presets.friends));
  const { busy, error, run, fail } = useWork();
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (name.trim() === '') {
      fail(words.nameMissing);
      return;
    }
    run(async () => {
      const { conversationId } = await call('conversation.create', { name, settings: rules });
      await loadConversations();
      closeDialog();
      openGroup(conversationId);
    });
  };
  return (
    <Dialog title={words.title} lead={words.lead} onClose={closeDialog}>
      <form className="stack-wide" onSubmit={submit} noValidate>
        <Field
          data-autofocus
          label={words.nameLabel}
          error={error}
          value={name}
          maxLength={MAX_CONVERSATION_NAME_LENGTH}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Choices
          label={words.presetLabel}
          value={presetOf(rules)}
          onChange={(preset) => setRules(rulesOf(presets[preset]))}
          choices={presetNames.map((value) => ({ value, ...words.presets[value] }))}
        />
        <Disclosure label={words.advanced}>
          <Advanced rules={rules} onChange={setRules} />
        </Disclosure>
        <Meaning rules={rules} />
        <div className="row-end">
          <Button onClick={closeDialog}>{text.common.cancel}</Button>
          <Button type="submit" kind="primary" disabled={busy}>
            {busy ? words.creating : words.create}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Advanced({ rules, onChange }: { rules: Rules; onChange: (rules: Rules) => void }) {
  return (
    <div className="stack">
      <Choices
        label={words.windowLabel}
        row
        value={String(rules.consensusTimeoutMs)}
        onChange={(value) => onChange(withWindow(rules, Number(value)))}
        choices={WINDOWS_MS.map((ms) => ({ value: String(ms), name: durationWords(ms) }))}
      />
      <SwitchRow
        label={words.membersMayInvite}
        hint={words.membersMayInviteHint}
        checked={rules.membersMayInvite}
        onChange={(membersMayInvite) => onChange({ ...rules, membersMayInvite })}
      />
      <SwitchRow
        label={words.joinSilence}
        checked={rules.livenessCriteriaYes}
        onChange={(livenessCriteriaYes) => onChange({ ...rules, livenessCriteriaYes })}
      />
      <SwitchRow
        label={words.removalSilence}
        checked={rules.removalLivenessCriteriaYes}
        onChange={(removalLivenessCriteriaYes) => onChange({ ...rules, removalLivenessCriteriaYes })}
      />
    </div>
  );
}

function Meaning({ rules }: { rules: Rules }) {
  return (
    <section className="advice small stack" aria-label={words.meaningLabel} aria-live="polite">
      <p>{text.rules.join(EXAMPLE_MEMBERS, rules.membersMayInvite, rules.livenessCriteriaYes)}</p>
      <p>{text.rules.removal(EXAMPLE_MEMBERS, rules.removalLivenessCriteriaYes)}</p>
      <p>{text.rules.window(durationWords(rules.consensusTimeoutMs))}</p>
    </section>
  );
}
