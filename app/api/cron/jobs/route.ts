import { env } from "@/lib/env";
import { answering } from "@/lib/http/answering";
import { checkBearerSecret } from "@/lib/http/bearer-secret";
import { runDueJobs } from "@/lib/jobs/worker";

/** Runs the jobs that are due. Schedulers differ in their method; the secret in the header is the same. */
const run = (request: Request) =>
  answering(async () => {
    checkBearerSecret(request, env().cronSecret);
    await runDueJobs();
    return Response.json({ done: true }, { headers: { "cache-control": "no-store" } });
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
