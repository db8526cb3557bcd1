import { getProviders } from "@nangohq/providers";

/** A field of a form, as the provider catalogue describes it. */
interface CatalogueField {
  type: string;
  title: string;
  description?: string;
  example?: string;
  pattern?: string;
  optional?: boolean;
  format?: string;
  order?: number;
  default_value?: string;
  hidden?: boolean | string;
  prefix?: string;
  suffix?: string;
  doc_section?: string;
  secret?: boolean | string;
  automated?: boolean;
  enum?: string[];
}

export type Tree = string | number | boolean | null | Tree[] | { [key: string]: Tree };

/** An entry of npm `@nangohq/providers`, as far as the stand-in reads it. The file knows more than its types say. */
export interface CatalogueProvider {
  display_name: string;
  auth_mode: string;
  categories?: string[];
  docs?: string;
  docs_connect?: string;
  installation?: string;
  proxy?: {
    base_url?: string;
    headers?: Record<string, string>;
    query?: Record<string, string>;
    retry?: { at?: string[]; after?: string[]; remaining?: string; error_code?: string[] };
    verification?: {
      method: string;
      endpoints: string[];
      base_url_override?: string;
      headers?: Record<string, string>;
      data?: Tree;
    };
  };
  authorization_url?: string;
  authorization_url_fragment?: string;
  authorization_url_skip_encode?: string[];
  authorization_url_skip_empty?: boolean;
  authorization_url_replacements?: Record<string, string>;
  authorization_params?: Record<string, string | number | boolean>;
  authorization_code_param_in_callback?: string;
  authorization_method?: "body" | "header";
  scope_separator?: string;
  default_scopes?: string[];
  disable_pkce?: boolean;
  token_url?: string | Record<string, string>;
  token_params?: { [key: string]: Tree };
  token_headers?: Record<string, string>;
  token_request_auth_method?: string;
  token_request_method?: string;
  token_response?: {
    token: string;
    token_expiration?: string;
    token_expiration_strategy?: "expireAt" | "expireIn";
    refresh_token?: string;
  };
  token_response_headers?: string[];
  token_response_metadata?: string[];
  token_expires_in_ms?: number;
  token_expiration_buffer?: number;
  additional_steps?: {
    body_format?: string;
    token_params?: { [key: string]: Tree };
    token_headers?: Record<string, string>;
    token_url: string;
    token_request_method?: string;
  }[];
  redirect_uri_metadata?: string[];
  alternate_access_token_response_path?: string;
  body_format?: "xml" | "json" | "form" | "query";
  refresh_url?: string;
  refresh_params?: Record<string, string>;
  expires_in_unit?: "milliseconds";
  request_url?: string;
  request_params?: Record<string, string>;
  request_http_method?: string;
  token_http_method?: string;
  signature_method?: string;
  credentials?: Record<string, CatalogueField>;
  connection_config?: Record<string, CatalogueField>;
  integration_config?: Record<string, CatalogueField>;
  [key: string]: unknown;
}

/** The catalogue, read once (about 100 ms). Aliases are already resolved by the package. */
export function catalogue(): Record<string, CatalogueProvider> {
  const providers = getProviders();
  if (!providers) throw new Error("The provider catalogue of @nangohq/providers cannot be read.");
  return providers as unknown as Record<string, CatalogueProvider>;
}

/** One provider, or undefined. `Object.hasOwn` keeps `constructor` and its like from being providers. */
export function provider(key: string): CatalogueProvider | undefined {
  const all = catalogue();
  return Object.hasOwn(all, key) ? all[key] : undefined;
}

/** A provider as `GET /providers` shows it. */
export function publicProvider(key: string, entry: CatalogueProvider, host: string): Record<string, unknown> {
  // The recorded server does not show this one.
  const { webhook_user_defined_secret: _hidden, ...shown } = entry;
  return { name: key, ...shown, logo_url: logoUrl(host, key) };
}

export function logoUrl(host: string, providerKey: string): string {
  return `${host}/images/template-logos/${encodeURIComponent(providerKey)}.svg`;
}
