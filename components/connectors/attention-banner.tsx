"use client";

import { TriangleAlert } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { accountName } from "@/components/connections/account-name";
import { MendButton } from "@/components/connections/mend-button";
import { mostPressing } from "@/components/connections/standing";
import { useCondition } from "@/components/connections/use-condition";
import { VisibilityWords } from "@/components/connections/visibility-words";
import { useOwner } from "@/components/shell/owner";
import { RelativeTime, useNow } from "@/components/ui/relative-time";
import type { ConnectionView } from "@/lib/api/views";

type Props = { connections: ConnectionView[]; names: ReadonlyMap<string, string> };

/** What broke or is about to, since when, whose it is, and the button that mends it. The first in full, the others as a number. */
export function AttentionBanner({ connections, names }: Props) {
  const owner = useOwner();
  const now = useNow(owner.serverNow);
  const [first, ...others] = mostPressing(connections, now);
  if (!first) return null;
  const name = names.get(first.connector) ?? first.connector;
  // Another account, another banner: whoever has the focus on its button must not find it on somebody else's.
  return <Banner key={first.id} first={first} name={name} others={others.length} />;
}

function Banner({ first, name, others }: { first: ConnectionView; name: string; others: number }) {
  const t = useTranslations("attention");
  const owner = useOwner();
  const { cause, values } = useCondition(first, name);
  const { since, next_step } = first.condition;
  const account =
    first.label || first.account_name ? `${name} · ${accountName(first, name)}` : accountName(first, name);
  const broken = first.status === "needs_attention";
  return (
    <section
      aria-label={t("label")}
      className="mt-2.5 flex flex-wrap items-center gap-x-3.5 gap-y-2.5 rounded-[10px] border border-warn-line bg-warn-bg px-4 py-3"
    >
      <TriangleAlert size={17} aria-hidden="true" className="flex-none text-warn" />
      <div className="min-w-0 flex-1 basis-60">
        <p className="wrap-any">
          {t.rich(broken && since ? "stopped" : "soon", {
            account: () => (
              <Link
                href={`/connections/${first.id}`}
                prefetch={false}
                className="rounded-sm font-semibold hover:underline hover:underline-offset-3"
              >
                {account}
              </Link>
            ),
            when: () => (since ? <RelativeTime iso={since} serverNow={owner.serverNow} /> : null),
            cause,
          })}
        </p>
        <p className="text-xs text-ink-2">
          <VisibilityWords connection={first} />.{" "}
          {first.connected_by
            ? t(first.connected_by.left ? "byLeft" : "by", { person: first.connected_by.name })
            : null}
          {next_step === "ask_manager" ? ` ${t("ask", { person: values.person, left: values.left })}` : null}
          {others > 0 ? (
            <>
              {" "}
              <Link className="link" href="/connections?status=attention">
                {t("others", { count: others })}
              </Link>
            </>
          ) : null}
        </p>
      </div>
      <MendButton connection={first} connectorName={name} />
    </section>
  );
}
