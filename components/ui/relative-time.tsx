"use client";

import { useLocale } from "next-intl";
import { useSyncExternalStore } from "react";
import { useHydrated } from "./hydrated";
import { relativeText } from "./relative-text";

// One clock for all dates on a page: they grow older together, once a minute.
let now = 0;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function tick() {
  now = Date.now();
  for (const each of listeners) each();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  timer ??= setInterval(tick, 60_000);
  // A date that has just come is often of just now: by a clock that is a minute old it would lie ahead.
  if (Date.now() - now > 1_000) tick();
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

/** The time now, in milliseconds, as old as a minute at most; the first render repeats the server's. */
export function useNow(serverNow: number): number {
  const hydrated = useHydrated();
  const current = useSyncExternalStore(subscribe, readClock, () => serverNow);
  return hydrated ? current : serverNow;
}

/**
 * A date in relative words, with the exact time on hover.
 * `serverNow` is the time at which the page was drawn: the browser's first render repeats it, so nothing mismatches.
 */
export function RelativeTime({ iso, serverNow }: { iso: string; serverNow: number }) {
  const locale = useLocale();
  const hydrated = useHydrated();
  const current = useNow(serverNow);
  const at = new Date(iso);
  const timeZone = hydrated ? undefined : "UTC";
  const exact = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "short", timeZone }).format(at);
  return (
    <time dateTime={iso} title={hydrated ? exact : `${exact} UTC`}>
      {relativeText(at, new Date(current), locale, timeZone)}
    </time>
  );
}
