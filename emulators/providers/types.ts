/** The services that answer: seven gates before `emulate`, and one for every other provider. */
export const SERVICES = ["google", "github", "slack", "microsoft", "linear", "stripe", "twilio", "generic"] as const;
export type ServiceName = (typeof SERVICES)[number];

/** Somebody (or a workspace) that can be signed in to at a provider. `key` is what a consent button carries. */
export type Account = { key: string; id: string; name: string; email: string };

/** The part of a manifest's `test_connection` that the stand-in answers. */
export type TestConnection = {
  method: string;
  endpoint: string;
  account: { id: string; name: string } | null;
};

/** A connector of the catalogue, as far as the providers need to know it. */
export type StandinConnector = {
  slug: string;
  providerKey: string | null;
  authMode: string | null;
  testConnection: TestConnection | null;
  /** Where it is, for one that Nango's catalogue does not have. */
  addresses?: { title: string; authorizationUrl: string; tokenUrl: string; baseUrl: string } | undefined;
  /** What the operator sets on the integration, where one entry of Nango's catalogue serves many services. */
  integrationConfig?: Record<string, string>;
};

/** An OAuth application that a provider knows. */
export type Client = { clientId: string; clientSecret: string; providerKey: string | null };

/** Why a token is refused. */
export type Refusal = "missing" | "unknown" | "expired" | "revoked";

/** One consent: who let which application do what. Tokens hang on it, and die with it. */
export type Grant = {
  id: string;
  service: ServiceName;
  providerKey: string | null;
  clientId: string;
  account: Account;
  scopes: string[];
  revoked: boolean;
  createdAt: number;
  /** Hosts that its tokens are good at, where the account has its own: to renew them, and for calls. */
  home?: { token?: string; api?: string } | undefined;
};
