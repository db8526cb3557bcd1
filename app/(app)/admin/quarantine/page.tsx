import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { initialQuarantine } from "@/components/admin/initial-quarantine";
import { QuarantineHeader } from "@/components/admin/quarantine-header";
import { QuarantineWaiting } from "@/components/admin/quarantine-list";
import { pageTenant } from "@/lib/auth/page";
import { connectorMarks } from "@/lib/catalogue/connectors";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("quarantine"))("title") };
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
