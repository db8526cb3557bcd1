"use client";

import type Nango from "@nangohq/frontend";
import type { ConnectUI, ConnectUIEvent } from "@nangohq/frontend";
import { failureCode } from "@/components/api-client";
import type { AttemptView, CloseReason, ConnectionView, Visibility } from "@/lib/api/views";
import {
  type BusyState,
  type ConnectFailure,
  type ConnectFlowOptions,
  type ConnectState,
  type ConnectTarget,
  type FrameTrouble,
  isBusy,
} from "./connect-state";

/**
 * One try to connect, from the click to its outcome, as the page lives it.
 *
 * Nango's frame opens in the click itself and gets its token later. What the frame reports is only a hint: the server
 * confirms, and a poll finds the outcome when the frame says nothing. The first of them to end the attempt wins.
 */

type Run = ConnectTarget & {
  attemptId: string | null;
  token: string | null;
  ended: boolean;
  ui: ConnectUI | null;
  watchdog?: ReturnType<typeof setTimeout>;
  poll?: ReturnType<typeof setTimeout>;
  polls: number;
};

/** How long a sign-in that was left open is still watched for: a popup that is finished late counts. */
const abandonedPolls = 45;
const abandonedEvery = 4_000;

export class ConnectFlow {
  #state: ConnectState = { phase: "idle" };
  #run: Run | null = null;
  #nango: typeof Nango | null = null;
  #loading: Promise<typeof Nango> | null = null;
  readonly #listeners = new Set<() => void>();

  constructor(private readonly options: ConnectFlowOptions) {}

