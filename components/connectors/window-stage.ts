"use client";

import type { SessionAnswer } from "@/lib/api/views";
import type { SignInStage, StageEvents } from "./sign-in-stage";

/** How often it is looked whether the window is still there, in milliseconds. */
const glance = 400;
const size = { width: 560, height: 720 };

/**
 * A window of the provider's own page: opens in the click, empty, and is sent there when the server has answered. The
 * provider may cut the window off from us, which looks as if it were closed: what is finished in it counts all the same.
 */
export class WindowStage implements SignInStage {
  readonly method = "direct";
  #window: Window | null = null;
  #watch?: ReturnType<typeof setInterval>;

  /** @param words what the window says until it is sent on */
  constructor(
    private readonly words: string,
    private readonly events: StageEvents,
  ) {}

  open(): void {
    // No "noopener": without its handle we could neither send it on nor see that it was closed.
    this.#window = window.open("", "", `popup,${place()}`);
    if (!this.#window) {
      this.events.lost("popup_blocked");
      return;
    }
    const { document: page } = this.#window;
    page.title = this.words;
    page.body.textContent = this.words;
    page.body.style.font = "15px system-ui, sans-serif";
    page.body.style.margin = "2rem";
    page.documentElement.style.colorScheme = "light dark";
    this.#watch = setInterval(() => {
      if (!this.#window?.closed) return;
      this.#forget();
      this.events.closed();
    }, glance);
  }

  go(session: SessionAnswer): void {
    if (session.oauth_method !== "direct" || !this.#window || this.#window.closed) return;
    this.#window.location.replace(session.authorizationUrl);
  }

  close(): void {
    this.#window?.close();
    this.#forget();
  }

  #forget(): void {
    clearInterval(this.#watch);
    this.#window = null;
  }
}

/** In the middle of our own window. */
function place(): string {
  const left = Math.max(0, Math.round(window.screenX + (window.outerWidth - size.width) / 2));
  const top = Math.max(0, Math.round(window.screenY + (window.outerHeight - size.height) / 2));
  return `width=${size.width},height=${size.height},left=${left},top=${top}`;
}
