"use client";

import { useTranslations } from "next-intl";
import { lazy, Suspense, useState } from "react";
import type { ConnectorEntry } from "@/components/notices/connector-entry";
import { useOwner } from "@/components/shell/owner";
import { RelativeTime } from "@/components/ui/relative-time";
import type { KeyView } from "@/lib/api/key-views";
import { useGrantWords } from "./use-grant-words";

const RevokeKeyDialog = lazy(() =>
  import("./revoke-key-dialog").then((module) => ({ default: module.RevokeKeyDialog })),
);

/** One key: how it begins, what it may do, whose it is, and whether it is still used. */
export function KeyRow({ apiKey, connectors }: { apiKey: KeyView; connectors: ConnectorEntry[] }) {
  const t = useTranslations("apiKeys");
  const owner = useOwner();
  const grantWords = useGrantWords(connectors);
  const [asking, setAsking] = useState(false);
  const { name, status, created_by: maker, last_used_at: lastUsed, expires_at: expires } = apiKey;
  const when = (iso: string) => () => <RelativeTime iso={iso} serverNow={owner.serverNow} />;

  const standing =
    status === "revoked"
      ? t.rich(`status.${apiKey.revoked_why ?? "by_person"}`, { when: when(apiKey.revoked_at ?? apiKey.created_at) })
      : expires
        ? t.rich(`status.${status}`, { when: when(expires) })
        : t("status.endless");
  return (
    <li
      data-key={apiKey.id}
      className="flex flex-wrap items-center gap-x-3 gap-y-2.5 border-b border-line px-4 py-3 last:border-b-0"
    >
      <div className={`min-w-0 flex-1 basis-72 ${status === "active" ? "" : "text-ink-2"}`}>
        <h3 className="flex flex-wrap items-center gap-x-2 gap-y-1 font-semibold">
          <span className="wrap-any">{name}</span>
          <code className="chip font-mono">{apiKey.prefix}…</code>
        </h3>
        <p className="wrap-any text-sm text-ink-2">{grantWords(apiKey.scopes).join(" · ")}</p>
        <p className="wrap-any text-xs text-ink-3">
          <span className={status === "active" ? "" : "font-medium text-ink-2"}>{standing}</span>
          {" · "}
          {lastUsed ? t.rich("used", { when: when(lastUsed) }) : t("neverUsed")}
          {" · "}
          {t.rich("madeBy", {
            person: maker.name === maker.id ? t("somebody") : maker.name,
            when: when(apiKey.created_at),
          })}
        </p>
      </div>
      {status === "active" ? (
        <button
          type="button"
          className="btn flex-none"
          aria-label={t("revokeThis", { name })}
          onClick={() => setAsking(true)}
        >
          {t("revoke")}
        </button>
      ) : null}
      <Suspense>{asking ? <RevokeKeyDialog apiKey={apiKey} onClose={() => setAsking(false)} /> : null}</Suspense>
    </li>
  );
}
