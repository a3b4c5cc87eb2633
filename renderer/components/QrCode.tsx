/** A QR code as one SVG path, dark on light in both themes because cameras want it so. */
import { encode } from 'uqr';
import { text } from '../text/index.ts';

/** Modules of quiet border that readers need. */
const BORDER = 2;

function pathOf(value: string): { path: string; size: number } | undefined {
  try {
    const { data, size } = encode(value, { ecc: 'L', border: BORDER });
    const path = data
      .flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : '')))
      .filter(Boolean)
      .join('');
    return { path, size };
  } catch {
    // Longer than the largest code holds: said in words below.
    return undefined;
  }
}

export function QrCode({ value, label }: { value: string; label: string }) {
  const code = pathOf(value);
  if (code === undefined) return <p className="soft">{text.invite.qrTooLong}</p>;
  return (
    <div className="qr">
      <svg role="img" aria-label={label} viewBox={`0 0 ${code.size} ${code.size}`} shapeRendering="crispEdges">
        <path d={code.path} fill="currentColor" />
      </svg>
    </div>
  );
}
