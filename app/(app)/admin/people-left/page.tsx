import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { DepartureList } from "@/components/admin/departure-list";
import { DeparturesHeader } from "@/components/admin/departures-header";
import { initialDepartures } from "@/components/admin/initial-departures";
import { connectorEntries } from "@/components/notices/connector-entries";
import { adminTenant } from "../admin-tenant";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("peopleLeft"))("title") };
}

export default async function PeopleLeftPage() {
  const tenant = await adminTenant();
  return (
    <>
      <DeparturesHeader />
      <DepartureList connectors={connectorEntries()} initial={await initialDepartures(tenant)} />
    </>
  );
}
