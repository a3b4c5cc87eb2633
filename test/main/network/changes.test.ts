/** What counts as another network, and as a sleep. */
import { describe, expect, it } from 'vitest';
import { judgeInterfaces } from '../../../main/network/addresses.ts';
import type { InterfaceAddress } from '../../../main/network/addresses.ts';
import { createInterfaceWatch, createSleepWatch } from '../../../main/network/changes.ts';
import { SLEEP_GAP_MS } from '../../../shared/limits.ts';

const on = (name: string, address: string, mac = '02:00:00:00:00:01'): readonly InterfaceAddress[] =>
  judgeInterfaces({ [name]: [{ address, family: 'IPv4', internal: false, cidr: `${address}/24`, mac }] }, false);
const home = on('eth0', '192.168.1.5');

describe('a watch of the interfaces', () => {
  it('sees no change in what it sees first, nor in the same again, nor in what is not used', () => {
    const watch = createInterfaceWatch();
    expect(watch.changed(home)).toBeUndefined();
    expect(watch.changed([...home])).toBeUndefined();
    expect(watch.changed([...on('docker0', '172.17.0.1'), ...home])).toBeUndefined();
  });

  it.each([
    ['another address', on('eth0', '192.168.1.6')],
    ['another name', on('wlan0', '192.168.1.5')],
    ['another piece of hardware', on('eth0', '192.168.1.5', '02:00:00:00:00:02')],
    ['nothing', []],
    ['one more', [...home, ...on('wlan0', '10.0.0.7')]],
  ])('sees a change when there is %s', (_what, after) => {
    const watch = createInterfaceWatch();
    watch.changed(home);
    expect(watch.changed(after)).toBeDefined();
    expect(watch.changed(after)).toBeUndefined();
  });

  it('gives up for certain only whom every way to is gone, and no connection of the machine with itself', () => {
    const watch = createInterfaceWatch();
    watch.changed([...home, ...on('wlan0', '10.0.0.7')]);
    const isStranded = watch.changed(on('wlan0', '10.0.0.7'))!;
    expect(isStranded('192.168.1.9')).toBe(true);
    expect(isStranded('10.0.0.9')).toBe(false);
    expect(isStranded('127.0.0.1')).toBe(false);
    expect(isStranded('192.168.2.9')).toBe(false);
  });

  it('gives up nobody for certain while another address of the same subnet stays', () => {
    const watch = createInterfaceWatch();
    const wireless = on('wlan0', '192.168.1.7');
    watch.changed([...home, ...wireless]);
    expect(watch.changed(wireless)!('192.168.1.9')).toBe(false);
  });
});

describe('a watch for sleep', () => {
  it('tells of a gap once, and not of a beginning, a short delay or a clock that was set back', () => {
    const watch = createSleepWatch();
    expect(watch.woke(1_000_000)).toBe(false);
    expect(watch.woke(1_000_000 + SLEEP_GAP_MS)).toBe(false);
    expect(watch.woke(1_000_001 + 2 * SLEEP_GAP_MS)).toBe(true);
    expect(watch.woke(1_000_501 + 2 * SLEEP_GAP_MS)).toBe(false);
    expect(watch.woke(0)).toBe(false);
  });
});
