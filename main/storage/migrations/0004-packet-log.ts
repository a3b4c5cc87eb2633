/**
 * Packets for members who were away, and who was a member in which epoch. Their bytes are counted beside, so that knowing
 * whether there are too many takes no look at all of them.
 */
export const sql = `
CREATE TABLE packet_log (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  conversation_id TEXT NOT NULL
    REFERENCES conversation ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  epoch INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('epoch', 'app', 'commit', 'welcome')),
  hash BLOB NOT NULL,
  payload BLOB NOT NULL,
  stored_at INTEGER NOT NULL,
  UNIQUE (conversation_id, epoch, kind, hash)
) STRICT;
CREATE INDEX packet_log_page ON packet_log (conversation_id, epoch, kind, position);
CREATE INDEX packet_log_age ON packet_log (stored_at);

CREATE TABLE packet_log_size (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  bytes INTEGER NOT NULL
) STRICT;
INSERT INTO packet_log_size VALUES (1, 0);
CREATE TRIGGER packet_log_grows AFTER INSERT ON packet_log BEGIN
  UPDATE packet_log_size SET bytes = bytes + length(NEW.payload);
END;
CREATE TRIGGER packet_log_shrinks AFTER DELETE ON packet_log BEGIN
  UPDATE packet_log_size SET bytes = bytes - length(OLD.payload);
END;
`;
