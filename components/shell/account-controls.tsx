"use client";

import { ClerkFailed, ClerkLoaded, ClerkLoading, OrganizationSwitcher, UserButton } from "@clerk/nextjs";
import { useTranslations } from "next-intl";
import { useHydrated } from "@/components/ui/hydrated";
import { switcherElements, userButtonElements } from "./clerk-appearance";

/** The rows have their height before Clerk has loaded, so nothing moves when its parts arrive. */
function Placeholder({ round, label }: { round?: boolean; label: string }) {
  return (
    <div className="flex h-11 items-center gap-2.5 px-2">
      <span className="sr-only">{label}</span>
      <span aria-hidden="true" className={`skeleton size-6 ${round ? "rounded-full" : "rounded-md"}`} />
      <span aria-hidden="true" className="skeleton h-3.5 w-24" />
    </div>
  );
}

// Clerk may be there before these are hydrated; their first render must be the server's all the same.

/** The active organisation, and the switch to another. */
export function OwnerSwitcher() {
  const t = useTranslations("shell");
  if (!useHydrated()) return <Placeholder label={t("loadingAccount")} />;
  return (
    <div className="h-11 min-w-0">
      <ClerkLoading>
        <Placeholder label={t("loadingAccount")} />
      </ClerkLoading>
      <ClerkLoaded>
        <OrganizationSwitcher
          fallback={<Placeholder label={t("loadingAccount")} />}
          appearance={{ elements: switcherElements }}
        />
      </ClerkLoaded>
      <ClerkFailed>
        <p className="px-2 text-xs text-ink-2">
          {t("clerkFailed")}{" "}
          <button type="button" className="link" onClick={() => window.location.reload()}>
            {t("reload")}
          </button>
        </p>
      </ClerkFailed>
    </div>
  );
}

/** The person: profile and sign-out. */
export function PersonButton() {
  const t = useTranslations("shell");
  if (!useHydrated()) return <Placeholder round label={t("loadingAccount")} />;
  return (
    <div className="h-11 min-w-0">
      <ClerkLoading>
        <Placeholder round label={t("loadingAccount")} />
      </ClerkLoading>
      <ClerkLoaded>
        <UserButton
          showName
          fallback={<Placeholder round label={t("loadingAccount")} />}
          appearance={{ elements: userButtonElements }}
        />
      </ClerkLoaded>
    </div>
  );
}
