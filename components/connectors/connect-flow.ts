"use client";

import type Nango from "@nangohq/frontend";
import { ApiFailure, failureCode } from "@/components/api-client";
import type { AttemptView, CloseReason, ConnectionView, OAuthMethod, SessionAnswer, Visibility } from "@/lib/api/views";
import { type Answers, AskFirst, startInput, type Wish } from "./ask-first";
import { awaitLook } from "./await-look";
import { pollPause, type Run, watchAbandoned } from "./connect-run";
import {
  type Again,
  type BusyState,
  type ConnectFailure,
  type ConnectFlowOptions,
  type ConnectState,
  type ConnectTarget,
  isBusy,
  type StageTrouble,
} from "./connect-state";
import { LoadedOnce } from "./loaded-once";
import { linkOf } from "./open-frame";
import type { SignInStage } from "./sign-in-stage";
import { stageFor } from "./stage-for";
import { Watched } from "./watched";

/**
 * One try to connect or reconnect, from the click to its outcome, as the page lives it.
 *
 * Nango's frame, or a window for the provider, opens in the click itself and gets its aim later. What it reports is only
 * a hint: the server confirms, and a poll finds the outcome when nothing is reported. The first of them to end the attempt
 * wins.
 */

export class ConnectFlow {
  readonly #shown = new Watched<ConnectState>({ phase: "idle" });
  #run: Run | null = null;
  #disposed = false;
  readonly #nango: LoadedOnce<typeof Nango>;
  readonly questions: AskFirst;

  constructor(private readonly options: ConnectFlowOptions) {
    this.#nango = new LoadedOnce(options.loadNango);
    this.questions = new AskFirst(options.asked ?? (() => undefined));
  }

  readonly getState = this.#shown.get;
  readonly subscribe = this.#shown.subscribe;

  /** Loads Nango's module, if it is used, ahead of the click, so that the click itself can open the frame. */
  readonly preload = async (): Promise<void> => {
    if (this.options.nango) await this.#nango.load();
  };

  /** What had the focus when the try began; the frame gives it back to nobody. */
  opener: Element | null = null;

  /** Starts a try; does nothing while one is under way, so a double click is one attempt. */
  start(target: ConnectTarget, visibility: Visibility): void {
    this.#wish({ target, visibility, directly: false });
  }

