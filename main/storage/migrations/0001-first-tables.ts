/**
 * The tables of the first release. Ids are text as the App API shows them; times are milliseconds. Foreign keys are
 * checked when a transaction commits, so that its statements may come in any order.
 */
export const sql = `
CREATE TABLE profile (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  member_id TEXT NOT NULL,
  display_name TEXT NOT NULL,
  device_signature_key BLOB NOT NULL
) STRICT;

CREATE TABLE settings (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  settings TEXT NOT NULL
) STRICT;

CREATE TABLE conversation (
  conversation_id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  ended_at INTEGER,
  ended_cause TEXT CHECK (ended_cause IN ('left', 'removed', 'expired')),
  ended_proposal_id INTEGER,
  last_view TEXT,
  read_up_to TEXT,
  CHECK ((ended_at IS NULL) = (ended_cause IS NULL))
) STRICT;

CREATE TABLE conversation_part (
  conversation_id TEXT NOT NULL
    REFERENCES conversation ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  name TEXT NOT NULL,
  bytes BLOB NOT NULL,
  UNIQUE (conversation_id, name)
) STRICT;

CREATE TABLE score (
  conversation_id TEXT NOT NULL
    REFERENCES conversation ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  member_id TEXT NOT NULL,
  score INTEGER NOT NULL,
  PRIMARY KEY (conversation_id, member_id)
) STRICT, WITHOUT ROWID;

-- A message's position is the order in which this node stored it.
CREATE TABLE message (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  conversation_id TEXT NOT NULL
    REFERENCES conversation ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  message_id TEXT NOT NULL,
  sender TEXT NOT NULL,
  sender_name TEXT,
  sent_at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  text TEXT NOT NULL,
  reply_to TEXT,
  status TEXT NOT NULL CHECK (status IN ('pending', 'sent', 'delivered')),
  system TEXT,
  UNIQUE (conversation_id, message_id)
) STRICT;
CREATE INDEX message_page ON message (conversation_id, position);
CREATE INDEX message_unread ON message (conversation_id, position, sender) WHERE system IS NULL;

CREATE TABLE journal (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  conversation_id TEXT NOT NULL
    REFERENCES conversation ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  entry TEXT NOT NULL
) STRICT;
CREATE INDEX journal_page ON journal (conversation_id, position);

-- Decisions are numbered in the order in which this node learned of them; open proposals have no number.
CREATE TABLE proposal (
  conversation_id TEXT NOT NULL
    REFERENCES conversation ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  proposal_id INTEGER NOT NULL,
  decision INTEGER,
  proposal TEXT NOT NULL,
  UNIQUE (conversation_id, proposal_id)
) STRICT;
CREATE INDEX proposal_decided ON proposal (conversation_id, decision) WHERE decision IS NOT NULL;

CREATE TABLE outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  conversation_id TEXT NOT NULL
    REFERENCES conversation ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  subtopic TEXT NOT NULL CHECK (subtopic IN ('app_msg', 'welcome')),
  payload BLOB NOT NULL,
  subject TEXT NOT NULL CHECK (subject IN ('message', 'announcement', 'governance')),
  message_id TEXT,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  CHECK ((subject = 'message') = (message_id IS NOT NULL))
) STRICT;
CREATE INDEX outbox_queue ON outbox (conversation_id, id);
CREATE INDEX outbox_expiry ON outbox (expires_at);

CREATE TABLE person (
  member_id TEXT PRIMARY KEY,
  display_name TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE known_peer (
  peer_id TEXT PRIMARY KEY,
  addresses TEXT NOT NULL,
  last_seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX known_peer_seen ON known_peer (last_seen_at);
`;
