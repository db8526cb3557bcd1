import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { initialConnections } from "@/components/connections/initial-connections";
import { catalogPageSize } from "@/components/connectors/catalog-page-size";
import { ConnectorCatalog } from "@/components/connectors/connector-catalog";
import { shownCards } from "@/components/connectors/shown-cards";
import { methodOf, unavailableReason } from "@/components/connectors/unavailable";
import { pageTenant } from "@/lib/auth/page";
import { availabilityFor } from "@/lib/catalogue/availability";
import { manifests } from "@/lib/catalogue/manifests";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("catalog"))("title") };
}

export default async function ConnectorsPage() {
  const tenant = await pageTenant();
  const [availability, initial] = await Promise.all([
    availabilityFor(tenant),
    initialConnections(tenant, { limit: catalogPageSize }),
  ]);
  const cards = shownCards();
  const unavailable = Object.fromEntries(
    cards.flatMap(({ slug }) => {
      const reason = unavailableReason(availability[slug], manifests.get(slug));
      return reason ? [[slug, reason]] : [];
    }),
  );
  const methods = Object.fromEntries(
    cards.flatMap(({ slug }) => {
      const method = methodOf(availability[slug]);
      return method ? [[slug, method]] : [];
    }),
  );
  return <ConnectorCatalog cards={cards} unavailable={unavailable} methods={methods} initial={initial} />;
}
