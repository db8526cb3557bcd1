"use client";

import { History, Pencil, Star, Unplug, Users } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { lazy, Suspense, useState } from "react";
import { Menu } from "@/components/ui/menu";
import { type Account, useConnectionMutations } from "./use-connection-mutations";

const RenameDialog = lazy(() => import("./rename-dialog").then((module) => ({ default: module.RenameDialog })));
const ShareDialog = lazy(() => import("./share-dialog").then((module) => ({ default: module.ShareDialog })));
const DisconnectDialog = lazy(() =>
  import("./disconnect-dialog").then((module) => ({ default: module.DisconnectDialog })),
);

type Props = {
  account: Account;
  revocationUrl: string | null;
  /** True on the account's own page, which needs no way to itself. */
  own?: boolean;
};

/** What can be done with an account, for those who may manage it. */
export function AccountMenu({ account, revocationUrl, own = false }: Props) {
  const t = useTranslations("accounts");
  const [open, setOpen] = useState<"rename" | "share" | "disconnect" | null>(null);
  const close = () => setOpen(null);
  const router = useRouter();
  const { setDefault } = useConnectionMutations();
  const { id, is_default, can_share } = account.connection;
  return (
    <>
      <Menu
        label={t("menu", { account: account.accountName })}
        items={[
          ...(own
            ? []
            : [
                {
                  key: "details",
                  label: t("details"),
                  icon: <History size={15} aria-hidden="true" />,
                  run: () => router.push(`/connections/${id}`),
                },
              ]),
          ...(is_default
            ? []
            : [
                {
                  key: "default",
                  label: t("makeDefault"),
                  icon: <Star size={15} aria-hidden="true" />,
                  run: () => setDefault.mutate(account),
                },
              ]),
          {
            key: "rename",
            label: t("rename"),
            icon: <Pencil size={15} aria-hidden="true" />,
            run: () => setOpen("rename"),
          },
          ...(can_share
            ? [
                {
                  key: "share",
                  label: t("share"),
                  icon: <Users size={15} aria-hidden="true" />,
                  run: () => setOpen("share"),
                },
              ]
            : []),
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
        {open === "share" ? <ShareDialog account={account} onClose={close} /> : null}
        {open === "disconnect" ? (
          <DisconnectDialog account={account} revocationUrl={revocationUrl} onClose={close} />
        ) : null}
      </Suspense>
    </>
  );
}
