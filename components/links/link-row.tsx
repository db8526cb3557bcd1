"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import { lazy, Suspense, useState } from "react";
import { useOwner } from "@/components/shell/owner";
import { Breakable } from "@/components/ui/breakable";
import { type Logo, LogoTile } from "@/components/ui/logo-tile";
import { RelativeTime } from "@/components/ui/relative-time";
import type { LinkView } from "@/lib/api/link-views";

const RevokeDialog = lazy(() => import("./revoke-dialog").then((module) => ({ default: module.RevokeDialog })));

export type ConnectorMark = { name: string; logo: Logo };

/** One link: to what, for whom, by whom, and what became of it. */
export function LinkRow({ link, connector }: { link: LinkView; connector: ConnectorMark | undefined }) {
  const t = useTranslations("links");
  const states = useTranslations("links.status");
  const owner = useOwner();
  const [asking, setAsking] = useState(false);
  const name = connector?.name ?? link.connector;
  const logo = connector?.logo ?? { src: null, letter: name.charAt(0).toUpperCase() };
  const email = link.email ?? t("forgotten");
  const when = (iso: string) => () => <RelativeTime iso={iso} serverNow={owner.serverNow} />;

  const ends = { used: link.used_at, revoked: link.revoked_at, open: null, expired: null };
  const standing = states.rich(link.status, {
    person: link.used_by?.name ?? t("forgotten"),
    when: when(ends[link.status] ?? link.expires_at),
  });
  return (
    <li
      data-link={link.id}
      className="flex flex-wrap items-center gap-x-3 gap-y-2.5 border-b border-line px-4 py-3 last:border-b-0"
    >
      <div className="flex min-w-0 flex-1 basis-72 items-start gap-3">
        <LogoTile logo={logo} size="sm" eager />
        <div className="min-w-0">
          <h3 className="wrap-any font-semibold">
            {name} · <Breakable text={email} />
          </h3>
          <p className={`wrap-any text-sm ${link.status === "open" ? "text-ink" : "text-ink-2"}`}>{standing}</p>
          <p className="wrap-any text-xs text-ink-3">
            {t.rich("made", { person: link.created_by.name, when: when(link.created_at) })}
          </p>
        </div>
      </div>
      <div className="flex flex-none gap-2 empty:hidden max-sm:ml-10">
        {link.connection_id ? (
          <Link
            href={`/connections/${link.connection_id}`}
            prefetch={false}
            className="btn"
            aria-label={t("showThis", { name, email })}
          >
            {t("show")}
          </Link>
        ) : null}
        {link.status === "open" ? (
          <button
            type="button"
            className="btn"
            aria-label={t("revokeThis", { name, email })}
            onClick={() => setAsking(true)}
          >
            {t("revoke")}
          </button>
        ) : null}
      </div>
      <Suspense>
        {asking ? <RevokeDialog named={{ link, name, email }} onClose={() => setAsking(false)} /> : null}
      </Suspense>
    </li>
  );
}
