/** Reads out what arrives while the eyes are elsewhere. */
import { useUi } from '../state/ui.ts';

export function Announcer() {
  const announcement = useUi((state) => state.announcement);
  return (
    <div className="visually-hidden" role="status" aria-live="polite">
      {announcement}
    </div>
  );
}
