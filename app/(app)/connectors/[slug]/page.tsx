import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { showsConnector } from "@/brand";
import { AccountList } from "@/components/connections/account-list";
import { initialConnections } from "@/components/connections/initial-connections";
import { Abilities } from "@/components/connectors/abilities";
import { BeforeYouConnect } from "@/components/connectors/before-you-connect";
import { ConnectPanel } from "@/components/connectors/connect-panel";
import { connectorFilters } from "@/components/connectors/connector-filters";
import { ConnectorPageHeader } from "@/components/connectors/connector-page-header";
import { ForDevelopers } from "@/components/connectors/for-developers";
import { methodOf, unavailableReason } from "@/components/connectors/unavailable";
import { Breadcrumbs } from "@/components/ui/breadcrumbs";
import { pageTenant } from "@/lib/auth/page";
import { availabilityFor } from "@/lib/catalogue/availability";
import { connectorCard } from "@/lib/catalogue/connectors";
import { manifests } from "@/lib/catalogue/manifests";
import { clientConfig } from "@/lib/client-config";

type Props = { params: Promise<{ slug: string }> };

async function manifestOf({ params }: Props) {
  const { slug } = await params;
  const manifest = manifests.get(slug);
  return manifest?.listed && showsConnector(slug) ? manifest : notFound();
}

export async function generateMetadata(props: Props): Promise<Metadata> {
  const manifest = await manifestOf(props);
  return { title: manifest.name, description: manifest.description };
}

export default async function ConnectorPage(props: Props) {
  const [manifest, tenant] = await Promise.all([manifestOf(props), pageTenant()]);
  const { slug, name } = manifest;
  const [availability, initial] = await Promise.all([
    availabilityFor(tenant),
    initialConnections(tenant, connectorFilters(slug)),
  ]);
  const method = methodOf(availability[slug]);
  return (
    <>
      <Breadcrumbs here={name} />
      <ConnectorPageHeader card={connectorCard(manifest)} />
      <div className="grid items-start gap-x-6 gap-y-[18px] lg:grid-cols-[minmax(0,1fr)_300px] lg:grid-rows-[auto_1fr]">
        <div className="lg:col-start-2">
          <ConnectPanel
            slug={slug}
            name={name}
            unavailable={unavailableReason(availability[slug], manifest)}
            method={method}
            initial={initial}
          />
        </div>
        <div className="grid gap-[18px] lg:col-start-1 lg:row-span-2 lg:row-start-1">
          <AccountList slug={slug} name={name} revocationUrl={manifest.revocation_url} initial={initial} />
          <Abilities manifest={manifest} />
          <ForDevelopers manifest={manifest} origin={clientConfig().origin} initial={initial} />
        </div>
        <div className="grid gap-[18px] lg:col-start-2">
          <BeforeYouConnect manifest={manifest} method={method} />
        </div>
      </div>
    </>
  );
}
