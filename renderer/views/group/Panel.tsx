/** Beside the conversation: members, votes, rules. */
import { X } from 'lucide-react';
import { Tabs } from 'radix-ui';
import type { ConversationDetail } from '../../../shared/api/model.ts';
import { IconButton } from '../../components/Button.tsx';
import { showPanel, type Panel as PanelName } from '../../state/ui.ts';
import { text } from '../../text/index.ts';
import { MembersPanel } from '../members/MembersPanel.tsx';
import { VotesPanel } from '../votes/VotesPanel.tsx';
import { RulesPanel } from './RulesPanel.tsx';

const words = text.conversation.header;
const names: readonly PanelName[] = ['members', 'votes', 'rules'];

export function Panel({ detail, panel }: { detail: ConversationDetail; panel: PanelName }) {
  return (
    <aside aria-label={words.panelLabel} className="panel">
      <Tabs.Root
        className="view"
        value={panel}
        onValueChange={(value) => showPanel(names.find((name) => name === value))}
      >
        <div className="panel-head">
          <Tabs.List className="tabs grow" aria-label={words.panelLabel}>
            {names.map((name) => (
              <Tabs.Trigger key={name} value={name} className="tab">
                {words[name]}
              </Tabs.Trigger>
            ))}
          </Tabs.List>
          <IconButton label={words.hidePanel} onClick={() => showPanel(undefined)}>
            <X size={18} aria-hidden />
          </IconButton>
        </div>
        <Tabs.Content value="members" className="panel-body">
          <MembersPanel detail={detail} />
        </Tabs.Content>
        <Tabs.Content value="votes" className="panel-body">
          <VotesPanel detail={detail} />
        </Tabs.Content>
        <Tabs.Content value="rules" className="panel-body">
          <RulesPanel detail={detail} />
        </Tabs.Content>
      </Tabs.Root>
    </aside>
  );
}
