import type { Operation } from "@/lib/api/operation";
import * as actions from "@/lib/api/operations/actions";
import * as apiKeys from "@/lib/api/operations/api-keys";
import * as authorize from "@/lib/api/operations/authorize";
import * as connectLinks from "@/lib/api/operations/connect-links";
import * as connections from "@/lib/api/operations/connections";
import * as connectors from "@/lib/api/operations/connectors";
import * as departures from "@/lib/api/operations/departures";
import * as notices from "@/lib/api/operations/notices";
import * as quarantine from "@/lib/api/operations/quarantine";
import * as triggers from "@/lib/api/operations/triggers";
import * as unified from "@/lib/api/operations/unified";

/** Every call of the API that is described. tests/contract/openapi-routes.test.ts compares it with what app/api serves. */
export const operations: readonly Operation[] = [
  connectors,
  authorize,
  triggers,
  connections,
  actions,
  unified,
  connectLinks,
  quarantine,
  departures,
  notices,
  apiKeys,
]
  .flatMap((group) => Object.values(group) as Operation[])
  // A bundler may keep the order of a module's exports or not.
  .sort((a, b) => (a.id < b.id ? -1 : 1));
