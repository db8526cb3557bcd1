/**
 * `npm run nango:import`: gives a Nango environment a connection whose key is known already, and registers it here for its
 * owner where --owner and --connector say so.
 */
import { z } from "zod";
import { integrationKey } from "@/lib/catalogue/integration-key";
import { manifests } from "@/lib/catalogue/manifests";
import { nangoAliases } from "@/lib/env/nango";
import { AppError } from "@/lib/errors";
import { Failed, nangoId, runCommand, serverFlags, UsageError } from "./nango/command";
import { askNango, type NangoServer, nangoServer } from "./nango/server";

const flags = {
  providerConfigKey: {
    value: "integration",
    help: "the integration's key in Nango",
    required: true,
    pattern: /^[A-Za-z0-9~:.@_-]{1,255}$/,
  },
  connectionId: {
    value: "id",
    help: "the connection's id in Nango; one that is there is replaced",
    required: true,
    pattern: nangoId,
  },
  apiKey: {
    value: "key",
    help: "the provider's API key; where it asks for user name and password, both with a colon between them",
    required: true,
    variable: "NANGO_IMPORT_API_KEY",
    secret: true,
  },
  connectionConfig: { value: "json", help: 'what else the provider asks for, such as {"subdomain":"acme"}' },
  ...serverFlags,
  owner: { value: "id", help: "registers it here: Clerk's id of the organisation or person that it belongs to" },
  connector: { value: "slug", help: "registers it here: the connector that it is of" },
  by: { value: "id", help: "whose sign-in it counts as; else the organisation's longest-serving administrator" },
} as const;

type Registration = { ownerId: string; connector: string; by: string | undefined };

/** What is to be registered here; null for nothing. Checked before anything is sent. */
function registrationOf(values: {
  owner?: string | undefined;
  connector?: string | undefined;
  by?: string | undefined;
}): Registration | null {
  const { owner, connector, by } = values;
  if (owner === undefined && connector === undefined && by === undefined) return null;
  if (owner === undefined || connector === undefined) throw new UsageError("--owner and --connector go together");
  if (!manifests.has(connector)) throw new UsageError("--connector names none of the connectors");
  return { ownerId: owner, connector, by };
}

/** What Nango keeps. BambooHR and others of its kind take the key for the user name, and any password. */
function credentialsOf(apiKey: string, connector: string): Record<string, string> {
  if (manifests.get(connector)?.auth_mode !== "BASIC") return { type: "API_KEY", apiKey };
  const [username = "", ...password] = apiKey.split(":");
  return { type: "BASIC", username, password: password.join(":") || "x" };
}

/** @throws UsageError */
function configOf(text: string | undefined): Record<string, string> | undefined {
  if (text === undefined) return undefined;
  try {
    return z.record(z.string(), z.string()).parse(JSON.parse(text));
  } catch {
    throw new UsageError("--connectionConfig is no JSON object of texts");
  }
}

/** Makes this process's settings those of the server that was meant, whatever name they had. */
function settleOn({ base, key }: NangoServer): void {
  for (const name of nangoAliases) process.env[name] = "";
  Object.assign(process.env, { NANGO_HOST: base, NANGO_SECRET_KEY: key });
}

/** Whoever it counts as connected by: the person themselves, or who has administered the organisation longest. */
async function personFor(ownerId: string): Promise<string> {
  const { administratorsOf, readPerson } = await import("@/lib/auth/clerk-directory");
  if (await readPerson(ownerId)) return ownerId;
  const administrators = await administratorsOf(ownerId);
  const [first] = administrators ?? [];
  if (first === undefined) throw new Failed("--owner is no person or organisation with an administrator");
  return first;
}

async function register(values: { providerConfigKey: string; connectionId: string }, wanted: Registration) {
  const { providerConfigKey, connectionId } = values;
  const { ownerId, connector } = wanted;
  const manifest = manifests.get(connector);
  if (!manifest || integrationKey(manifest) !== providerConfigKey)
    throw new Failed(`${connector} uses another integration: set NANGO_INTEGRATION_KEYS, or use its own`);
  const by = wanted.by ?? (await personFor(ownerId));
  const [{ importFromNango }, { closeSystemDb }] = await Promise.all([
    import("@/lib/webhooks/reconcile-import"),
    import("@/lib/db/system"),
  ]);
  try {
    return await importFromNango({ connectionId, integrationKey: providerConfigKey, ownerId, connector, by });
  } finally {
    await closeSystemDb();
  }
}

await runCommand(
  "nango:import",
  "Imports a connection with an API key into Nango. With --owner and --connector it is registered here as well.",
  flags,
  async (values, out) => {
    const registration = registrationOf(values);
    const config = configOf(values.connectionConfig);
    const server = nangoServer(values);
    const { providerConfigKey, connectionId, apiKey } = values;
    const made = z.object({ connection_id: z.string(), provider: z.string() }).safeParse(
      await askNango(server, {
        method: "POST",
        path: "/connections",
        body: {
          provider_config_key: providerConfigKey,
          connection_id: connectionId,
          credentials: credentialsOf(apiKey, values.connector ?? providerConfigKey),
          ...(config && { connection_config: config }),
        },
      }),
    );
    if (!made.success) throw new Failed(`${server.base} gave an answer that is not Nango's`);
    const result = {
      connection_id: connectionId,
      provider_config_key: providerConfigKey,
      provider: made.data.provider,
    };
    out.say(`imported ${connectionId} (${providerConfigKey}, ${made.data.provider}) at ${server.base}`);
    if (!registration) return out.json({ ...result, registered_as: null });
    settleOn(server);
    const id = await register(values, registration).catch((error: unknown) => {
      const why = error instanceof AppError ? `${error.code}: ${error.message}` : (error as Error).message;
      throw new Failed(`it is at Nango now, but not registered here: ${why}`);
    });
    out.say(`registered as ${id} for ${registration.ownerId}`);
    out.json({ ...result, registered_as: id });
  },
);
