import { manifests } from "@/lib/catalogue/manifests";
import { rowsByKey } from "@/lib/db/oauth";
import type { Environment } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { redirectUri } from "@/lib/oauth/authorize";
import { directState } from "@/lib/oauth/clients";
import { directWay, needsApplicationId } from "@/lib/oauth/providers";
import { type Finding, fine, wrong } from "./finding";

/** Sign-ins without Nango: the OAuth apps, and the keys that encrypt what they bring. */
export async function checkDirect(env: Environment): Promise<Finding[]> {
  return [...checkApps(env), ...(await checkKeys(env))];
}

const variable = (slug: string) => slug.toUpperCase().replaceAll("-", "_");

function checkApps(env: Environment): Finding[] {
  const all = [...manifests.values()];
  const findings = Object.keys(env.oauth.clients).map((name) => {
    const manifest = all.find(({ slug }) => variable(slug) === name);
    if (!manifest) {
      return wrong(
        `Direct sign-in: there is no connector for OAUTH_${name}_CLIENT_ID`,
        "write the connector's slug in capitals, with _ for -",
      );
    }
    const way = directWay(manifest);
    if (!way) {
      const remedy = `remove OAUTH_${name}_CLIENT_ID and _SECRET`;
      return wrong(`${manifest.name}: cannot be signed in to without Nango`, remedy);
    }
    if (needsApplicationId(way) && env.oauth.clients[name]?.applicationId === undefined) {
      const remedy = `set OAUTH_${name}_APPLICATION_ID to the id that the provider shows beside it`;
      return wrong(`${manifest.name}: its sign-in begins with another id than the client's`, remedy);
    }
    return fine(`${manifest.name}: OAuth app; its redirect URI at the provider must be ${redirectUri()}`);
  });
  // Without Nango this is all that can be connected, so it is said what is left out.
  const without = all.filter((manifest) => directState(manifest) === "not_configured").length;
  if (!env.nango.enabled) {
    findings.push(
      findings.length > 0
        ? fine(`Direct sign-in: ${without} further connectors could be connected with an OAuth app of yours`)
        : wrong(
            "Direct sign-in: no OAuth app is set, so without Nango nothing can be connected",
            "set OAUTH_<SLUG>_CLIENT_ID and _SECRET for the connectors you want",
          ),
    );
  }
  return findings;
}

async function checkKeys(env: Environment): Promise<Finding[]> {
  const [active] = env.oauth.encryptionKeys;
  const known = new Set(env.oauth.encryptionKeys.map(({ id }) => id));
  let rows: Record<string, number>;
  try {
    rows = await rowsByKey();
  } catch (error) {
    // What is wrong with the database was said before.
    if (error instanceof AppError && error.code === "database_unavailable") return [];
    throw error;
  }
  const lost = Object.entries(rows).filter(([id]) => !known.has(id));
  const older = Object.entries(rows).reduce((sum, [id, count]) => sum + (id === active?.id ? 0 : count), 0);
  if (lost.length > 0) {
    const count = lost.reduce((sum, [, each]) => sum + each, 0);
    return [
      wrong(
        `Direct sign-in: ${count} are encrypted with keys that are not set (${lost.map(([id]) => id).join(", ")})`,
        "put those keys back into OAUTH_ENCRYPTION_KEYS, behind the one in use",
      ),
    ];
  }
  if (!active) return [];
  return [
    older > 0
      ? wrong(
          `Direct sign-in: ${older} are still encrypted with an older key than ${active.id}`,
          "run npm run oauth:rotate, then remove the older keys",
        )
      : fine(`Direct sign-in: all is encrypted with the key ${active.id}`),
  ];
}
