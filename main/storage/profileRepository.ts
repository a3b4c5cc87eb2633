/** The device's own row and its settings. */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { memberIdSchema } from '../../shared/api/common.ts';
import { defaultSettings, settingsPatchSchema, type Settings } from '../../shared/api/settings.ts';
import type { ProfileRow, Storage } from '../messenger/ports/storage.ts';
import { bytesColumn, change, jsonColumn, query, toJson } from './statements.ts';

const profileColumns = z
  .object({ member_id: memberIdSchema, display_name: z.string(), device_signature_key: bytesColumn })
  .transform((row): ProfileRow => ({
    memberId: row.member_id,
    displayName: row.display_name,
    deviceSignatureKey: row.device_signature_key,
  }));

/** A setting that an older version did not know has its default. */
const settingsColumns = z.object({ settings: jsonColumn(settingsPatchSchema) });

export function profileRepository(database: Database): Storage['profile'] {
  const select = query(database, 'SELECT member_id, display_name, device_signature_key FROM profile', profileColumns);
  const upsert = change(
    database,
    `INSERT INTO profile (only, member_id, display_name, device_signature_key) VALUES (1, ?, ?, ?)
     ON CONFLICT (only) DO UPDATE SET member_id = excluded.member_id, display_name = excluded.display_name,
       device_signature_key = excluded.device_signature_key`,
  );
  const selectSettings = query(database, 'SELECT settings FROM settings', settingsColumns);
  const upsertSettings = change(
    database,
    `INSERT INTO settings (only, settings) VALUES (1, ?) ON CONFLICT (only) DO UPDATE SET settings = excluded.settings`,
  );
  return {
    get: () => select.one(),
    put(row) {
      upsert(row.memberId, row.displayName, row.deviceSignatureKey);
    },
    settings() {
      const stored = Object.entries(selectSettings.one()?.settings ?? {}).filter(([, value]) => value !== undefined);
      const settings: Settings = { ...defaultSettings, ...Object.fromEntries(stored) };
      return settings;
    },
    putSettings(settings) {
      upsertSettings(toJson(settings));
    },
  };
}
