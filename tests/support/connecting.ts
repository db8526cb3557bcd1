/** Makes connections in a test database the way the product does: an attempt, finished, confirmed. */
import { randomUUID } from "node:crypto";
import type { Tenant } from "@/lib/auth/tenant";
import { confirmAttempt, startAttempt } from "@/lib/db/attempts";
import type { NangoConnectionFacts } from "@/lib/db/facts";
import type { Visibility } from "@/lib/db/vocabulary";

/** What Nango's API says after a person finished an attempt. */
export function factsOf(
  tenant: Tenant,
  attempt: { id: string; integrationKey: string; connector: string },
  connectionId: string = `nango-${randomUUID()}`,
): NangoConnectionFacts {
  return {
    integrationKey: attempt.integrationKey,
    connectionId,
    authError: false,
    tags: {
      ...(tenant.orgId ? { organization_id: tenant.orgId } : {}),
      end_user_id: tenant.userId,
      connector: attempt.connector,
      attempt_id: attempt.id,
      instance: "test",
    },
  };
}

/** A connected account, with the facts that made it. */
export async function connect(
  tenant: Tenant,
  options: { connector?: string; visibility?: Visibility } = {},
): Promise<{ id: string; attemptId: string; facts: NangoConnectionFacts }> {
  const { connector = "github", visibility = "everyone" } = options;
  const attempt = await startAttempt(tenant, { connector, integrationKey: connector, visibility });
  const facts = factsOf(tenant, attempt);
  const { verdict, reason, connectionId } = await confirmAttempt(attempt.id, facts, "page");
  if (!connectionId) throw new Error(`not connected: ${verdict} ${reason}`);
  return { id: connectionId, attemptId: attempt.id, facts };
}
