import type { ReactNode } from "react";
import { decidesForOwner } from "@/components/admin/decides-for-owner";
import { askedConnectors } from "@/components/connectors/asked-connectors";
import { ConnectProvider } from "@/components/connectors/connect-provider";
import { shownCards } from "@/components/connectors/shown-cards";
import { connectorEntries } from "@/components/notices/connector-entries";
import { AppShell } from "@/components/shell/app-shell";
import { OwnerProvider, OwnerWatcher } from "@/components/shell/owner";
import { OwnerMismatch } from "@/components/shell/owner-mismatch";
import { QueryProvider } from "@/components/shell/query-provider";
import { SignedInZone } from "@/components/shell/signed-in-zone";
import { Announcer } from "@/components/ui/announcer";
import { OfflineLine } from "@/components/ui/offline-line";
import { ToasterSlot } from "@/components/ui/toaster-slot";
import { locale } from "@/i18n/locale";
import { pageTenant } from "@/lib/auth/page";
import { clientConfig } from "@/lib/client-config";
import { connectionCounts } from "@/lib/db/connections";
import { listNotices } from "@/lib/db/notices";
import { listQuarantine } from "@/lib/db/quarantine";

/** Signed in from here on: Clerk, React Query and the one try to connect live in this layout, and nowhere above it. */
export default async function AppLayout({ children }: { children: ReactNode }) {
  const tenant = await pageTenant();
  const { nango } = clientConfig();
  const now = Date.now();
  const [byConnector, { unseenCount }, quarantined] = await Promise.all([
    connectionCounts(tenant),
    listNotices(tenant, 1),
    listQuarantine(tenant, { limit: 1 }),
  ]);
  const connections = Object.values(byConnector).reduce(
    (sum, each) => sum + each.connected + each.needsAttention + each.pending,
    0,
  );
  const counts = {
    ownerId: tenant.ownerId,
    at: now,
    connectors: shownCards().length,
    connections,
    unseenNotices: unseenCount,
    decides: decidesForOwner(tenant),
    quarantined: quarantined.totalCount,
  };
  return (
    <SignedInZone>
      <QueryProvider>
        <OwnerProvider
          serverOwnerId={tenant.ownerId}
          userId={tenant.userId}
          inOrganization={tenant.orgId !== null}
          serverNow={now}
        >
          <ConnectProvider nango={nango} language={locale.slice(0, 2)} asked={askedConnectors()}>
            <AppShell counts={counts} connectors={connectorEntries()}>
              {children}
            </AppShell>
          </ConnectProvider>
          <OwnerWatcher />
          <OwnerMismatch />
          <OfflineLine />
          <Announcer />
          <ToasterSlot />
        </OwnerProvider>
      </QueryProvider>
    </SignedInZone>
  );
}
