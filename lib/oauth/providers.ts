import "server-only";
import type { DirectOAuth, Manifest } from "@/lib/catalogue/manifest";
import { AppError } from "@/lib/errors";
import { fillAddress, fillText, namesIn, type Values } from "./templates";

/**
 * What our OAuth client knows of a connector's provider, for one connection: nothing is left to be filled in. All of it
 * comes from the manifest, and from what that connection knows of its account. An address that is asked for while a value
 * of it is not known yet, or is none that it may hold, is an error (AppError misconfigured): it never leads elsewhere.
 */
export type DirectProvider = {
  slug: string;
  readonly authorizationUrl: string;
  readonly tokenUrl: string;
  /** Every call goes there, or below. */
  readonly apiBaseUrl: string;
  /** RFC 7009; null: the provider has none. */
  readonly revocationUrl: string | null;
  /** Names the provider where it names itself (RFC 9207): where its sign-in page is. */
  readonly issuer: string;
  scopes: readonly string[];
  /** Headers may hold `${accessToken}` still. */
  settings: Omit<
    DirectOAuth,
    "authorization_url" | "token_url" | "api_base_url" | "revocation_endpoint" | "connection_config"
  >;
};

/** The operator's application, as far as texts of a manifest name it. */
type Application = { clientId: string; clientSecret: string; applicationId?: string | undefined };

type Supported = { direct: DirectOAuth; authorizationUrl: string; tokenUrl: string; scopes: readonly string[] };

/** What a manifest says of its direct way; null for a connector that cannot be connected without Nango. */
export function directWay({ oauth, status }: Manifest): Supported | null {
  const authorizationUrl = oauth?.direct?.authorization_url ?? oauth?.authorization_url;
  const tokenUrl = oauth?.direct?.token_url ?? oauth?.token_url;
  if (status === "unavailable" || !oauth?.direct || !authorizationUrl || !tokenUrl) return null;
  return { direct: oauth.direct, authorizationUrl, tokenUrl, scopes: oauth.default_scopes };
}

/** Whether the operator's application has an id besides the client's, which the sign-in begins with. */
export const needsApplicationId = ({ direct }: Supported): boolean =>
  Object.values(direct.authorization_params).flatMap(namesIn).includes("applicationId");

/** Values of an answer that must be known before tokens are asked for: the browser brings them. */
export const namesBeforeTokens = ({ direct, tokenUrl }: Supported): string[] =>
  namesIn(tokenUrl).filter((name) => Object.hasOwn(direct.from_answer, name));

/** Those that come to something: one whose value is missing is left out. */
function filled(texts: Record<string, string>, values: Values): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).flatMap(([name, template]) => {
      const text = fillText(template, values);
      return text === null ? [] : [[name, text] as const];
    }),
  );
}

/** @param values what the connection knows of its account (lib/catalogue/connection-config.ts) */
export function directProvider(
  manifest: Manifest,
  values: Values,
  application: Application | undefined,
): DirectProvider | null {
  const way = directWay(manifest);
  if (!way) return null;
  const { direct } = way;
  const address = (template: string): string => {
    const url = fillAddress(template, values, direct.hosts);
    if (url === null) {
      const problem = `an address of ${manifest.slug} cannot be made of what is known of the account: ${template}`;
      throw new AppError("misconfigured", { cause: new Error(problem) });
    }
    return url;
  };
  const { authorization_url: _, token_url: __, api_base_url, ...rest } = direct;
  const { revocation_endpoint, connection_config: ___, ...settings } = rest;
  const { clientId = "", clientSecret = "", applicationId = "" } = application ?? {};
  return {
    slug: manifest.slug,
    get authorizationUrl() {
      return address(way.authorizationUrl);
    },
    get tokenUrl() {
      return address(way.tokenUrl);
    },
    get apiBaseUrl() {
      return address(api_base_url);
    },
    get revocationUrl() {
      return revocation_endpoint === null ? null : address(revocation_endpoint);
    },
    get issuer() {
      return new URL(address(way.authorizationUrl)).origin;
    },
    scopes: way.scopes,
    settings: {
      ...settings,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: what is filled in when a call is made
      api_headers: filled(direct.api_headers, { ...values, clientId, clientSecret, accessToken: "${accessToken}" }),
      authorization_params: filled(direct.authorization_params, { ...values, applicationId }),
      token_params: filled(direct.token_params, values),
      refresh_params: filled(direct.refresh_params, values),
    },
  };
}
