import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { cache } from "react";
import { showsConnector } from "@/brand";
import { accountName } from "@/components/connections/account-name";
import { ConnectionPage } from "@/components/connections/connection-page";
import { connectorFacts } from "@/components/connections/connector-facts";
import { initialConnection } from "@/components/connections/initial-connections";
import { pageTenant } from "@/lib/auth/page";
import { manifests } from "@/lib/catalogue/manifests";

type Props = { params: Promise<{ id: string }> };

/** What is somebody else's is answered like what does not exist. */
const connectionOf = cache(async (id: string) => (await initialConnection(await pageTenant(), id)) ?? notFound());

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { connection } = await connectionOf((await params).id);
  return { title: accountName(connection, manifests.get(connection.connector)?.name ?? connection.connector) };
}

export default async function Page({ params }: Props) {
  const initial = await connectionOf((await params).id);
  const { connector } = initial.connection;
  return <ConnectionPage connector={connectorFacts(connector, showsConnector(connector))} initial={initial} />;
}
