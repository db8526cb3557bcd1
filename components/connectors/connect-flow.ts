"use client";

import type Nango from "@nangohq/frontend";
import type { ConnectUIEvent } from "@nangohq/frontend";
import { failureCode } from "@/components/api-client";
import type { AttemptView, CloseReason, ConnectionView, SessionAnswer, Visibility } from "@/lib/api/views";
import { awaitLook } from "./await-look";
import { abandonedEvery, abandonedPolls, pollPause, type Run } from "./connect-run";
import {
  type Again,
  type BusyState,
  type ConnectFailure,
  type ConnectFlowOptions,
  type ConnectState,
  type ConnectTarget,
  type FrameTrouble,
  isBusy,
} from "./connect-state";
import { LoadedOnce } from "./loaded-once";
import { linkWithApi, openFrame } from "./open-frame";

/**
 * One try to connect or reconnect, from the click to its outcome, as the page lives it.
 *
 * Nango's frame opens in the click itself and gets its token later. What the frame reports is only a hint: the server
 * confirms, and a poll finds the outcome when the frame says nothing. The first of them to end the attempt wins.
 */

export class ConnectFlow {
  #state: ConnectState = { phase: "idle" };
  #run: Run | null = null;
  #disposed = false;
  readonly #listeners = new Set<() => void>();

  readonly #nango: LoadedOnce<typeof Nango>;

  constructor(private readonly options: ConnectFlowOptions) {
    this.#nango = new LoadedOnce(options.loadNango);
  }

  readonly getState = (): ConnectState => this.#state;
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** Loads Nango's module ahead of the click, so that the click itself can open the frame. */
  readonly preload = (): Promise<typeof Nango> => this.#nango.load();

  /** What had the focus when the try began; the frame gives it back to nobody. */
  opener: Element | null = null;

  /** Starts a try; does nothing while one is under way, so a double click is one attempt. */
  start(target: ConnectTarget, visibility: Visibility): void {
    this.#begin(target, () => this.options.calls.start({ connector: target.slug, visibility }));
  }

  /** Signs an account in again. Until the new sign-in is there, the old one stays as it is. */
  reconnect(target: ConnectTarget & { again: Again }): void {
    this.#begin(target, () => this.options.calls.reconnect(target.again.id));
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
    this.#disposed = true;
    if (this.#run) this.#finish(this.#run);
  }

  #begin(target: ConnectTarget, mint: () => Promise<SessionAnswer>): void {
    if (isBusy(this.#state)) return;
    const run: Run = { target, attemptId: null, token: null, ended: false, ui: null, polls: 0 };
    this.#run = run;
    this.opener = document.activeElement;
    this.#set({ ...target, phase: "opening", frame: true, link: null, trouble: null });
    if (this.#nango.now) this.#openFrame(run, this.#nango.now);
    else
      this.preload().then(
        (module) => this.#openFrame(run, module),
        () => this.#loseFrame(run, "frame_blocked"),
      );
    void this.#mint(run, mint);
  }

  async #mint(run: Run, mint: () => Promise<SessionAnswer>): Promise<void> {
    try {
      const session = await mint();
      run.attemptId = session.attemptId;
      if (run.ended) {
        await this.options.calls.cancel(session.attemptId, "closed");
        return;
      }
      run.ui?.setSessionToken(session.sessionToken);
      run.token = session.sessionToken;
      const link = linkWithApi(session.connectLink, this.options.apiUrl);
      if (this.#isCurrent(run)) this.#update({ phase: "waiting", link });
      this.#schedule(run);
    } catch (error) {
      this.#fail(run, failureCode(error));
    }
  }

  #openFrame(run: Run, Module: typeof Nango): void {
    if (run.ended || !this.#isCurrent(run)) return;
    try {
      run.ui = openFrame(Module, this.options, run.target, (event) => this.#onEvent(run, event));
    } catch {
      this.#loseFrame(run, "frame_blocked");
      return;
    }
    if (run.token) run.ui.setSessionToken(run.token);
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
    run.poll = setTimeout(() => void this.#poll(run), pollPause(run.polls));
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
      this.#succeed(run, connection);
    } else if (attempt.status === "expired") this.#fail(run, "expired");
    else if (attempt.status === "failed" || attempt.status === "cancelled")
      this.#fail(run, attempt.outcome ? `outcome:${attempt.outcome}` : "connect_failed");
  }

  /** A new account is connected; one that was signed in again may be somebody else's, which the server looks into. */
  #succeed(run: Run, connection: ConnectionView | null): void {
    const { target } = run;
    if (target.again) void this.#check(run, target.again, connection);
    else {
      this.#show(run, { ...target, phase: "connected", connection });
      this.options.onConnected(target, connection);
    }
  }

  async #check(run: Run, again: Again, first: ConnectionView | null): Promise<void> {
    const { target } = run;
    this.#show(run, { ...target, phase: "checking" });
    this.options.onChecking();
    const read = () => this.options.calls.connection(again.id);
    const connection = await awaitLook(first, read, () => this.#disposed);
    if (this.#disposed) return;
    const works = connection?.status === "connected";
    this.#show(run, works ? { ...target, phase: "connected", connection } : { phase: "idle" });
    this.options.onChecked(again, target, connection);
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
    const { target } = run;
    this.#show(run, reason === "denied" ? { ...target, phase: "failed", reason } : { phase: "idle" });
    if (target.again && reason !== "denied") this.options.onLeft(target.again, target);
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
        this.#succeed(run, null);
      } else if (attempt === null || attempt.status === "open" || attempt.status === "abandoned") {
        this.#watchAbandoned(run, left - 1);
      }
    }, abandonedEvery);
  }

  #fail(run: Run, reason: ConnectFailure): void {
    if (run.ended) return;
    this.#finish(run);
    this.#show(run, { ...run.target, phase: "failed", reason });
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

  /** A run that another one followed has no say in what the page shows. */
  #show(run: Run, state: ConnectState): void {
    if (this.#isCurrent(run)) this.#set(state);
  }

  #update(change: Partial<Pick<BusyState, "phase" | "frame" | "link" | "trouble">>): void {
    if (isBusy(this.#state)) this.#set({ ...this.#state, ...change });
  }

  #set(state: ConnectState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
