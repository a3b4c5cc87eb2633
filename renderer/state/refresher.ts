/**
 * Reads something again when events say that it changed: never twice at a time, and never more often than the pause
 * allows, so that a burst of events costs one read at its begin and one at its end.
 */
export interface Refresher {
  /** Asks for a read; returns at once. */
  ask(): void;
}

export function createRefresher(read: () => Promise<void>, pauseMs: number): Refresher {
  let running = false;
  let again = false;
  const run = (): void => {
    running = true;
    again = false;
    void read().finally(() => {
      setTimeout(() => {
        running = false;
        if (again) run();
      }, pauseMs);
    });
  };
  return {
    ask() {
      if (running) again = true;
      else run();
    },
  };
}
