import type { Ledger } from "./ledger";
import type { Posted } from "./nango";
import type { Random } from "./random";
import type { World } from "./world";

/**
 * The way of a webhook from Nango to us: three tenths meet with trouble. They are lost, come twice, overtake each other
 * or come hours later; one byte is changed on the way. As Nango does, a 5xx is tried three times in all, nothing else is.
 */

/** Of all webhooks, by what happens to them. The rest arrive once and in order. */
const TROUBLE = { none: 70, lost: 10, duplicated: 6, reordered: 5, delayed: 6, corrupted: 3 };

type Letter = Posted & { due: number; tries: number };

export class PostOffice {
  private letters: Letter[] = [];
  /** Bodies that arrived once, for those who captured them. */
  readonly captured: Posted[] = [];
  /** How often each kind of trouble struck. */
  readonly struck: Record<keyof typeof TROUBLE, number> = {
    none: 0,
    lost: 0,
    duplicated: 0,
    reordered: 0,
    delayed: 0,
    corrupted: 0,
  };
  private turn = 0;

  constructor(
    private readonly world: World,
    private readonly ledger: Ledger,
    private readonly random: Random,
  ) {
    world.nango.onPost((posted) => this.take(posted));
  }

  private take(posted: Posted): void {
    const trouble = this.random.weighted(TROUBLE);
    this.struck[trouble] += 1;
    const letter: Letter = { ...posted, due: this.turn, tries: 0 };
    if (trouble === "lost") return;
    if (trouble === "delayed") letter.due += this.random.between(20, 400);
    if (trouble === "reordered") letter.due += this.random.between(1, 6);
    if (trouble === "corrupted") letter.body = corrupt(letter.body, this.random);
    this.letters.push(letter);
    if (trouble === "duplicated") this.letters.push({ ...letter, due: letter.due + this.random.between(0, 30) });
  }

  get waiting(): number {
    return this.letters.length;
  }
  /** A turn is over: what was held back comes closer. */
  tick(): void {
    this.turn += 1;
  }
  /** Brings the next few that are due, at once when there are several. @returns how many */
  async bring(most: number): Promise<number> {
    const due = this.letters.filter((letter) => letter.due <= this.turn).slice(0, most);
    this.letters = this.letters.filter((letter) => !due.includes(letter));
    await Promise.all(due.map((letter) => this.hand(letter)));
    return due.length;
  }
  /** The rest never comes. */
  lose(): void {
    this.struck.lost += this.letters.length;
    this.letters = [];
  }

  private async hand(letter: Letter): Promise<void> {
    const status = await this.post(letter);
    if (status < 500) {
      if (status === 200 && this.captured.length < 500) this.captured.push(letter);
      return;
    }
    letter.tries += 1;
    if (letter.tries >= 3) this.ledger.count("webhook given up by Nango");
    else this.letters.push({ ...letter, due: this.turn + letter.tries * 3 });
  }

  /** One delivery. What is signed is answered 200, or 503 while it cannot be stored; what is not is answered 401. */
  async post({ body, signature }: Posted, signed = true): Promise<number> {
    const answer = await this.world.deliver(body, {
      "content-type": "application/json",
      "x-nango-hmac-sha256": signature,
    });
    const text = await answer.text();
    const { outcome } = JSON.parse(text) as { outcome?: string };
    this.ledger.count(`webhook: ${outcome ?? answer.status}`);
    if (!signed && answer.status !== 401)
      this.ledger.complain(`a forged webhook was answered ${answer.status}: ${body}`);
    if (signed && !corrupted.has(body) && answer.status !== 200 && answer.status !== 503)
      this.ledger.complain(`a webhook of Nango's was answered ${answer.status}: ${text} for ${body}`);
    if (answer.status === 503 && !this.world.down()) this.ledger.count("webhook: 503 while the database was there");
    return answer.status;
  }
}

/** Bodies that were changed on the way: they are refused, and that is right. */
const corrupted = new Set<string>();

/** One byte is another than what was signed. */
function corrupt(body: string, random: Random): string {
  const at = random.between(1, body.length - 2);
  const changed = `${body.slice(0, at)}${body[at] === "x" ? "y" : "x"}${body.slice(at + 1)}`;
  corrupted.add(changed);
  return changed;
}
