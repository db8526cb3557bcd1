import "server-only";
import { connectorCard } from "@/lib/catalogue/connectors";
import { manifests } from "@/lib/catalogue/manifests";
import type { ConnectorFacts } from "./connection-page";

/**
 * What a connection's page says of its connector. A connection may outlive its manifest; then the slug stands for all.
 * @param shown whether this deployment has it in its catalogue
 */
export function connectorFacts(slug: string, shown: boolean): ConnectorFacts {
  const manifest = manifests.get(slug);
  if (!manifest) {
    const logo = { src: null, letter: slug.charAt(0).toUpperCase() };
    return { slug, name: slug, logo, revocationUrl: null, listed: false, scopes: {}, actions: {} };
  }
  return {
    slug,
    name: manifest.name,
    logo: connectorCard(manifest).logo,
    revocationUrl: manifest.revocation_url,
    listed: manifest.listed && shown,
    scopes: manifest.scopes,
    actions: Object.fromEntries(Object.entries(manifest.actions).map(([key, action]) => [key, action.name])),
  };
}
