"use client";

import { CircleAlert, CircleCheck, Clock, ExternalLink, Minus } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { useEffect, useRef } from "react";
import { useOwner } from "@/components/shell/owner";
import { announce } from "@/components/ui/announcer";
import { RelativeTime } from "@/components/ui/relative-time";
import type { ConnectionView, Receipt } from "@/lib/api/views";
import type { ConnectorFacts } from "./connection-page";

type Props = { connection: ConnectionView; receipt: Receipt; connector: ConnectorFacts };
type Mark = "done" | "waiting" | "attention" | "left";

const marks = {
  done: { Icon: CircleCheck, colour: "text-good" },
  waiting: { Icon: Clock, colour: "text-ink-2" },
  attention: { Icon: CircleAlert, colour: "text-warn" },
  left: { Icon: Minus, colour: "text-ink-2" },
} as const;

const nangoMarks: Record<Receipt["nango"], Mark> = {
  waiting: "waiting",
  deleted: "done",
  already_gone: "done",
  stuck: "attention",
};
const upstreamMarks: Record<Receipt["upstream"], Mark> = {
  waiting: "waiting",
  revoked: "done",
  kept_in_use: "left",
  not_supported: "attention",
  failed: "attention",
  unknown: "attention",
};

/** What a disconnect has removed: here, at Nango if it was kept there, at the provider. Fills in while the jobs finish. */
export function ReceiptPanel({ connection, receipt, connector }: Props) {
  const t = useTranslations("receipt");
  const owner = useOwner();
  const { name, revocationUrl } = connector;
  const { nango, upstream, finished_at } = receipt;
  const method = connection.oauth_method;
  const undoable = connection.condition.next_step === "undo";
  const nangoWords = t(`nango.${nango === "waiting" && undoable ? "undo" : nango}`, { method });
  const upstreamWords = t(`upstream.${upstream}`, { name, method });
  const byHand = upstreamMarks[upstream] === "attention";

  // What fills in later is said to those who cannot see it do so.
  const said = useRef(finished_at);
  useEffect(() => {
    if (finished_at && !said.current) announce(t("live", { nango: nangoWords, upstream: upstreamWords }));
    said.current = finished_at;
  }, [finished_at, nangoWords, upstreamWords, t]);

  return (
    <section className="panel" aria-labelledby="receipt-title" data-receipt={nango}>
      <div className="panel-title">
        <h2 id="receipt-title">{t("title")}</h2>
        <span className="text-xs font-normal text-ink-2">
          {finished_at
            ? t.rich("finished", { when: () => <RelativeTime iso={finished_at} serverNow={owner.serverNow} /> })
            : t("working")}
        </span>
      </div>
      <ul>
        <Line mark="done" where={t("here")}>
          {t.rich("removed", {
            when: () =>
              connection.disconnected_at ? (
                <RelativeTime iso={connection.disconnected_at} serverNow={owner.serverNow} />
              ) : null,
          })}
        </Line>
        <Line mark={nangoMarks[nango]} where={t("atNango", { method })}>
          {nangoWords}
          {nango === "stuck" ? <span className="block">{t("stuckNext", { method })}</span> : null}
        </Line>
        <Line mark={upstreamMarks[upstream]} where={t("at", { name })}>
          {upstreamWords}
          {byHand && revocationUrl ? (
            <a
              className="link mt-1 flex w-fit items-center gap-1 text-ink"
              href={revocationUrl}
              target="_blank"
              rel="noopener noreferrer"
            >
              {t("remove", { name })}
              <ExternalLink size={13} aria-hidden="true" />
            </a>
          ) : null}
        </Line>
      </ul>
    </section>
  );
}

function Line({ mark, where, children }: { mark: Mark; where: string; children: ReactNode }) {
  const { Icon, colour } = marks[mark];
  return (
    <li className="flex gap-2.5 border-b border-line px-4 py-3 last:border-b-0">
      <Icon size={16} aria-hidden="true" className={`mt-[2px] flex-none ${colour}`} />
      <div className="min-w-0">
        <h3 className="text-sm font-medium">{where}</h3>
        <p className="wrap-any text-sm text-ink-2">{children}</p>
      </div>
    </li>
  );
}
