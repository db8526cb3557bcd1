import type { ConnectionFilters } from "./connections-api";

/** As many as are shown before "show more". */
const pageSize = 50;

const statuses = ["attention", "connected", "needs_attention", "pending", "disconnected"] as const;
const owners = ["everyone", "only_me", "mine"] as const;

/** Reads the filters from a URL, the same way on the server and in the browser. What is not a filter is left out. */
export function readConnectionFilters(params: URLSearchParams): ConnectionFilters {
  const connector = params.get("connector");
  const status = statuses.find((each) => each === params.get("status"));
  const owner = owners.find((each) => each === params.get("owner"));
  return {
    ...(connector && /^[a-z0-9][a-z0-9-]{0,63}$/.test(connector) && { connector }),
    ...(status && { status }),
    ...(owner && { owner }),
    limit: pageSize,
  };
}
