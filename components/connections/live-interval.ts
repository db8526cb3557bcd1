import type { ConnectionView } from "@/lib/api/views";

/** How soon something is expected to change by itself, so that it is worth asking again. All in milliseconds. */
const whileNameless = 1_500;
const whileChanging = 2_000;
const whileStuck = 30_000;
/** How long after connecting a missing account name is waited for; then the account keeps its number. */
const namelessFor = 20_000;
/** How long a look, or the remote part of a disconnect, is expected to take; then it is asked for less often. */
const changingFor = 180_000;

const age = (time: string | null, now: number) => (time === null ? Number.POSITIVE_INFINITY : now - Date.parse(time));

function intervalOf(connection: ConnectionView, now: number): number | null {
  const { status, condition, receipt } = connection;
  if (condition.code === "checking") return age(condition.since, now) < changingFor ? whileChanging : whileStuck;
  if (receipt && receipt.finished_at === null)
    return age(connection.disconnected_at, now) < changingFor ? whileChanging : whileStuck;
  const nameless = status === "connected" && connection.account_name === null;
  return nameless && age(connection.connected_at, now) < namelessFor ? whileNameless : null;
}

/**
 * Milliseconds until these connections should be read again; false when nothing is expected to happen to them.
 * @param now milliseconds since 1970
 */
export function liveInterval(connections: Iterable<ConnectionView>, now: number): number | false {
  let soonest: number | false = false;
  for (const connection of connections) {
    const interval = intervalOf(connection, now);
    if (interval !== null && (soonest === false || interval < soonest)) soonest = interval;
  }
  return soonest;
}
