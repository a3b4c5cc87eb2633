/** A piece of work that a button starts: idle, busy, or failed with words. */
import { useState } from 'react';
import { messageOf } from '../state/call.ts';

export type Work =
  { readonly kind: 'idle' } | { readonly kind: 'busy' } | { readonly kind: 'failed'; readonly message: string };

export function useWork() {
  const [work, setWork] = useState<Work>({ kind: 'idle' });
  const run = async (job: () => Promise<void>): Promise<void> => {
    setWork({ kind: 'busy' });
    try {
      await job();
      setWork({ kind: 'idle' });
    } catch (error) {
      setWork({ kind: 'failed', message: messageOf(error) });
    }
  };
  return {
    work,
    busy: work.kind === 'busy',
    error: work.kind === 'failed' ? work.message : undefined,
    run: (job: () => Promise<void>): void => void run(job),
    fail: (message: string): void => setWork({ kind: 'failed', message }),
    reset: (): void => setWork({ kind: 'idle' }),
  };
}
