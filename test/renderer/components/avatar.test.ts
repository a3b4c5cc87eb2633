/** Pictures of ids. */
import { describe, expect, it } from 'vitest';
import { avatarShape, initialsOf } from '../../../renderer/components/avatarShape.ts';
import { memberId } from '../support/samples.ts';

/** Relative luminance of WCAG, of `#rrggbb`. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const channel = Number.parseInt(colour.slice(start, start + 2), 16) / 255;
    return channel <= 0.03928 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
const contrastWithWhite = (colour: string): number => 1.05 / (luminance(colour) + 0.05);

describe('an avatar', () => {
  it('is the same for the same id, whatever the case of its checksum', () => {
    expect(avatarShape('0xABCDEF')).toEqual(avatarShape('0xabcdef'));
  });

  it('differs between ids: few of 200 share all of shape, turn and colours', () => {
    const seen = new Set(Array.from({ length: 200 }, (_, index) => JSON.stringify(avatarShape(memberId(index)))));
    expect(seen.size).toBeGreaterThan(185);
  });

  it('is dark enough everywhere for white initials', () => {
    for (let index = 0; index < 200; index++) {
      const { ground, figure } = avatarShape(memberId(index));
      expect(ground).not.toBe(figure);
      expect(contrastWithWhite(ground)).toBeGreaterThanOrEqual(4.5);
      expect(contrastWithWhite(figure)).toBeGreaterThanOrEqual(4.5);
    }
  });

  it('takes the first letters of the first and the last word', () => {
    expect(initialsOf('Ana')).toBe('A');
    expect(initialsOf('  ana maria  lópez ')).toBe('AL');
    expect(initialsOf('👩‍👩‍👧 family')).toBe('👩‍👩‍👧F');
    expect(initialsOf('')).toBe('');
  });
});
