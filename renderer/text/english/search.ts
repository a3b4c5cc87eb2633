/** Looking for messages. */
export const search = {
  label: 'Search messages',
  placeholder: 'Search messages',
  results: 'Messages found',
  inGroup: (group: string): string => `In ${group}`,
  everywhere: 'Search in all groups',
  clear: 'Clear the search',
  hint: 'Type a word, or the beginning of one. Several words are all looked for.',
  searching: 'Searching…',
  found: (count: number, isMore: boolean): string =>
    isMore ? `More than ${count} messages found` : count === 1 ? '1 message found' : `${count} messages found`,
  nothing: (query: string): string => `No message has “${query}”.`,
  nothingInGroup: (query: string, group: string): string => `No message in ${group} has “${query}”.`,
  failed: 'The search did not work',
  more: 'Show more',
  loadingMore: 'Loading more…',
  moreFailed: 'More could not be loaded.',
  who: (name: string): string => `${name}:`,
} as const;
