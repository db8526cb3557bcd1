"use client";

import { useTranslations } from "next-intl";
import { lazy, Suspense, useState } from "react";
import { useOwner } from "@/components/shell/owner";
import { LogoTile } from "@/components/ui/logo-tile";
import { RelativeTime } from "@/components/ui/relative-time";
import type { QuarantineItem } from "@/lib/api/quarantine-views";
import type { ConnectorMark } from "./quarantine-list";

const AdoptDialog = lazy(() => import("./adopt-dialog").then((module) => ({ default: module.AdoptDialog })));
const DeleteDialog = lazy(() => import("./delete-dialog").then((module) => ({ default: module.DeleteDialog })));

type Props = { item: QuarantineItem; connector: ConnectorMark | undefined };

/** One connection that waits: what it is to, why it may not count, who started it, and the two ways out. */
export function QuarantineRow({ item, connector }: Props) {
  const t = useTranslations("quarantine");
  const reasons = useTranslations("quarantine.reasons");
  const owner = useOwner();
  const [asking, setAsking] = useState<"adopt" | "delete" | null>(null);
  const close = () => setAsking(null);

  const name = connector?.name ?? item.connector ?? item.integration_key;
  const logo = connector?.logo ?? { src: null, letter: name.charAt(0).toUpperCase() };
  const person = item.started_by?.name ?? null;
  const key = item.reason_code as Parameters<typeof reasons.has>[0];
  const reason = reasons(reasons.has(key) ? key : "unknown");
  // Several rows may be to one service: the buttons say which they mean.
  const meant = { name, person: person ?? t("nobody") };
  return (
    <li
      data-quarantined={item.id}
      className="flex flex-wrap items-center gap-x-3 gap-y-2.5 border-b border-line px-4 py-3 last:border-b-0"
    >
      <div className="flex min-w-0 flex-1 basis-72 items-start gap-3">
        <LogoTile logo={logo} size="sm" eager />
        <div className="min-w-0">
          <h3 className="wrap-any font-semibold">{name}</h3>
          <p className="text-sm text-ink-2">
            {reason}
            {item.can_adopt ? null : ` ${t("onlyDelete")}`}
          </p>
          <p className="wrap-any text-xs text-ink-3">
            {person ? t("startedBy", { person }) : t("startedByNobody")}
            {" · "}
            <RelativeTime iso={item.first_seen_at} serverNow={owner.serverNow} />
            {" · "}
            {t("seen", { count: item.seen_count })}
          </p>
        </div>
      </div>
      <div className="flex flex-none gap-2 max-sm:ml-10">
        {item.can_adopt ? (
          <button type="button" className="btn" aria-label={t("adoptThis", meant)} onClick={() => setAsking("adopt")}>
            {t("adopt")}
          </button>
        ) : null}
        <button
          type="button"
          className="btn btn-ghost max-sm:first:-ml-3"
          aria-label={t("deleteThis", meant)}
          onClick={() => setAsking("delete")}
        >
          {t("delete")}
        </button>
      </div>
      <Suspense>
        {asking === "adopt" ? <AdoptDialog waiting={{ item, connectorName: name }} onClose={close} /> : null}
        {asking === "delete" ? <DeleteDialog waiting={{ item, connectorName: name }} onClose={close} /> : null}
      </Suspense>
    </li>
  );
}
