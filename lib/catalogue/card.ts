import type { CategoryKey } from "./categories";
import type { AuthMode, Manifest } from "./manifest";

/** Kinds of sign-in as a person meets them; several of Nango's auth modes feel the same to them. */
export const authKinds = [
  "oauth",
  "api_key",
  "basic",
  "two_step",
  "client_credentials",
  "aws",
  "custom",
  "none",
] as const;
export type AuthKind = (typeof authKinds)[number];

/** What a catalogue page needs of a connector. Small on purpose: 99 of them travel in one page. */
export type ConnectorCard = {
  slug: string;
  name: string;
  description: string;
  category: CategoryKey;
  authKind: AuthKind;
  status: Manifest["status"];
  logo: { src: string | null; letter: string };
  /** Aliases and action names: words to find it by that the card does not show. */
  keywords: string[];
};

const kinds: Partial<Record<AuthMode, AuthKind>> = {
  OAUTH2: "oauth",
  OAUTH1: "oauth",
  MCP_OAUTH2: "oauth",
  MCP_OAUTH2_GENERIC: "oauth",
  APP: "oauth",
  OAUTH2_CC: "client_credentials",
  API_KEY: "api_key",
  BASIC: "basic",
  TWO_STEP: "two_step",
  AWS_SIGV4: "aws",
  NONE: "none",
};

/** The kind of sign-in behind an auth mode; null (nothing to sign in to) is "none". */
export function authKindOf(mode: AuthMode | null): AuthKind {
  return mode === null ? "none" : (kinds[mode] ?? "custom");
}
