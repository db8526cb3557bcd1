import "server-only";
import { withDeadline } from "@/lib/deadline";
import { log } from "@/lib/log";
import { finishDirect } from "./callback";
import { callbackPage } from "./callback-page";

/** Milliseconds that a person waits on a provider's token endpoint before the page says that it did not answer. */
const BUDGET = 10_000;

/** The answer to a browser that comes back from a provider: always a page, whatever went wrong. */
export async function answerCallback(request: Request): Promise<Response> {
  try {
    return callbackPage(await withDeadline(BUDGET, () => finishDirect(request)));
  } catch (error) {
    log().error({ err: error }, "a direct sign-in could not be finished");
    return callbackPage({ ending: "failed", connector: null, returnTo: null, spent: [] }, 503);
  }
}
