import type { Hono } from "hono";
import type { CallLog } from "./control/call-log";
import type { FaultBox } from "./control/faults";
import type { Flows } from "./flows";
import type { ApiKey, Session } from "./model";
import type { Store } from "./store";
import type { WebhookSender } from "./webhooks/sender";

/** Delays and limits of the real server, in milliseconds unless the name says otherwise. Tests shorten them. */
export interface Timing {
  sessionTtl: number;
  /** How long an OAuth `state` stays good. */
  stateTtl: number;
  /** After a failed refresh, unforced reads are refused for this long. */
  refreshCooldown: number;
  /** A token is renewed when it has less than this left. */
  refreshMargin: number;
  /** Waits before the second and third delivery of a webhook, each counted from the one before. */
  webhookRetries: number[];
  webhookTimeout: number;
  breaker: { failures: number; window: number; open: number };
  /** Waits between tries of a proxied call, the first of them; each further wait doubles. */
  proxyRetry: number;
  proxyTimeout: number;
}

export const REAL_TIMING: Timing = {
  sessionTtl: 30 * 60_000,
  stateTtl: 15 * 60_000,
  refreshCooldown: 30_000,
  refreshMargin: 15 * 60_000,
  webhookRetries: [3_000, 6_000],
  webhookTimeout: 20_000,
  breaker: { failures: 5, window: 10_000, open: 60_000 },
  proxyRetry: 3_000,
  proxyTimeout: 60_000,
};

/** What every part of the stand-in is given. */
export interface Standin {
  store: Store;
  timing: Timing;
  /** Maps a real provider URL to where it is served here. */
  upstream: (realUrl: string) => string;
  /** Where the API listens; known once it does. */
  host: string;
  /** Where the Connect UI listens; known once it does. */
  connectUrl: string;
  webhooks: WebhookSender;
  faults: FaultBox;
  calls: CallLog;
  flows: Flows;
  /** Integrations whose next connections stay pending until they are approved over the control API. */
  pendingIntegrations: Set<string>;
  /** Requests a minute for the whole account; null for no limit (self-hosted servers have none). */
  rateLimit: number | null;
  /** How many connections the plan allows; null for as many as one likes. The free plan has 10. */
  connectionLimit: number | null;
}

/** What guards leave for the route behind them. */
interface Variables {
  apiKey: ApiKey | null;
  session: Session | null;
}

export type Env = { Variables: Variables };
export type App = Hono<Env>;
