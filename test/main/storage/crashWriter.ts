/** A child process that writes transactions until it is killed, and tells each one that it was promised is durable. */
import { writeSync } from 'node:fs';
import { openStorage } from '../../../main/storage/index.ts';
import type { ConversationId, MemberId, MessageId } from '../../../shared/model/ids.ts';

const [file, keyHex, conversationId, sender] = process.argv.slice(2) as [string, string, ConversationId, MemberId];
const store = openStorage({ file, key: new Uint8Array(Buffer.from(keyHex, 'hex')), create: false });

for (let index = Number(store.conversations.scores(conversationId).get(sender) ?? 0n) + 1; ; index += 1) {
  store.transaction(() => {
    store.messages.insert({
      messageId: `01890a5d-ac96-7000-8000-${index.toString(16).padStart(12, '0')}` as MessageId,
      conversationId,
      sender,
      sentAt: index,
      receivedAt: index,
      text: `message ${index} ${'x'.repeat(index % 3000)}`,
      status: 'sent',
    });
    store.conversations.write(conversationId, {
      parts: [{ name: 'core', bytes: new Uint8Array(5000).fill(index % 256) }],
      scores: [{ memberId: sender, score: BigInt(index) }],
    });
    store.journal.append(conversationId, { at: index, epoch: index, kind: 'committed' });
  });
  writeSync(1, `${index}\n`);
}
