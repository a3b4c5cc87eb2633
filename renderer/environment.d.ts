/** What the preload put on the page's window. */
import type { ConclaveBridge } from '../shared/api/bridge.ts';

declare global {
  interface Window {
    readonly conclave?: ConclaveBridge;
  }
}
