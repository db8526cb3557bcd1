import "server-only";
import { refusalIn, withoutAnswer } from "@/lib/actions/errors";
import type { Picked } from "@/lib/actions/pick";
import type { ProviderRequest } from "@/lib/actions/request";
import type { Tenant } from "@/lib/auth/tenant";
import { callProvider } from "@/lib/connect/credentials";
import { countFailure, countUse } from "@/lib/db/action-usage";
import { log } from "@/lib/log";

type Counted = {
  /** The name under which it is counted. */
  action: string;
  /** True when it changes nothing at the provider. */
  readOnly: boolean;
};

/** Counting is worth less than the answer: a database that is away must not make a message that was sent look unsent. */
const quietly = (work: Promise<void>): Promise<void> =>
  work.catch((cause: unknown) => log().warn({ err: cause }, "the use of a connection was not counted"));

/**
 * Sends one request on a connection that was picked for this caller. Its use is counted beside it; credentials that the
 * provider refuses are looked into.
 * @returns the body of the provider's answer; null for none
 * @throws AppError provider_* (details.retry, provider_status), connection_gone, connector_not_configured, nango_*
 */
export async function callOn(
  tenant: Tenant,
  connection: Picked,
  request: ProviderRequest,
  { action, readOnly }: Counted,
): Promise<unknown> {
  const counting = quietly(countUse(tenant, connection.id, action));
  const failed = async (doubtful: boolean): Promise<void> => {
    await counting;
    await quietly(countFailure(tenant, connection.id, action, doubtful));
  };
  const answer = await callProvider(connection, request).catch(async (error: unknown) => {
    await failed(false);
    throw withoutAnswer(error, readOnly);
  });
  const refusal = refusalIn(answer);
  if (refusal) {
    await failed(refusal.doubtful);
    throw refusal.error;
  }
  await counting;
  const body = answer.kind === "answer" ? answer.body : null;
  return body === undefined || body === "" ? null : body;
}
