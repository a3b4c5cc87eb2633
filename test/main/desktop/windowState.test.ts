/** The place of the window, as it was kept and as it is used. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import {
  defaultWindowState,
  formatWindowState,
  minimalSize,
  parseWindowState,
  readWindowState,
  writeWindowState,
  type StoredWindowState,
} from '../../../main/desktop/windowState.ts';

const screens = [
  { x: 0, y: 0, width: 1920, height: 1040 },
  { x: 1920, y: 0, width: 1280, height: 1000 },
];
const stored: StoredWindowState = {
  bounds: { x: 100, y: 80, width: 1000, height: 700 },
  maximised: true,
  theme: 'dark',
};
const at = (bounds: Partial<StoredWindowState['bounds']>) =>
  parseWindowState(formatWindowState({ ...stored, bounds: { ...stored.bounds, ...bounds } }), screens);

const directory = mkdtempSync(join(tmpdir(), 'conclave-window-'));
afterAll(() => rmSync(directory, { recursive: true }));

describe('the state of the window', () => {
  it('comes back as it was kept', () => {
    expect(parseWindowState(formatWindowState(stored), screens)).toEqual({
      position: { x: 100, y: 80 },
      width: 1000,
      height: 700,
      maximised: true,
      theme: 'dark',
    });
  });

  it('loses its place when no screen shows it any more, and keeps its size', () => {
    for (const bounds of [{ x: 5000 }, { x: -2000 }, { y: -50 }, { y: 1030 }, { x: 3190 }]) {
      expect(at(bounds).position, JSON.stringify(bounds)).toBeUndefined();
      expect(at(bounds).width).toBe(1000);
    }
    expect(at({ x: 2000 }).position).toEqual({ x: 2000, y: 80 });
    expect(at({ x: -500 }).position).toEqual({ x: -500, y: 80 });
  });

  it('fits its size to the screen and to what can be used', () => {
    expect(at({ width: 9000, height: 9000 })).toMatchObject({ width: 1920, height: 1040 });
    expect(at({ width: 1, height: 1, x: 0 }).position).toBeUndefined();
    expect(at({ width: 100, height: 1 })).toMatchObject(minimalSize);
  });

  it('is the default for whatever else stands in the file', () => {
    const wrong: unknown[] = [
      null,
      [],
      7,
      {},
      { ...stored, extra: 1 },
      { ...stored, theme: 'pink' },
      { ...stored, maximised: 'yes' },
      { ...stored, bounds: { ...stored.bounds, x: 1e9 } },
      { ...stored, bounds: { ...stored.bounds, width: NaN } },
      { ...stored, bounds: { ...stored.bounds, width: -1 } },
      { ...stored, bounds: { ...stored.bounds, y: 0.5 } },
    ];
    for (const value of wrong) expect(parseWindowState(JSON.stringify(value), screens)).toEqual(defaultWindowState);
    for (const text of ['', '{', 'x', '\0']) expect(parseWindowState(text, screens)).toEqual(defaultWindowState);
  });

  it('is always a window that can be used', () => {
    const number = fc.oneof(fc.integer(), fc.double(), fc.integer({ min: -3000, max: 5000 }));
    const anything = fc.record({
      bounds: fc.record({ x: number, y: number, width: number, height: number }),
      maximised: fc.boolean(),
      theme: fc.constantFrom('system', 'light', 'dark'),
    });
    fc.assert(
      fc.property(fc.oneof(anything, fc.anything()), fc.array(fc.constantFrom(...screens)), (value, present) => {
        const state = parseWindowState(JSON.stringify(value) ?? '', present);
        expect(state.width).toBeGreaterThanOrEqual(minimalSize.width);
        expect(state.height).toBeGreaterThanOrEqual(minimalSize.height);
        expect(state.width).toBeLessThanOrEqual(1920);
        if (state.position !== undefined) expect(present.length).toBeGreaterThan(0);
      }),
      { numRuns: 1_000, seed: 9 },
    );
  });

  it('is kept in a file that only its owner reads, and a file that is not there is none', () => {
    const file = join(directory, 'window.json');
    expect(readWindowState(file, screens)).toEqual(defaultWindowState);
    writeWindowState(file, stored);
    writeWindowState(file, { ...stored, maximised: false });
    expect(readWindowState(file, screens).maximised).toBe(false);
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
    writeFileSync(file, readFileSync(file, 'utf8') + ' '.repeat(10_000));
    expect(readWindowState(file, screens)).toEqual(defaultWindowState);
  });
});
