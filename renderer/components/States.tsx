/** What a view shows while it loads, and when something went wrong. */
import { text } from '../text/index.ts';
import { Button } from './Button.tsx';

export function Loading({ words = text.common.loading }: { words?: string }) {
  return (
    <div className="state state-fill" role="status">
      <p>{words}</p>
    </div>
  );
}

export function Failed({ title, message, onRetry }: { title: string; message: string; onRetry: () => void }) {
  return (
    <div className="state state-fill" role="alert">
      <h2>{title}</h2>
      <p>{message}</p>
      <Button onClick={onRetry}>{text.common.retry}</Button>
    </div>
  );
}
