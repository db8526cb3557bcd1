"use client";

import type Nango from "@nangohq/frontend";
import type { ConnectUI, ConnectUIEvent } from "@nangohq/frontend";
import type { SessionAnswer } from "@/lib/api/views";
import type { ConnectFlowOptions, ConnectTarget, NangoAddresses } from "./connect-state";

/**
 * Opens Nango's frame over the page, without a token yet. Must run in the click itself.
 * @throws whatever the browser or Nango's module has against it
 */
export function openFrame(
  Module: typeof Nango,
  options: NangoAddresses & Pick<ConnectFlowOptions, "language" | "theme" | "frameTitle">,
  target: ConnectTarget,
  onEvent: (event: ConnectUIEvent) => void,
): ConnectUI {
  const { documentElement: root } = document;
  // Says whether there is a scroll bar whose place must be kept while the frame locks scrolling (app/globals.css).
  root.toggleAttribute("data-scrollbar", window.innerWidth > root.clientWidth);
  const ui = new Module({ host: options.apiUrl }).openConnectUI({
    baseURL: options.connectUrl,
    apiURL: options.apiUrl,
    lang: options.language,
    themeOverride: options.theme(),
    onEvent,
  });
  const frame = ui.iframe;
  if (frame) {
    frame.title = options.frameTitle(target);
    // Leaves room for the bar that says where the try stands and offers the plain link.
    frame.style.height = "calc(100dvh - var(--connect-bar, 0px))";
    frame.style.border = "0";
    // Nango's document declares no colour scheme. With another one than it, the frame would get an opaque ground.
    frame.style.colorScheme = "light";
    frame.focus();
  }
  return ui;
}

/** Where the same sign-in can be done in a tab. A self-hosted Nango leaves its own address out of its link. */
export function linkOf(session: SessionAnswer, nango: NangoAddresses | null): string {
  if (session.oauth_method === "direct") return session.authorizationUrl;
  const url = new URL(session.connectLink);
  if (nango && !url.searchParams.has("apiURL")) url.searchParams.set("apiURL", nango.apiUrl);
  return url.href;
}
