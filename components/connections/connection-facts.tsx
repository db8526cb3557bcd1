"use client";

import { useLocale, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { useOwner } from "@/components/shell/owner";
import { Avatar } from "@/components/ui/avatar";
import { useHydrated } from "@/components/ui/hydrated";
import { RelativeTime } from "@/components/ui/relative-time";
import type { ConnectionView } from "@/lib/api/views";
import { VisibilityWords } from "./visibility-words";

/** What is known of a connection: who may use it, since when, when it was used and looked at, when its sign-in ends. */
export function ConnectionFacts({ connection }: { connection: ConnectionView }) {
  const t = useTranslations("connections.page");
  const unknown = useTranslations("connections");
  const owner = useOwner();
  const by = connection.connected_by;
  const time = (iso: string) => <RelativeTime iso={iso} serverNow={owner.serverNow} />;
  return (
    <section className="panel" aria-labelledby="facts-title">
      <div className="panel-title">
        <h2 id="facts-title">{t("facts")}</h2>
      </div>
      <dl>
        <Fact name={t(connection.status === "disconnected" ? "whoCould" : "who")}>
          <VisibilityWords connection={connection} />
        </Fact>
        <Fact name={t("way")}>{t(`ways.${connection.oauth_method}`)}</Fact>
        <Fact name={t("by")}>
          <span className="flex items-center gap-2">
            {by ? <Avatar name={by.name} /> : null}
            <span className="wrap-any min-w-0">
              {by ? (by.left ? unknown("leftPerson", { person: by.name }) : by.name) : unknown("nobody")}
              {connection.connected_at ? (
                <span className="block text-xs text-ink-2">{time(connection.connected_at)}</span>
              ) : null}
            </span>
          </span>
        </Fact>
        {by?.left ? <Fact name={t("contact")}>{connection.contact?.name ?? t("noContact")}</Fact> : null}
        <Fact name={t("used")}>{connection.last_used_at ? time(connection.last_used_at) : t("neverUsed")}</Fact>
        <Fact name={t("checked")}>{connection.checked_at ? time(connection.checked_at) : t("neverChecked")}</Fact>
        {connection.last_synced_at ? <Fact name={t("synced")}>{time(connection.last_synced_at)}</Fact> : null}
        {connection.status === "disconnected" ? null : (
          <Fact name={t("ends")}>
            {connection.expires_at ? (
              <EndDate iso={connection.expires_at} />
            ) : (
              t(connection.credentials_readable === false ? "unknown" : "noEnd")
            )}
          </Fact>
        )}
      </dl>
      {connection.credentials_readable === false ? (
        <p className="border-t border-line px-4 py-3 text-sm text-ink-2">{t("unreadable")}</p>
      ) : null}
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[8rem_minmax(0,1fr)] gap-x-3 border-b border-line px-4 py-2.5 text-sm last:border-b-0">
      <dt className="text-ink-2">{name}</dt>
      <dd className="wrap-any">{children}</dd>
    </div>
  );
}

/** A day ahead is written out: how many days are left is said above, and a calendar wants to know the date. */
function EndDate({ iso }: { iso: string }) {
  const locale = useLocale();
  const timeZone = useHydrated() ? undefined : "UTC";
  const format = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short", timeZone });
  return <time dateTime={iso}>{format.format(new Date(iso))}</time>;
}
