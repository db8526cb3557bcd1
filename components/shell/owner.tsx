"use client";

import { useAuth, useOrganization } from "@clerk/nextjs";
import { useRouter } from "next/navigation";
import { createContext, type ReactNode, useContext, useEffect } from "react";
import { useHydrated } from "@/components/ui/hydrated";

type OwnerContext = { serverOwnerId: string; userId: string; inOrganization: boolean; serverNow: number };

const Context = createContext<OwnerContext | null>(null);

/** Who the page was drawn for, from the server. */
export function OwnerProvider({ children, ...owner }: OwnerContext & { children: ReactNode }) {
  return <Context value={owner}>{children}</Context>;
}

export type Owner = {
  /** The owner of all that this page shows and changes: the active organisation, or the person. */
  id: string;
  /** Who is signed in. */
  userId: string;
  /** True while the browser has switched organisation and the server's page has not come yet. */
  switching: boolean;
  inOrganization: boolean;
  /** The organisation's name, once Clerk has said it. */
  organizationName: string | null;
  /** When the server drew the page, for dates that must read the same in the first render. */
  serverNow: number;
};

/**
 * The active owner. Clerk knows of a switch before the server has drawn the page again, so its word wins:
 * caches are keyed by it and the list of the other organisation is gone at once.
 */
export function useOwner(): Owner {
  const context = useContext(Context);
  if (!context) throw new Error("useOwner needs OwnerProvider");
  const { isLoaded, orgId, userId } = useAuth();
  const { organization } = useOrganization();
  // Clerk may be there before this is hydrated; the first render must be the server's all the same.
  const hydrated = useHydrated();
  const id = (hydrated && isLoaded ? (orgId ?? userId) : null) ?? context.serverOwnerId;
  const switching = id !== context.serverOwnerId;
  return {
    id,
    userId: context.userId,
    switching,
    inOrganization: switching ? Boolean(orgId) : context.inOrganization,
    organizationName: hydrated && organization && organization.id === id ? organization.name : null,
    serverNow: context.serverNow,
  };
}

/** Fetches the pages again when the owner has changed under them. */
export function OwnerWatcher() {
  const { switching } = useOwner();
  const router = useRouter();
  useEffect(() => {
    if (switching) router.refresh();
  }, [switching, router]);
  return null;
}
