import { databaseAnswers } from "@/lib/db/health";
import { answering } from "@/lib/http/answering";
import { nangoAnswers } from "@/lib/nango/health";

export const dynamic = "force-dynamic";

/** Whether this instance can do its work. Says nothing about keys, hosts or versions. */
export const GET = () =>
  answering(async () => {
    const [database, nango] = await Promise.all([databaseAnswers(), nangoAnswers()]);
    // While Nango is away the pages and the webhooks go on; without the database nothing does.
    return Response.json(
      { status: database ? (nango === false ? "degraded" : "ok") : "down", database, nango },
      { status: database ? 200 : 503, headers: { "cache-control": "no-store" } },
    );
  });

export { notAllowed as POST, notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
