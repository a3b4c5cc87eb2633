/** One group, whatever its state: loading, waiting to be let in, working, ended, or not to be read. */
import { useEffect } from 'react';
import type { ConversationDetail, Message } from '../../../shared/api/model.ts';
import type { ConversationId } from '../../../shared/model/ids.ts';
import { Failed, Loading } from '../../components/States.tsx';
import { loadDetail, retryDetail, useConversations } from '../../state/conversations.ts';
import { draftOf, setDraft, useDrafts } from '../../state/drafts.ts';
import { closeThread, loadNewest, openThread, useMessages } from '../../state/messages.ts';
import { useUi } from '../../state/ui.ts';
import { describeGaps } from '../../text/describe.ts';
import { text } from '../../text/index.ts';
import { Composer } from '../conversation/Composer.tsx';
import { MessageList } from '../conversation/MessageList.tsx';
import { VotesTray } from '../votes/VotesTray.tsx';
import { EndedBanner } from './EndedBanner.tsx';
import { Header } from './Header.tsx';
import { Panel } from './Panel.tsx';
import { Waiting } from './Waiting.tsx';

/** Mount with a key of the conversation id. */
export function GroupView({ conversationId }: { conversationId: ConversationId }) {
  const detail = useConversations((state) => state.details[conversationId]);
  const panel = useUi((state) => state.panel);
  useEffect(() => {
    void loadDetail(conversationId);
    void openThread(conversationId);
    return () => closeThread(conversationId);
  }, [conversationId]);
  if (detail === undefined || detail.kind === 'loading' || detail.kind === 'empty') return <Loading />;
  if (detail.kind === 'failed')
    return (
      <Failed
        title={text.errors.headings.group}
        message={detail.message}
        onRetry={() => void retryDetail(conversationId)}
      />
    );
  const { value } = detail;
  const shownPanel = value.state === 'pendingJoin' ? undefined : panel;
  return (
    <div className={`group ${shownPanel === undefined ? '' : 'group-with-panel'}`}>
      <section className="group-main" aria-label={value.name}>
        <Header detail={value} />
        {value.state === 'pendingJoin' ? <Waiting detail={value} /> : <Conversation detail={value} />}
      </section>
      {shownPanel !== undefined && <Panel detail={value} panel={shownPanel} />}
    </div>
  );
}

function focusComposer(): void {
  document.querySelector<HTMLElement>('[data-composer]')?.focus();
}

/** Gaps are said. What is known to be missing, and from whom. */
function Gaps({ detail, gaps }: { detail: ConversationDetail; gaps: NonNullable<ConversationDetail['gaps']> }) {
  const { line, names } = describeGaps(gaps, detail.members, detail.self);
  return (
    <p className="list-edge" role="status">
      {line} <span className="soft">({names})</span>
    </p>
  );
}

function Conversation({ detail }: { detail: ConversationDetail }) {
  const { id } = detail;
  const thread = useMessages((state) => state.threads[id]);
  // Votes are shown in one place at a time.
  const votesBeside = useUi((state) => state.panel === 'votes');
  const reply = (message: Message): void => {
    setDraft(id, { ...draftOf(useDrafts.getState(), id), replyTo: message });
    focusComposer();
  };
  return (
    <>
      {(thread === undefined || thread.kind === 'loading') && <Loading />}
      {thread?.kind === 'failed' && (
        <Failed title={text.errors.headings.messages} message={thread.message} onRetry={() => void loadNewest(id)} />
      )}
      {thread?.kind === 'ready' && <MessageList key={thread.opened} detail={detail} thread={thread} onReply={reply} />}
      {detail.gaps !== undefined && detail.gaps.length > 0 && <Gaps detail={detail} gaps={detail.gaps} />}
      {detail.state === 'left' ? (
        <EndedBanner detail={detail} />
      ) : (
        <>
          {!votesBeside && <VotesTray detail={detail} />}
          <Composer detail={detail} />
        </>
      )}
    </>
  );
}
