/**
 * Times and durations in words: days as the reader's language writes them, the clock with 24 hours. Every function takes the present as a parameter.
 */
import { differenceInCalendarDays } from 'date-fns';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const clockFormat = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const weekdayFormat = new Intl.DateTimeFormat(undefined, { weekday: 'long' });
const dayFormat = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const dayYearFormat = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' });
const shortDayFormat = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const fullFormat = new Intl.DateTimeFormat(undefined, { dateStyle: 'long', timeStyle: 'short', hourCycle: 'h23' });

/** 14:02 */
export const clockTime = (at: number): string => clockFormat.format(at);

/** Long date and time, for a tooltip. */
export const fullTime = (at: number): string => fullFormat.format(at);

/** The line between two days. */
export function dayLabel(at: number, now: number, words: { today: string; yesterday: string }): string {
  const days = differenceInCalendarDays(now, at);
  if (days === 0) return words.today;
  if (days === 1) return words.yesterday;
  return days > 1 && days < 300 ? dayFormat.format(at) : dayYearFormat.format(at);
}

/** The time in a list of groups: clock today, weekday this week, else the day. */
export function listTime(at: number, now: number, words: { yesterday: string }): string {
  const days = differenceInCalendarDays(now, at);
  if (days <= 0) return clockTime(at);
  if (days === 1) return words.yesterday;
  return days < 7 ? weekdayFormat.format(at) : shortDayFormat.format(at);
}

/** 14:02 today, else with the day before it: for sentences such as "voted you out at ...". */
export function moment(at: number, now: number): string {
  return differenceInCalendarDays(now, at) === 0 ? clockTime(at) : `${shortDayFormat.format(at)}, ${clockTime(at)}`;
}

const plural = (count: number, unit: string): string => `${count} ${unit}${count === 1 ? '' : 's'}`;

/** A whole duration as a person would say it: "5 minutes", "1 hour 30 minutes", "1 day". */
export function durationWords(ms: number): string {
  if (ms < MINUTE_MS) return plural(Math.round((ms / SECOND_MS) * 10) / 10, 'second');
  const days = Math.floor(ms / DAY_MS);
  const hours = Math.floor((ms % DAY_MS) / HOUR_MS);
  const minutes = Math.round((ms % HOUR_MS) / MINUTE_MS);
  const parts = [
    ...(days > 0 ? [plural(days, 'day')] : []),
    ...(hours > 0 ? [plural(hours, 'hour')] : []),
    ...(minutes > 0 ? [plural(minutes, 'minute')] : []),
  ];
  return parts.slice(0, 2).join(' ');
}

/** What is left of a voting window; undefined when it is over. Coarse on purpose: nothing blinks. */
export function remaining(until: number, now: number): string | undefined {
  const left = until - now;
  if (left <= 0) return undefined;
  if (left < MINUTE_MS) return plural(Math.max(1, Math.ceil(left / (10 * SECOND_MS)) * 10), 'second');
  if (left < HOUR_MS) return plural(Math.ceil(left / MINUTE_MS), 'minute');
  if (left < DAY_MS) {
    const hours = Math.floor(left / HOUR_MS);
    const minutes = Math.ceil((left % HOUR_MS) / MINUTE_MS);
    if (minutes === 60) return plural(hours + 1, 'hour');
    return minutes === 0 ? plural(hours, 'hour') : `${plural(hours, 'hour')} ${plural(minutes, 'minute')}`;
  }
  return plural(Math.round(left / DAY_MS), 'day');
}
