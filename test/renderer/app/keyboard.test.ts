/** The map of keys. */
import { describe, expect, it } from 'vitest';
import { actionOf, bindings, keyName, keySheet } from '../../../renderer/app/keyboard.ts';

const press = (key: string, more: Partial<Record<'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey', boolean>> = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...more,
});

describe('the keyboard', () => {
  it('knows the keys of the cheat sheet', () => {
    expect(actionOf(press('n', { ctrlKey: true }), false)).toBe('newGroup');
    expect(actionOf(press('ArrowDown', { altKey: true }), false)).toBe('nextGroup');
    expect(actionOf(press('ArrowUp', { altKey: true }), false)).toBe('previousGroup');
    expect(actionOf(press('V', { ctrlKey: true, shiftKey: true }), false)).toBe('votes');
    expect(actionOf(press(',', { ctrlKey: true }), false)).toBe('settings');
    expect(actionOf(press('/', { ctrlKey: true }), false)).toBe('shortcuts');
  });

  it('leaves plain typing and other combinations alone', () => {
    expect(actionOf(press('n'), false)).toBeUndefined();
    expect(actionOf(press('v', { ctrlKey: true }), false)).toBeUndefined();
    expect(actionOf(press('n', { ctrlKey: true, altKey: true }), false)).toBeUndefined();
    expect(actionOf(press('n', { ctrlKey: true, metaKey: true }), false)).toBeUndefined();
  });

  it('takes Cmd on macOS, and Ctrl nowhere else', () => {
    expect(actionOf(press('n', { metaKey: true }), true)).toBe('newGroup');
    expect(actionOf(press('n', { ctrlKey: true }), true)).toBeUndefined();
  });

  it('takes a sign that needs Shift on some keyboards', () => {
    expect(actionOf(press('/', { ctrlKey: true, shiftKey: true }), false)).toBe('shortcuts');
  });

  it('has no key twice, and shows every key with its words', () => {
    const written = bindings.map((binding) => keyName(binding, false));
    expect(new Set(written).size).toBe(written.length);
    expect(written).toContain('Ctrl+Shift+V');
    expect(keySheet(true).every((line) => line.what !== '' && line.keys !== '')).toBe(true);
    expect(keySheet(false).map((line) => line.keys)).toEqual(expect.arrayContaining(written));
  });
});
