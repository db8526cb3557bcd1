import { genericAccounts } from "../accounts";
import type { Calls } from "../calls";
import type { Faults } from "../faults";
import type { Records } from "../own/records";
import { ownAnswer } from "../own/services";
import type { Registry } from "../registry";
import type { Account, Grant, StandinConnector } from "../types";
import { json, readSent } from "../wire";
import { type ApiCall, apiAnswer, apiRefusal, judge, type KnownConnector, knownConnectors, testsMatching } from "./api";
import { OAuth1 } from "./oauth1";
import { OAuth2 } from "./oauth2";
import { fits, type ProviderEntry, providerEntries } from "./providers";
import { signInTwoStep, twoStepProvider } from "./two-step";

/**
 * Every provider without an emulator of its own, under /_host/<host>/<path>: sign-in of each kind, API keys, and the
 * connectors' test calls. A token must be known, alive and of that provider; see api.ts.
 */
export class GenericProvider {
  private readonly oauth2: OAuth2;
  private readonly oauth1: OAuth1;
  private connectorsWithEntries: KnownConnector[] | undefined;

  constructor(
    private readonly registry: Registry,
    private readonly calls: Calls,
    private readonly faults: Faults,
    private readonly connectors: StandinConnector[],
    private readonly records: Records,
  ) {
    this.oauth2 = new OAuth2(registry);
    this.oauth1 = new OAuth1(registry, genericAccounts);
  }

  async handle(request: Request): Promise<Response> {
    const sent = await readSent(request);
    const match = /^\/_host\/([^/]+)(\/.*)?$/.exec(sent.url.pathname);
    if (!match) return json({ error: "not_found", message: "Paths begin with /_host/<host>." }, 404);
    const call: ApiCall = { request, sent, host: match[1] as string, path: match[2] ?? "/" };
    const page = this.signInPage(call);
    if (page) return page;
    const { response, account, grant } = await this.answer(call);
    this.calls.add({
      service: "generic",
      host: call.host,
      method: request.method,
      path: call.path,
      status: response.status,
      account: account?.key ?? null,
      grant: grant?.id ?? null,
    });
    return response;
  }

  /** For a gate: a connector's test call to a path that its service lacks. */
  testCall(call: ApiCall, account: Account): Response | null {
    const { request, host, path } = call;
    return testsMatching(this.known, request.method, host, path).length > 0
      ? apiAnswer(call, account, this.known)
      : null;
  }

  private signInPage(call: ApiCall): Response | null {
    const { request, sent, host, path } = call;
    const oauth1 = this.oauth1Provider(host, path);
    if (oauth1 && fits(oauth1.authorizationUrl, host, path, true) !== null)
      return this.oauth1.answer(oauth1, host, request, sent);
    return this.oauth2.page(request, sent);
  }

  private async answer(call: ApiCall): Promise<{ response: Response; account?: Account; grant?: Grant | null }> {
    const { request, sent, host, path } = call;
    const fault = await this.faults.meet({ service: "generic", host, path, request });
    if (fault) return { response: fault };
    const oauth1 = this.oauth1Provider(host, path);
    const step = oauth1 && this.oauth1.answer(oauth1, host, request, sent);
    if (step) return { response: step };
    const isCodeFlow =
      /^(authorization_code|refresh_token)$/.test(sent.params.grant_type ?? "") && this.oauth2.isClient(request, sent);
    const twoStep = isCodeFlow
      ? null
      : (twoStepProvider(
          this.known.map(({ entry }) => entry),
          host,
          path,
        ) ?? this.anyTwoStep(call));
    if (twoStep) return { response: signInTwoStep(twoStep, this.registry, request, sent) };
    if (isRevocation(request.method, path)) return { response: this.oauth2.revoke(request, sent, path) };
    const token = await this.oauth2.token(request, sent);
    if (token) return { response: token };
    const verdict = judge(call, this.registry, this.known);
    if (!verdict.ok) return { response: apiRefusal(host, verdict.reason) };
    const response = ownAnswer(call, verdict.account, this.records) ?? apiAnswer(call, verdict.account, this.known);
    return { response, account: verdict.account, grant: verdict.grant };
  }

  /** A provider outside the connectors, unless the connectors have that token endpoint for something else. */
  private anyTwoStep({ request, host, path }: ApiCall): ProviderEntry | null {
    if (testsMatching(this.known, request.method, host, path).length > 0) return null;
    if (this.known.some(({ entry }) => fits(entry.tokenUrl, host, path, true) !== null)) return null;
    return twoStepProvider(providerEntries().values(), host, path);
  }

  private oauth1Provider(host: string, path: string): ProviderEntry | null {
    for (const entry of providerEntries().values()) {
      if (entry.authMode !== "OAUTH1") continue;
      if (
        [entry.requestUrl, entry.authorizationUrl, entry.tokenUrl].some((url) => fits(url, host, path, true) !== null)
      )
        return entry;
    }
    return null;
  }

  private get known(): KnownConnector[] {
    this.connectorsWithEntries ??= knownConnectors(this.connectors);
    return this.connectorsWithEntries;
  }
}

/** RFC 7009's endpoint under its usual names, HubSpot's (the token is in the path) and Intercom's. */
function isRevocation(method: string, path: string): boolean {
  if (method === "DELETE") return /\/oauth\/v1\/refresh-tokens\/[^/]+$/.test(path);
  return method === "POST" && /\/(revoke|revoke_token|token\/revoke|oauth_revoke|auth\/uninstall)\/?$/.test(path);
}
