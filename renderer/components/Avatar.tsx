/** The picture of a person or a group. It only repeats what stands beside it, so it is hidden from screen readers. */
import { useId } from 'react';
import { avatarShape, initialsOf } from './avatarShape.ts';

export function Avatar({
  id,
  name,
  size = 36,
  group = false,
}: {
  id: string;
  name: string;
  size?: number;
  group?: boolean;
}) {
  const clip = useId();
  const shape = avatarShape(id);
  const initials = initialsOf(name);
  return (
    <svg className="avatar" width={size} height={size} viewBox="0 0 40 40" aria-hidden>
      <clipPath id={clip}>
        {group ? <rect width="40" height="40" rx="11" /> : <circle cx="20" cy="20" r="20" />}
      </clipPath>
      <g clipPath={`url(#${clip})`}>
        <rect width="40" height="40" fill={shape.ground} />
        <path d={shape.path} fill={shape.figure} transform={`rotate(${shape.turn} 20 20)`} />
      </g>
      <text
        x="20"
        y="20"
        dy="0.36em"
        fill="#ffffff"
        fontSize={initials.length > 1 ? 15 : 18}
        fontWeight="600"
        textAnchor="middle"
      >
        {initials}
      </text>
    </svg>
  );
}

/** An avatar with a dot that tells whether the person can be reached; words for it stand elsewhere. */
export function PresenceAvatar({
  id,
  name,
  online,
  size = 36,
}: {
  id: string;
  name: string;
  online: boolean;
  size?: number;
}) {
  return (
    <span className="presence">
      <Avatar id={id} name={name} size={size} />
      <span className={`presence-dot ${online ? '' : 'presence-dot-away'}`} aria-hidden />
    </span>
  );
}
