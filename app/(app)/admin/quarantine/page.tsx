import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { initialQuarantine } from "@/components/admin/initial-quarantine";
import { QuarantineHeader } from "@/components/admin/quarantine-header";
import { QuarantineWaiting } from "@/components/admin/quarantine-list";
import { pageTenant } from "@/lib/auth/page";
import { connectorCard } from "@/lib/catalogue/connectors";
import { manifests } from "@/lib/catalogue/manifests";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("quarantine"))("title") };
}

/** Every connector's name and logo, listed or not. */
function connectorMarks() {
  return Object.fromEntries(
    [...manifests.values()].map((manifest) => {
      const { name, logo } = connectorCard(manifest);
      return [manifest.slug, { name, logo }];
    }),
  );
}

export default async function QuarantinePage() {
  const tenant = await pageTenant();
  return (
    <>
      <QuarantineHeader />
      <QuarantineWaiting names={connectorMarks()} initial={await initialQuarantine(tenant)} />
    </>
  );
}
