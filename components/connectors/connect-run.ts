import type { ConnectTarget } from "./connect-state";
import type { SignInStage } from "./sign-in-stage";

/** What one try holds while it lasts, and how often it asks. */

export type Run = {
  target: ConnectTarget;
  attemptId: string | null;
  ended: boolean;
  stage: SignInStage | null;
  poll?: ReturnType<typeof setTimeout>;
  polls: number;
};

/** Milliseconds until the next poll: 1 s in the first minute, when most people finish; then 2 and 4 s. */
export const pollPause = (polls: number): number => (polls < 60 ? 1_000 : polls < 120 ? 2_000 : 4_000);

/** How long a sign-in that was left open is still watched for: a popup that is finished late counts. */
export const abandonedPolls = 45;
export const abandonedEvery = 4_000;
