import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { showsConnector } from "@/brand";
import { ConnectionList } from "@/components/connections/connection-list";
import { initialConnections } from "@/components/connections/initial-connections";
import { readConnectionFilters } from "@/components/connections/read-connection-filters";
import { pageTenant } from "@/lib/auth/page";
import { connectorCard } from "@/lib/catalogue/connectors";
import { manifests } from "@/lib/catalogue/manifests";
import { connectionCounts } from "@/lib/db/connections";

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("connections"))("title") };
}

/** Connections outlive what the catalogue shows, so every manifest's name is here, listed or not. */
function connectorNames() {
  return Object.fromEntries(
    [...manifests.values()].map((manifest) => {
      const { name, logo } = connectorCard(manifest);
      const listed = manifest.listed && showsConnector(manifest.slug);
      return [manifest.slug, { name, logo, revocationUrl: manifest.revocation_url, listed }];
    }),
  );
}

export default async function ConnectionsPage({ searchParams }: Props) {
  const tenant = await pageTenant();
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(await searchParams))
    if (typeof value === "string") params.set(name, value);
  const filters = readConnectionFilters(params);
  const [initial, counts] = await Promise.all([initialConnections(tenant, filters), connectionCounts(tenant)]);
  return (
    <ConnectionList names={connectorNames()} inUse={Object.keys(counts)} initial={initial} initialFilters={filters} />
  );
}
