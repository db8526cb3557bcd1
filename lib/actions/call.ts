import "server-only";
import { refusalIn, withoutAnswer } from "@/lib/actions/errors";
import type { Picked } from "@/lib/actions/pick";
import type { ProviderRequest } from "@/lib/actions/request";
import type { Tenant } from "@/lib/auth/tenant";
import { callProvider } from "@/lib/connect/credentials";
import { countFailure, countUse } from "@/lib/db/action-usage";
import { stillAwaited } from "@/lib/deadline";
import { log } from "@/lib/log";
import type { Change } from "@/lib/nango/proxy";

type Counted = {
  /** The name under which it is counted. */
  action: string;
  /** True when it changes nothing at the provider. */
  readOnly: boolean;
};

/** What an answer waits for its counting at most, in milliseconds: counting has mostly ended before the provider answers. */
const PATIENCE = 250;

/**
 * Counting is worth less than the answer: a database that is away, or does not come back, must not make a message that was
 * sent look unsent.
 */
const quietly = (work: Promise<void>): Promise<void> =>
  work.catch((cause: unknown) => log().warn({ err: cause }, "the use of a connection was not counted"));

/** Waits for it, but not long; it goes on by itself. */
async function briefly(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, PATIENCE);
  });
  await Promise.race([work, enough]);
  clearTimeout(timer);
}

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
  stillAwaited();
  const counting = quietly(countUse(tenant, connection.id, action));
  const failed = (doubtful: boolean): Promise<void> =>
    briefly(counting.then(() => quietly(countFailure(tenant, connection.id, action, doubtful))));
  const change: Change = { mayBeMade: false };
  const call = readOnly ? request : { ...request, change };
  const answer = await callProvider(connection, call).catch(async (error: unknown) => {
    await failed(false);
    throw withoutAnswer(error, change.mayBeMade);
  });
  const refusal = refusalIn(answer, change.mayBeMade);
  if (refusal) {
    await failed(refusal.doubtful);
    throw refusal.error;
  }
  await briefly(counting);
  const body = answer.kind === "answer" ? answer.body : null;
  return body === undefined || body === "" ? null : body;
}
