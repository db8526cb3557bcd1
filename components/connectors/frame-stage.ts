"use client";

import type Nango from "@nangohq/frontend";
import type { ConnectUI, ConnectUIEvent } from "@nangohq/frontend";
import type { SessionAnswer } from "@/lib/api/views";
import type { ConnectFlowOptions, ConnectTarget, NangoAddresses } from "./connect-state";
import type { LoadedOnce } from "./loaded-once";
import { openFrame } from "./open-frame";
import type { SignInStage, StageEvents } from "./sign-in-stage";

/** Nango's frame: opens in the click once its module is here, and gets its token later. */
export class FrameStage implements SignInStage {
  readonly method = "nango";
  #ui: ConnectUI | null = null;
  #token: string | null = null;
  #over = false;
  #watchdog?: ReturnType<typeof setTimeout>;

  constructor(
    private readonly nango: NangoAddresses,
    private readonly module: LoadedOnce<typeof Nango>,
    private readonly options: ConnectFlowOptions,
    private readonly target: ConnectTarget,
    private readonly events: StageEvents,
  ) {}

  open(): void {
    if (this.module.now) this.#show(this.module.now);
    else
      this.module.load().then(
        (module) => this.#show(module),
        () => this.#lose("frame_blocked"),
      );
  }

  go(session: SessionAnswer): void {
    if (session.oauth_method !== "nango") return;
    this.#token = session.sessionToken;
    this.#ui?.setSessionToken(session.sessionToken);
  }

  close(): void {
    this.#over = true;
    clearTimeout(this.#watchdog);
    this.#ui?.close();
    this.#ui = null;
  }

  #show(Module: typeof Nango): void {
    if (this.#over) return;
    try {
      this.#ui = openFrame(Module, { ...this.options, ...this.nango }, this.target, (event) => this.#onEvent(event));
    } catch {
      this.#lose("frame_blocked");
      return;
    }
    if (this.#token) this.#ui.setSessionToken(this.#token);
    this.#watchdog = setTimeout(() => this.#lose("frame_blocked"), this.options.frameTimeout ?? 8_000);
  }

  #onEvent(event: ConnectUIEvent): void {
    if (this.#over) return;
    if (event.type === "ready") clearTimeout(this.#watchdog);
    if (event.type === "connect") this.events.finished(event.payload.connectionId);
    if (event.type === "error") {
      const { errorType, errorMessage } = event.payload;
      if (errorType === "blocked_by_browser") this.#lose("popup_blocked");
      // A refused consent comes back as a failed callback. Other faults (a wrong key) are mended inside the frame.
      else if ((errorType as string) === "callback_err" || /access.?denied|denied/i.test(errorMessage))
        this.events.denied();
    }
    if (event.type === "close") {
      this.#ui = null;
      this.events.closed();
    }
  }

  #lose(trouble: "frame_blocked" | "popup_blocked"): void {
    if (this.#over) return;
    this.close();
    this.events.lost(trouble);
  }
}
