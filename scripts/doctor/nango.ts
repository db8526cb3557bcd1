import { createHmac } from "node:crypto";
import { integrationKey } from "@/lib/catalogue/integration-key";
import { manifests } from "@/lib/catalogue/manifests";
import type { Environment } from "@/lib/env";
import { nangoSettings } from "@/lib/env/nango";
import { call, type Finding, fine, wrong } from "./finding";

type Integration = { unique_key: string; provider: string };

/** Which of the names that a setting may have is the one that counts, where it is not its usual one. */
export function checkNangoNames(variables: Record<string, string | undefined>): Finding[] {
  const { names } = nangoSettings(variables);
  const others = Object.entries(names).filter(([setting, name]) => setting !== name);
  return others.map(([setting, name]) => fine(`Nango: ${setting} is taken from ${name}`));
}

/** The API key and its scopes, each connector's integration, and the way of webhooks to the app. */
export async function checkNango(env: Environment): Promise<Finding[]> {
  const headers = { authorization: `Bearer ${env.nango.apiKey}`, "content-type": "application/json" };
  const list = await call(`${env.nango.host}/integrations`, { headers });
  if (list.status === 0) {
    return [wrong(`Nango: ${env.nango.host} did not answer (${list.text})`, "check NANGO_HOST and the network")];
  }
  if (list.status === 401) {
    return [
      wrong("Nango: the API key was refused", "copy it again from Nango's dashboard, Environment Settings, API Keys"),
    ];
  }
  const findings: Finding[] = [
    list.status === 200
      ? fine("Nango: API key, may list integrations")
      : scopeMissing("integrations:list", list.status),
  ];
  findings.push(...(await checkScopes(env, headers)));
  if (list.status === 200) findings.push(...checkIntegrations((list.json() as { data: Integration[] }).data));
  findings.push(...(await checkWebhooks(env)));
  return findings;
}

const scopeMissing = (scope: string, status: number) =>
  wrong(
    `Nango: the API key may not do what needs ${scope} (${status})`,
    "give it that scope in Nango's dashboard, Environment Settings, API Keys",
  );

async function checkScopes(env: Environment, headers: Record<string, string>): Promise<Finding[]> {
  const findings: Finding[] = [];
  const connections = await call(`${env.nango.host}/connections?limit=1`, { headers });
  findings.push(
    connections.status === 200
      ? fine("Nango: may list connections")
      : scopeMissing("connections:list", connections.status),
  );
  const first = (
    connections.json() as { connections?: { connection_id: string; provider_config_key: string }[] } | null
  )?.connections?.[0];
  if (first) {
    const one = await call(
      `${env.nango.host}/connections/${encodeURIComponent(first.connection_id)}?provider_config_key=${encodeURIComponent(first.provider_config_key)}`,
      { headers },
    );
    const credentials = (one.json() as { credentials?: object } | null)?.credentials ?? {};
    findings.push(
      Object.keys(credentials).length
        ? fine("Nango: may read credentials' expiry, and refresh them")
        : scopeMissing("connections:read_credentials", one.status),
    );
  }
  const session = await call(`${env.nango.host}/connect/sessions`, {
    method: "POST",
    headers,
    body: JSON.stringify({ tags: { end_user_id: "patchbay-doctor" } }),
  });
  const token = (session.json() as { data?: { token: string } } | null)?.data?.token;
  if (token) {
    await call(`${env.nango.host}/connect/session`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${token}` },
    });
  }
  findings.push(
    session.status === 201
      ? fine("Nango: may open connect sessions")
      : scopeMissing("connect_sessions:write", session.status),
  );
  return findings;
}

function checkIntegrations(integrations: Integration[]): Finding[] {
  const byKey = new Map(integrations.map((integration) => [integration.unique_key, integration]));
  return [...manifests.values()]
    .flatMap((manifest) => {
      const key = integrationKey(manifest);
      return key ? [{ manifest, key }] : [];
    })
    .map(({ manifest, key }) => {
      const found = byKey.get(key);
      if (!found) {
        return wrong(
          `${manifest.name}: no integration "${key}" in Nango`,
          `add the provider "${manifest.nango.provider_key}" under that key in Nango's dashboard, Integrations, or leave the connector out`,
        );
      }
      return found.provider === manifest.nango.provider_key
        ? fine(`${manifest.name}: integration "${key}"`)
        : wrong(
            `${manifest.name}: the integration "${key}" is of the provider "${found.provider}"`,
            `it must be "${manifest.nango.provider_key}": choose another key with NANGO_INTEGRATION_KEYS`,
          );
    });
}

/** Sends the app an unsigned and a signed delivery: one must be refused, one taken. */
async function checkWebhooks(env: Environment): Promise<Finding[]> {
  const url = `${env.appUrl}/api/webhooks/nango`;
  const key = env.nango.webhookSigningKey;
  if (!key) {
    return [
      wrong(
        "Webhooks: no signing key, so all of them are refused",
        "copy it from Nango's dashboard, Environment Settings, Webhooks, into NANGO_WEBHOOK_SIGNING_KEY",
      ),
    ];
  }
  const body = JSON.stringify({ from: "patchbay", type: "doctor" });
  const send = (signature: string) =>
    call(url, {
      method: "POST",
      headers: { "content-type": "application/json", "x-nango-hmac-sha256": signature },
      body,
    });
  const forged = await send("0".repeat(64));
  if (forged.status === 0) {
    return [wrong(`Webhooks: the app does not answer at ${url} (${forged.text})`, "start it, or correct APP_URL")];
  }
  const signed = await send(createHmac("sha256", key).update(body).digest("hex"));
  return [
    forged.status === 401
      ? fine("Webhooks: a forged one is refused")
      : wrong(`Webhooks: a forged one was answered ${forged.status}`, "check that APP_URL is this app"),
    signed.status === 200
      ? fine(`Webhooks: a signed one is taken; Nango must send to ${url} (Environment Settings, Webhooks)`)
      : wrong(
          `Webhooks: a signed one was answered ${signed.status}`,
          "the running app has another NANGO_WEBHOOK_SIGNING_KEY: restart it",
        ),
  ];
}
