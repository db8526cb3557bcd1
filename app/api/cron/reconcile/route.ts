import { env } from "@/lib/env";
import { answering } from "@/lib/http/answering";
import { checkBearerSecret } from "@/lib/http/bearer-secret";
import { reconcile } from "@/lib/webhooks/reconcile";

/** Seconds, for platforms that cut handlers off. */
export const maxDuration = 60;

/** Milliseconds, within the minute that schedulers and platforms grant. */
const SLICE = 45_000;

/** Runs the sweep, or goes on with it; answers `paused` when it takes longer, and the next call goes on. */
const run = (request: Request) =>
  answering(async () => {
    checkBearerSecret(request, env().cronSecret);
    const report = await reconcile({ milliseconds: SLICE });
    return Response.json(report, { headers: { "cache-control": "no-store" } });
  });

export const GET = run;
export const POST = run;

// Next would answer HEAD with GET, which changes something here.
export {
  notAllowed as DELETE,
  notAllowed as HEAD,
  notAllowed as PATCH,
  notAllowed as PUT,
} from "@/lib/http";
