import { createApi } from "./api/app";
import { createConnectUi } from "./connect-ui/app";
import { createControl } from "./control/app";
import { CallLog } from "./control/call-log";
import { FaultBox } from "./control/faults";
import { Flows } from "./flows";
import { type Listening, listen } from "./listen";
import { REAL_TIMING, type Standin, type Timing } from "./standin";
import { Store } from "./store";
import { WebhookSender } from "./webhooks/sender";

export interface NangoOptions {
  /** Folder for its state; none keeps everything in memory. */
  stateDir?: string;
  /** Port of the API; 0 or none takes a free one. */
  port?: number;
  /** Port of the Connect UI, an origin of its own; 0 or none takes a free one. */
  connectUiPort?: number;
  /** UUID v4. None keeps the one on disk, or makes one. */
  apiKey?: string;
  webhookSigningKey?: string;
  /** Where webhooks are posted; none sends none. The control API can change it. */
  webhookUrl?: string;
  /** Maps real provider URLs to where they are served here. None calls the real ones. */
  upstream?: (realUrl: string) => string;
  /** Delays and limits, to make tests quick. */
  timing?: Partial<Timing>;
  /** Requests a minute for the account; none sets no limit. */
  rateLimit?: number;
}

export interface RunningNango {
  host: string;
  connectUrl: string;
  apiKey: string;
  webhookSigningKey: string;
  /** Base URL of the control API: faults, counts, dumps. See control/app.ts. */
  control: string;
  /** Stops listening, gives up webhooks under way, writes the state. */
  close(): Promise<void>;
}

/** Starts a stand-in for Nango: API, Connect UI and control API, each on its own loopback port. */
export async function startNango(options: NangoOptions = {}): Promise<RunningNango> {
  // Copied, since the control API changes it in place.
  const timing: Timing = structuredClone({ ...REAL_TIMING, ...options.timing });
  const store = new Store(options.stateDir, {
    ...(options.apiKey ? { apiKey: options.apiKey } : {}),
    ...(options.webhookSigningKey ? { signingKey: options.webhookSigningKey } : {}),
  });
  const faults = new FaultBox();
  const nango: Standin = {
    store,
    timing,
    upstream: options.upstream ?? ((realUrl) => realUrl),
    host: "",
    connectUrl: "",
    webhooks: new WebhookSender(options.webhookUrl ?? null, () => store.signingKey, timing, faults),
    faults,
    calls: new CallLog(),
    flows: new Flows(),
    pendingIntegrations: new Set(),
    rateLimit: options.rateLimit ?? null,
    connectionLimit: null,
  };
  const servers: Listening[] = [];
  const close = async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
    await nango.webhooks.close();
    store.close();
  };
  try {
    const api = await listen(createApi(nango).fetch, options.port);
    servers.push(api);
    nango.host = api.origin;
    const connectUi = await listen(createConnectUi(nango).fetch, options.connectUiPort);
    servers.push(connectUi);
    nango.connectUrl = connectUi.origin;
    const control = await listen(createControl(nango).fetch);
    servers.push(control);
    return {
      host: api.origin,
      connectUrl: connectUi.origin,
      apiKey: store.apiKey,
      webhookSigningKey: store.signingKey,
      control: control.origin,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
