"use client";

import { TriangleAlert } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { accountName, useStatusWords } from "@/components/connections/account-name";
import type { ConnectionView } from "@/lib/api/views";

type Props = { connections: ConnectionView[]; names: ReadonlyMap<string, string> };

/** What broke, whose it is, and where to see to it. The first one in full, the others as a number. */
export function AttentionBanner({ connections, names }: Props) {
  const t = useTranslations("attention");
  const words = useStatusWords();
  const [first] = connections;
  if (!first) return null;
  const name = names.get(first.connector) ?? first.connector;
  const others = connections.length - 1;
  return (
    <section
      aria-label={t("label")}
      className="mt-2.5 flex flex-wrap items-center gap-x-3.5 gap-y-2.5 rounded-[10px] border border-warn-line bg-warn-bg px-4 py-3"
    >
      <TriangleAlert size={17} aria-hidden="true" className="flex-none text-warn" />
      <div className="min-w-0 flex-1 basis-60">
        <p className="wrap-any">
          <strong className="font-semibold">
            {first.label || first.account_name ? `${name} · ${accountName(first, name)}` : accountName(first, name)}
          </strong>
          {": "}
          {words.reason(first, name) ?? words.status(first)}
        </p>
        <p className="text-xs text-ink-2">
          {first.connected_by ? t("by", { person: first.connected_by.name }) : null}
          {others > 0 ? (
            <>
              {" "}
              <Link className="link" href="/connections?status=needs_attention">
                {t("others", { count: others })}
              </Link>
            </>
          ) : null}
        </p>
      </div>
      <Link className="btn" href={`/connectors/${first.connector}`}>
        {t("look", { name })}
      </Link>
    </section>
  );
}