  /** Takes what a failed try offered: the same once more, without Nango. Must be called in the click itself. */
  startDirectly(): void {
    const wish = this.#run?.wish;
    if (this.#state.phase === "failed" && this.#state.fallback && wish) this.#wish({ ...wish, directly: true });
  }

  /** Begins what the questions were asked for. Must be called in the click itself. */
  answer(answers: Answers): void {
    const wish = this.questions.take(answers);
    if (wish) this.#connect(wish, answers);
  }

  /** Leaves the questions, and what has begun with their answers. */
  leaveQuestions(): void {
    if (this.questions.shown.get()?.pending) this.cancel();
    this.questions.withdraw();
  }

  /** Signs an account in again. Until the new sign-in is there, the old one stays as it is. */
  reconnect(target: ConnectTarget & { again: Again }): void {
    if (isBusy(this.#state)) return;
    this.opener = document.activeElement;
    this.#begin(target, null, () => this.options.calls.reconnect(target.again.id));
  }

  /** The person gives up: the session is deleted, and what completes later is not adopted. */
  cancel(): void {
    if (this.#run) this.#quit(this.#run, "cancelled");
  }

  /** Closes the frame or window and goes on in the tab that a plain link opened. */
  continueInTab(): void {
    this.#run?.stage?.close();
    this.#update({ frame: false });
  }

  /** Looks at once; for when the page comes back to the front. */
  lookNow(): void {
    const run = this.#run;
    if (run?.attemptId && !run.ended) void this.#poll(run);
  }

  /** Forgets a shown outcome. */
  dismiss(): void {
    if (!isBusy(this.#state)) this.#shown.set({ phase: "idle" });
  }

  /** Ends everything without a word; the page is going away. */
  dispose(): void {
    this.#disposed = true;
    if (this.#run) this.#finish(this.#run);
  }

  #wish(wish: Wish): void {
    if (isBusy(this.#state)) return;
    this.opener = document.activeElement;
    if (!this.questions.before(wish)) this.#connect(wish);
  }

  #connect(wish: Wish, answers?: Answers): void {
    const target = wish.directly ? { ...wish.target, method: "direct" as const } : wish.target;
    this.#begin(target, wish, () => this.options.calls.start(startInput(wish, answers)));
  }

  #begin(target: ConnectTarget, wish: Wish | null, mint: () => Promise<SessionAnswer>): void {
    const run: Run = { target, wish, attemptId: null, ended: false, stage: null, polls: 0 };
    const method = this.options.nango ? (target.method ?? "nango") : "direct";
    this.#run = run;
    this.#shown.set({ ...target, phase: "opening", frame: method === "nango", link: null, trouble: null });
    run.stage = this.#stage(run, method);
    run.stage.open();
    void this.#mint(run, mint);
  }

  #stage(run: Run, method: OAuthMethod): SignInStage {
    return stageFor(method, run.target, this.options, this.#nango, {
      finished: (connectionId) => {
        this.#update({ phase: "finishing" });
        void this.#confirm(run, connectionId);
      },
      denied: () => this.#quit(run, "denied"),
      closed: () => void this.#onClosed(run),
      lost: (trouble) => this.#loseStage(run, trouble),
    });
  }

  async #mint(run: Run, mint: () => Promise<SessionAnswer>): Promise<void> {
    try {
      const session = await mint();
      run.attemptId = session.attemptId;
      this.questions.done();
      if (run.ended) {
        await this.options.calls.cancel(session.attemptId, "closed");
        return;
      }
      if (run.stage?.method !== session.oauth_method) this.#changeStage(run, session);
      run.stage?.go(session);
      if (this.#run === run) this.#update({ phase: "waiting", link: linkOf(session, this.options.nango) });
      this.#schedule(run);
    } catch (error) {
      if (!run.ended && run.wish && this.questions.afterRefusal(run.wish, error)) {
        // Nothing has begun there, so nothing is left to end.
        this.#finish(run);
        this.#show(run, { phase: "idle" });
      } else this.#fail(run, failureCode(error), error instanceof ApiFailure && error.fallback === "direct");
    }
  }

  /** The server leads elsewhere than the page thought. A window would be blocked now, outside the click: a link has to do. */
  #changeStage(run: Run, session: SessionAnswer): void {
    run.stage?.close();
    run.stage = this.#stage(run, session.oauth_method);
    if (session.oauth_method === "nango") {
      this.#update({ frame: true, trouble: null });
      run.stage.open();
    } else this.#loseStage(run, session.fallback ? "nango_away" : "popup_blocked");
  }

  async #onClosed(run: Run): Promise<void> {
    if (run.ended) return;
    if (this.#state.phase === "finishing") {
      this.#update({ frame: false });
      return;
    }
    // A window closes itself when the provider has sent it back: how the try ended is known then.
    if (run.stage?.method === "direct") await this.#poll(run);
    this.#quit(run, "closed");
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
      this.questions.forget(target.slug);
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

  /** The frame, its popup or the window cannot be used: the page offers a plain link, and the attempt goes on. */
  #loseStage(run: Run, trouble: StageTrouble): void {
    if (!run.ended && this.#run === run) this.#update({ frame: false, trouble });
  }

  #quit(run: Run, reason: CloseReason): void {
    if (run.ended) return;
    this.#finish(run);
    const { target } = run;
    const denied = { ...target, phase: "failed", reason: "denied", fallback: false } as const;
    this.#show(run, reason === "denied" ? denied : { phase: "idle" });
    if (target.again && reason !== "denied") this.options.onLeft(target.again, target);
    if (!run.attemptId) return;
    void this.options.calls.cancel(run.attemptId, reason).catch(() => {});
    if (reason === "closed") watchAbandoned(run, this.options.calls.attempt, () => this.#succeed(run, null));
  }

  #fail(run: Run, reason: ConnectFailure, fallback = false): void {
    if (run.ended) return;
    this.#finish(run);
    this.#show(run, { ...run.target, phase: "failed", reason, fallback });
  }

  #finish(run: Run): void {
    run.ended = true;
    clearTimeout(run.poll);
    run.stage?.close();
    this.questions.done();
  }

  get #state(): ConnectState {
    return this.#shown.get();
  }

  /** A run that another one followed has no say in what the page shows. */
  #show(run: Run, state: ConnectState): void {
    if (this.#run === run) this.#shown.set(state);
  }

  #update(change: Partial<Pick<BusyState, "phase" | "frame" | "link" | "trouble">>): void {
    if (isBusy(this.#state)) this.#shown.set({ ...this.#state, ...change });
  }
}
