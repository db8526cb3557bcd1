import { ApiFailure, type FieldFault } from "@/components/api-client";
import type { Visibility } from "@/lib/api/views";
import type { Question } from "@/lib/catalogue/connection-config";
import type { ConnectTarget, StartInput } from "./connect-state";
import { Watched } from "./watched";

/** What is asked of a person before they can sign in directly at a provider whose addresses depend on the account. */

/** By the question's name. */
export type Answers = Readonly<Record<string, string>>;
export type WrongAnswers = Readonly<Record<string, FieldFault>>;

/** Of one connector. `first`: it leads directly to the provider, so that these come before everything else. */
export type Asked = { questions: Question[]; first: boolean };

/** A new account of a connector. `directly`: without Nango, although the connector goes through it. */
export type Wish = { target: ConnectTarget; visibility: Visibility; directly: boolean };

export type Asking = {
  wish: Wish;
  questions: Question[];
  /** What was answered before, if this is not the first time. */
  answers: Answers;
  wrong: WrongAnswers;
  /** It is asked only because Nango is away. */
  away: boolean;
  /** Answered, and the server has not said yet whether that will do. */
  pending: boolean;
};

/**
 * The questions that lie over the page. Until they are answered nothing has begun: no window is open and nothing is
 * recorded, so that leaving them leaves nothing behind. They stay until the server has taken the answers.
 */
export class AskFirst {
  readonly shown = new Watched<Asking | null>(null);
  /** By connector, so that a try that failed can be repeated without typing again. */
  readonly #answered = new Map<string, Answers>();

  /** @param asked of a connector; undefined where nothing is */
  constructor(private readonly asked: (slug: string) => Asked | undefined) {}

  /** Whether a try with a connector begins with questions. @param directly although it goes through Nango */
  comeFirst(slug: string, directly = false): boolean {
    const asked = this.asked(slug);
    return asked !== undefined && (directly || asked.first);
  }

  /** Asks what has to be asked. @returns false when there is nothing, and the try can begin */
  before(wish: Wish): boolean {
    return this.comeFirst(wish.target.slug, wish.directly) && this.#ask(wish, {});
  }

  /**
   * Asks because the server wants it: it has gone around Nango, or found fault with the answers. What it has against each
   * counts only for what a person was asked already.
   * @returns false when it refused something else, or this page knows no questions
   */
  afterRefusal(wish: Wish, error: unknown): boolean {
    if (!(error instanceof ApiFailure) || error.code !== "connection_config_required") return false;
    const { slug } = wish.target;
    // What an old page does not know to ask, it cannot ask again and again.
    const known = this.asked(slug)?.questions.some(({ name }) => Object.hasOwn(error.fields, name));
    return known === true && this.#ask({ ...wish, directly: true }, this.#answered.has(slug) ? error.fields : {});
  }

  /** Takes the answers, once: what comes of a double click is nothing. @returns the try that they are for */
  take(answers: Answers): Wish | null {
    const asking = this.shown.get();
    if (!asking || asking.pending) return null;
    this.#answered.set(asking.wish.target.slug, answers);
    this.shown.set({ ...asking, answers, wrong: {}, pending: true });
    return asking.wish;
  }

  /** The server has answered, or the try has ended. */
  done(): void {
    if (this.shown.get()?.pending) this.shown.set(null);
  }

  /** The person does not answer. */
  withdraw(): void {
    const asking = this.shown.get();
    if (!asking) return;
    this.forget(asking.wish.target.slug);
    this.shown.set(null);
  }

  /** Another account of the connector has other answers. */
  forget(slug: string): void {
    this.#answered.delete(slug);
  }

  #ask(wish: Wish, wrong: WrongAnswers): boolean {
    const { slug } = wish.target;
    const asked = this.asked(slug);
    if (!asked) return false;
    const { questions, first } = asked;
    this.shown.set({ wish, questions, answers: this.#answered.get(slug) ?? {}, wrong, away: !first, pending: false });
    return true;
  }
}

/** What the server is asked for. */
export const startInput = ({ target, visibility, directly }: Wish, answers?: Answers): StartInput => ({
  connector: target.slug,
  visibility,
  ...(directly && { oauthMethod: "direct" }),
  ...(answers && { connectionConfig: answers }),
});
