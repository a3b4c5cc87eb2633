/**
 * Messages in the order that all members share, by the time of their sender and then by id, beside the order in which they
 * arrived here; and who has an own message, of how many.
 */
export const sql = `
ALTER TABLE message ADD COLUMN delivered_to TEXT;
ALTER TABLE message ADD COLUMN expected INTEGER;
DROP INDEX message_page;
CREATE INDEX message_order ON message (conversation_id, sent_at, message_id);
CREATE INDEX message_arrival ON message (conversation_id, position);
`;
