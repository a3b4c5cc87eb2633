/** The left side: groups, the two ways to more of them, people nearby, trouble with the connection, oneself. */
import { Link2, Plus, Settings } from 'lucide-react';
import { Avatar } from '../../components/Avatar.tsx';
import { Button, IconButton } from '../../components/Button.tsx';
import { useConversations } from '../../state/conversations.ts';
import { useIdentity } from '../../state/identity.ts';
import { connectionOf, usePeers } from '../../state/peers.ts';
import { valueOf } from '../../state/remote.ts';
import { isSearching, useSearch } from '../../state/search.ts';
import { navigate, showDialog } from '../../state/ui.ts';
import { text } from '../../text/index.ts';
import { shortMemberId } from '../../text/people.ts';
import { GroupList } from './GroupList.tsx';
import { Nearby } from './Nearby.tsx';
import { SearchField, SearchResults } from './Search.tsx';

const words = text.groups;

export function Sidebar() {
  const searching = useSearch(isSearching);
  return (
    <aside className="sidebar" aria-label={words.sidebar}>
      <div className="sidebar-actions">
        <Button onClick={() => showDialog({ kind: 'newGroup' })}>
          <Plus size={16} aria-hidden />
          {words.newGroup}
        </Button>
        <Button onClick={() => showDialog({ kind: 'openInvite', invite: '' })}>
          <Link2 size={16} aria-hidden />
          {words.openInvite}
        </Button>
      </div>
      <SearchField />
      {searching ? (
        <SearchResults />
      ) : (
        <>
          <nav className="sidebar-scroll" aria-label={words.listLabel}>
            <GroupList />
          </nav>
          <Nearby />
        </>
      )}
      <ConnectionWord />
      <OwnCard />
    </aside>
  );
}

/** A word about the connection only when something is wrong. */
function ConnectionWord() {
  const peers = usePeers((state) => state.peers);
  const networkUp = usePeers((state) => state.networkUp);
  const othersExist = useConversations((state) =>
    (valueOf(state.list) ?? []).some(
      (summary) => summary.state === 'pendingJoin' || (summary.state !== 'left' && summary.memberCount > 1),
    ),
  );
  const connection = connectionOf(peers, networkUp, othersExist);
  if (connection === 'fine') return null;
  return (
    <div className="connection" role="status">
      <span>{words.connection[connection]}</span>
      <Button kind="link" onClick={() => navigate({ screen: 'settings', tab: 'network' })}>
        {words.connection.why}
      </Button>
    </div>
  );
}

function OwnCard() {
  const status = useIdentity((state) => valueOf(state.status));
  if (status?.memberId === undefined) return null;
  const name = status.displayName ?? shortMemberId(status.memberId);
  return (
    <div className="own-card">
      <Avatar id={status.memberId} name={name} />
      <div className="grow">
        <p className="ellipsis">
          <span className="visually-hidden">{words.ownCard(name)}</span>
          <strong aria-hidden>{name}</strong>
        </p>
        <p className="small soft mono ellipsis">{shortMemberId(status.memberId)}</p>
      </div>
      <IconButton label={words.settings} onClick={() => navigate({ screen: 'settings', tab: 'profile' })}>
        <Settings size={18} aria-hidden />
      </IconButton>
    </div>
  );
}