  readonly getState = (): ConnectState => this.#state;
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** Loads Nango's module ahead of the click, so that the click itself can open the frame. */
  readonly preload = (): Promise<typeof Nango> => {
    this.#loading ??= this.options.loadNango().then(
      (module) => {
        this.#nango = module;
        return module;
      },
      (error: unknown) => {
        this.#loading = null;
        throw error;
      },
    );
    return this.#loading;
  };

  /** Starts a try; does nothing while one is under way, so a double click is one attempt. */
  start(target: ConnectTarget, visibility: Visibility): void {
    if (isBusy(this.#state)) return;
    const run: Run = { ...target, attemptId: null, token: null, ended: false, ui: null, polls: 0 };
    this.#run = run;
    this.#set({ ...target, phase: "opening", frame: true, link: null, trouble: null });
    if (this.#nango) this.#openFrame(run, this.#nango);
    else
      this.preload().then(
        (module) => this.#openFrame(run, module),
        () => this.#loseFrame(run, "frame_blocked"),
      );
    void this.#mint(run, visibility);
  }

  /** The person gives up: the session is deleted, and what completes later is not adopted. */
  cancel(): void {
    if (this.#run) this.#quit(this.#run, "cancelled");
  }

  /** Closes the frame and goes on in the tab that a plain link opened. */
  continueInTab(): void {
    if (this.#run) this.#closeFrame(this.#run);
    this.#update({ frame: false });
  }

  /** Looks at once; for when the page comes back to the front. */
  lookNow(): void {
    const run = this.#run;
    if (run?.attemptId && !run.ended) void this.#poll(run);
  }

  /** Forgets a shown outcome. */
  dismiss(): void {
    if (!isBusy(this.#state)) this.#set({ phase: "idle" });
  }

  /** Ends everything without a word; the page is going away. */
  dispose(): void {
    if (this.#run) this.#finish(this.#run);
  }

  async #mint(run: Run, visibility: Visibility): Promise<void> {
    try {
      const session = await this.options.calls.start({ connector: run.slug, visibility });
      run.attemptId = session.attemptId;
      if (run.ended) {
        await this.options.calls.cancel(session.attemptId, "closed");
        return;
      }
      run.ui?.setSessionToken(session.sessionToken);
      run.token = session.sessionToken;
      if (this.#isCurrent(run)) this.#update({ phase: "waiting", link: this.#linkWithApi(session.connectLink) });
      this.#schedule(run);
    } catch (error) {
      this.#fail(run, failureCode(error));
    }
  }

  /** A self-hosted Nango leaves its own address out of the link. */
  #linkWithApi(link: string): string {
    const url = new URL(link);
    if (!url.searchParams.has("apiURL")) url.searchParams.set("apiURL", this.options.apiUrl);
    return url.href;
  }

  #openFrame(run: Run, Module: typeof Nango): void {
    if (run.ended || !this.#isCurrent(run)) return;
    const { documentElement: root } = document;
    // Says whether there is a scroll bar whose place must be kept while the frame locks scrolling (app/globals.css).
    root.toggleAttribute("data-scrollbar", window.innerWidth > root.clientWidth);
    try {
      run.ui = new Module({ host: this.options.apiUrl }).openConnectUI({
        baseURL: this.options.connectUrl,
        apiURL: this.options.apiUrl,
        lang: this.options.language,
        themeOverride: this.options.theme(),
        onEvent: (event) => this.#onEvent(run, event),
      });
    } catch {
      this.#loseFrame(run, "frame_blocked");
      return;
    }
    if (run.token) run.ui.setSessionToken(run.token);
    const frame = run.ui.iframe;
    if (frame) {
      frame.title = this.options.frameTitle(run.name);
      // Leaves room for the bar that says where the try stands and offers the plain link.
      frame.style.height = "calc(100dvh - var(--connect-bar, 0px))";
      frame.style.border = "0";
      frame.focus();
    }
    run.watchdog = setTimeout(() => this.#loseFrame(run, "frame_blocked"), this.options.frameTimeout ?? 8_000);
  }

  #onEvent(run: Run, event: ConnectUIEvent): void {
    if (run.ended) return;
    if (event.type === "ready") clearTimeout(run.watchdog);
    if (event.type === "connect") {
      this.#update({ phase: "finishing" });
      void this.#confirm(run, event.payload.connectionId);
    }
    if (event.type === "error") {
      const { errorType, errorMessage } = event.payload;
      if (errorType === "blocked_by_browser") this.#loseFrame(run, "popup_blocked");
      // A refused consent comes back as a failed callback. Other faults (a wrong key) are mended inside the frame.
      else if ((errorType as string) === "callback_err" || /access.?denied|denied/i.test(errorMessage))
        this.#quit(run, "denied");
    }
    if (event.type === "close") {
      run.ui = null;
      if (this.#state.phase === "finishing") this.#update({ frame: false });
      else this.#quit(run, "closed");
    }
  }

  async #confirm(run: Run, connectionId: string | undefined): Promise<void> {
    if (!run.attemptId) return;
    try {
      const answer = await this.options.calls.confirm(run.attemptId, connectionId);
      this.#settle(run, answer.attempt, answer.connection);
    } catch (error) {
      // The poll goes on and finds the truth; only what can never become true ends the try here.
      const code = failureCode(error);
      if (code === "connection_mismatch" || code === "owner_mismatch" || code === "unauthenticated")
        this.#fail(run, code);
    }
  }

  #schedule(run: Run): void {
    // An answer that comes after the end must not stop the watch over what was left open.
    if (run.ended) return;
    clearTimeout(run.poll);
    // 1 s in the first minute, when most people finish; then 2 and 4 s.
    const wait = run.polls < 60 ? 1_000 : run.polls < 120 ? 2_000 : 4_000;
    run.poll = setTimeout(() => void this.#poll(run), wait);
  }

  async #poll(run: Run): Promise<void> {
    if (!run.attemptId || run.ended) return;
    run.polls += 1;
    clearTimeout(run.poll);
    try {
      this.#settle(run, await this.options.calls.attempt(run.attemptId), null);
    } catch (error) {
      const code = failureCode(error);
      if (code === "unauthenticated" || code === "not_found") return this.#fail(run, code);
    }
    this.#schedule(run);
  }

  /** Applies what the server says about the attempt. */
  #settle(run: Run, attempt: AttemptView, connection: ConnectionView | null): void {
    if (run.ended) return;
    if (attempt.status === "confirmed") {
      this.#finish(run);
      if (this.#isCurrent(run)) this.#set({ slug: run.slug, name: run.name, phase: "connected", connection });
      this.options.onConnected({ slug: run.slug, name: run.name }, connection);
    } else if (attempt.status === "expired") this.#fail(run, "expired");
    else if (attempt.status === "failed" || attempt.status === "cancelled")
      this.#fail(run, attempt.outcome ? `outcome:${attempt.outcome}` : "connect_failed");
  }

  /** The frame or its popup cannot be used: the page offers a plain link, and the attempt goes on. */
  #loseFrame(run: Run, trouble: FrameTrouble): void {
    if (run.ended || !this.#isCurrent(run)) return;
    this.#closeFrame(run);
    this.#update({ frame: false, trouble });
  }

  #quit(run: Run, reason: CloseReason): void {
    if (run.ended) return;
    this.#finish(run);
    if (this.#isCurrent(run)) {
      const target = { slug: run.slug, name: run.name };
      this.#set(reason === "denied" ? { ...target, phase: "failed", reason: "denied" } : { phase: "idle" });
    }
    if (!run.attemptId) return;
    void this.options.calls.cancel(run.attemptId, reason).catch(() => {});
    if (reason === "closed") this.#watchAbandoned(run, abandonedPolls);
  }

  /** Closing the frame gives up nothing that is still open in a popup: when that is finished, the page says so. */
  #watchAbandoned(run: Run, left: number): void {
    const id = run.attemptId;
    if (!id || left === 0) return;
    run.poll = setTimeout(async () => {
      const attempt = await this.options.calls.attempt(id).catch(() => null);
      if (attempt?.status === "confirmed") {
        this.options.onConnected({ slug: run.slug, name: run.name }, null);
      } else if (attempt === null || attempt.status === "open" || attempt.status === "abandoned") {
        this.#watchAbandoned(run, left - 1);
      }
    }, abandonedEvery);
  }

  #fail(run: Run, reason: ConnectFailure): void {
    if (run.ended) return;
    this.#finish(run);
    if (this.#isCurrent(run)) this.#set({ slug: run.slug, name: run.name, phase: "failed", reason });
  }

  #finish(run: Run): void {
    run.ended = true;
    clearTimeout(run.poll);
    this.#closeFrame(run);
  }

  #closeFrame(run: Run): void {
    clearTimeout(run.watchdog);
    run.ui?.close();
    run.ui = null;
  }

  #isCurrent(run: Run): boolean {
    return this.#run === run;
  }

  #update(change: Partial<Pick<BusyState, "phase" | "frame" | "link" | "trouble">>): void {
    if (isBusy(this.#state)) this.#set({ ...this.#state, ...change });
  }

  #set(state: ConnectState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
