import type { ReactNode } from "react";
import { askedConnectors } from "@/components/connectors/asked-connectors";
import { LinkFrame } from "@/components/links/link-frame";
import { LinkStage } from "@/components/links/link-stage";
import { OwnerProvider } from "@/components/shell/owner";
import { QueryProvider } from "@/components/shell/query-provider";
import { SignedInZone } from "@/components/shell/signed-in-zone";
import { Announcer } from "@/components/ui/announcer";
import { OfflineLine } from "@/components/ui/offline-line";
import { ToasterSlot } from "@/components/ui/toaster-slot";
import { locale } from "@/i18n/locale";
import { pageTenant } from "@/lib/auth/page";
import { clientConfig } from "@/lib/client-config";

type Props = { params: Promise<{ token: string }>; children: ReactNode };

/** Signed in, but not necessarily a member of anything: what the page shows is the link's, whoever is acting for whom. */
export default async function LinkLayout({ params, children }: Props) {
  const [tenant, { token }] = await Promise.all([pageTenant(), params]);
  const { nango } = clientConfig();
  return (
    <SignedInZone>
      <QueryProvider>
        <OwnerProvider
          serverOwnerId={tenant.ownerId}
          userId={tenant.userId}
          inOrganization={tenant.orgId !== null}
          serverNow={Date.now()}
        >
          <LinkStage token={token} nango={nango} language={locale.slice(0, 2)} asked={askedConnectors()}>
            <LinkFrame>{children}</LinkFrame>
          </LinkStage>
          <OfflineLine />
          <Announcer />
          <ToasterSlot />
        </OwnerProvider>
      </QueryProvider>
    </SignedInZone>
  );
}
