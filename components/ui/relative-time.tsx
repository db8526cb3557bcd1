"use client";

import { useLocale } from "next-intl";
import { useSyncExternalStore } from "react";
import { useHydrated } from "./hydrated";

// One clock for all dates on a page: they grow older together, once a minute.
let now = 0;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void) {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, 60_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}
const readClock = () => {
  if (now === 0) now = Date.now();
  return now;
};

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ["minute", 60],
  ["hour", 3600],
  ["day", 86_400],
];

/** "4 minutes ago" up to a week away, then the day: "12 Nov", with the year when it is another one. */
export function relativeText(at: Date, since: Date, locale: string, timeZone: string | undefined): string {
  const seconds = (at.getTime() - since.getTime()) / 1000;
  const distance = Math.abs(seconds);
  if (distance >= 7 * 86_400) {
    const sameYear = at.getUTCFullYear() === since.getUTCFullYear();
    return new Intl.DateTimeFormat(locale, {
      day: "numeric",
      month: "short",
      year: sameYear ? undefined : "numeric",
      timeZone,
    }).format(at);
  }
  const words = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  if (distance < 45) return words.format(0, "second");
  const [unit, length] = steps.findLast(([, size]) => distance >= size * 0.95) ?? ["minute" as const, 60];
  return words.format(Math.round(seconds / length), unit);
}

/**
 * A date in relative words, with the exact time on hover.
 * `serverNow` is the time at which the page was drawn: the browser's first render repeats it, so nothing mismatches.
 */
export function RelativeTime({ iso, serverNow }: { iso: string; serverNow: number }) {
  const locale = useLocale();
  const hydrated = useHydrated();
  const current = useSyncExternalStore(subscribe, readClock, () => serverNow);
  const at = new Date(iso);
  const timeZone = hydrated ? undefined : "UTC";
  const exact = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "short", timeZone }).format(at);
  return (
    <time dateTime={iso} title={hydrated ? exact : `${exact} UTC`}>
      {relativeText(at, new Date(Math.max(current, hydrated ? 0 : serverNow)), locale, timeZone)}
    </time>
  );
}
