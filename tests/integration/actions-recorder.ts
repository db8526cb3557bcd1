/** Actions on their way through Nango's stand-in to whatever would have been the provider. */
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { getProvider } from "@nangohq/providers";
import { expect } from "vitest";
import { registerIntegrations } from "@/emulators/nango/register-integrations";
import { startNango } from "@/emulators/nango/start";
import { standinConnector } from "@/emulators/providers/standin-connector";
import type { Action } from "@/lib/actions/find";
import { buildRequest } from "@/lib/actions/request";
import type { Manifest } from "@/lib/catalogue/manifest";
import { resetEnv } from "@/lib/env";
import { callProvider } from "@/lib/nango/proxy";
import { settings } from "@/tests/support/settings";
import { finishSession } from "./providers-chain";
import { startFresh } from "./providers-person";

export type Arrived = {
  method: string;
  host: string;
  path: string;
  query: string;
  headers: IncomingHttpHeaders;
  body: string;
};

/** Whatever would have gone to a provider's API. */
async function startRecorder() {
  const arrived: Arrived[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const [, host = "", path = "", query = ""] = /^\/([^/?]*)([^?]*)(?:\?(.*))?$/.exec(request.url ?? "") ?? [];
    const { method = "", headers } = request;
    arrived.push({ method, host, path, query, headers, body: Buffer.concat(chunks).toString() });
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ arrived: arrived.length }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    arrived,
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** @param manifests the connectors that are connected in it */
export async function openWire(manifests: readonly Manifest[]) {
  const recorder = await startRecorder();
  const providers = await startFresh(manifests.map(standinConnector));
  const before = { ...process.env };
  /** Addresses that Nango was made to call. */
  const asked: URL[] = [];
  let recording = false;
  const nango = await startNango({
    upstream: (realUrl) => {
      if (!recording) return providers.resolve(realUrl);
      const url = new URL(realUrl);
      asked.push(url);
      return `${recorder.origin}/${url.host}${url.pathname}${url.search}`;
    },
  });
  await registerIntegrations(nango, [...manifests], providers.oauthClient);
  Object.assign(process.env, settings({ NANGO_HOST: nango.host, NANGO_SECRET_KEY: nango.apiKey }));
  resetEnv();
  const connections = new Map<string, string>();
  for (const manifest of manifests) {
    const minted = await fetch(`${nango.host}/connect/sessions`, {
      method: "POST",
      headers: { authorization: `Bearer ${nango.apiKey}`, "content-type": "application/json" },
      body: JSON.stringify({ tags: { end_user_id: "u1" }, allowed_integrations: [manifest.nango.integration_key] }),
    });
    const { data } = (await minted.json()) as { data: { token: string } };
    connections.set(manifest.slug, await finishSession(nango, data.token, manifest));
  }
  recording = true;

  return {
    asked,
    /** Sends what an action makes of its input. @returns what arrived */
    send: async (manifest: Manifest, action: Action, input: Record<string, unknown>): Promise<Arrived[]> => {
      const from = recorder.arrived.length;
      const answer = await callProvider({
        ...buildRequest(action, input),
        integrationKey: manifest.nango.integration_key as string,
        connectionId: connections.get(manifest.slug) as string,
      });
      expect(answer, manifest.slug).toMatchObject({ kind: "answer", status: 200 });
      return recorder.arrived.slice(from);
    },
    close: async () => {
      await nango.close();
      await providers.close();
      await recorder.close();
      for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
      Object.assign(process.env, before);
      resetEnv();
    },
  };
}

/** The templates of a provider's own address. */
export function basesOf(manifest: Manifest): string[] {
  const own = manifest.nango.integration_config?.baseUrl;
  const { proxy } = getProvider(manifest.nango.provider_key as string) as { proxy: { base_url: string } };
  return (own ?? proxy.base_url).split(/\s*\|\|\s*/);
}

/** An example's texts are no addresses, which an e-mail must have. */
export const withAddresses = (action: Action, input: Record<string, unknown>) =>
  action.request.encode === "mime" ? { ...input, to: "ada@acme.test", cc: "grace@acme.test", bcc: "a@b.test" } : input;
