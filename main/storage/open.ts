/**
 * Opens the encrypted store of a profile, or makes it. A file that exists is never replaced, and one that is not a
 * whole database of ours is not touched.
 */
import { chmodSync, closeSync, rmSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import type { CopyableStorage, StoreCopies } from '../messenger/ports/storage.ts';
import { connectToWork, readNumber } from './connection.ts';
import { conversationRepository } from './conversationRepository.ts';
import { copiesBeside, copyBeforeMigration, takeCopy } from './copies.ts';
import { draftRepository } from './draftRepository.ts';
import { StorageError } from './errors.ts';
import { createPrivateFile, fileErrorOf, PRIVATE_FILE, renameDurably } from './files.ts';
import { forgettingOn } from './forgetting.ts';
import { groupJournalRepository } from './groupJournalRepository.ts';
import { fileExists, inspect } from './inspect.ts';
import { journalRepository } from './journalRepository.ts';
import { messageRepository } from './messageRepository.ts';
import { migrate } from './migrate.ts';
import { migrations as ourMigrations, type Migration } from './migrations/index.ts';
import { outboxRepository } from './outboxRepository.ts';
import { packetLogRepository } from './packetLogRepository.ts';
import { peopleRepository } from './peopleRepository.ts';
import { profileRepository } from './profileRepository.ts';
import { proposalRepository } from './proposalRepository.ts';
import { scoreRepository } from './scoreRepository.ts';
import { mapped } from './sqliteErrors.ts';
import { transactionsOn } from './transaction.ts';

export interface OpenStorageOptions {
  readonly file: string;
  /** 32 bytes; not kept after the call. */
  readonly key: Uint8Array;
  /** Make the file when there is none. One that exists is opened either way. */
  readonly create: boolean;
}

/** Throws StorageError; its `problem` says why. */
export function openStorage(options: OpenStorageOptions): CopyableStorage {
  return storageOn(openDatabase(options, ourMigrations), options.file);
}

/** The copies of the store in that file, there or not. */
export const storeCopies = (file: string): StoreCopies => copiesBeside(file, (database) => storageOn(database, file));

/** The connection behind a store, migrated and checked. */
export function openDatabase(options: OpenStorageOptions, migrations: readonly Migration[]): Database {
  const { file, key } = options;
  return withFileErrors(() => {
    if (!fileExists(file)) {
      if (!options.create) throw new StorageError('missing', 'The database of this profile is missing.');
      createDatabase(file, key, migrations);
    }
    inspect(file, key, migrations.at(-1)?.version ?? 0);
    if (process.platform !== 'win32') chmodSync(file, PRIVATE_FILE);
    const database = connectToWork(file, key);
    try {
      if (readNumber(database, 'user_version') < (migrations.at(-1)?.version ?? 0)) copyBeforeMigration(database, file);
      migrate(database, migrations);
      // Left by the inspection; whoever holds the file alone keeps this index in memory.
      rmSync(`${file}-shm`, { force: true });
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** A database gets its name only when it is complete: what a crash leaves behind is never taken for one. */
function createDatabase(file: string, key: Uint8Array, migrations: readonly Migration[]): void {
  const draft = `${file}.new`;
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${draft}${suffix}`, { force: true });
  closeSync(createPrivateFile(draft));
  const database = connectToWork(draft, key);
  try {
    migrate(database, migrations);
  } finally {
    // Moves everything out of the journal and into the file, and syncs it.
    mapped(() => database.close());
  }
  renameDurably(draft, file);
}

function storageOn(database: Database, file: string): CopyableStorage {
  try {
    const { transaction, deleted } = forgettingOn(database, transactionsOn(database));
    const scores = scoreRepository(database);
    return {
      transaction,
      close() {
        if (database.open && database.inTransaction)
          throw new StorageError('misuse', 'The store must not be closed inside a transaction.');
        mapped(() => database.close());
      },
      takeCopy: (options) => takeCopy(database, file, (draft) => storageOn(draft, file), options),
      profile: profileRepository(database),
      conversations: conversationRepository(database, scores, deleted),
      messages: messageRepository(database),
      drafts: draftRepository(database, deleted),
      journal: journalRepository(database, transaction),
      groupJournal: groupJournalRepository(database),
      packetLog: packetLogRepository(database),
      proposals: proposalRepository(database),
      outbox: outboxRepository(database),
      people: peopleRepository(database),
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

function withFileErrors<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw fileErrorOf(error);
  }
}
