import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { ApiKeys } from "@/components/api-keys/api-keys";
import { initialKeys } from "@/components/api-keys/initial-keys";
import { connectorsForKeys } from "@/components/api-keys/key-connectors";
import { connectorEntries } from "@/components/notices/connector-entries";
import { pageTenant } from "@/lib/auth/page";
import { connectionCounts } from "@/lib/db/connections";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("apiKeys"))("title") };
}

export default async function ApiKeysPage() {
  const tenant = await pageTenant();
  const [initial, counts] = await Promise.all([initialKeys(tenant), connectionCounts(tenant)]);
  return <ApiKeys initial={initial} connectors={connectorEntries()} offered={connectorsForKeys(counts)} />;
}
