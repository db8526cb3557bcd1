"use client";

import { useTranslations } from "next-intl";
import { useMemo } from "react";
import type { Notice } from "@/components/ui/notify";
import type { ConnectionView } from "@/lib/api/views";
import type { Again, ConnectTarget } from "./connect-state";

/** What a try to connect or reconnect says of itself where it ends, and on its frame. */
export type OutcomeWords = {
  frameTitle(target: ConnectTarget): string;
  windowText(target: ConnectTarget): string;
  connected(target: ConnectTarget, connection: ConnectionView | null): Notice;
  checked(again: Again, target: ConnectTarget, connection: ConnectionView | null): Notice;
  left(again: Again): Notice;
};

/** How long a notice stays that asks for a choice, in milliseconds. */
const untilRead = 20_000;

export function useOutcomeWords(): OutcomeWords {
  const t = useTranslations("connect");
  const reconnect = useTranslations("reconnect");
  return useMemo(
    () => ({
      frameTitle: ({ name, again }) => (again ? reconnect("frame", { name, ...again }) : t("frame", { name })),
      windowText: ({ name }) => t("window", { name }),
      connected: ({ name }, connection) => {
        const account = connection?.label ?? connection?.account_name;
        return { kind: "good", title: account ? t("connectedAs", { name, account }) : t("connected", { name }) };
      },
      checked: (again, { name }, connection) => {
        if (!connection) return { kind: "plain", title: reconnect("undecided", { ...again }) };
        const { code, cause } = connection.condition;
        if (code === "account_mismatch") {
          const found = connection.found_account_name ?? reconnect("anotherAccount");
          return {
            kind: "bad",
            title: reconnect("mismatch", { found, ...again }),
            detail: reconnect("mismatchDetail"),
            link: { label: reconnect("choose"), href: `/connections/${again.id}` },
            duration: untilRead,
          };
        }
        if (connection.status === "connected")
          return {
            kind: "good",
            title: reconnect("done", { name, ...again }),
            ...(code === "scopes_missing" && { detail: cause }),
          };
        return { kind: "bad", title: reconnect("stillBroken", { name, ...again }), detail: cause };
      },
      left: (again) => ({ kind: "plain", title: reconnect("left", { ...again }) }),
    }),
    [t, reconnect],
  );
}
