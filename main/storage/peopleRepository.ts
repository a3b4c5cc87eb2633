/** What this node remembers of others: the names that members told, and where peers were seen. */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { peerIdSchema, timeSchema } from '../../shared/api/common.ts';
import { MAX_ADDRESS_LENGTH, MAX_PEER_ADDRESSES, MAX_STORED_PEERS } from '../../shared/limits.ts';
import type { KnownDevice, KnownPeerRow, Storage } from '../messenger/ports/storage.ts';
import { StorageError } from './errors.ts';
import { bytesColumn, change, jsonColumn, query, toJson } from './statements.ts';

const nameColumns = z.object({ display_name: z.string() });
const addressesSchema = z.array(z.string().max(MAX_ADDRESS_LENGTH)).max(MAX_PEER_ADDRESSES);
const peerColumns = z
  .object({ peer_id: peerIdSchema, addresses: jsonColumn(addressesSchema), last_seen_at: timeSchema })
  .transform((row): KnownPeerRow => ({ peerId: row.peer_id, addresses: row.addresses, lastSeenAt: row.last_seen_at }));

const deviceColumns = z
  .object({ signature_key: bytesColumn, verified_key: bytesColumn.nullable() })
  .transform(({ signature_key: signatureKey, verified_key: verifiedKey }): KnownDevice => ({
    signatureKey,
    ...(verifiedKey === null ? {} : { verifiedKey }),
  }));

export function peopleRepository(database: Database): Storage['people'] {
  const upsertName = change(
    database,
    `INSERT INTO person (member_id, display_name) VALUES (?, ?)
     ON CONFLICT (member_id) DO UPDATE SET display_name = excluded.display_name
     WHERE person.display_name <> excluded.display_name`,
  );
  const selectName = query(database, 'SELECT display_name FROM person WHERE member_id = ?', nameColumns);
  const upsertPeer = change(
    database,
    `INSERT INTO known_peer (peer_id, addresses, last_seen_at) VALUES (?, ?, ?)
     ON CONFLICT (peer_id) DO UPDATE SET addresses = excluded.addresses, last_seen_at = excluded.last_seen_at
     WHERE addresses <> excluded.addresses OR last_seen_at <> excluded.last_seen_at`,
  );
  const forgetOldest = change(
    database,
    `DELETE FROM known_peer WHERE peer_id IN
       (SELECT peer_id FROM known_peer ORDER BY last_seen_at DESC, peer_id LIMIT -1 OFFSET ${MAX_STORED_PEERS})`,
  );
  const selectPeers = query(
    database,
    'SELECT peer_id, addresses, last_seen_at FROM known_peer ORDER BY last_seen_at DESC, peer_id',
    peerColumns,
  );
  const upsertDevice = change(
    database,
    `INSERT INTO known_device (member_id, signature_key) VALUES (?, ?)
     ON CONFLICT (member_id) DO UPDATE SET signature_key = excluded.signature_key
     WHERE known_device.signature_key <> excluded.signature_key`,
  );
  const selectDevice = query(
    database,
    'SELECT signature_key, verified_key FROM known_device WHERE member_id = ?',
    deviceColumns,
  );
  const updateVerified = change(database, 'UPDATE known_device SET verified_key = ? WHERE member_id = ?');
  return {
    putName: (memberId, displayName) => upsertName(memberId, displayName).changes > 0,
    name: (memberId) => selectName.one(memberId)?.display_name,
    putDevice(memberId, signatureKey) {
      upsertDevice(memberId, signatureKey);
    },
    device: (memberId) => selectDevice.one(memberId),
    putVerifiedKey(memberId, verifiedKey) {
      updateVerified(verifiedKey ?? null, memberId);
    },
    putPeers(peers) {
      for (const peer of peers) {
        // What cannot be read back must not be written.
        if (!addressesSchema.safeParse(peer.addresses).success)
          throw new StorageError('tooLarge', `A peer may have ${MAX_PEER_ADDRESSES} addresses at most.`, {
            limit: MAX_PEER_ADDRESSES,
          });
        upsertPeer(peer.peerId, toJson(peer.addresses), peer.lastSeenAt);
      }
      forgetOldest();
    },
    peers: () => selectPeers.all(),
  };
}
