import type { AttemptView } from "@/lib/api/views";
import type { Wish } from "./ask-first";
import type { ConnectTarget } from "./connect-state";
import type { SignInStage } from "./sign-in-stage";

/** What one try holds while it lasts, and how often it asks. */

export type Run = {
  target: ConnectTarget;
  /** null where an account is signed in again. */
  wish: Wish | null;
  attemptId: string | null;
  ended: boolean;
  stage: SignInStage | null;
  poll?: ReturnType<typeof setTimeout>;
  polls: number;
};

/** Milliseconds until the next poll: 1 s in the first minute, when most people finish; then 2 and 4 s. */
export const pollPause = (polls: number): number => (polls < 60 ? 1_000 : polls < 120 ? 2_000 : 4_000);

/** How long a sign-in that was left open is still watched for: a popup that is finished late counts. */
const abandonedPolls = 45;
const abandonedEvery = 4_000;

/** Closing the frame gives up nothing that is still open in a popup: when that is finished, the page says so. */
export function watchAbandoned(
  run: Run,
  look: (attemptId: string) => Promise<AttemptView>,
  onConfirmed: () => void,
  left = abandonedPolls,
): void {
  const id = run.attemptId;
  if (!id || left === 0) return;
  run.poll = setTimeout(async () => {
    const attempt = await look(id).catch(() => null);
    if (attempt?.status === "confirmed") {
      onConfirmed();
    } else if (attempt === null || attempt.status === "open" || attempt.status === "abandoned") {
      watchAbandoned(run, look, onConfirmed, left - 1);
    }
  }, abandonedEvery);
}
