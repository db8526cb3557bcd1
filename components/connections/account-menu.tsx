"use client";

import { Pencil, Unplug } from "lucide-react";
import { useTranslations } from "next-intl";
import { lazy, Suspense, useState } from "react";
import { Menu } from "@/components/ui/menu";
import type { Account } from "./use-connection-mutations";

const RenameDialog = lazy(() => import("./rename-dialog").then((module) => ({ default: module.RenameDialog })));
const DisconnectDialog = lazy(() =>
  import("./disconnect-dialog").then((module) => ({ default: module.DisconnectDialog })),
);

/** What can be done with an account, for those who may manage it. */
export function AccountMenu({ account, revocationUrl }: { account: Account; revocationUrl: string | null }) {
  const t = useTranslations("accounts");
  const [open, setOpen] = useState<"rename" | "disconnect" | null>(null);
  const close = () => setOpen(null);
  return (
    <>
      <Menu
        label={t("menu", { account: account.accountName })}
        items={[
          {
            key: "rename",
            label: t("rename"),
            icon: <Pencil size={15} aria-hidden="true" />,
            run: () => setOpen("rename"),
          },
          {
            key: "disconnect",
            label: t("disconnect"),
            icon: <Unplug size={15} aria-hidden="true" />,
            danger: true,
            run: () => setOpen("disconnect"),
          },
        ]}
      />
      <Suspense>
        {open === "rename" ? <RenameDialog account={account} onClose={close} /> : null}
        {open === "disconnect" ? (
          <DisconnectDialog account={account} revocationUrl={revocationUrl} onClose={close} />
        ) : null}
      </Suspense>
    </>
  );
}
