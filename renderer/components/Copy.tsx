/** Copies a text and says so, in words too. */
import { useEffect, useState } from 'react';
import { Check, Copy as CopyIcon } from 'lucide-react';
import { announce, toast } from '../state/ui.ts';
import { text } from '../text/index.ts';
import { Button, IconButton } from './Button.tsx';

/** How long the button says "Copied", in ms. */
const SAID_MS = 2000;

export async function copyText(words: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(words);
    announce(text.common.copied);
    return true;
  } catch {
    // The clipboard is refused while the window has no focus: the person is told to copy by hand.
    toast('warning', text.common.copyFailed);
    return false;
  }
}

function useCopied(value: string) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SAID_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  return { copied, copy: () => void copyText(value).then(setCopied) };
}

export function CopyButton({ value, label, primary = false }: { value: string; label: string; primary?: boolean }) {
  const { copied, copy } = useCopied(value);
  return (
    <Button kind={primary ? 'primary' : 'plain'} onClick={copy} {...(primary ? { 'data-autofocus': true } : {})}>
      {copied ? <Check size={16} aria-hidden /> : <CopyIcon size={16} aria-hidden />}
      {copied ? text.common.copied : label}
    </Button>
  );
}

/** A value in full, with a small button that copies it. */
export function CopyLine({ value, label }: { value: string; label: string }) {
  const { copied, copy } = useCopied(value);
  return (
    <div className="copy-line">
      <code>{value}</code>
      <IconButton label={label} onClick={copy}>
        {copied ? <Check size={16} aria-hidden /> : <CopyIcon size={16} aria-hidden />}
      </IconButton>
    </div>
  );
}
