"use client";

import type { ConnectTarget } from "./connect-state";

/**
 * Gives the focus to what stands for a target now: the button that was pressed while it is there, else what came into
 * its place. Does nothing when the person has moved on to something else.
 */
export function focusTarget({ slug, again }: ConnectTarget, opener: Element | null): void {
  const active = document.activeElement;
  if (active && active !== document.body && active.tagName !== "IFRAME") return;
  const places = [
    ...(again ? [`[data-reconnect="${again.id}"]`, `[data-connection="${again.id}"] a[href]`] : []),
    `[data-connect="${slug}"]`,
    ...(again ? ["#page-title"] : []),
  ];
  const shown = (element: Element | null | undefined) => element?.isConnected && element.getClientRects().length > 0;
  const place = shown(opener)
    ? opener
    : places.flatMap((each) => [...document.querySelectorAll(each)]).find((element) => shown(element));
  if (place instanceof HTMLElement) place.focus({ preventScroll: true });
}
